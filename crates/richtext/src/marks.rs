//! Marks of a text: bold, links, and so on.

use crate::refs::{Object, url};
use crate::writer::Writer;
use crate::{Kept, tiptap};
use serde_json::Value;

/// Tags of marks, outermost first; a link stands around them.
const TAGS: [(&str, &[&str]); 7] = [
    ("strong", &["bold", "strong"]),
    ("em", &["italic", "em"]),
    ("u", &["underline"]),
    ("s", &["strike", "strikethrough", "s"]),
    ("sub", &["subscript"]),
    ("sup", &["superscript"]),
    ("code", &["code"]),
];

/// Writes a text in its marks; a mark that is not known is told, and the text stays.
pub(crate) fn write(text: &str, marks: &[Value], writer: &mut Writer) {
    let kinds: Vec<(String, Option<&Object>)> = marks
        .iter()
        .filter_map(Value::as_object)
        .map(|mark| (tiptap::kind(mark), mark.get("attrs").and_then(Value::as_object)))
        .collect();
    let mut opened = 0;
    if let Some((_, attributes)) = kinds.iter().find(|(kind, _)| kind == "link") {
        writer.open_link(&attributes.and_then(url).unwrap_or_default());
        opened += 1;
    }
    for (tag, names) in TAGS {
        if kinds.iter().any(|(kind, _)| names.contains(&kind.as_str())) {
            writer.open(tag);
            opened += 1;
        }
    }
    let is_known = |kind: &str| kind == "link" || TAGS.iter().any(|(_, names)| names.contains(&kind));
    for (kind, _) in kinds.iter().filter(|(kind, _)| !is_known(kind)) {
        writer.leave(kind, Kept::Text);
    }
    writer.text(text);
    for _ in 0..opened {
        writer.close();
    }
}
