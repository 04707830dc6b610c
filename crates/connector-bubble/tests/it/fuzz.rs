//! Answers of the service, fuzzed.

use connector_bubble::columns::{Columns, Converted};
use connector_bubble::query::Keys;
use connector_bubble::wire::{Listing, guess_last, listing};
use serde_json::Value;
use testkit::Fuzz;
use webclient::Reply;

const PIECES: &[&str] = &[
    "{\"response\":{\"results\":[",
    "]}}",
    "{",
    "}",
    "[",
    "]",
    "\"",
    ",",
    ":",
    "\"_id\":\"1x1\"",
    "\"Created Date\":",
    "\"Modified Date\":",
    "\"remaining\":",
    "\"cursor\":",
    "\"count\":",
    "\"2025-03-01T00:00:01.000Z\"",
    "1740787201500",
    "\\u0000",
    "\\ud800",
    "\\udc00",
    "null",
    "true",
    "1.50",
    "[\"a\",\"b\"]",
    "\"authentication\":{\"email\":{\"email\":",
    "<!DOCTYPE html>",
    "\"email\":",
    " ",
    "\n",
];

#[test]
fn no_answer_breaks_the_connector_and_no_value_of_it_is_changed_or_lost() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/page");
    Fuzz { name: "bubble page", corpus, pieces: PIECES }.run(|bytes| {
        let keys = Keys::default();
        let reply = |body: &[u8]| Reply { body: body.to_vec(), date: None, html: false };
        let guessed = guess_last(bytes, &keys).is_some();
        let page = match listing(reply(bytes), &keys) {
            Ok(page) => page,
            Err(malformed) => {
                assert!(malformed.what.len() < 100, "a reason is a sentence without a value");
                return (malformed.what, 0, [0; 3], guessed);
            }
        };
        let end = bytes.trim_ascii_end().len();
        for eighths in 1..8 {
            let cut = listing(reply(&bytes[..end * eighths / 8]), &keys).expect_err("a part is no answer");
            assert!(cut.cut, "a part of an answer is worth another try: {}", cut.what);
        }
        let all: Value = serde_json::from_slice(bytes).unwrap_or(Value::Null);
        let results = all["response"]["results"].as_array();
        assert!(results.is_none_or(|results| results.len() == page.rows.len()));
        let streams = ["booking", "user"].map(|stream| records(stream, &keys, &page, &all));
        (String::new(), page.rows.len().min(5), streams[0], guessed)
    });
}

/// How many rows became records, rejects, and refusals of the whole page.
fn records(stream: &str, keys: &Keys, page: &Listing, all: &Value) -> [usize; 3] {
    let mut columns = Columns::new(stream, keys, &[], &[]).expect("built-in columns");
    let mut seen = [0; 3];
    for number in 0..page.rows.len() {
        match columns.record(&page.fields(number)) {
            Ok(Converted::Record(record)) => {
                let whole = record.iter().flatten().all(|text| !text.contains('\0'));
                assert!(whole, "a NUL is no text");
                if stream == "booking" {
                    same_texts(&columns, &record, &all["response"]["results"][number]);
                }
                seen[0] += 1;
            }
            Ok(_) => seen[1] += 1,
            Err(_) => seen[2] += 1,
        }
    }
    seen.map(|count| count.min(3))
}

/// serde_json's own tree knows nothing of our columns.
fn same_texts(columns: &Columns, record: &[Option<String>], row: &Value) {
    for (name, value) in row.as_object().into_iter().flatten() {
        let infos = columns.infos();
        let at = infos.iter().position(|info| info.original == *name).expect("a column for each key");
        match value {
            Value::String(text) => assert_eq!(record[at].as_deref(), Some(text.as_str())),
            Value::Null => assert_eq!(record[at], None),
            _ => assert!(record[at].is_some()),
        }
    }
}
