//! Answers of the list request.

use crate::query::Keys;
use connect::json::{self, Fields, Parts, unquoted};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::ops::Range;
use webclient::{Malformed, Reply};
use xxhash_rust::xxh3::Xxh3;

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
    body: String,
    /// Where key and value of each field of each row stand in it.
    spans: Vec<(Range<usize>, Range<usize>)>,
    /// Which of the spans are those of each row.
    fields: Vec<Range<usize>>,
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
    /// How many rows the request could show in all, which began at `asked`.
    pub fn total(&self, asked: usize) -> Option<u64> {
        let cursor = self.cursor.unwrap_or(asked as u64);
        self.remaining.map(|remaining| cursor + self.rows.len() as u64 + remaining)
    }

    /// The fields of the n-th row, as JSON.
    pub fn fields(&self, n: usize) -> Fields<'_> {
        let text = |span: &Range<usize>| self.body.get(span.clone()).unwrap_or_default();
        let spans = self.fields.get(n).and_then(|range| self.spans.get(range.clone())).unwrap_or_default();
        spans.iter().map(|(key, value)| (text(key), text(value))).collect()
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
    results: Vec<Parts<'a>>,
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
    // A page that ends in the middle of a character was cut.
    let body =
        String::from_utf8(body).map_err(|e| bad("it is not UTF-8", e.utf8_error().error_len().is_none()))?;
    let envelope: Envelope = serde_json::from_str(&body).map_err(|e| match e.classify() {
        _ if json::is_cut(&body, &e) => bad("it ends in the middle", true),
        serde_json::error::Category::Data => bad("it has no response.results, a list of objects", false),
        _ => bad("it is not JSON", false),
    })?;
    let Response { results, remaining, cursor } = envelope.response;
    let span = |part: &str| {
        let start = part.as_ptr() as usize - body.as_ptr() as usize;
        start..start + part.len()
    };
    let mut spans = Vec::with_capacity(results.iter().map(|row| row.0.len()).sum());
    let (mut fields, mut rows) = (Vec::with_capacity(results.len()), Vec::with_capacity(results.len()));
    for Parts(row) in &results {
        rows.push(row_key(row, keys));
        fields.push(spans.len()..spans.len() + row.len());
        spans.extend(row.iter().map(|(key, value)| (span(key), span(value))));
    }
    let remaining = remaining.and_then(|raw| whole(raw.get()));
    let cursor = cursor.and_then(|raw| whole(raw.get()));
    drop(results);
    let date = date.map(|at| at.as_millisecond());
    Ok(Listing { body, spans, fields, rows, remaining, cursor, date })
}

/// Guesses the time of creation of the last row without reading the answer, so that the next request can
/// leave before this one is understood; `None` where it seems to be the last page. A guess: whoever uses it
/// compares.
pub fn guess_last(body: &[u8], keys: &Keys) -> Option<i64> {
    let edge = 64.min(body.len());
    let (head, tail) = (&body[..edge], &body[body.len() - edge..]);
    let remaining = [tail, head].into_iter().find_map(|part| after_key(part, "remaining"))?;
    let remaining = std::str::from_utf8(remaining).ok()?;
    if !remaining.starts_with(|c: char| ('1'..='9').contains(&c)) {
        return None;
    }
    let value = after_key(body, &keys.created)?;
    let value = std::str::from_utf8(&value[..value.len().min(40)]).ok()?;
    instant(value.split([',', '}']).next()?.trim_end())
}

/// What follows the last `"key":`.
fn after_key<'a>(body: &'a [u8], key: &str) -> Option<&'a [u8]> {
    let key = format!("\"{key}\"");
    let at = memchr::memmem::rfind(body, key.as_bytes())?;
    Some(body[at + key.len()..].trim_ascii_start().strip_prefix(b":")?.trim_ascii_start())
}

/// A number from 0, which may be written as text.
fn whole(raw: &str) -> Option<u64> {
    raw.trim_matches('"').parse().ok()
}

fn row_key(row: &Fields, keys: &Keys) -> RowKey {
    let (mut id, mut created, mut modified) = (None, None, None);
    for (key, value) in row {
        match unquoted(key) {
            "_id" => id = id_text(value),
            key if key == keys.created => created = instant(value),
            key if key == keys.modified => modified = instant(value),
            _ => {}
        }
    }
    RowKey { id: id.unwrap_or_else(|| content_id(row)), created, modified }
}

/// Something that tells a row without an id from others.
fn content_id(row: &Fields) -> String {
    let mut hash = Xxh3::new();
    for (key, value) in row {
        hash.update(key.as_bytes());
        hash.update(value.as_bytes());
    }
    format!("#{:032x}", hash.digest128())
}

fn id_text(raw: &str) -> Option<String> {
    match json::cell(raw) {
        json::Cell::Null => None,
        json::Cell::Text(text) => Some(text),
        json::Cell::Bad => Some(raw.to_owned()),
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
        assert_eq!(page.fields(2), [(r#""_id""#, r#""a\u0000""#)]);
        assert_eq!(page.fields(0)[3], (r#""\ud800""#, r#""\udc00""#));
        assert!(page.fields(3).is_empty());
    }

    #[test]
    fn an_answer_that_was_cut_anywhere_is_worth_another_try() {
        let body = "{\n\"response\":{\"results\":[{\"_id\":\"1\",\"a\":-1.5e-3,\"b\":[true,null],\n\
                    \"é\":\"\\ud83d\\ude00 \\n\"},{}],\n\"remaining\":20}}";
        for end in 1..body.len() {
            let cut = Reply { body: body.as_bytes()[..end].to_vec(), date: None, html: false };
            let malformed = listing(cut, &Keys::default()).expect_err("a part");
            assert!(malformed.cut, "{end}: {}", malformed.what);
        }
        let wrong = listing(reply(&body.replace("-3,", "-,")), &Keys::default()).expect_err("no number");
        assert!(!wrong.cut);
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
    fn the_last_time_is_guessed_only_where_a_page_will_follow() {
        let row = r#"{"_id":"1","Created Date":"2023-11-14T22:13:20.000Z","x":1}"#;
        let epoch = r#"{"_id":"1","Created Date" : 1700000000000}"#;
        for (body, expected) in [
            (
                format!(r#"{{"response":{{"results":[{epoch},{row}],"remaining":7}}}}"#),
                Some(1_700_000_000_000),
            ),
            (
                format!(r#"{{"response":{{"remaining": 7,"results":[{row},{epoch}]}}}}"#),
                Some(1_700_000_000_000),
            ),
            (format!(r#"{{"response":{{"results":[{row}],"remaining":0}}}}"#), None),
            (format!(r#"{{"response":{{"results":[{row}]}}}}"#), None),
            (r#"{"response":{"results":[],"remaining":7}}"#.to_owned(), None),
            (r#"{"response":{"results":[{"Created Date":"today"}],"remaining":7}}"#.to_owned(), None),
            (String::new(), None),
        ] {
            assert_eq!(guess_last(body.as_bytes(), &Keys::default()), expected, "{body}");
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
