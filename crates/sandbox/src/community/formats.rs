//! Bodies in the two formats that the service gives: HTML and the editor's own tree (TipTap).

use super::docs::{Block, Doc, File, Inline, Mark, Mention};
use serde_json::{Map, Value, json};

/// Says where things are that a body names.
pub(crate) struct Link<'a> {
    /// The address of a file.
    pub file: &'a dyn Fn(&File) -> String,
    /// The name of the member of that number, and what the map of objects says of it.
    pub member: &'a dyn Fn(u32) -> (String, Value),
}

/// A body with what belongs to it.
#[derive(Debug)]
pub(crate) struct Rendered {
    pub html: String,
    pub tree: Value,
    pub attachments: Vec<Value>,
    /// What each signed id stands for.
    pub objects: Map<String, Value>,
}

impl Doc {
    /// The body in both formats.
    pub fn render(&self, link: &Link<'_>) -> Rendered {
        let mut objects = Map::new();
        for mention in self.mentions() {
            if let Some(member) = mention.member {
                objects.insert(mention.sgid.clone(), (link.member)(member).1);
            }
        }
        for block in &self.blocks {
            match block {
                Block::Poll(poll) => {
                    let options = poll.options.iter().enumerate();
                    let options: Vec<Value> =
                        options.map(|(i, text)| json!({"id": i + 1, "text": text})).collect();
                    let poll_object =
                        json!({"type": "Poll", "id": poll.id, "question": poll.question, "options": options});
                    objects.insert(poll.sgid.clone(), poll_object);
                }
                Block::Embed { sgid, url } => {
                    objects.insert(sgid.clone(), json!({"type": "Embed", "url": url}));
                }
                _ => {}
            }
        }
        let attachments = self.attachments().map(|file| attachment(file, &(link.file)(file))).collect();
        let content: Vec<Value> = self.blocks.iter().map(|block| node(block, link)).collect();
        Rendered {
            html: html(self, link),
            tree: json!({"type": "doc", "content": content}),
            attachments,
            objects,
        }
    }
}

/// What is said of a file below a text.
fn attachment(file: &File, url: &str) -> Value {
    json!({
        "signed_id": file.key,
        "filename": file.name,
        "content_type": file.content,
        "byte_size": file.bytes,
        "url": url,
    })
}

fn node(block: &Block, link: &Link<'_>) -> Value {
    let inline = |line: &[Inline]| -> Vec<Value> { line.iter().map(|part| leaf(part, link)).collect() };
    let items = |lines: &[Vec<Inline>]| -> Vec<Value> {
        let item = |line: &Vec<Inline>| {
            let paragraph = json!({"type": "paragraph", "content": inline(line)});
            json!({"type": "listItem", "content": [paragraph]})
        };
        lines.iter().map(item).collect()
    };
    match block {
        Block::Paragraph(line) => json!({"type": "paragraph", "content": inline(line)}),
        Block::Heading(level, line) => {
            json!({"type": "heading", "attrs": {"level": level}, "content": inline(line)})
        }
        Block::Bullets(lines) => json!({"type": "bulletList", "content": items(lines)}),
        Block::Numbers(lines) => {
            json!({"type": "orderedList", "attrs": {"start": 1}, "content": items(lines)})
        }
        Block::Quote(line) => json!({
            "type": "blockquote",
            "content": [{"type": "paragraph", "content": inline(line)}],
        }),
        Block::Code(text) => json!({"type": "codeBlock", "content": [{"type": "text", "text": text}]}),
        Block::Rule => json!({"type": "horizontalRule"}),
        Block::Image(file) => json!({"type": "image", "attrs": {
            "signed_id": file.key, "url": (link.file)(file), "content_type": file.content,
        }}),
        Block::Attachment(file) => json!({"type": "file", "attrs": {
            "signed_id": file.key, "url": (link.file)(file), "content_type": file.content,
        }}),
        Block::Embed { sgid, .. } => json!({"type": "embed", "attrs": {"sgid": sgid}}),
        Block::Poll(poll) => json!({"type": "poll", "attrs": {"sgid": poll.sgid}}),
    }
}

