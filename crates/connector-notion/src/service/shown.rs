//! From values of the service to columns.

use crate::rich_text;
use crate::types::PropertyKind;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde_json::Value;

/// A value as its column's text, where `Some(None)` is NULL; `None`: it is not what its kind holds.
pub(super) fn shown(kind: &PropertyKind, value: &Value) -> Option<Option<String>> {
    use PropertyKind as K;
    // A list may be shown as null when nothing is in it.
    if value.is_null() {
        return Some(None);
    }
    let text = match kind {
        K::Title | K::RichText => rich_text::plain(value)?,
        K::Email | K::Url | K::PhoneNumber => value.as_str()?.to_owned(),
        K::Select | K::Status => value["name"].as_str()?.to_owned(),
        K::Number => value.as_number()?.to_string(),
        K::Checkbox => value.as_bool()?.to_string(),
        K::Date => moment(value)?.to_string(),
        K::MultiSelect => list(value, "name")?,
        K::People | K::Relation => list(value, "id")?,
        K::Other(_) => return None,
    };
    Some(Some(text).filter(|text| !text.is_empty()))
}

/// Whether the column's text, written again, gives this value: only then may it be written over, because a
/// rollback has nothing but that text.
pub(super) fn is_plain(kind: &PropertyKind, value: &Value) -> bool {
    match kind {
        PropertyKind::Title | PropertyKind::RichText => rich_text::is_plain(value),
        PropertyKind::Date => value.is_null() || (value["end"].is_null() && value["time_zone"].is_null()),
        _ => true,
    }
}

/// A list as JSON, which array columns read; nothing in it is no value.
fn list(value: &Value, key: &str) -> Option<String> {
    let texts: Option<Vec<&str>> = value.as_array()?.iter().map(|item| item[key].as_str()).collect();
    let texts = texts?;
    Some(if texts.is_empty() { String::new() } else { Value::from(texts).to_string() })
}

/// The beginning of a date: a day is its midnight in UTC, a time without an offset is in the date's
/// time zone.
fn moment(value: &Value) -> Option<Timestamp> {
    let start = value["start"].as_str()?;
    if let Ok(at) = start.parse::<Timestamp>() {
        return Some(at);
    }
    let civil = match start.parse::<Date>() {
        Ok(day) if !start.contains(':') => day.to_datetime(jiff::civil::Time::midnight()),
        _ => start.parse::<DateTime>().ok()?,
    };
    let zone = value["time_zone"].as_str().map_or(Some(TimeZone::UTC), |name| TimeZone::get(name).ok())?;
    Some(civil.to_zoned(zone).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_value_is_shown_as_its_column_writes_it() {
        let text = |t: &str| json!([{"type": "text", "text": {"content": t}, "plain_text": t}]);
        for (kind, value, expected) in [
            ("title", text("Ada"), Some("Ada")),
            ("title", json!([]), None),
            ("rich_text", json!([{"plain_text": "a"}, {"plain_text": "b"}]), Some("ab")),
            ("email", json!("a@x.test"), Some("a@x.test")),
            ("email", json!(null), None),
            ("email", json!(""), None),
            ("number", json!(5), Some("5")),
            ("number", json!(-0.1), Some("-0.1")),
            ("checkbox", json!(false), Some("false")),
            ("select", json!({"id": "x", "name": "A", "color": "red"}), Some("A")),
            ("status", json!({"name": "Done"}), Some("Done")),
            ("multi_select", json!([{"name": "a\"b"}, {"name": "c"}]), Some(r#"["a\"b","c"]"#)),
            ("multi_select", json!([]), None),
            ("people", json!([{"object": "user", "id": "u"}]), Some(r#"["u"]"#)),
            ("relation", json!([{"id": "p"}]), Some(r#"["p"]"#)),
            ("relation", json!(null), None),
            ("date", json!({"start": "2025-01-02"}), Some("2025-01-02T00:00:00Z")),
            ("date", json!({"start": "2025-01-02T03:04:05.000+02:00"}), Some("2025-01-02T01:04:05Z")),
            (
                "date",
                json!({"start": "2025-01-02T03:04", "time_zone": "Europe/Berlin"}),
                Some("2025-01-02T02:04:00Z"),
            ),
        ] {
            let shown = shown(&PropertyKind::of(kind), &value);
            assert_eq!(shown, Some(expected.map(String::from)), "{kind} {value}");
        }
        for (kind, value) in [
            ("email", json!(5)),
            ("title", json!("Ada")),
            ("number", json!("5")),
            ("checkbox", json!("yes")),
            ("select", json!({"id": "x"})),
            ("multi_select", json!([{"id": "x"}])),
            ("date", json!({"start": "soon"})),
            ("date", json!({"start": "2025-01-02T03:04", "time_zone": "Mars/Olympus"})),
            ("formula", json!({})),
        ] {
            assert_eq!(shown(&PropertyKind::of(kind), &value), None, "{kind} {value}");
        }
    }

    #[test]
    fn only_what_its_text_gives_back_may_be_written_over() {
        for (kind, value, expected) in [
            ("date", json!(null), true),
            ("date", json!({"start": "2025-01-02", "end": null, "time_zone": null}), true),
            ("date", json!({"start": "2025-01-02", "end": "2025-01-03"}), false),
            ("date", json!({"start": "2025-01-02T03:04", "time_zone": "Europe/Berlin"}), false),
            ("rich_text", json!([{"type": "mention", "plain_text": "@a"}]), false),
            ("rich_text", json!([{"type": "text", "plain_text": "a"}]), true),
            ("number", json!(5), true),
        ] {
            assert_eq!(is_plain(&PropertyKind::of(kind), &value), expected, "{kind} {value}");
        }
    }
}
