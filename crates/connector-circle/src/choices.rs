//! The choices of a profile field, in either of the forms that the documents show.
//!
//! The schema nests them, the sample lists them: texts, objects with the text under one of a few names, or
//! either of these under `choices`.

use serde_json::Value;

/// Where the text of a choice may stand, likeliest first.
const TEXTS: [&str; 5] = ["value", "label", "name", "text", "title"];

/// Where a list of choices may stand inside an object.
const LISTS: [&str; 3] = ["choices", "options", "records"];

/// The texts of the choices as a JSON list; `None`: they have a form that nobody knows.
pub fn values(raw: &str) -> Option<String> {
    let found = list(&serde_json::from_str(raw).ok()?)?;
    serde_json::to_string(&found).ok()
}

fn list(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Array(choices) => choices.iter().map(text).collect(),
        Value::Object(map) => LISTS.iter().find_map(|key| list(map.get(*key)?)),
        _ => None,
    }
}

fn text(choice: &Value) -> Option<String> {
    match choice {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Object(map) => TEXTS.iter().find_map(|key| text(map.get(*key)?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_found_in_every_form() {
        for (raw, expected) in [
            (r#"["A","B"]"#, Some(r#"["A","B"]"#)),
            ("[]", Some("[]")),
            (r#"[1,"B"]"#, Some(r#"["1","B"]"#)),
            (r#"[{"id":1,"value":"A"},{"id":2,"value":"B"}]"#, Some(r#"["A","B"]"#)),
            (r#"[{"id":1,"label":"A"}]"#, Some(r#"["A"]"#)),
            (r#"[{"choice":{"value":"A"}}]"#, None),
            (r#"[{"value":{"text":"A"}}]"#, Some(r#"["A"]"#)),
            (r#"{"choices":["A"]}"#, Some(r#"["A"]"#)),
            (r#"{"options":[{"name":"A"}]}"#, Some(r#"["A"]"#)),
            (r#"[["A"]]"#, None),
            (r#"{"A":1}"#, None),
            ("7", None),
            ("oops", None),
        ] {
            assert_eq!(values(raw).as_deref(), expected, "{raw}");
        }
    }
}
