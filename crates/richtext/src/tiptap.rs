//! TipTap documents as HTML.
//!
//! Names of nodes are compared in lower case and without `_` and `-`: editors write `bulletList` and
//! `bullet_list`.

use crate::refs::{self, FileRef, Object, Refs, person, text, url};
use crate::writer::Writer;
use crate::{Kept, allow, marks};
use serde_json::{Map, Value};

/// Nodes that make a block of their own.
const BLOCKS: [&str; 14] = [
    "blockquote",
    "bulletlist",
    "codeblock",
    "doc",
    "heading",
    "horizontalrule",
    "listitem",
    "orderedlist",
    "paragraph",
    "poll",
    "table",
    "taskitem",
    "tasklist",
    "tablerow",
];

/// Nodes that show something from elsewhere.
const EMBEDS: [&str; 7] = ["audio", "embed", "iframe", "oembed", "video", "vimeo", "youtube"];

/// Nodes that stand for a file.
const FILES: [&str; 4] = ["attachment", "document", "file", "fileattachment"];

/// What a task looks like, done and not done: the tags of the list have no checkbox.
const CHECKED: (&str, &str) = ("\u{2611} ", "\u{2610} ");

/// Writes a document, and behind it the attachments that it does not show.
pub(crate) fn write(document: &Value, refs: &Refs, writer: &mut Writer) {
    let mut nodes = Nodes { refs, writer };
    nodes.blocks(children(document));
    let hidden: Vec<FileRef> = refs.attachments().filter(|file| !nodes.writer.has(file)).collect();
    for file in hidden {
        nodes.writer.open("p");
        nodes.file(&file, "attachment");
        nodes.writer.close();
    }
}

/// The kind of a node or mark, as it is compared.
pub(crate) fn kind(node: &Object) -> String {
    let name = node.get("type").and_then(Value::as_str).unwrap_or_default();
    name.chars().filter(|c| !"_-".contains(*c)).flat_map(char::to_lowercase).collect()
}

fn kind_of(node: &Value) -> String {
    node.as_object().map(kind).unwrap_or_default()
}

fn children(node: &Value) -> &[Value] {
    node.get("content").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// Whether a node makes a block of its own; one that is not known does if there are blocks in it.
fn is_block(node: &Value) -> bool {
    let kind = kind_of(node);
    BLOCKS.contains(&kind.as_str()) || (kind != "text" && children(node).iter().any(is_block))
}

/// All text below a node.
fn text_below(node: &Value, out: &mut String) {
    if let Some(text) = node.get("text").and_then(Value::as_str) {
        out.push_str(text);
    }
    if kind_of(node) == "hardbreak" {
        out.push('\n');
    }
    children(node).iter().for_each(|child| text_below(child, out));
}

struct Nodes<'w, 'a, 'b> {
    refs: &'w Refs<'a>,
    writer: &'w mut Writer<'b>,
}

