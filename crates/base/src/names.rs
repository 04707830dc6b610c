//! Names of fields, normalised once.

/// Lower case; each run of other than letters and digits one `_`; a leading `_` kept, a trailing one dropped
/// (`Created Date` → `created_date`, `_id` → `_id`, `Rent %` → `rent`). Letters and digits are Unicode's.
pub fn normalise(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        if c.is_alphanumeric() {
            out.extend(c.to_lowercase());
        } else if !out.ends_with('_') {
            out.push('_');
        }
    }
    if out.len() > 1 && out.ends_with('_') {
        out.pop();
    }
    out
}

/// The candidate that is nearest to `name`, for "did you mean": at most a third of its letters away.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|c| (distance(name, c), c))
        .filter(|(d, c)| *d <= (name.chars().count().max(c.chars().count()) / 3).max(1))
        .min_by_key(|(d, _)| *d)
        .map(|(_, c)| c)
}

/// The number of letters to insert, delete, replace or swap (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    let mut rows = vec![vec![0usize; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    for (j, cell) in rows[0].iter_mut().enumerate() {
        *cell = j;
    }
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replaced.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_normalised_as_documented() {
        for (name, expected) in [
            ("Created Date", "created_date"),
            ("_id", "_id"),
            ("Rent %", "rent"),
            ("Furnished?", "furnished"),
            ("a--b..c", "a_b_c"),
            ("__x", "_x"),
            ("Größe (cm)", "größe_cm"),
            ("%", "_"),
            ("", ""),
        ] {
            assert_eq!(normalise(name), expected, "{name:?}");
        }
    }

    #[test]
    fn a_slip_of_the_pen_finds_its_word() {
        let keys = ["connector", "url", "api_key", "batch_size"];
        assert_eq!(nearest("conector", keys), Some("connector"));
        assert_eq!(nearest("bacth_size", keys), Some("batch_size"));
        assert_eq!(nearest("elephant", keys), None);
    }
}
