//! Answers of the list request.

use crate::query::Keys;
use crate::text;
use serde::Deserialize;
use serde::de::{self, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::ops::Range;
use webclient::{Malformed, Reply};
use xxhash_rust::xxh3::xxh3_128;

/// What the order and the identity of a row are made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowKey {
    /// The `_id`; of a row without one, something made of its whole content (and a `#`, which no id has).
    pub id: String,
    /// Milliseconds since 1970; `None`: absent or no date.
    pub created: Option<i64>,
    /// Milliseconds since 1970; `None`: absent or no date.
    pub modified: Option<i64>,
}

/// A page as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// The answer.
    pub body: Vec<u8>,
    /// Where each row stands in it.
    pub spans: Vec<Range<usize>>,
    /// The key of each row.
    pub rows: Vec<RowKey>,
    /// Rows after this page, as the service says; `None`: it does not.
    pub remaining: Option<u64>,
    /// Where the page begins, as the service says.
    pub cursor: Option<u64>,
    /// The service's clock, milliseconds since 1970.
    pub date: Option<i64>,
}

impl Listing {
    /// How many rows the request could show in all.
    pub fn total(&self, asked: usize) -> Option<u64> {
        let cursor = self.cursor.unwrap_or(asked as u64);
        self.remaining.map(|remaining| cursor + self.rows.len() as u64 + remaining)
    }

    /// The JSON of one row.
    pub fn row(&self, span: &Range<usize>) -> &str {
        self.body.get(span.clone()).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or("{}")
    }
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    response: Response<'a>,
}

#[derive(Deserialize)]
struct Response<'a> {
    #[serde(borrow)]
    results: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    remaining: Option<&'a RawValue>,
    #[serde(borrow, default)]
    cursor: Option<&'a RawValue>,
}

/// Reads an answer. An answer that ends too early is worth another try; one that is something else is not.
pub fn listing(reply: Reply, keys: &Keys) -> Result<Listing, Malformed> {
    let Reply { body, date, html } = reply;
    let bad = |what: &str, cut: bool| Malformed { what: what.to_owned(), cut, html: false };
    if html || webclient::starts_as_html(&body) {
        return Err(Malformed { what: "it is an HTML page".into(), cut: false, html: true });
    }
    let (mut spans, mut rows) = (Vec::new(), Vec::new());
    let (remaining, cursor);
    {
        let text = match std::str::from_utf8(&body) {
            Ok(text) => text,
            // A page that ends in the middle of a character was cut.
            Err(e) => return Err(bad("it is not UTF-8", e.error_len().is_none())),
        };
        let envelope: Envelope = serde_json::from_str(text).map_err(|e| match e.classify() {
            serde_json::error::Category::Eof => bad("it ends in the middle", true),
            serde_json::error::Category::Data => bad("it has no response.results", false),
            _ => bad("it is not JSON", false),
        })?;
        for raw in &envelope.response.results {
            let raw = raw.get();
            let start = raw.as_ptr() as usize - text.as_ptr() as usize;
            spans.push(start..start + raw.len());
            rows.push(row_key(raw, keys).ok_or_else(|| bad("a record is not an object", false))?);
        }
        remaining = envelope.response.remaining.and_then(|raw| whole(raw.get()));
        cursor = envelope.response.cursor.and_then(|raw| whole(raw.get()));
    }
    let date = date.map(|at| at.as_millisecond());
    Ok(Listing { body, spans, rows, remaining, cursor, date })
}

/// A number from 0, which may be written as text.
fn whole(raw: &str) -> Option<u64> {
    raw.trim_matches('"').parse().ok()
}

fn row_key(raw: &str, keys: &Keys) -> Option<RowKey> {
    let (mut id, mut created, mut modified) = (None, None, None);
    for (key, value) in fields(raw)? {
        match key.as_ref() {
            b"_id" => id = id_text(value),
            key if key == keys.created.as_bytes() => created = instant(value),
            key if key == keys.modified.as_bytes() => modified = instant(value),
            _ => {}
        }
    }
    let id = id.unwrap_or_else(|| format!("#{:032x}", xxh3_128(raw.as_bytes())));
    Some(RowKey { id, created, modified })
}

fn id_text(raw: &str) -> Option<String> {
    match text::cell(raw) {
        text::Cell::Null => None,
        text::Cell::Text(text) => Some(text),
        text::Cell::Bad => Some(raw.to_owned()),
    }
}

/// A time in milliseconds: a date with zone, or a number of milliseconds, which may be written as text. The
/// time is cut to milliseconds.
pub fn instant(raw: &str) -> Option<i64> {
    let text = raw.trim_matches('"');
    let digits = text.strip_prefix('-').unwrap_or(text);
    if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse().ok();
    }
    text.parse::<jiff::Timestamp>().ok().map(|at| at.as_millisecond())
}

