//! Answers of the service, fuzzed.

use connector_circle::columns::{Columns, Converted};
use connector_circle::ids::IdSet;
use connector_circle::shown::shown;
use connector_circle::streams::{List, STREAMS, Spec};
use connector_circle::sweep::{Envelope, Since, Sweep};
use connector_circle::wire::{listing, object};
use testkit::Fuzz;
use webclient::Reply;

const PAGE_PIECES: &[&str] = &[
    "{\"records\":[",
    "],\"has_next_page\":true}",
    "{",
    "}",
    "[",
    "]",
    "\"",
    ",",
    ":",
    "\"id\":",
    "\"page\":",
    "\"per_page\":",
    "\"count\":",
    "\"has_next_page\":",
    "\"replies\":[",
    "\"parent_comment_id\":",
    "\"community_member\":{\"id\":",
    "\"space_id\":40",
    "\"choices\":[",
    "\"created_at\":\"2025-02-01 10:04:59 UTC\"",
    "\\u0000",
    "\\ud800",
    "\\udc00",
    "null",
    "true",
    "1.50",
    "18446744073709551616",
    "<!DOCTYPE html>",
    " ",
    "\n",
];

#[test]
fn no_answer_breaks_the_connector_and_no_text_of_it_holds_a_nul() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/page");
    Fuzz { name: "circle page", corpus, pieces: PAGE_PIECES }.run(|bytes| {
        let reply = Reply { body: bytes.to_vec(), date: None, html: false };
        let _ = object(&reply);
        let page = match listing(&reply) {
            Ok(page) => page,
            Err(malformed) => {
                assert!(malformed.what.len() < 100, "a reason is a sentence without a value");
                return (malformed.what, [0; 2]);
            }
        };
        let mut seen = [0; 2];
        for spec in STREAMS.iter().filter(|spec| ["comments", "space_members"].contains(&spec.name)) {
            let envelope = Envelope::from(&page);
            let rows = shown(spec, &List::of("40"), page.clone());
            assert!(rows.len() >= page.rows.len(), "nothing is lost");
            let mut sweep = Sweep::new(100);
            let taken = sweep.take(&envelope, &rows, Since::default(), &IdSet::default());
            assert!(taken.is_err() || taken.is_ok_and(|taken| taken.new.len() <= rows.len()));
            seen = records(spec, &rows);
        }
        (String::new(), seen)
    });
}

/// How many rows became records and rejects.
fn records(spec: &Spec, rows: &[connector_circle::shown::Shown]) -> [usize; 2] {
    let mut columns = Columns::new(spec);
    let mut seen = [0; 2];
    for row in rows {
        match columns.record(row) {
            Converted::Record(record) => {
                assert!(record.iter().flatten().all(|text| !text.contains('\0')), "a NUL is no text");
                seen[0] += 1;
            }
            Converted::Unreadable(_) => seen[1] += 1,
        }
    }
    seen.map(|count| count.min(3))
}
