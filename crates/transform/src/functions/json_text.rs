//! `json_text`: one value out of JSON.

use super::Function;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// `json_text(value, path)`.
pub(super) const FUNCTION: Function = Function {
    name: "json_text",
    usage: "json_text(value, path)",
    doc: "The value at a path of keys and positions (from 0) joined by dots. A text comes without its \
    quotes, numbers \
          with the digits that they have, objects and lists as JSON. NULL where the path leads nowhere or \
          to null; a key of the path that stands twice rejects the record.",
    examples: &[
        (r#"json_text('{"a":{"b":[10,20]}}', 'a.b.1')"#, "20"),
        (r#"json_text('{"a":"x"}', 'a')"#, "x"),
        (r#"json_text('{"a":1.50}', 'a')"#, "1.50"),
        (r#"json_text('{"a":null}', 'a')"#, "NULL"),
        (r#"json_text('{"a":1}', 'b.c')"#, "NULL"),
    ],
    arguments: (2, 2),
    in_pairs: false,
    null_gives_null: true,
    body: json_text,
};

fn json_text(arguments: &[Option<&str>]) -> Result<Option<String>, String> {
    let (Some(text), Some(path)) = (arguments[0], arguments[1]) else { return Ok(None) };
    let mut here: &RawValue = serde_json::from_str(text).map_err(|_| "not JSON".to_string())?;
    for key in path.split('.') {
        let next = if here.get().starts_with('{') {
            let Object(members) = serde_json::from_str(here.get()).map_err(|_| "not JSON".to_string())?;
            let mut named = members.iter().filter(|(name, _)| name == key).map(|(_, value)| *value);
            let first = named.next();
            if named.next().is_some() {
                return Err("a key of the path stands twice in its object".into());
            }
            first
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

/// The members of an object in their order, repeats too: a map would keep one of them and say nothing.
struct Object<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Object(members))
            }
        }

        json.deserialize_map(Members)
    }
}
