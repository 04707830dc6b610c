//! What a field holds, judged by all of its values.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use serde::de::IgnoredAny;

/// What all values of a field had in common so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Kind {
    /// No value was seen.
    #[default]
    Empty,
    Boolean,
    Number,
    Date,
    List,
    Object,
    Text,
}

impl Kind {
    /// The word for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Boolean => "boolean",
            Self::Number => "number",
            Self::Date => "date",
            Self::List => "list",
            Self::Object => "object",
            Self::Text => "text",
        }
    }

    /// Takes one more value into account. An empty string says nothing.
    pub fn see(&mut self, value: &str) {
        if *self == Self::Text || value.is_empty() {
            return;
        }
        let this = Self::of(value);
        *self = if *self == Self::Empty || *self == this { this } else { Self::Text };
    }

    fn of(value: &str) -> Self {
        let json = || serde_json::from_str::<IgnoredAny>(value).is_ok();
        match value.as_bytes()[0] {
            b'[' if json() => Self::List,
            b'{' if json() => Self::Object,
            b'0'..=b'9' | b'-' | b'+' | b'.' if is_number(value) => Self::Number,
            b'0'..=b'9' if is_date(value) => Self::Date,
            b't' | b'T' | b'f' | b'F' | b'y' | b'Y' | b'n' | b'N' if is_boolean(value) => Self::Boolean,
            _ => Self::Text,
        }
    }
}

fn is_boolean(value: &str) -> bool {
    ["true", "false", "yes", "no"].iter().any(|word| word.eq_ignore_ascii_case(value))
}

/// As JSON writes it; `007` and `+1` are names of things (post codes, telephone numbers), not numbers.
fn is_number(value: &str) -> bool {
    serde_json::from_str::<serde_json::Number>(value).is_ok()
}

fn is_date(value: &str) -> bool {
    value.parse::<Timestamp>().is_ok() || value.parse::<DateTime>().is_ok() || value.parse::<Date>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_what_all_values_have_in_common() {
        for (values, expected) in [
            (&[][..], "empty"),
            (&["", ""], "empty"),
            (&["true", "No", "YES", ""], "boolean"),
            (&["1", "-2.50", "1e3", "12345678901234567890.5", "1700000000000"], "number"),
            (&["1", "x"], "text"),
            (&["1", "true"], "text"),
            (&["007"], "text"),
            (&["+49123"], "text"),
            (&["2024-01-02T03:04:05.678Z", "2024-01-02 03:04:05", "2024-01-02"], "date"),
            (&["2024-13-02"], "text"),
            (&["[]", "[1,\"a\"]"], "list"),
            (&["{}", "{\"a\":[1]}"], "object"),
            (&["[1", "[]"], "text"),
            (&["[]", "{}"], "text"),
            (&["never", "no"], "text"),
        ] {
            let mut kind = Kind::default();
            values.iter().for_each(|value| kind.see(value));
            assert_eq!(kind.word(), expected, "{values:?}");
        }
    }
}
