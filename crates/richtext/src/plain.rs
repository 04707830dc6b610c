//! HTML as the text that a person reads, for places that show nothing else.

use crate::html::DROPPED;
use ego_tree::iter::Edge;
use scraper::{Html, Node};

/// Elements that begin and end a line.
const BLOCKS: [&str; 29] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "br",
    "dd",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "td",
    "tr",
    "ul",
];

/// The text of HTML: a block or `br` ends a line, other white space is one blank, and what is no text for
/// people (scripts, styles) is left out. A text without any markup is itself, but for its white space.
pub fn plain(html: &str) -> String {
    let document = Html::parse_fragment(html);
    let mut lines = vec![String::new()];
    let mut skipping = None;
    for edge in document.tree.root().traverse() {
        let (node, opens) = match edge {
            Edge::Open(node) => (node, true),
            Edge::Close(node) => (node, false),
        };
        match node.value() {
            _ if skipping == Some(node.id()) && !opens => skipping = None,
            _ if skipping.is_some() => {}
            Node::Text(text) if opens => {
                if let Some(line) = lines.last_mut() {
                    line.push_str(text);
                }
            }
            Node::Element(element) if opens && DROPPED.contains(&element.name()) => {
                skipping = Some(node.id());
            }
            Node::Element(element) if BLOCKS.contains(&element.name()) => lines.push(String::new()),
            _ => {}
        }
    }
    let words = |line: &String| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let lines: Vec<String> = lines.iter().map(words).filter(|line| !line.is_empty()).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_people_read_is_left() {
        for (html, text) in [
            ("", ""),
            ("Welcome", "Welcome"),
            ("  a \n b  ", "a b"),
            ("<p>One</p><p>Two <b>and</b> more</p>", "One\nTwo and more"),
            ("a<br>b<br/><br/>c", "a\nb\nc"),
            ("<ul><li>x</li><li>y</li></ul>", "x\ny"),
            ("a &lt; b &amp; c&nbsp;d", "a < b & c d"),
            ("<p>a</p><script>alert(1)</script><style>p{}</style><p>b</p>", "a\nb"),
            ("<script><p>x</p></script>", ""),
            ("<p>never closed", "never closed"),
            ("1 < 2", "1 < 2"),
        ] {
            assert_eq!(plain(html), text, "{html}");
        }
    }
}
