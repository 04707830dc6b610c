//! What the service sends, fuzzed: lists of pages.

use connector_notion::types::Page;
use connector_notion::wire;
use serde_json::Value;
use testkit::Fuzz;

const PIECES: &[&str] = &[
    "{\"object\":\"list\",\"results\":[",
    "{\"object\":\"page\",\"id\":\"p\",\"created_time\":\"2026\",\"properties\":{",
    "\"A\":{\"id\":\"a\",\"type\":\"email\",\"email\":",
    "\"in_trash\":true",
    "\"archived\":",
    "\"has_more\":true",
    "\"next_cursor\":",
    "\"request_status\":{\"type\":\"incomplete\"}",
    "[{\"plain_text\":\"x\"}]",
    "null",
    "1.5e-3",
    "-",
    "\"\\ud800\"",
    "}",
    "]",
    ",",
    "<!DOCTYPE html>",
    " ",
];

#[test]
fn no_list_of_pages_is_taken_for_another_one() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/page");
    Fuzz { name: "notion page", corpus, pieces: PIECES }.run(|bytes| {
        let text = match wire::object(bytes.to_vec(), false) {
            Ok(text) => text,
            Err(malformed) => {
                assert!(malformed.what.len() < 100, "a reason is a sentence without a value");
                return (malformed.what, 0, false);
            }
        };
        let end = text.trim_ascii_end().len();
        for eighths in 1..8 {
            let part = wire::object(text.as_bytes()[..end * eighths / 8].to_vec(), false);
            assert!(part.expect_err("a part is no answer").cut, "a part of an answer is worth another try");
        }
        let list = match wire::list(&text) {
            Ok(list) => list,
            Err(what) => {
                assert!(what.len() < 100, "a reason is a sentence without a value");
                return (what.split_ascii_whitespace().take(4).collect(), 0, false);
            }
        };
        // serde_json's own tree knows nothing of how we take an answer apart.
        let all: Option<Value> = serde_json::from_str(&text).ok();
        if let Some(all) = &all {
            assert_eq!(all["results"].as_array().map(Vec::len), Some(list.results.len()));
            assert!(list.next.is_none() || all["has_more"] == true, "there is no more");
        }
        let mut values = 0;
        for raw in &list.results {
            let Ok(page) = serde_json::from_str::<Page>(raw.get()) else { continue };
            for property in &page.properties {
                values += usize::from(property.value().is_some());
                let _ = property.is_cut();
            }
        }
        (String::new(), values.min(5), list.incomplete)
    });
}