fn leaf(part: &Inline, link: &Link<'_>) -> Value {
    match part {
        Inline::Text(text, None) => json!({"type": "text", "text": text}),
        Inline::Text(text, Some(mark)) => {
            let mark = match mark {
                Mark::Bold => "bold",
                Mark::Italic => "italic",
                Mark::Strike => "strike",
                Mark::Code => "code",
            };
            json!({"type": "text", "marks": [{"type": mark}], "text": text})
        }
        Inline::Link { text, url } => {
            json!({"type": "text", "marks": [{"type": "link", "attrs": {"href": url}}], "text": text})
        }
        Inline::Mention(mention) => json!({"type": "mention", "attrs": {
            "sgid": mention.sgid, "label": label(mention, link),
        }}),
        Inline::Break => json!({"type": "hardBreak"}),
    }
}

fn label(mention: &Mention, link: &Link<'_>) -> String {
    mention.member.map_or_else(String::new, |member| (link.member)(member).0)
}

fn html(doc: &Doc, link: &Link<'_>) -> String {
    let mut out = String::from("<div>");
    for block in &doc.blocks {
        html_block(block, link, &mut out);
    }
    out.push_str("</div>");
    out
}

fn html_block(block: &Block, link: &Link<'_>, out: &mut String) {
    let mut around = |tag: &str, line: &[Inline]| {
        out.push_str(&format!("<{tag}>"));
        line.iter().for_each(|part| html_leaf(part, link, out));
        out.push_str(&format!("</{tag}>"));
    };
    match block {
        Block::Paragraph(line) => around("p", line),
        Block::Heading(level, line) => around(&format!("h{level}"), line),
        Block::Quote(line) => around("blockquote", line),
        Block::Bullets(lines) | Block::Numbers(lines) => {
            let tag = if matches!(block, Block::Bullets(_)) { "ul" } else { "ol" };
            out.push_str(&format!("<{tag}>"));
            for line in lines {
                out.push_str("<li>");
                line.iter().for_each(|part| html_leaf(part, link, out));
                out.push_str("</li>");
            }
            out.push_str(&format!("</{tag}>"));
        }
        Block::Code(text) => out.push_str(&format!("<pre><code>{}</code></pre>", escape(text))),
        Block::Rule => out.push_str("<hr>"),
        Block::Image(file) => {
            let (url, name) = (escape(&(link.file)(file)), escape(&file.name));
            out.push_str(&format!("<figure><img src=\"{url}\" alt=\"{name}\"></figure>"));
        }
        Block::Attachment(file) => {
            let (url, name) = (escape(&(link.file)(file)), escape(&file.name));
            out.push_str(&format!("<p><a href=\"{url}\">{name}</a></p>"));
        }
        Block::Embed { sgid, .. } => out.push_str(&attached(sgid, "application/vnd.embed", "")),
        Block::Poll(poll) => out.push_str(&attached(&poll.sgid, "application/vnd.poll", "")),
    }
}

fn html_leaf(part: &Inline, link: &Link<'_>, out: &mut String) {
    match part {
        Inline::Text(text, None) => out.push_str(&escape(text)),
        Inline::Text(text, Some(mark)) => {
            let tag = match mark {
                Mark::Bold => "strong",
                Mark::Italic => "em",
                Mark::Strike => "s",
                Mark::Code => "code",
            };
            out.push_str(&format!("<{tag}>{}</{tag}>", escape(text)));
        }
        Inline::Link { text, url } => {
            out.push_str(&format!("<a href=\"{}\">{}</a>", escape(url), escape(text)));
        }
        Inline::Mention(mention) => {
            let name = label(mention, link);
            let shown = if name.is_empty() { String::new() } else { format!("@{}", escape(&name)) };
            out.push_str(&attached(&mention.sgid, "application/vnd.mention", &shown));
        }
        Inline::Break => out.push_str("<br>"),
    }
}

