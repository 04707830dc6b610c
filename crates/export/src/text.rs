//! JSON values as the text of an export. Digits stay digits: nothing passes through a float.

use serde_json::value::RawValue;

/// A text that PostgreSQL cannot hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the value holds {}", what.word())]
pub struct BadText {
    /// What it holds.
    pub what: BadCharacter,
    /// The value as JSON escapes it; of a string without the quotes around it. It is for the rejects file and
    /// stands in no message.
    pub escaped: String,
}

/// What no text can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadCharacter {
    /// U+0000.
    Nul,
    /// One half of a surrogate pair.
    LoneSurrogate,
}

impl BadCharacter {
    fn word(self) -> &'static str {
        match self {
            Self::Nul => "a NUL character",
            Self::LoneSurrogate => "half of a surrogate pair",
        }
    }
}

/// The export's text of a JSON value: `null` is `None`; a string is its text; a number its digits as they
/// were written; a boolean `true` or `false`; a list or an object is its JSON text without blanks between the
/// tokens.
pub fn export_text(raw: &RawValue) -> Result<Option<String>, BadText> {
    let json = raw.get().trim_matches(is_blank);
    match json.as_bytes().first() {
        Some(b'n') => Ok(None),
        Some(b'"') => {
            let inside = json.get(1..json.len() - 1).unwrap_or_default();
            if !inside.contains('\\') {
                return nul_free(inside).map(|()| Some(inside.to_owned()));
            }
            if let Some(what) = bad_escape(inside) {
                return Err(BadText { what, escaped: inside.to_owned() });
            }
            // Only half a surrogate pair can still be refused, and that has just been looked for.
            serde_json::from_str(json)
                .map(Some)
                .map_err(|_| BadText { what: BadCharacter::LoneSurrogate, escaped: inside.to_owned() })
        }
        Some(b'{' | b'[') => {
            let compact = compact(json);
            match bad_escape(&compact) {
                Some(what) => Err(BadText { what, escaped: compact }),
                None => Ok(Some(compact)),
            }
        }
        _ => Ok(Some(json.to_owned())),
    }
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// Whether a text from elsewhere holds a NUL; the value comes back escaped.
pub fn nul_free(text: &str) -> Result<(), BadText> {
    if memchr::memchr(0, text.as_bytes()).is_none() {
        return Ok(());
    }
    let quoted = serde_json::Value::from(text).to_string();
    let escaped = quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned();
    Err(BadText { what: BadCharacter::Nul, escaped })
}

/// Valid JSON without the blanks between its tokens; everything else stays as it was written.
fn compact(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut rest = json;
    while !rest.is_empty() {
        // Up to and with the next string, which is taken over untouched.
        let (tokens, after) = rest.split_at(rest.find('"').unwrap_or(rest.len()));
        out.extend(tokens.chars().filter(|c| !is_blank(*c)));
        let len = string_len(after);
        out.push_str(&after[..len]);
        rest = &after[len..];
    }
    out
}

/// The length of the string, quotes included, that `text` begins with.
fn string_len(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// The first escape in valid JSON text that stands for a NUL or half a surrogate pair.
fn bad_escape(json: &str) -> Option<BadCharacter> {
    let bytes = json.as_bytes();
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'\\', &bytes[at..]) {
        at += found + 2;
        if bytes.get(at - 1) != Some(&b'u') {
            continue;
        }
        let unit = code_unit(bytes, at)?;
        at += 4;
        match unit {
            0 => return Some(BadCharacter::Nul),
            0xDC00..=0xDFFF => return Some(BadCharacter::LoneSurrogate),
            0xD800..=0xDBFF => {
                let follows = bytes.get(at..at + 2) == Some(b"\\u");
                match code_unit(bytes, at + 2).filter(|_| follows) {
                    Some(0xDC00..=0xDFFF) => at += 6,
                    _ => return Some(BadCharacter::LoneSurrogate),
                }
            }
            _ => {}
        }
    }
    None
}

/// Four hexadecimal digits.
fn code_unit(bytes: &[u8], at: usize) -> Option<u16> {
    let digits = std::str::from_utf8(bytes.get(at..at + 4)?).ok()?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(json: &str) -> Result<Option<String>, BadText> {
        export_text(&RawValue::from_string(json.to_owned()).unwrap())
    }

    #[test]
    fn values_become_the_text_that_was_documented() {
        for (json, expected) in [
            ("null", None),
            ("true", Some("true")),
            ("false", Some("false")),
            ("0", Some("0")),
            ("-0", Some("-0")),
            ("25.500", Some("25.500")),
            ("12345678901234567890.123456789", Some("12345678901234567890.123456789")),
            ("1e400", Some("1e400")),
            ("\"\"", Some("")),
            ("\"null\"", Some("null")),
            ("\" a \"", Some(" a ")),
            ("\"a\\\"b\\\\c\\n\\u00e9\\/\"", Some("a\"b\\c\né/")),
            ("\"\\ud83d\\ude00\"", Some("😀")),
            ("\"é ✓ 😀\"", Some("é ✓ 😀")),
            ("[]", Some("[]")),
            ("{}", Some("{}")),
            ("[ 1 , \"a b\" ,\n null ]", Some("[1,\"a b\",null]")),
            ("{\"z\": 1.10, \"a\": {\"b\" : [ ]}, \"z\": 2}", Some("{\"z\":1.10,\"a\":{\"b\":[]},\"z\":2}")),
            ("[\"a \\\" , b\", \"\\\\\" , 1]", Some("[\"a \\\" , b\",\"\\\\\",1]")),
            ("[\"\\\\u0000\"]", Some("[\"\\\\u0000\"]")),
        ] {
            assert_eq!(text(json), Ok(expected.map(str::to_owned)), "{json}");
        }
    }

    #[test]
    fn what_postgresql_cannot_hold_is_named_and_escaped() {
        use BadCharacter::{LoneSurrogate, Nul};
        for (json, what, escaped) in [
            ("\"a\\u0000b\"", Nul, "a\\u0000b"),
            ("\"\\ud83d\"", LoneSurrogate, "\\ud83d"),
            ("\"\\ude00\\ud83d\"", LoneSurrogate, "\\ude00\\ud83d"),
            ("\"\\ud83d\\ud83d\\ude00\"", LoneSurrogate, "\\ud83d\\ud83d\\ude00"),
            ("\"\\ud83dxyude00\"", LoneSurrogate, "\\ud83dxyude00"),
            ("\"\\\\\\u0000\"", Nul, "\\\\\\u0000"),
            ("[1, \"\\u0000\"]", Nul, "[1,\"\\u0000\"]"),
            ("{\"a\\udfff\": 1}", LoneSurrogate, "{\"a\\udfff\":1}"),
        ] {
            assert_eq!(text(json), Err(BadText { what, escaped: escaped.to_owned() }), "{json}");
        }
        assert_eq!(nul_free("a\0\"").unwrap_err().escaped, "a\\u0000\\\"");
        assert_eq!(nul_free("a"), Ok(()));
    }
}
