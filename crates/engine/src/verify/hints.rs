//! How two values differ, in words that do not repeat them.

use super::details::Detail;
use std::collections::HashMap;
use values::{Kind, PgType};

/// How `found` differs from `expected`.
pub(super) fn hint(ty: &PgType, expected: Option<&str>, found: Option<&str>) -> String {
    let (expected, found) = match (expected, found) {
        (Some(e), Some(f)) => (e, f),
        (Some(_), None) => return "NULL instead of a value".into(),
        (None, Some(_)) => return "a value instead of NULL".into(),
        (None, None) => return "the same".into(),
    };
    let named = match ty.kind {
        Kind::Timestamp(_) | Kind::Timestamptz(_) => shifted(expected, found),
        Kind::Numeric(_) | Kind::Float4 | Kind::Float8 => rounded(expected, found),
        Kind::Text | Kind::Varchar(_) | Kind::Bpchar(_) | Kind::Citext => text(expected, found),
        _ => None,
    };
    named.unwrap_or_else(|| "another value".into())
}

/// Whole quarters of an hour, up to the widest zone: a time zone that was read wrongly.
fn shifted(expected: &str, found: &str) -> Option<String> {
    let instant = |text: &str| -> Option<jiff::Timestamp> {
        let zoned = if text.contains('+') { text.to_owned() } else { format!("{text}+00") };
        zoned.parse().ok()
    };
    let seconds = instant(found)?.as_second() - instant(expected)?.as_second();
    let (sign, size) = if seconds < 0 { ('-', -seconds) } else { ('+', seconds) };
    (size > 0 && size % 900 == 0 && size <= 14 * 3600)
        .then(|| format!("shifted by {sign}{:02}:{:02}", size / 3600, size % 3600 / 60))
}

fn rounded(expected: &str, found: &str) -> Option<String> {
    let decimals = |t: &str| t.split_once('.').map_or(0, |(_, f)| f.trim_end_matches('0').len());
    let (more, fewer) = (decimals(expected), decimals(found));
    let (e, f): (f64, f64) = (expected.parse().ok()?, found.parse().ok()?);
    let step = 10f64.powi(-i32::try_from(fewer).ok()?);
    (fewer < more && (e - f).abs() <= step).then(|| match fewer {
        0 => "rounded to a whole number".into(),
        1 => "rounded to 1 decimal".into(),
        n => format!("rounded to {n} decimals"),
    })
}

fn text(expected: &str, found: &str) -> Option<String> {
    if !found.is_empty() && expected.starts_with(found) && expected.trim_end() != found {
        return Some(format!("cut after {} characters", found.chars().count()));
    }
    if expected.trim() == found.trim() {
        return Some("white space at the ends differs".into());
    }
    if expected.to_lowercase() == found.to_lowercase() {
        return Some("upper and lower case differ".into());
    }
    if expected.replace("\r\n", "\n") == found.replace("\r\n", "\n") {
        return Some("line ends differ".into());
    }
    found.is_empty().then(|| "an empty text instead of a value".into())
}

/// Names records whose row holds the content of another record.
pub(super) fn name_swaps(details: &mut [Detail]) {
    let content = |d: &Detail, found: bool| -> String {
        d.fields
            .iter()
            .map(|f| format!("{:?}", if found { &f.found } else { &f.expected }))
            .skip(1)
            .collect::<Vec<_>>()
            .join("\u{1f}")
    };
    let by_content: HashMap<String, String> =
        details.iter().map(|d| (content(d, false), d.source_id.clone())).collect();
    for detail in details.iter_mut().filter(|d| d.there) {
        let Some(owner) = by_content.get(&content(detail, true)).filter(|id| **id != detail.source_id) else {
            continue;
        };
        for field in detail.fields.iter_mut().filter(|f| !f.equal) {
            field.hint = format!("holds the value of record {owner}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_says_how_and_never_what() {
        let ty = |kind| PgType::simple(kind);
        for (kind, expected, found, hint_text) in [
            (
                Kind::Timestamptz(None),
                "2025-01-01 10:00:00+00",
                "2025-01-01 12:00:00+00",
                "shifted by +02:00",
            ),
            (
                Kind::Timestamptz(None),
                "2025-01-01 10:00:00+00",
                "2025-01-01 04:30:00+00",
                "shifted by -05:30",
            ),
            (Kind::Timestamptz(None), "2025-01-01 10:00:00+00", "2025-01-01 10:00:01+00", "another value"),
            (Kind::Numeric(None), "25.55", "26", "rounded to a whole number"),
            (Kind::Numeric(None), "25.555", "25.56", "rounded to 2 decimals"),
            (Kind::Numeric(None), "25.5", "99", "another value"),
            (Kind::Text, "a long text", "a lo", "cut after 4 characters"),
            (Kind::Text, "Ada", "ada", "upper and lower case differ"),
            (Kind::Text, "a ", "a", "white space at the ends differs"),
            (Kind::Text, "a", "b", "another value"),
        ] {
            assert_eq!(hint(&ty(kind), Some(expected), Some(found)), hint_text, "{expected} {found}");
        }
        assert_eq!(hint(&ty(Kind::Text), Some("a"), None), "NULL instead of a value");
    }
}
