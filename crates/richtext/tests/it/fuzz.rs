//! Bodies of people, fuzzed.

use richtext::{from_html, from_tiptap};
use testkit::Fuzz;

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
    Fuzz { name: "rich text", corpus, pieces: BODY_PIECES }.run(|bytes| {
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
