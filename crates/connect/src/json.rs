//! JSON as services send it, taken apart without reading it into values: text as the text of an export,
//! numbers digit for digit, and one bad value never loses its neighbours.

use serde::Deserialize;
use serde::de::{self, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A value as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// JSON null.
    Null,
    /// Text as it is; numbers as their digits; `true`, `false`; lists and objects as JSON text.
    Text(String),
    /// Holds NUL or a lone surrogate, which no text can.
    Bad,
}

/// The text of a value. `raw` is one JSON value, well-formed but for lone surrogates, with no space around
/// it.
pub fn cell(raw: &str) -> Cell {
    match raw.as_bytes().first() {
        None | Some(b'n') => Cell::Null,
        Some(b'"') => string(raw).map_or(Cell::Bad, Cell::Text),
        Some(b'[' | b'{') if has_bad_escape(raw) => Cell::Bad,
        Some(b'[' | b'{') => Cell::Text(compact(raw)),
        Some(_) => Cell::Text(raw.to_owned()),
    }
}

/// The text of a JSON string; `None`: NUL or a lone surrogate.
pub fn string(raw: &str) -> Option<String> {
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    if !inner.contains('\\') {
        return Some(inner.to_owned());
    }
    if has_bad_escape(raw) {
        return None;
    }
    serde_json::from_str(raw).ok()
}

/// Whether an escape anywhere in `raw` stands for NUL or for half a character. Outside of strings JSON has no
/// backslash, so strings need not be followed.
pub fn has_bad_escape(raw: &str) -> bool {
    let bytes = raw.as_bytes();
    let unit = |at: usize| {
        (bytes.get(at) == Some(&b'\\') && bytes.get(at + 1) == Some(&b'u'))
            .then(|| raw.get(at + 2..at + 6).and_then(|hex| u16::from_str_radix(hex, 16).ok()))
            .flatten()
    };
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'\\' {
            at += 1;
            continue;
        }
        match unit(at) {
            Some(0 | 0xDC00..=0xDFFF) => return true,
            Some(0xD800..=0xDBFF) => match unit(at + 6) {
                Some(0xDC00..=0xDFFF) => at += 12,
                _ => return true,
            },
            Some(_) => at += 6,
            None => at += 2,
        }
    }
    false
}

/// `raw` without the space between its tokens.
fn compact(raw: &str) -> String {
    let is_space = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r');
    if !raw.contains(is_space) {
        return raw.to_owned();
    }
    let mut out = String::with_capacity(raw.len());
    let (mut inside, mut escaped) = (false, false);
    for c in raw.chars() {
        if inside {
            inside = c != '"' || escaped;
            escaped = c == '\\' && !escaped;
        } else if is_space(c) {
            continue;
        } else {
            inside = c == '"';
        }
        out.push(c);
    }
    out
}

/// Whether a document that could not be read was cut off, rather than being something else. A number that
/// ends behind its sign, its point or its `e` is no number to serde_json, cut off or not.
pub fn is_cut(text: &str, error: &serde_json::Error) -> bool {
    let open = text.ends_with(['-', '+', '.', 'e', 'E']);
    let last_line = text.rsplit('\n').next().unwrap_or_default();
    let at_the_end = error.line() == text.matches('\n').count() + 1 && error.column() >= last_line.len();
    error.is_eof() || (error.is_syntax() && open && at_the_end)
}

/// What stands between the quotes of a JSON string.
pub fn unquoted(raw: &str) -> &str {
    raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"')).unwrap_or(raw)
}

/// Keys (with their quotes) and values of an object, in order, as JSON. Not read any further, because a lone
/// surrogate in one of them must not lose the others.
pub type Fields<'a> = Vec<(&'a str, &'a str)>;

/// Takes an object apart; `None`: it is none.
pub fn fields(raw: &str) -> Option<Fields<'_>> {
    serde_json::from_str::<Parts>(raw).ok().map(|parts| parts.0)
}

/// An object, taken apart where it stands in a larger document.
#[derive(Debug)]
pub struct Parts<'a>(pub Fields<'a>);

impl<'de: 'a, 'a> Deserialize<'de> for Parts<'a> {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Fields<'de>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut out = Vec::with_capacity(16);
                while let Some((key, value)) = map.next_entry::<&'de RawValue, &'de RawValue>()? {
                    out.push((key.get(), value.get()));
                }
                Ok(out)
            }
        }
        deserializer.deserialize_map(Pairs).map(Parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_taken_apart_without_reading_its_values() {
        let raw = r#"{ "a" : 1.10, "\ud800":"\udc00", "a":[ {} ] }"#;
        let expected = [(r#""a""#, "1.10"), (r#""\ud800""#, r#""\udc00""#), (r#""a""#, "[ {} ]")];
        assert_eq!(fields(raw).expect("an object"), expected);
        for other in ["[]", "1", "{", "", "null"] {
            assert_eq!(fields(other), None, "{other}");
        }
        assert_eq!((unquoted(r#""a""#), unquoted("1")), ("a", "1"));
    }

    #[test]
    fn a_part_of_a_document_is_told_from_something_else() {
        let whole = "{\"a\":-1.5e-3,\n\"b\":[true,\"\\ud83d\"]}";
        let error = |text: &str| serde_json::from_str::<serde::de::IgnoredAny>(text).expect_err(text);
        for end in 0..whole.len() {
            let part = &whole[..end];
            assert!(is_cut(part, &error(part)), "{part}");
        }
        for other in ["oops", "{]", "[1.]", "-x", "[1.,\n-"] {
            assert!(!is_cut(other, &error(other)), "{other}");
        }
    }

    #[test]
    fn every_value_becomes_its_text_or_is_found_bad() {
        let text = |t: &str| Cell::Text(t.to_owned());
        for (raw, expected) in [
            ("null", Cell::Null),
            ("true", text("true")),
            ("false", text("false")),
            ("12.50", text("12.50")),
            ("1e400", text("1e400")),
            ("-0", text("-0")),
            ("123456789012345678901234567890.10", text("123456789012345678901234567890.10")),
            (r#""""#, text("")),
            (r#""plain é ✓""#, text("plain é ✓")),
            (r#""a\"b\\c\r\n\u00e9\ud83d\ude00""#, text("a\"b\\c\r\né😀")),
            (r#""\\u0000""#, text("\\u0000")),
            (r#""a\u0000b""#, Cell::Bad),
            (r#""\ud83d""#, Cell::Bad),
            (r#""\ud83d\u0041""#, Cell::Bad),
            (r#""\ud83d\\ude00""#, Cell::Bad),
            (r#""\ude00""#, Cell::Bad),
            (r#""\ude00\ud83d""#, Cell::Bad),
            ("[]", text("[]")),
            (r#"[ "a b" , 1.10 ,null]"#, text(r#"["a b",1.10,null]"#)),
            ("{ \"a\" :\n{\"b\\\" \": [1 ,2]}}", text("{\"a\":{\"b\\\" \":[1,2]}}")),
            (r#"[{"x":["\u0000"]}]"#, Cell::Bad),
            (r#"{"\udc00":1}"#, Cell::Bad),
            (r#"["\ud83d\ude00"]"#, text(r#"["\ud83d\ude00"]"#)),
        ] {
            assert_eq!(cell(raw), expected, "{raw}");
        }
    }
}