impl Nodes<'_, '_, '_> {
    /// Blocks; what stands between them in a line gets a paragraph of its own.
    fn blocks(&mut self, nodes: &[Value]) {
        for line in nodes.chunk_by(|a, b| !is_block(a) && !is_block(b)) {
            match line {
                [block] if is_block(block) => self.block(block),
                line => self.wrapped("p", line),
            }
        }
    }

    /// Nodes of a line inside a tag.
    fn wrapped(&mut self, tag: &'static str, nodes: &[Value]) {
        self.writer.open(tag);
        self.line(nodes);
        self.writer.close();
    }

    fn block(&mut self, node: &Value) {
        let attributes = node.get("attrs").and_then(Value::as_object);
        let number = |key: &str| attributes?.get(key)?.as_u64();
        match kind_of(node).as_str() {
            "doc" | "listitem" | "taskitem" | "tablerow" => self.blocks(children(node)),
            "paragraph" => self.wrapped("p", children(node)),
            "heading" => {
                let tag = match number("level").unwrap_or(1) {
                    0 | 1 => "h1",
                    2 => "h2",
                    3 => "h3",
                    4 => "h4",
                    5 => "h5",
                    _ => "h6",
                };
                self.wrapped(tag, children(node));
            }
            "bulletlist" => self.list("ul", &[], children(node)),
            "orderedlist" => {
                let start = number("start").filter(|start| *start != 1).map(|start| start.to_string());
                let attributes: Vec<(&str, &str)> =
                    start.iter().map(|start| ("start", start.as_str())).collect();
                self.list("ol", &attributes, children(node));
            }
            "tasklist" => {
                self.writer.open("ul");
                children(node).iter().for_each(|item| self.task(item));
                self.writer.close();
            }
            "blockquote" => {
                self.writer.open("blockquote");
                self.blocks(children(node));
                self.writer.close();
            }
            "codeblock" => self.code(node, attributes),
            "horizontalrule" => self.writer.void("hr", &[]),
            "table" => self.table(node),
            "poll" => self.poll(attributes.unwrap_or(&Map::new())),
            other => {
                self.writer.leave(other, Kept::Text);
                self.blocks(children(node));
            }
        }
    }

    fn list(&mut self, tag: &'static str, attributes: &[(&str, &str)], items: &[Value]) {
        self.writer.open_with(tag, attributes);
        for item in items {
            self.writer.open("li");
            match kind_of(item).as_str() {
                "listitem" => self.blocks(children(item)),
                _ => self.blocks(std::slice::from_ref(item)),
            }
            self.writer.close();
        }
        self.writer.close();
    }

    fn task(&mut self, item: &Value) {
        let is_done = item.pointer("/attrs/checked").is_some_and(|checked| *checked == Value::Bool(true));
        self.writer.open("li");
        self.writer.open("p");
        self.writer.text(if is_done { CHECKED.0 } else { CHECKED.1 });
        let rest = match children(item) {
            [first, rest @ ..] if kind_of(first) == "paragraph" => {
                self.line(children(first));
                rest
            }
            all => all,
        };
        self.writer.close();
        self.blocks(rest);
        self.writer.close();
    }

    fn code(&mut self, node: &Value, attributes: Option<&Object>) {
        let language =
            attributes.and_then(|of| text(of, &["language"])).filter(|name| allow::is_language(name));
        let class = language.map(|name| format!("language-{name}"));
        let attributes: Vec<(&str, &str)> = class.iter().map(|class| ("class", class.as_str())).collect();
        let mut code = String::new();
        text_below(node, &mut code);
        self.writer.open("pre");
        self.writer.open_with("code", &attributes);
        self.writer.text(&code);
        self.writer.close();
        self.writer.close();
    }

    fn table(&mut self, node: &Value) {
        self.writer.open("table");
        self.writer.open("tbody");
        for row in children(node) {
            self.writer.open("tr");
            for cell in children(row) {
                let span = |key: &str| Some(cell.pointer(&format!("/attrs/{key}"))?.as_u64()?.to_string());
                let spans = [("colspan", span("colspan")), ("rowspan", span("rowspan"))];
                let spans: Vec<(&str, &str)> = spans
                    .iter()
                    .filter_map(|(name, n)| Some((*name, n.as_deref().filter(|n| *n != "1")?)))
                    .collect();
                let tag = if kind_of(cell) == "tableheader" { "th" } else { "td" };
                self.writer.open_with(tag, &spans);
                self.blocks(children(cell));
                self.writer.close();
            }
            self.writer.close();
        }
        self.writer.close();
        self.writer.close();
    }

    /// A poll is kept as its question and a list of its choices; votes are nowhere.
    fn poll(&mut self, attributes: &Object) {
        let object = self.refs.of(attributes);
        let of =
            |find: &dyn Fn(&Object) -> Option<String>| find(attributes).or_else(|| object.and_then(find));
        let question = of(&|object| text(object, &["question", "title", "name", "text"]));
        let mut options = refs::options(attributes);
        if options.is_empty() {
            options = object.map(refs::options).unwrap_or_default();
        }
        self.writer.leave("poll", if options.is_empty() { Kept::Nothing } else { Kept::List });
        if let Some(question) = question {
            self.writer.open("p");
            self.writer.open("strong");
            self.writer.text(&question);
            self.writer.close();
            self.writer.close();
        }
        if !options.is_empty() {
            self.writer.open("ul");
            for option in options {
                self.writer.open("li");
                self.writer.text(&option);
                self.writer.close();
            }
            self.writer.close();
        }
    }

    /// Nodes of a line.
    fn line(&mut self, nodes: &[Value]) {
        for node in nodes {
            match is_block(node) {
                true => self.block(node),
                false => self.inline(node),
            }
        }
    }

    fn inline(&mut self, node: &Value) {
        let none = Map::new();
        let attributes = node.get("attrs").and_then(Value::as_object).unwrap_or(&none);
        let kind = kind_of(node);
        match kind.as_str() {
            "text" => {
                let marks =
                    node.get("marks").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
                let text = node.get("text").and_then(Value::as_str).unwrap_or_default();
                marks::write(text, marks, self.writer);
            }
            "hardbreak" => self.writer.void("br", &[]),
            "mention" => self.mention(node, attributes),
            "image" => self.image(attributes),
            "emoji" => match text(attributes, &["emoji", "unicode", "native", "text"]) {
                Some(emoji) => self.writer.text(&emoji),
                None => self.fallback(node, attributes, "emoji"),
            },
            kind if EMBEDS.contains(&kind) => self.embed(node, attributes, kind),
            kind if FILES.contains(&kind) => match self.find_file(attributes) {
                Some(file) => self.file(&file, kind),
                None => self.fallback(node, attributes, kind),
            },
            kind => self.fallback(node, attributes, kind),
        }
    }

    /// What is not known keeps its text.
    fn fallback(&mut self, node: &Value, attributes: &Object, kind: &str) {
        let words = text(attributes, &["text", "label", "title", "name", "alt"]);
        let kept = match (children(node).is_empty(), &words) {
            (false, _) => Kept::Text,
            (true, Some(words)) => {
                self.writer.text(words);
                Kept::Text
            }
            (true, None) => Kept::Nothing,
        };
        self.writer.leave(kind, kept);
        self.line(children(node));
    }

    fn mention(&mut self, node: &Value, attributes: &Object) {
        // The `id` of the node itself is the editor's, not a person's.
        let own = attributes.iter().filter(|(key, _)| *key != "id").map(|(k, v)| (k.clone(), v.clone()));
        let own: Object = own.collect();
        let label = text(attributes, &["label", "name", "text"]);
        match self.refs.of(attributes).and_then(person).or_else(|| person(&own)) {
            Some(mut mention) => {
                if mention.name.is_empty() {
                    mention.name = label.unwrap_or_default();
                }
                self.writer.mention(&mention);
            }
            None => {
                if label.as_deref().is_some_and(|label| !label.starts_with('@')) {
                    self.writer.text("@");
                }
                self.fallback(node, attributes, "mention");
            }
        }
    }

    /// The file of a node: its own address, or what it refers to.
    fn find_file(&self, attributes: &Object) -> Option<FileRef> {
        let object = self.refs.of(attributes).and_then(refs::file);
        match (refs::file(attributes), object) {
            (Some(own), Some(object)) => Some(FileRef {
                name: own.name.or(object.name),
                content_type: own.content_type.or(object.content_type),
                ..own
            }),
            (own, object) => own.or(object),
        }
    }

    fn image(&mut self, attributes: &Object) {
        let alt = text(attributes, &["alt"]);
        let title = text(attributes, &["title"]);
        let file = self.find_file(attributes);
        let shown = file.is_some_and(|file| self.writer.image(&file, alt.as_deref(), title.as_deref()));
        if !shown {
            self.writer.leave("image", if alt.is_some() { Kept::Text } else { Kept::Nothing });
            self.writer.text(&alt.unwrap_or_default());
        }
    }

    fn file(&mut self, file: &FileRef, kind: &str) {
        let is_written = match file.is_image() {
            true => self.writer.image(file, file.name.as_deref(), None),
            false => self.writer.file(file),
        };
        if !is_written {
            self.writer.leave(kind, if file.name.is_some() { Kept::Text } else { Kept::Nothing });
            self.writer.text(file.name.as_deref().unwrap_or_default());
        }
    }

    /// A platform that shows embeds makes them of links.
    fn embed(&mut self, node: &Value, attributes: &Object, kind: &str) {
        let object = self.refs.of(attributes);
        let address = url(attributes).or_else(|| object.and_then(url));
        let title = refs::name(attributes).or_else(|| object.and_then(refs::name));
        match address.is_some_and(|address| self.writer.link(&address, title.as_deref())) {
            true => self.writer.leave(kind, Kept::Link),
            false => self.fallback(node, attributes, kind),
        }
    }
}
