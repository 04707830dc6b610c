//! Answers of the service and bodies of people, fuzzed.

use connector_circle::body::{from_html, from_tiptap};
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

const BODY_PIECES: &[&str] = &[
    "<p>",
    "</p>",
    "<div>",
    "<a href=\"javascript:x\">",
    "<a href=\"https://a.test\">",
    "<img src=x onerror=y>",
    "<script>",
    "</script>",
    "<style>",
    "<svg>",
    "<math>",
    "<mtext>",
    "<table>",
    "<td>",
    "<noscript>",
    "<template>",
    "<textarea>",
    "<iframe src=\"https://v.test\">",
    "<!--",
    "-->",
    "&lt;",
    "&#x3c;",
    "\"",
    "'",
    "\\u003cscript\\u003e",
    "{\"type\":\"text\",\"text\":\"x\"}",
    "{\"type\":\"paragraph\",\"content\":[",
    "{\"type\":\"mention\",\"attrs\":{\"community_member_id\":5,\"label\":\"",
    "{\"type\":\"poll\",\"attrs\":{",
    "{\"type\":\"taskList\",\"content\":[",
    "\"marks\":[{\"type\":\"link\",\"attrs\":{\"href\":\"",
    "]}",
    "}",
    ",",
];

#[test]
fn no_body_becomes_html_that_runs_anything() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/body");
    Fuzz { name: "circle body", corpus, pieces: BODY_PIECES }.run(|bytes| {
        let text = String::from_utf8_lossy(bytes);
        let mut outcome = [0; 2];
        for (n, body) in [Some(from_html(&text, None)), from_tiptap(&text, None).ok()].into_iter().enumerate()
        {
            let Some(body) = body else { continue };
            outcome[n] = 1 + body.left.len().min(5) + 10 * body.files.len().min(2);
            assert_harmless(&body.html);
        }
        outcome
    });
}

/// Whether a browser finds only tags and attributes of the list, and addresses that lead to pages.
fn assert_harmless(html: &str) {
    const TAGS: &str = " html body a blockquote br code em h1 h2 h3 h4 h5 h6 hr img li ol p pre s span \
                        strong sub sup table tbody td th thead tr u ul ";
    const ATTRIBUTES: &str =
        " href src alt title start class colspan rowspan data-circle-member data-circle-user ";
    let document = scraper::Html::parse_fragment(html);
    for node in document.tree.nodes() {
        let Some(element) = node.value().as_element() else {
            assert!(!node.value().is_comment(), "{html}");
            continue;
        };
        assert!(TAGS.contains(&format!(" {} ", element.name())), "{} in {html}", element.name());
        for (name, value) in element.attrs() {
            assert!(ATTRIBUTES.contains(&format!(" {name} ")), "{name} in {html}");
            let leads = ["https://", "http://", "mailto:"].iter().any(|scheme| value.starts_with(scheme));
            assert!(!matches!(name, "href" | "src") || leads, "{value} in {html}");
        }
    }
}
