//! The service's own words in an error, without what they may repeat of records.

use serde_json::Value;
use std::fmt;

/// Letters of the service's own words that are passed on.
const CHARS_MAX: usize = 200;

/// Behind these words the service repeats what it was sent.
const REPEATS: &str = "instead was";

/// What stands where something was left out.
const HIDDEN: &str = "***";

/// What the service says about an error; empty parts were not said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Said {
    /// Its code: `validation_error`.
    pub code: String,
    /// Its words, or which of its limits was reached.
    pub words: String,
    /// What it calls this request, for its support.
    pub request_id: String,
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in [&self.code, &self.words].into_iter().filter(|part| !part.is_empty()) {
            write!(f, ": {part}")?;
        }
        match self.request_id.is_empty() {
            true => Ok(()),
            false => write!(f, " (request {})", self.request_id),
        }
    }
}

/// Words of the service in which every text of `sent`, and everything that looks like an e-mail address, is
/// hidden. Where it repeats what it found they end.
pub(crate) fn words(message: &str, sent: Option<&Value>) -> String {
    let head = message.split(REPEATS).next().unwrap_or_default();
    let mut texts = Vec::new();
    if let Some(sent) = sent {
        texts_of(sent, &mut texts);
    }
    // The longest first: a short one may be part of it.
    texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
    let hidden = texts.iter().fold(head.to_owned(), |words, text| words.replace(text, HIDDEN));
    let mail = |word| if str::contains(word, '@') { HIDDEN } else { word };
    let words: Vec<&str> = hidden.split_whitespace().map(mail).collect();
    let short: String = words.join(" ").chars().filter(|c| !c.is_control()).take(CHARS_MAX).collect();
    short.trim_end_matches([',', ' ', '.']).to_owned()
}

/// Texts of property values: shorter ones than three letters occur in any sentence, and what stands beside a
/// `type` is a word of the service's own.
fn texts_of<'a>(value: &'a Value, into: &mut Vec<&'a str>) {
    match value {
        Value::String(text) if text.chars().count() > 2 => into.push(text),
        Value::Array(items) => items.iter().for_each(|item| texts_of(item, into)),
        Value::Object(fields) => {
            fields.iter().filter(|(key, _)| *key != "type").for_each(|(_, inner)| texts_of(inner, into));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_service_repeats_nothing_that_it_was_sent() {
        let sent = json!({"parent": {"type": "data_source_id"}, "properties": {
            "a%3D": {"email": "ada@x.test"},
            "title": {"title": [{"text": {"content": "Ada Lovelace"}}]}, "n": {"number": 5}}});
        for (message, expected) in [
            ("Stage is expected to be number.", "Stage is expected to be number"),
            ("body.title should be defined, instead was `Grace`.", "body.title should be defined"),
            ("Ada Lovelace is taken", "*** is taken"),
            ("Grace@x.test is no\u{0}\n email", "*** is no email"),
            ("data_source_id 5", "data_source_id 5"),
            ("", ""),
        ] {
            assert_eq!(words(message, Some(&sent)), expected, "{message:?}");
        }
        assert_eq!(words(&"é".repeat(500), None).chars().count(), CHARS_MAX);
    }
}
