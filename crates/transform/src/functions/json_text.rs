//! `json_text`: one value out of JSON.

use super::Function;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// `json_text(value, path)`.
pub(super) const FUNCTION: Function = Function {
    name: "json_text",
    usage: "json_text(value, path)",
    doc: "The value at a path of keys and positions (from 0) joined by dots. A text comes without its \
    quotes, numbers \
          with the digits that they have, objects and lists as JSON. NULL where the path leads nowhere or \
          to null.",
    examples: &[
        (r#"json_text('{"a":{"b":[10,20]}}', 'a.b.1')"#, "20"),
        (r#"json_text('{"a":"x"}', 'a')"#, "x"),
        (r#"json_text('{"a":1.50}', 'a')"#, "1.50"),
        (r#"json_text('{"a":null}', 'a')"#, "NULL"),
        (r#"json_text('{"a":1}', 'b.c')"#, "NULL"),
    ],
    arguments: (2, 2),
    null_gives_null: true,
    body: json_text,
};

fn json_text(arguments: &[Option<&str>]) -> Result<Option<String>, String> {
    let (Some(text), Some(path)) = (arguments[0], arguments[1]) else { return Ok(None) };
    let mut here: &RawValue = serde_json::from_str(text).map_err(|_| "not JSON".to_string())?;
    for key in path.split('.') {
        let next = if here.get().starts_with('{') {
            let object: BTreeMap<String, &RawValue> =
                serde_json::from_str(here.get()).map_err(|_| "not JSON".to_string())?;
            object.get(key).copied()
        } else if here.get().starts_with('[') {
            let list: Vec<&RawValue> =
                serde_json::from_str(here.get()).map_err(|_| "not JSON".to_string())?;
            key.parse::<usize>().ok().and_then(|i| list.get(i).copied())
        } else {
            None
        };
        match next {
            Some(value) => here = value,
            None => return Ok(None),
        }
    }
    match here.get() {
        "null" => Ok(None),
        text if text.starts_with('"') => {
            serde_json::from_str(text).map(Some).map_err(|_| "a text with a lone surrogate".to_string())
        }
        other => Ok(Some(other.to_owned())),
    }
}
