//! Records as JSON: writing them fast, and reading single fields of them.

use crate::schema::{KeyMode, Type};
use crate::time;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Appends `text` as a JSON string; NUL and other controls are escaped, everything else stays UTF-8.
pub(crate) fn push_text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut start = 0;
    for (i, &byte) in bytes.iter().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&bytes[start..i]);
        start = i + 1;
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            _ => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
        }
    }
    out.extend_from_slice(&bytes[start..]);
    out.push(b'"');
}

/// Writes one record; the keys are those of a type, spelled as the mode says.
pub(crate) struct Object<'a> {
    out: &'a mut Vec<u8>,
    kind: &'static Type,
    mode: KeyMode,
}

impl<'a> Object<'a> {
    /// Begins a record in `out`, which is emptied.
    pub fn new(out: &'a mut Vec<u8>, kind: &'static Type, mode: KeyMode) -> Self {
        out.clear();
        out.push(b'{');
        Self { out, kind, mode }
    }

    fn key(&mut self, display: &str) {
        if self.out.len() > 1 {
            self.out.push(b',');
        }
        let key = match self.mode {
            KeyMode::Display => display,
            KeyMode::Internal => self
                .kind
                .fields
                .iter()
                .find(|field| field.display == display)
                .map_or(display, |field| field.id),
        };
        self.out.push(b'"');
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"\":");
    }

    /// A text.
    pub fn text(&mut self, display: &str, value: &str) {
        self.key(display);
        push_text(self.out, value);
    }

    /// Something that is JSON already.
    pub fn raw(&mut self, display: &str, value: &str) {
        self.key(display);
        self.out.extend_from_slice(value.as_bytes());
    }

    /// Yes or no.
    pub fn flag(&mut self, display: &str, value: bool) {
        self.raw(display, if value { "true" } else { "false" });
    }

    /// A moment: ISO text, or milliseconds as a number.
    pub fn date(&mut self, display: &str, ms: i64, as_number: bool) {
        self.key(display);
        if as_number {
            self.out.extend_from_slice(ms.to_string().as_bytes());
        } else {
            self.out.push(b'"');
            time::push_iso(self.out, ms);
            self.out.push(b'"');
        }
    }

    /// A list of texts.
    pub fn texts<T: AsRef<str>>(&mut self, display: &str, values: &[T]) {
        self.key(display);
        self.out.push(b'[');
        for (i, value) in values.iter().enumerate() {
            if i > 0 {
                self.out.push(b',');
            }
            push_text(self.out, value.as_ref());
        }
        self.out.push(b']');
    }

    /// Ends the record.
    pub fn end(self) {
        self.out.push(b'}');
    }
}

/// A hundredth's worth of a number as JavaScript prints it: `49.9`, `50`, `12.25`.
pub(crate) fn cents(value: u64) -> String {
    let (whole, rest) = (value / 100, value % 100);
    match rest {
        0 => whole.to_string(),
        r if r % 10 == 0 => format!("{whole}.{}", r / 10),
        r => format!("{whole}.{r:02}"),
    }
}

/// The values of `keys` in a record, unparsed: a lone surrogate in another field does no harm.
pub(crate) fn pick<'r>(record: &'r [u8], keys: &[&str]) -> Vec<Option<&'r RawValue>> {
    struct Pick<'k>(&'k [&'k str]);
    impl<'de> Visitor<'de> for Pick<'_> {
        type Value = Vec<Option<&'de RawValue>>;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a record")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut found = vec![None; self.0.len()];
            while let Some(key) = map.next_key::<&str>()? {
                match self.0.iter().position(|wanted| *wanted == key) {
                    Some(at) => found[at] = Some(map.next_value()?),
                    None => {
                        map.next_value::<serde::de::IgnoredAny>()?;
                    }
                }
            }
            Ok(found)
        }
    }
    let mut reader = serde_json::Deserializer::from_slice(record);
    reader.deserialize_map(Pick(keys)).unwrap_or_else(|_| vec![None; keys.len()])
}

/// All keys and unparsed values of a record, in its order.
pub(crate) fn entries(record: &[u8]) -> Vec<(&str, &RawValue)> {
    struct All;
    impl<'de> Visitor<'de> for All {
        type Value = Vec<(&'de str, &'de RawValue)>;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a record")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut found = Vec::new();
            while let Some(entry) = map.next_entry()? {
                found.push(entry);
            }
            Ok(found)
        }
    }
    let mut reader = serde_json::Deserializer::from_slice(record);
    reader.deserialize_map(All).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped_as_json_wants_it() {
        for (text, expected) in [
            ("plain", r#""plain""#),
            ("a\"b\\c", r#""a\"b\\c""#),
            ("a\r\nb\tc\0", r#""a\r\nb\tc\u0000""#),
            ("Zoë 🎉", "\"Zoë 🎉\""),
            ("", r#""""#),
        ] {
            let mut out = Vec::new();
            push_text(&mut out, text);
            assert_eq!(String::from_utf8(out).expect("UTF-8"), expected);
        }
    }

    #[test]
    fn numbers_are_printed_as_javascript_does() {
        for (value, expected) in [(4990, "49.9"), (5000, "50"), (1225, "12.25"), (5, "0.05"), (0, "0")] {
            assert_eq!(cents(value), expected);
        }
    }

    #[test]
    fn a_field_beside_a_lone_surrogate_can_be_read() {
        let record = br#"{"a":"\ud83d","b":[1,"\ud83d"],"c":7}"#;
        let found = pick(record, &["c", "nothing", "a"]);
        assert_eq!(found[0].map(RawValue::get), Some("7"));
        assert!(found[1].is_none());
        assert_eq!(found[2].map(RawValue::get), Some(r#""\ud83d""#));
        assert_eq!(entries(record).len(), 3);
    }
}
