//! The service's own words in an error, without what they may repeat of records and secrets.

use serde_json::Value;

/// Letters of the service's own words that are passed on.
const CHARS_MAX: usize = 200;

/// Letters of a sent value from which on it is looked for: shorter ones occur in any sentence.
const VALUE_CHARS_MIN: usize = 3;

/// What stands where something was left out.
const HIDDEN: &str = "***";

/// The service's words, in which every value that was sent, and everything that looks like an e-mail address,
/// is hidden; `None`: it said nothing.
pub(crate) fn said(message: &str, variables: &Value) -> Option<String> {
    let mut values = Vec::new();
    collect(variables, &mut values);
    // The longest first: a short one may be part of it.
    values.sort_by_key(|value| std::cmp::Reverse(value.len()));
    values.dedup();
    let hidden = values.iter().fold(message.to_owned(), |text, value| text.replace(value.as_str(), HIDDEN));
    let words: Vec<&str> =
        hidden.split_whitespace().map(|word| if word.contains('@') { HIDDEN } else { word }).collect();
    let short: String = words.join(" ").chars().filter(|c| !c.is_control()).take(CHARS_MAX).collect();
    (!short.is_empty()).then_some(short)
}

/// All texts in a value, also those inside of JSON text.
fn collect(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::String(text) => {
            if text.chars().count() >= VALUE_CHARS_MIN {
                into.push(text.clone());
            }
            if text.starts_with(['"', '[', '{'])
                && let Ok(inner) = serde_json::from_str::<Value>(text)
            {
                collect(&inner, into);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, into)),
        Value::Object(fields) => fields.values().for_each(|field| collect(field, into)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_service_repeats_nothing_that_it_was_sent() {
        let variables = json!({"input": {"email": "ada@example.test", "name": "Ada Lovelace", "n": 5, "ok": "is",
            "fields": [{"key": "city", "value": "\"Paris\""}, {"key": "tags", "value": "[\"secret garden\"]"}]}});
        for (message, expected) in [
            ("Forbidden resource", Some("Forbidden resource")),
            ("Email ada@example.test is taken", Some("Email *** is taken")),
            ("Email <Grace@example.test>, taken", Some("Email *** taken")),
            ("Ada Lovelace from Paris is there", Some("*** from *** is there")),
            ("no secret garden\u{0}\n\tin city", Some("no *** in ***")),
            ("  ", None),
            ("", None),
        ] {
            assert_eq!(said(message, &variables).as_deref(), expected, "{message:?}");
        }
        assert_eq!(said(&"é".repeat(500), &json!(null)).map(|m| m.chars().count()), Some(CHARS_MAX));
    }
}
