//! From Markdown to what a runbook is made of: headings, items, fences, comments. What they mean is not
//! known here.

use base::Problem;
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use std::ops::Range;

/// A part of the document, in its order.
#[derive(Debug)]
pub(super) enum Piece {
    /// `#` is level 1.
    Heading { level: u8, text: String, span: Range<usize> },
    /// An item of a task list.
    Item(Item),
    /// The words of a comment, or of the front matter, that stands in no item.
    Comment(Comment),
    /// A fence that stands in no item of a task list.
    Fence(Fence),
}

/// An item of a task list.
#[derive(Debug, Default)]
pub(super) struct Item {
    pub text: String,
    pub details: String,
    pub ticked: bool,
    pub fences: Vec<Fence>,
    pub comments: Vec<Comment>,
    pub span: Range<usize>,
}

/// A fenced block.
#[derive(Debug, Default)]
pub(super) struct Fence {
    pub info: String,
    pub body: String,
    pub span: Range<usize>,
}

/// What a comment says.
#[derive(Debug)]
pub(super) struct Comment {
    pub text: String,
    pub span: Range<usize>,
}

/// The parts of a document.
pub(super) fn outline(text: &str, problems: &mut Vec<Problem>) -> Vec<Piece> {
    let options = Options::ENABLE_TASKLISTS
        | Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    let mut walk = Walk::new(problems);
    for (event, span) in Parser::new_ext(text, options).into_offset_iter() {
        walk.event(event, span);
    }
    walk.pieces
}

/// Where the walk is.
struct Walk<'a> {
    pieces: Vec<Piece>,
    problems: &'a mut Vec<Problem>,
    /// Items of lists around this place: whether each is the one that is gathered.
    items: Vec<(bool, Range<usize>)>,
    item: Option<Item>,
    /// Whether the item's first paragraph is through.
    past_text: bool,
    heading: Option<(u8, String, Range<usize>)>,
    fence: Option<Fence>,
    /// An indented block: it is text for readers.
    quoted: bool,
    /// Front matter, or a block of HTML.
    raw: Option<(String, Range<usize>)>,
}

impl<'a> Walk<'a> {
    fn new(problems: &'a mut Vec<Problem>) -> Self {
        Self {
            pieces: Vec::new(),
            problems,
            items: Vec::new(),
            item: None,
            past_text: false,
            heading: None,
            fence: None,
            quoted: false,
            raw: None,
        }
    }

    fn event(&mut self, event: Event<'_>, span: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(tag, span),
            Event::End(tag) => self.end(tag),
            Event::TaskListMarker(ticked) => self.marker(ticked),
            Event::Text(words) => self.text(&words),
            Event::Code(words) => self.text(&words),
            Event::SoftBreak | Event::HardBreak => self.text(" "),
            Event::Html(html) => match &mut self.raw {
                Some((text, _)) => text.push_str(&html),
                None => self.html(&html, span),
            },
            Event::InlineHtml(html) => self.html(&html, span),
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>, span: Range<usize>) {
        match tag {
            Tag::Item => {
                self.paragraph_ends();
                self.items.push((false, span));
            }
            Tag::Heading { level, .. } if self.items.is_empty() => {
                self.heading = Some((number(level), String::new(), span));
            }
            Tag::CodeBlock(CodeBlockKind::Fenced(info)) => {
                self.paragraph_ends();
                self.fence = Some(Fence { info: info.trim().to_owned(), body: String::new(), span });
            }
            Tag::CodeBlock(CodeBlockKind::Indented) => self.quoted = true,
            Tag::HtmlBlock | Tag::MetadataBlock(_) => {
                self.paragraph_ends();
                self.raw = Some((String::new(), span));
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph => self.paragraph_ends(),
            TagEnd::Item => {
                self.paragraph_ends();
                if let Some((true, span)) = self.items.pop() {
                    let mut item = self.item.take().unwrap_or_default();
                    item.span = span;
                    item.text = one_line(&item.text);
                    item.details = item
                        .details
                        .lines()
                        .map(one_line)
                        .filter(|l| !l.is_empty())
                        .collect::<Vec<_>>()
                        .join("\n");
                    self.pieces.push(Piece::Item(item));
                }
            }
            TagEnd::Heading(_) => {
                if let Some((level, text, span)) = self.heading.take() {
                    self.pieces.push(Piece::Heading { level, text: one_line(&text), span });
                }
            }
            TagEnd::CodeBlock => {
                self.quoted = false;
                if let Some(fence) = self.fence.take() {
                    match &mut self.item {
                        Some(item) => item.fences.push(fence),
                        None => self.pieces.push(Piece::Fence(fence)),
                    }
                }
            }
            TagEnd::HtmlBlock => {
                if let Some((html, span)) = self.raw.take() {
                    self.html(&html, span);
                }
            }
            TagEnd::MetadataBlock(_) => {
                if let Some((text, span)) = self.raw.take() {
                    self.comment(text, span);
                }
            }
            _ => {}
        }
    }

    /// The box at the beginning of an item.
    fn marker(&mut self, ticked: bool) {
        let Some((gathered, span)) = self.items.last_mut() else { return };
        if self.item.is_some() {
            let problem = Problem::error("a step stands within a step").span(Some(span.clone()));
            self.problems.push(problem.hint("write it as an item of its own, without the indent"));
            return;
        }
        *gathered = true;
        self.past_text = false;
        self.item = Some(Item { ticked, ..Item::default() });
    }

    fn text(&mut self, words: &str) {
        if let Some((text, _)) = &mut self.raw {
            text.push_str(words);
        } else if let Some(fence) = &mut self.fence {
            fence.body.push_str(words);
        } else if let Some((_, text, _)) = &mut self.heading {
            text.push_str(words);
        } else if let Some(item) = &mut self.item
            && !self.quoted
        {
            if self.past_text { &mut item.details } else { &mut item.text }.push_str(words);
        }
    }

    /// What follows in the item is not its first paragraph.
    fn paragraph_ends(&mut self) {
        if let Some(item) = &mut self.item
            && !item.text.is_empty()
        {
            self.past_text = true;
            item.details.push('\n');
        }
    }

    /// The comments of a piece of HTML.
    fn html(&mut self, html: &str, span: Range<usize>) {
        let mut rest = html;
        while let Some((_, begun)) = rest.split_once("<!--") {
            let (words, after) = begun.split_once("-->").unwrap_or((begun, ""));
            self.comment(words.to_owned(), span.clone());
            rest = after;
        }
    }

    fn comment(&mut self, text: String, span: Range<usize>) {
        let comment = Comment { text, span };
        match &mut self.item {
            Some(item) => item.comments.push(comment),
            None => self.pieces.push(Piece::Comment(comment)),
        }
    }
}

fn number(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}

/// The words of a text with one blank between them.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
