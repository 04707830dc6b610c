//! Looks into a body, and words what is wrong with it as the service does: with the path and what was found.

use super::id::Id;
use super::refusal::Refusal;
use serde_json::{Map, Value};

/// Characters of a value that a message shows at most.
const SHOWN_MAX: usize = 80;

/// A value of a body and the path to it.
#[derive(Debug, Clone)]
pub(super) struct At<'v> {
    path: String,
    pub value: &'v Value,
}

pub(super) type Checked<T> = Result<T, Refusal>;

/// What is wrong at a path.
pub(super) fn wrong(path: &str, should: &str, found: Option<&Value>) -> Refusal {
    let found = found.map_or_else(|| "undefined".to_owned(), shown);
    Refusal::Invalid(format!("body failed validation: {path} should be {should}, instead was `{found}`."))
}

fn shown(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(SHOWN_MAX) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

/// Units in which lengths of texts are counted: UTF-16, the larger of the readings.
pub(super) fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

impl<'v> At<'v> {
    pub fn body(value: &'v Value) -> Self {
        Self { path: "body".to_owned(), value }
    }

    /// What is wrong here.
    pub fn wrong(&self, should: &str) -> Refusal {
        wrong(&self.path, should, Some(self.value))
    }

    /// What is too long here.
    fn too_long(&self, max: usize, found: usize) -> Refusal {
        let path = &self.path;
        Refusal::Invalid(format!(
            "body failed validation: {path}.length should be ≤ `{max}`, instead was `{found}`."
        ))
    }

    /// The value of a key; `None` when the key is not there.
    pub fn key(&self, key: &str) -> Option<At<'v>> {
        let value = self.value.get(key)?;
        Some(At { path: format!("{}.{key}", self.path), value })
    }

    /// The value of a key that must be there.
    pub fn required(&self, key: &str) -> Checked<At<'v>> {
        self.object()?;
        self.key(key).ok_or_else(|| self.lacks(key))
    }

    /// What is wrong when a key is not there.
    pub fn lacks(&self, key: &str) -> Refusal {
        wrong(&format!("{}.{key}", self.path), "defined", None)
    }

    /// Itself, or `None` for null.
    pub fn present(self) -> Option<At<'v>> {
        (!self.value.is_null()).then_some(self)
    }

    pub fn object(&self) -> Checked<&'v Map<String, Value>> {
        self.value.as_object().ok_or_else(|| self.wrong("an object"))
    }

    /// An object with these keys and no others.
    pub fn only(&self, keys: &[&str]) -> Checked<()> {
        match self.object()?.iter().find(|(key, _)| !keys.contains(&key.as_str())) {
            Some((key, value)) => Err(wrong(&format!("{}.{key}", self.path), "not present", Some(value))),
            None => Ok(()),
        }
    }

    /// The keys and values of an object.
    pub fn entries(&self) -> Checked<Vec<(&'v str, At<'v>)>> {
        let entry = |(key, value): (&'v String, &'v Value)| {
            (key.as_str(), At { path: format!("{}.{key}", self.path), value })
        };
        Ok(self.object()?.iter().map(entry).collect())
    }

    /// The one of `keys` that the object has.
    pub fn one_of(&self, keys: &[&'static str]) -> Checked<(&'static str, At<'v>)> {
        self.object()?;
        let mut found = keys.iter().filter_map(|key| Some((*key, self.key(key)?)));
        let one =
            found.next().ok_or_else(|| self.wrong(&format!("an object with one of {}", keys.join(", "))))?;
        match found.next() {
            Some((_, other)) => Err(other.wrong("not present")),
            None => Ok(one),
        }
    }

    /// A list of so many entries at most.
    pub fn list(&self, max: usize) -> Checked<Vec<At<'v>>> {
        let list = self.value.as_array().ok_or_else(|| self.wrong("an array"))?;
        if list.len() > max {
            return Err(self.too_long(max, list.len()));
        }
        let entry = |(i, value)| At { path: format!("{}[{i}]", self.path), value };
        Ok(list.iter().enumerate().map(entry).collect())
    }

    pub fn text(&self) -> Checked<&'v str> {
        self.value.as_str().ok_or_else(|| self.wrong("a string"))
    }

    /// A text of so many units at most.
    pub fn short(&self, max: usize) -> Checked<&'v str> {
        let text = self.text()?;
        let found = length(text);
        if found > max { Err(self.too_long(max, found)) } else { Ok(text) }
    }

    pub fn flag(&self) -> Checked<bool> {
        self.value.as_bool().ok_or_else(|| self.wrong("a boolean"))
    }

    /// A whole number from `low` to `high`.
    pub fn whole(&self, low: u64, high: u64) -> Checked<u64> {
        let found = self.value.as_u64().filter(|n| (low..=high).contains(n));
        found.ok_or_else(|| self.wrong(&format!("a number from {low} to {high}")))
    }

    pub fn id(&self) -> Checked<Id> {
        Id::parse(self.text()?).ok_or_else(|| self.wrong("a valid uuid"))
    }

    /// One of a few words.
    pub fn word<T: Copy>(&self, words: &[(&'static str, T)]) -> Checked<T> {
        let text = self.text()?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        found.ok_or_else(|| {
            let all: Vec<String> = words.iter().map(|(word, _)| format!("`\"{word}\"`")).collect();
            self.wrong(&all.join(" or "))
        })
    }

    /// A key `type` that, if it is there, says so.
    pub fn tagged(&self, kind: &str) -> Checked<()> {
        match self.key("type") {
            Some(at) if at.value != kind => Err(at.wrong(&format!("`\"{kind}\"`"))),
            _ => Ok(()),
        }
    }

    /// An address: not empty, so long at most, with a scheme.
    pub fn url(&self, max: usize) -> Checked<&'v str> {
        let text = self.short(max)?;
        let scheme = text.split_once(':').map_or("", |(scheme, _)| scheme);
        let sound =
            !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
        if sound { Ok(text) } else { Err(self.wrong("a valid URL")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn said<T: std::fmt::Debug>(checked: Checked<T>) -> String {
        match checked {
            Err(Refusal::Invalid(message)) => message,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_path_and_what_was_found() {
        let body = json!({"a": [1, "é".repeat(3)], "b": {"c": null}, "d": "x"});
        let at = At::body(&body);
        let list = at.required("a").and_then(|a| a.list(2)).expect("two");
        for (message, expected) in [
            (said(at.required("e")), "body.e should be defined, instead was `undefined`."),
            (
                said(at.required("a").and_then(|a| a.list(1))),
                "body.a.length should be ≤ `1`, instead was `2`.",
            ),
            (said(list[1].short(2)), "body.a[1].length should be ≤ `2`, instead was `3`."),
            (said(list[0].text()), "body.a[0] should be a string, instead was `1`."),
            (said(at.only(&["a", "b"])), "body.d should be not present, instead was `\"x\"`."),
            (said(at.one_of(&["f", "g"])), "an object with one of f, g"),
            (said(at.one_of(&["a", "b"])), "body.b should be not present"),
            (
                said(at.required("d").and_then(|d| d.word(&[("y", 1), ("z", 2)]))),
                "body.d should be `\"y\"` or `\"z\"`",
            ),
            (said(at.required("d").and_then(|d| d.id())), "body.d should be a valid uuid"),
            (said(at.required("d").and_then(|d| d.url(9))), "body.d should be a valid URL"),
            (said(at.required("d").and_then(|d| d.only(&[]))), "body.d should be an object"),
        ] {
            assert!(
                message.starts_with("body failed validation: ") && message.contains(expected),
                "{message}"
            );
        }
        assert!(at.required("b").and_then(|b| b.required("c")).expect("it is there").present().is_none());
    }

    #[test]
    fn lengths_are_those_of_javascript() {
        for (text, expected) in [("abc", 3), ("é", 1), ("🎉", 2), ("", 0)] {
            assert_eq!(length(text), expected, "{text}");
        }
    }

    #[test]
    fn a_message_shows_little_of_a_long_value() {
        let long = json!("x".repeat(5_000));
        assert!(said(At::body(&long).flag()).len() < 250);
    }
}
