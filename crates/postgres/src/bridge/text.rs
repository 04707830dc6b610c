//! Texts that PostgreSQL cannot hold as they are: neither `text` nor `jsonb` has the character NUL.
//!
//! NUL is written as `␛0` and the mark itself as `␛␛`, so that nothing is lost and no two texts become one.
//! All others, which is practically all, are stored as they are. `json` needs none of this: it keeps the text
//! of a document, in which NUL is an escape.

use base::Fault;
use serde_json::Value;
use std::borrow::Cow;

/// U+241B, the picture of "escape", which hardly any text holds.
const MARK: char = '\u{241B}';

/// The text as a column of type `text` takes it.
pub(super) fn storable(text: &str) -> Cow<'_, str> {
    if !text.contains(['\0', MARK]) {
        return Cow::Borrowed(text);
    }
    let mut stored = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\0' => stored.extend([MARK, '0']),
            MARK => stored.extend([MARK, MARK]),
            _ => stored.push(c),
        }
    }
    Cow::Owned(stored)
}

/// The text that was stored.
pub(super) fn restored(stored: String) -> String {
    if !stored.contains(MARK) {
        return stored;
    }
    let mut text = String::with_capacity(stored.len());
    let mut chars = stored.chars();
    while let Some(c) = chars.next() {
        text.push(match c {
            MARK => chars.next().map_or(MARK, |marked| if marked == '0' { '\0' } else { marked }),
            _ => c,
        });
    }
    text
}

/// The document as a column of type `json` takes it.
pub(super) fn json(document: &impl serde::Serialize) -> Result<String, Fault> {
    serde_json::to_string(document).map_err(|error| Fault::bug(format!("writing JSON: {error}")))
}

/// The document as a column of type `jsonb` takes it.
pub(super) fn jsonb(document: &impl serde::Serialize) -> Result<String, Fault> {
    let text = json(document)?;
    if !text.contains(MARK) && !text.contains("\\u0000") {
        return Ok(text);
    }
    let document = serde_json::to_value(document).map_err(|error| Fault::bug(error.to_string()))?;
    json(&mapped(document, &|text| storable(&text).into_owned()))
}

/// The document that [`jsonb`] wrote.
pub(super) fn from_jsonb(document: Value) -> Value {
    mapped(document, &restored)
}

fn mapped(document: Value, each: &impl Fn(String) -> String) -> Value {
    match document {
        Value::String(text) => Value::String(each(text)),
        Value::Array(values) => values.into_iter().map(|value| mapped(value, each)).collect(),
        Value::Object(fields) => {
            fields.into_iter().map(|(name, value)| (each(name), mapped(value, each))).collect()
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_text_comes_back_and_no_two_become_one() {
        let texts = ["", "a", "\0", "␛", "␛0", "␛␛", "\0␛0", "␛\0", "a\0b\0", "0", "\\u0000", "␛␛0", "\0\0"];
        let mut stored: Vec<String> = texts.iter().map(|text| storable(text).into_owned()).collect();
        for (text, stored) in texts.iter().zip(&stored) {
            assert!(!stored.contains('\0'));
            assert_eq!(restored(stored.clone()), *text);
        }
        stored.sort();
        stored.dedup();
        assert_eq!(stored.len(), texts.len());
    }

    #[test]
    fn documents_for_jsonb_hold_no_nul_and_come_back() {
        for document in [
            json!({"a\0": ["b\0", {"␛": 1.5}], "c": null}),
            json!("plain"),
            json!({"\\u0000": "a literal backslash"}),
        ] {
            let stored = jsonb(&document).unwrap();
            assert!(!stored.replace("\\\\", "").contains("\\u0000"), "{stored}");
            assert_eq!(from_jsonb(serde_json::from_str(&stored).unwrap()), document);
        }
    }
}
