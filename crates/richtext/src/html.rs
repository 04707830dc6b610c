//! HTML bodies, read as a browser reads them ([`scraper`], over html5ever) and written by the allow-list.

use crate::refs::FileRef;
use crate::writer::Writer;
use crate::{Kept, allow};
use ego_tree::NodeRef;
use ego_tree::iter::Edge;
use scraper::node::Element;
use scraper::{Html, Node};

/// Tags whose content is no text for people.
pub(crate) const DROPPED: [&str; 13] = [
    "head", "math", "noembed", "noframes", "noscript", "object", "script", "select", "style", "svg",
    "template", "textarea", "title",
];

/// Tags that show something from elsewhere.
const EMBEDS: [&str; 4] = ["audio", "embed", "iframe", "video"];

/// Tags that say nothing that would be missed.
const UNWRAPPED: [&str; 25] = [
    "abbr", "address", "article", "aside", "big", "body", "center", "cite", "colgroup", "details", "dl",
    "figure", "font", "footer", "header", "html", "label", "main", "mark", "nav", "picture", "section",
    "small", "span", "tfoot",
];

/// Other names of tags of the list.
const SAME: [(&str, &str); 14] = [
    ("b", "strong"),
    ("caption", "p"),
    ("dd", "p"),
    ("del", "s"),
    ("dt", "p"),
    ("figcaption", "p"),
    ("i", "em"),
    ("ins", "u"),
    ("kbd", "code"),
    ("legend", "p"),
    ("samp", "code"),
    ("strike", "s"),
    ("summary", "p"),
    ("tt", "code"),
];

/// Writes the HTML of a body.
pub(crate) fn write(html: &str, writer: &mut Writer) {
    let document = Html::parse_fragment(html);
    let mut skipping = None;
    for edge in document.tree.root().traverse() {
        match edge {
            Edge::Open(node) if skipping.is_none() => match node.value() {
                Node::Text(text) => writer.text(text),
                Node::Element(element) if !open(element, node, writer) => skipping = Some(node.id()),
                _ => {}
            },
            Edge::Close(node) if skipping == Some(node.id()) => skipping = None,
            Edge::Close(node) if skipping.is_none() && node.value().is_element() => writer.close(),
            _ => {}
        }
    }
}

/// Opens an element; `false`: it is written, or left out, with all that is in it.
fn open(element: &Element, node: NodeRef<Node>, writer: &mut Writer) -> bool {
    let attribute = |name: &str| element.attr(name).filter(|value| !value.trim().is_empty());
    let name = element.name();
    let same = SAME.iter().find(|(other, _)| *other == name).map(|(_, tag)| *tag);
    match name {
        "a" => {
            match attribute("href") {
                Some(href) => drop(writer.open_link(href)),
                None => writer.open_none(),
            }
            return true;
        }
        "br" | "hr" => {
            writer.void(if name == "br" { "br" } else { "hr" }, &[]);
            return false;
        }
        "wbr" | "source" | "track" | "input" | "col" | "meta" | "base" => {
            if name == "input" {
                writer.leave(name, Kept::Nothing);
            }
            return false;
        }
        "img" => {
            image(attribute("src"), attribute("alt"), attribute("title"), writer);
            return false;
        }
        "div" if is_paragraph(node) => {
            writer.open("p");
            return true;
        }
        "span" | "div" => {
            writer.open_none();
            return true;
        }
        _ => {}
    }
    if let Some(tag) = same.or_else(|| allow::tag(name)) {
        let attributes: Vec<(&str, &str)> = element.attrs().collect();
        let keep = |attribute: &str| matches!(attribute, "start" | "class" | "colspan" | "rowspan");
        let attributes: Vec<(&str, &str)> = attributes.into_iter().filter(|(name, _)| keep(name)).collect();
        writer.open_with(tag, &attributes);
        return true;
    }
    if EMBEDS.contains(&name) {
        return embed(element, node, writer);
    }
    if DROPPED.contains(&name) {
        if !matches!(name, "head" | "title" | "style" | "template") {
            writer.leave(name, Kept::Nothing);
        }
        return false;
    }
    if !UNWRAPPED.contains(&name) {
        writer.leave(name, if node.has_children() { Kept::Text } else { Kept::Nothing });
    }
    writer.open_none();
    true
}

fn image(src: Option<&str>, alt: Option<&str>, title: Option<&str>, writer: &mut Writer) {
    let shown = src.is_some_and(|src| writer.image(&FileRef::at(src), alt, title));
    if !shown {
        writer.leave("image", if alt.is_some() { Kept::Text } else { Kept::Nothing });
        writer.text(alt.unwrap_or_default());
    }
}

/// A link to what an element shows; what is inside it is for browsers that cannot.
fn embed(element: &Element, node: NodeRef<Node>, writer: &mut Writer) -> bool {
    let inside =
        node.children().filter_map(|child| child.value().as_element()).find_map(|one| one.attr("src"));
    let src = element.attr("src").or(inside);
    let is_written = src.is_some_and(|src| writer.link(src, element.attr("title")));
    writer.leave(element.name(), if is_written { Kept::Link } else { Kept::Nothing });
    false
}

/// Whether a `div` is what other editors write as a paragraph: it holds something, and no block.
fn is_paragraph(node: NodeRef<Node>) -> bool {
    let is_block = |name: &str| allow::BLOCK.contains(&name) || matches!(name, "div" | "section" | "figure");
    let holds_block =
        node.children().filter_map(|child| child.value().as_element()).any(|e| is_block(e.name()));
    node.has_children() && !holds_block
}
