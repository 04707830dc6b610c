//! A record of the service as the text of an export.

use super::streams::{About, CONTENT, FIELDS, ID, MAPPING_FIELDS, UPDATED};
use base::RejectCode;
use connect::json::{self, Cell, Fields};
use connect::{Record, Unreadable};
use xxhash_rust::xxh3::xxh3_64;

/// A record, and what tells it and its version from others.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    /// A hash of its id; of a record without one, of all of it.
    pub id: u64,
    /// A hash of its time of change.
    pub version: u64,
    /// Its values, or why it cannot be text.
    pub content: Result<Record, Unreadable>,
}

/// Reads a record as it came; `None`: it is none. `columns` are those of the stream.
pub(crate) fn row(about: &About, columns: &[String], raw: &str) -> Option<Row> {
    let fields = json::fields(raw)?;
    let id = value(&fields, ID);
    let version = xxh3_64(value(&fields, UPDATED).unwrap_or_default().as_bytes());
    let content = about.keys().zip(columns).map(|(key, column)| {
        let raw = value(&fields, key.unwrap_or(MAPPING_FIELDS)).unwrap_or("null");
        let cell = match key {
            None => said(raw, CONTENT),
            Some(FIELDS | MAPPING_FIELDS) => object(raw),
            Some(_) => json::cell(raw),
        };
        match cell {
            Cell::Null => Ok(None),
            Cell::Text(text) => Ok(Some(text)),
            Cell::Bad => Err(Unreadable {
                id: id.map(plain).unwrap_or_default(),
                field: column.clone(),
                value: raw.to_owned(),
                code: RejectCode::BadText,
            }),
        }
    });
    let content = content.collect();
    Some(Row { id: hash(raw), version, content })
}

/// A number of a record that stands under this key.
pub(crate) fn number(raw: &str, key: &str) -> Option<u64> {
    value(&json::fields(raw)?, key)?.parse().ok()
}

/// The id of a record.
pub(crate) fn id(raw: &str) -> Option<String> {
    value(&json::fields(raw)?, ID).map(plain)
}

fn value<'a>(fields: &Fields<'a>, key: &str) -> Option<&'a str> {
    fields.iter().rfind(|(name, _)| json::unquoted(name) == key).map(|(_, value)| *value)
}

fn plain(raw: &str) -> String {
    match json::cell(raw) {
        Cell::Text(text) => text,
        Cell::Null => String::new(),
        Cell::Bad => raw.to_owned(),
    }
}

/// The pairs of a list of `{key, value}`; in 2021 the list stood in an object, under its own name.
fn pairs(raw: &str) -> Vec<(&str, &str)> {
    let list = match json::fields(raw) {
        Some(fields) => value(&fields, FIELDS).unwrap_or("null"),
        None => raw,
    };
    let items: Vec<&serde_json::value::RawValue> = serde_json::from_str(list).unwrap_or_default();
    items.into_iter().filter_map(pair).collect()
}

fn pair(item: &serde_json::value::RawValue) -> Option<(&str, &str)> {
    let fields = json::fields(item.get())?;
    Some((value(&fields, "key")?, value(&fields, "value").unwrap_or("null")))
}

/// A list of `{key, value}` as the text of one object, the values taken out of their second JSON. A value
/// that is no JSON is a text.
fn object(raw: &str) -> Cell {
    if raw == "null" {
        return Cell::Null;
    }
    let mut out = String::from("{");
    for (key, value) in pairs(raw) {
        let inner = match json::cell(value) {
            Cell::Null => "null".to_owned(),
            Cell::Bad => return Cell::Bad,
            Cell::Text(inner) => inner,
        };
        if json::has_bad_escape(key) {
            return Cell::Bad;
        }
        if out.len() > 1 {
            out.push(',');
        }
        out.push_str(key);
        out.push(':');
        match serde_json::from_str::<&serde_json::value::RawValue>(&inner) {
            Ok(_) if json::has_bad_escape(&inner) => return Cell::Bad,
            Ok(value) => match json::cell(value.get()) {
                // Without the space between its tokens, as everywhere in an export.
                Cell::Text(text) if !value.get().starts_with('"') => out.push_str(&text),
                _ => out.push_str(value.get()),
            },
            Err(_) => out.push_str(&serde_json::Value::from(inner).to_string()),
        }
    }
    out.push('}');
    Cell::Text(out)
}

/// The text of one of the pairs.
fn said(raw: &str, key: &str) -> Cell {
    let Some((_, value)) = pairs(raw).into_iter().rfind(|(name, _)| json::unquoted(name) == key) else {
        return Cell::Null;
    };
    match json::cell(value) {
        Cell::Text(inner) => match serde_json::from_str::<&serde_json::value::RawValue>(&inner) {
            Ok(value) => json::cell(value.get()),
            Err(_) => Cell::Text(inner),
        },
        other => other,
    }
}