/// A signed id in HTML, as Rails writes it.
fn attached(sgid: &str, content: &str, shown: &str) -> String {
    format!(
        "<action-text-attachment sgid=\"{sgid}\" content-type=\"{content}\">{shown}</action-text-attachment>"
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::super::docs::Poll;
    use super::*;

    fn text(text: &str) -> Inline {
        Inline::Text(text.to_owned(), None)
    }

    fn file() -> File {
        File { key: "k--1".to_owned(), name: "a\"b.jpg".to_owned(), content: "image/jpeg", bytes: 7 }
    }

    #[test]
    fn every_block_has_both_formats() {
        let mention = Inline::Mention(Mention { sgid: "m--1".to_owned(), member: Some(3) });
        let nobody = Inline::Mention(Mention { sgid: "m--2".to_owned(), member: None });
        let link = Inline::Link { text: "x".to_owned(), url: "https://a.example/?a&b".to_owned() };
        let poll = Poll { sgid: "p--1".to_owned(), id: 5, question: "Q?", options: &["a", "b"] };
        let bold = Inline::Text("b".to_owned(), Some(Mark::Bold));
        let cases = [
            (Block::Paragraph(vec![text("a<b"), Inline::Break, bold]), "<p>a&lt;b<br><strong>b</strong></p>"),
            (Block::Heading(2, vec![text("T")]), "<h2>T</h2>"),
            (Block::Bullets(vec![vec![text("1")], vec![text("2")]]), "<ul><li>1</li><li>2</li></ul>"),
            (Block::Numbers(vec![vec![text("1")]]), "<ol><li>1</li></ol>"),
            (Block::Quote(vec![text("q")]), "<blockquote>q</blockquote>"),
            (Block::Code("a\nb".to_owned()), "<pre><code>a\nb</code></pre>"),
            (Block::Rule, "<hr>"),
            (Block::Image(file()), "<figure><img src=\"/k--1\" alt=\"a&quot;b.jpg\"></figure>"),
            (Block::Attachment(file()), "<p><a href=\"/k--1\">a&quot;b.jpg</a></p>"),
            (Block::Paragraph(vec![link]), "<p><a href=\"https://a.example/?a&amp;b\">x</a></p>"),
            (Block::Paragraph(vec![mention]), ">@Ada 3</action-text-attachment></p>"),
            (
                Block::Paragraph(vec![nobody]),
                "content-type=\"application/vnd.mention\"></action-text-attachment>",
            ),
            (Block::Poll(poll), "sgid=\"p--1\""),
            (Block::Embed { sgid: "e--1".to_owned(), url: "https://v.example".to_owned() }, "sgid=\"e--1\""),
        ];
        let types = [
            "paragraph",
            "heading",
            "bulletList",
            "orderedList",
            "blockquote",
            "codeBlock",
            "horizontalRule",
            "image",
            "file",
            "paragraph",
            "paragraph",
            "paragraph",
            "poll",
            "embed",
        ];
        let link = Link {
            file: &|file| format!("/{}", file.key),
            member: &|i| (format!("Ada {i}"), json!({"type": "CommunityMember", "id": i})),
        };
        for ((block, html), kind) in cases.into_iter().zip(types) {
            let rendered = Doc { blocks: vec![block.clone()] }.render(&link);
            assert!(rendered.html.contains(html), "{block:?}: {}", rendered.html);
            assert_eq!(rendered.tree["content"][0]["type"], kind, "{block:?}");
            let expected = match &block {
                Block::Poll(_) | Block::Embed { .. } => 1,
                _ => Doc { blocks: vec![block.clone()] }.mentions().filter(|m| m.member.is_some()).count(),
            };
            assert_eq!(rendered.objects.len(), expected, "{block:?}");
            assert_eq!(rendered.attachments.len(), usize::from(kind == "file"), "{block:?}");
        }
    }
}