/// A key of an object; WTF-8, because a lone surrogate in it must not lose the page.
struct Key<'a>(Cow<'a, [u8]>);

impl<'de: 'a, 'a> Deserialize<'de> for Key<'a> {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl<'de> Visitor<'de> for Bytes {
            type Value = Cow<'de, [u8]>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a key")
            }
            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Self::Value, E> {
                Ok(Cow::Owned(bytes.to_owned()))
            }
            fn visit_borrowed_bytes<E>(self, bytes: &'de [u8]) -> Result<Self::Value, E> {
                Ok(Cow::Borrowed(bytes))
            }
        }
        deserializer.deserialize_bytes(Bytes).map(Key)
    }
}

/// Keys (WTF-8) and values of an object, in order.
pub type Fields<'a> = Vec<(Cow<'a, [u8]>, &'a str)>;

/// Takes an object apart; `None`: it is none.
pub fn fields(raw: &str) -> Option<Fields<'_>> {
    struct Parts<'a>(Fields<'a>);
    impl<'de: 'a, 'a> Deserialize<'de> for Parts<'a> {
        fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Pairs;
            impl<'de> Visitor<'de> for Pairs {
                type Value = Fields<'de>;
                fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str("an object")
                }
                fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                    let mut out = Vec::with_capacity(32);
                    while let Some((key, value)) = map.next_entry::<Key<'de>, &'de RawValue>()? {
                        out.push((key.0, value.get()));
                    }
                    Ok(out)
                }
            }
            deserializer.deserialize_map(Pairs).map(Parts)
        }
    }
    serde_json::from_str::<Parts>(raw).ok().map(|parts| parts.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(body: &str) -> Reply {
        Reply { body: body.as_bytes().to_vec(), date: None, html: false }
    }

    #[test]
    fn an_answer_is_taken_apart() {
        let body = r#"{"response": {"cursor": 0, "count": 2, "remaining": 318, "results": [
            {"_id":"1x1","Created Date":"2025-03-01T00:00:01.000Z","Modified Date":1740787201500,
             "\ud800":"\udc00"},
            {"Created Date":"1740787201000"}, {"_id":"a\u0000"}]}}"#;
        let page = listing(reply(body), &Keys::default()).expect("a page");
        assert_eq!(page.total(0), Some(321));
        let row = |n: usize| (page.rows[n].id.as_str(), page.rows[n].created, page.rows[n].modified);
        assert_eq!(row(0), ("1x1", Some(1_740_787_201_000), Some(1_740_787_201_500)));
        assert_eq!(row(1).1, Some(1_740_787_201_000));
        assert!(row(1).0.starts_with('#'));
        assert_eq!(row(2), (r#""a\u0000""#, None, None));
        assert_eq!(page.row(&page.spans[2]), r#"{"_id":"a\u0000"}"#);
    }

    #[test]
    fn what_the_service_says_remains_may_be_missing() {
        for (remaining, expected) in [
            ("", None),
            (r#","remaining":null"#, None),
            (r#","remaining":"7""#, Some(7)),
            (r#","remaining":0"#, Some(0)),
        ] {
            let body = format!(r#"{{"response":{{"results":[]{remaining}}}}}"#);
            assert_eq!(
                listing(reply(&body), &Keys::default()).expect("a page").remaining,
                expected,
                "{body}"
            );
        }
    }

    #[test]
    fn a_cut_answer_is_told_from_a_wrong_one() {
        let whole = r#"{"response":{"results":[{"_id":"é"}],"remaining":0}}"#;
        for end in 0..whole.len() {
            let cut = Reply { body: whole.as_bytes()[..end].to_vec(), date: None, html: false };
            let malformed = listing(cut, &Keys::default()).expect_err("cut");
            assert!(malformed.cut, "{end}");
        }
        for (body, html) in [
            ("<!DOCTYPE html><p>down", true),
            ("\n <HTML>", true),
            ("[]", false),
            (r#"{"results":[]}"#, false),
            (r#"{"response":{"results":[1]}}"#, false),
            ("oops", false),
        ] {
            let malformed = listing(reply(body), &Keys::default()).expect_err(body);
            assert_eq!((malformed.cut, malformed.html), (false, html), "{body}");
        }
    }

    #[test]
    fn dates_are_read_in_every_spelling() {
        for (raw, ms) in [
            (r#""2023-11-14T22:13:20.000Z""#, Some(1_700_000_000_000)),
            (r#""2023-11-14T23:13:20.000999+01:00""#, Some(1_700_000_000_000)),
            ("1700000000000", Some(1_700_000_000_000)),
            (r#""1700000000000""#, Some(1_700_000_000_000)),
            ("-1", Some(-1)),
            (r#""2023-11-14T22:13:20""#, None),
            (r#""2023-11-14""#, None),
            ("null", None),
            ("1.5", None),
            ("{}", None),
        ] {
            assert_eq!(instant(raw), ms, "{raw}");
        }
    }
}