/// What a record without more than its id is counted by: the `id` of its [`Row`].
pub(crate) fn hash(raw: &str) -> u64 {
    let fields = json::fields(raw).unwrap_or_default();
    xxh3_64(value(&fields, ID).unwrap_or(raw).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `column=value` of what is not null.
    fn show(stream: &str, raw: &str) -> String {
        let about = About::of(stream).expect("a stream");
        match row(about, &about.columns(), raw).expect("a record").content {
            Ok(record) => {
                assert_eq!(record.len(), about.columns().len());
                let columns = about.columns();
                let pairs: Vec<String> = columns
                    .iter()
                    .zip(record)
                    .filter_map(|(name, value)| Some(format!("{name}={}", value?)))
                    .collect();
                pairs.join(" ")
            }
            Err(bad) => format!("! {} {} {}", bad.id, bad.field, bad.value),
        }
    }

    #[test]
    fn records_become_text_digit_for_digit() {
        for (stream, raw, expected) in [
            (
                "members",
                r#"{"id":"m1","score":12345678901234567890,"flagged":false,"name":null,"more":1}"#,
                "id=m1 score=12345678901234567890 flagged=false",
            ),
            (
                "members",
                r#"{"id":"m1","fields":[{"key":"city","value":"\"Par is\""},{"key":"n","value":"1.50"},
                    {"key":"x"},{"key":"old","value":"plain"},null,
                    {"key":"l","value":"[ 1, {\"a\":\"b c\"} ]"}]}"#,
                r#"id=m1 fields={"city":"Par is","n":1.50,"x":null,"old":"plain","l":[1,{"a":"b c"}]}"#,
            ),
            (
                "members",
                r#"{"id":"m1","fields":{"fields":[{"key":"city","value":"\"Paris\""}]}}"#,
                r#"id=m1 fields={"city":"Paris"}"#,
            ),
            ("members", r#"{"id":"m1","fields":[]}"#, "id=m1 fields={}"),
            (
                "posts",
                r#"{"id":"p1","tagIds":["a", "b"],"mappingFields":[{"key":"title","value":"\"Hi\""},
                    {"key":"content","value":"\"<\\\"é\\\">\""}]}"#,
                r#"id=p1 content=<"é"> tagids=["a","b"] mappingfields={"title":"Hi","content":"<\"é\">"}"#,
            ),
            (
                "posts",
                r#"{"id":"p1","mappingFields":[{"key":"content","value":"raw"}]}"#,
                r#"id=p1 content=raw mappingfields={"content":"raw"}"#,
            ),
            ("events", r#"{"id":"e1","content":"<p>","capacity":5}"#, "id=e1 content=<p> capacity=5"),
            ("collections", r#"{}"#, ""),
        ] {
            assert_eq!(show(stream, raw), expected, "{raw}");
        }
    }

    #[test]
    fn a_record_that_cannot_be_text_is_named_with_its_field() {
        for (raw, expected) in [
            (r#"{"id":"m1","name":"a\u0000b"}"#, r#"! m1 name "a\u0000b""#),
            (r#"{"id":"m1","name":"\ud800"}"#, r#"! m1 name "\ud800""#),
            (
                r#"{"id":"m1","fields":[{"key":"c","value":"\"\\ud800\""}]}"#,
                r#"! m1 fields [{"key":"c","value":"\"\\ud800\""}]"#,
            ),
            (
                r#"{"id":"m1","fields":[{"key":"\udc00","value":"1"}]}"#,
                r#"! m1 fields [{"key":"\udc00","value":"1"}]"#,
            ),
            (
                r#"{"id":"m1","fields":[{"key":"c","value":"\ud800"}]}"#,
                r#"! m1 fields [{"key":"c","value":"\ud800"}]"#,
            ),
        ] {
            assert_eq!(show("members", raw), expected, "{raw}");
        }
        let post = r#"{"id":"p1","mappingFields":[{"key":"content","value":"\"\\u0000\""}]}"#;
        assert!(show("posts", post).starts_with("! p1 content "));
    }

    #[test]
    fn records_are_known_by_id_and_change() {
        let about = About::of("posts").expect("a stream");
        let hashes = |raw: &str| row(about, &about.columns(), raw).map(|row| (row.id, row.version));
        let (a, b) = (r#"{"id":"1","updatedAt":"2"}"#, r#"{"id":"1","updatedAt":"3"}"#);
        assert_eq!(hashes(a), hashes(r#"{"updatedAt":"2","title":"x","id":"1"}"#));
        assert_eq!(hashes(a).map(|h| h.0), hashes(b).map(|h| h.0));
        assert_ne!(hashes(a), hashes(b));
        assert_ne!(hashes(r#"{"title":"x"}"#), hashes(r#"{"title":"y"}"#));
        assert_eq!(hashes("[]"), None);
        assert_eq!((number(a, "id"), number(r#"{"n":7}"#, "n"), id(a)), (None, Some(7), Some("1".into())));
    }
}
