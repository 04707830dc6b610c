//! The geometry of the plots, in percent of their width: they fit every page, and their patterns are not
//! stretched.

/// What a part takes at least, so that one reject among a million is seen.
const SEEN_MIN: f64 = 0.9;

/// A part of a bar.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Part {
    /// How it is drawn.
    pub class: &'static str,
    /// Where it begins.
    pub x: String,
    /// How much it takes.
    pub width: String,
    /// What it is, for a pointer that rests on it.
    pub title: String,
}

/// A bar of parts that make up `whole` together; parts of 0 are left out, small ones are drawn wider so that
/// they are seen.
pub(super) fn stacked(parts: &[(&'static str, u64, String)], whole: u64) -> Vec<Part> {
    let seen: Vec<_> = parts.iter().filter(|(_, n, _)| *n > 0).collect();
    let sum: f64 = seen.iter().map(|(_, n, _)| float(*n)).sum();
    let whole = float(whole).max(sum);
    if whole <= 0.0 {
        return Vec::new();
    }
    let mut widths: Vec<f64> =
        seen.iter().map(|(_, n, _)| (float(*n) * 100.0 / whole).max(SEEN_MIN)).collect();
    let total: f64 = widths.iter().sum();
    if total > 100.0 {
        // What the small ones got too much is taken from those that have it to give, each by its size.
        let wide: f64 = widths.iter().filter(|width| **width > SEEN_MIN).sum();
        let factor = (wide - (total - 100.0)).max(0.0) / wide.max(f64::MIN_POSITIVE);
        for width in widths.iter_mut().filter(|width| **width > SEEN_MIN) {
            *width *= factor;
        }
    }
    let mut x = 0.0;
    let mut out = Vec::with_capacity(seen.len());
    for ((class, _, title), width) in seen.into_iter().zip(widths) {
        out.push(Part { class, x: percent(x), width: percent(width), title: title.clone() });
        x += width;
    }
    out
}

/// How long a bar is beside the longest one.
pub(super) fn share(n: u64, most: u64) -> String {
    percent(if n == 0 { 0.0 } else { (float(n) * 100.0 / float(most).max(1.0)).clamp(SEEN_MIN, 100.0) })
}

/// Where a stretch of time lies in a lane of `whole` seconds: begin and width.
pub(super) fn lane(begin: f64, seconds: f64, whole: f64) -> (String, String) {
    if !(whole.is_finite() && whole > 0.0) {
        return (percent(0.0), percent(100.0));
    }
    let width = (seconds.max(0.0) * 100.0 / whole).clamp(SEEN_MIN / 2.0, 100.0);
    let x = (begin.max(0.0) * 100.0 / whole).clamp(0.0, 100.0 - width);
    (percent(x), percent(width))
}

fn percent(share: f64) -> String {
    format!("{share:.2}%")
}

#[expect(clippy::cast_precision_loss, reason = "a length on a page")]
fn float(n: u64) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn widths(counts: &[u64], whole: u64) -> Vec<f64> {
        let parts: Vec<_> = counts.iter().map(|n| ("k", *n, String::new())).collect();
        stacked(&parts, whole).iter().map(|part| part.width.trim_end_matches('%').parse().unwrap()).collect()
    }

    #[test]
    fn one_among_a_million_is_seen_and_no_bar_is_longer_than_its_lane() {
        for (counts, whole, parts) in [
            (vec![1_000_000, 1], 1_000_001, 2),
            (vec![u64::MAX, 1, 1, 1, 1], u64::MAX, 5),
            (vec![0, 0], 0, 0),
            (vec![0, 5], 5, 1),
            (vec![1, 1, 1, 1, 1, 1_000], 1_005, 6),
            (vec![9], 3, 1),
        ] {
            let widths = widths(&counts, whole);
            assert_eq!(widths.len(), parts);
            assert!(widths.iter().all(|width| *width >= SEEN_MIN), "{widths:?}");
            assert!(widths.iter().sum::<f64>() <= 100.05, "{widths:?}");
        }
        assert_eq!(widths(&[25, 25], 100), [25.0, 25.0]);
    }

    #[test]
    fn a_lane_holds_every_stretch() {
        for (begin, seconds, whole, expected) in [
            (0.0, 5.0, 10.0, ("0.00%", "50.00%")),
            (10.0, 0.0, 10.0, ("99.55%", "0.45%")),
            (-3.0, 50.0, 10.0, ("0.00%", "100.00%")),
            (0.0, 0.0, 0.0, ("0.00%", "100.00%")),
            (0.0, f64::INFINITY, f64::NAN, ("0.00%", "100.00%")),
        ] {
            let (x, width) = lane(begin, seconds, whole);
            assert_eq!((x.as_str(), width.as_str()), expected);
        }
        assert_eq!(
            (share(0, 9), share(1, 1_000_000), share(9, 9)),
            ("0.00%".into(), "0.90%".into(), "100.00%".into())
        );
    }
}
