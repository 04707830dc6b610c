//! JSON inside a JSON string: how the service carries values whose type its schema does not fix.
//!
//! The text `hello` travels as `"\"hello\""`, the number 3 as `"3"`. That holds for `mappingFields[].value`
//! of posts, `fields[].value` of members and `filterBy[].value` of queries.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A value as JSON text. What came from the service is kept to the letter, also when it is no JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JsonText(String);

impl JsonText {
    /// The JSON text of a value.
    pub fn of(value: &Value) -> Self {
        Self(value.to_string())
    }

    /// The JSON text of a string.
    pub fn text(text: &str) -> Self {
        Self(Value::from(text).to_string())
    }

    /// What stands on the wire, inside the outer string.
    pub fn raw(&self) -> &str {
        &self.0
    }

    /// The value; `None`: it is no JSON.
    pub fn value(&self) -> Option<Value> {
        serde_json::from_str(&self.0).ok()
    }

    /// The value as text: a JSON string without its quotes, anything else as it stands. A text that was not
    /// encoded twice, as older records may be, is itself.
    pub fn to_text(&self) -> String {
        match self.value() {
            Some(Value::String(text)) => text,
            _ => self.0.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_value_is_encoded_twice_and_decoded_twice() {
        for (value, wire) in [
            (json!("hello"), r#""\"hello\"""#),
            (json!("<p class=\"a\">é</p>\n"), r#""\"<p class=\\\"a\\\">é</p>\\n\"""#),
            (json!(3), r#""3""#),
            (json!(true), r#""true""#),
            (json!(null), r#""null""#),
            (json!(["a", "b"]), r#""[\"a\",\"b\"]""#),
        ] {
            let text = JsonText::of(&value);
            assert_eq!(serde_json::to_string(&text).expect("JSON"), wire);
            let back: JsonText = serde_json::from_str(wire).expect("a string");
            assert_eq!(back.value(), Some(value));
        }
        assert_eq!(JsonText::text("hello"), JsonText::of(&json!("hello")));
    }

    #[test]
    fn what_is_no_json_is_kept_as_it_is() {
        for (wire, text, value) in [
            (r#""Paris""#, "Paris", None),
            (r#""\"Paris\"""#, "Paris", Some(json!("Paris"))),
            (r#""""#, "", None),
            (r#""12.50""#, "12.50", Some(json!(12.5))),
            (r#""[1]""#, "[1]", Some(json!([1]))),
        ] {
            let read: JsonText = serde_json::from_str(wire).expect("a string");
            assert_eq!((read.to_text().as_str(), read.value()), (text, value), "{wire}");
            assert_eq!(serde_json::to_string(&read).expect("JSON"), wire);
        }
    }
}
