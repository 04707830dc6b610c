//! Writes HTML of the allow-list: every tag by name, every text escaped, and a note of what does not fit.

use crate::mention::{self, Mention};
use crate::refs::FileRef;
use crate::{Body, Kept, Left, allow};
use std::collections::BTreeMap;
use url::Url;

/// Tags inside each other; what lies deeper is written without its tags.
const DEPTH_MAX: usize = 64;

/// Letters of the name of something that is left: names are the service's words, not people's.
const NAME_CHARS: usize = 40;

/// HTML that grows.
pub(crate) struct Writer<'a> {
    out: String,
    /// The tags that are open; `None`: one that was not written.
    open: Vec<Option<&'static str>>,
    depth: usize,
    base: Option<&'a Url>,
    files: Vec<FileRef>,
    mentions: Vec<Mention>,
    left: BTreeMap<(String, Kept), u32>,
}

impl<'a> Writer<'a> {
    pub fn new(base: Option<&'a Url>) -> Self {
        Self {
            out: String::new(),
            open: Vec::new(),
            depth: 0,
            base,
            files: Vec::new(),
            mentions: Vec::new(),
            left: BTreeMap::new(),
        }
    }

    /// Opens a tag of the list. Each is closed by [`close`](Self::close), whether it was written or not.
    pub fn open(&mut self, tag: &'static str) {
        self.open_with(tag, &[]);
    }

    /// Opens a tag of the list with attributes of the list.
    pub fn open_with(&mut self, tag: &'static str, attributes: &[(&str, &str)]) {
        let written = allow::tag(tag).filter(|_| self.depth < DEPTH_MAX);
        if let Some(tag) = written {
            self.depth += 1;
            self.start(tag, attributes);
        }
        self.open.push(written);
    }

    /// Opens nothing, for what has no tag here.
    pub fn open_none(&mut self) {
        self.open.push(None);
    }

    /// Closes what was opened last.
    pub fn close(&mut self) {
        if let Some(Some(tag)) = self.open.pop() {
            self.depth -= 1;
            self.out.push_str("</");
            self.out.push_str(tag);
            self.out.push('>');
        }
    }

    /// A tag that holds nothing: `br`, `hr`, `img`.
    pub fn void(&mut self, tag: &'static str, attributes: &[(&str, &str)]) {
        if let Some(tag) = allow::tag(tag) {
            self.start(tag, attributes);
        }
    }

    fn start(&mut self, tag: &str, attributes: &[(&str, &str)]) {
        self.out.push('<');
        self.out.push_str(tag);
        for (name, value) in attributes {
            if let Some(value) = allow::value(tag, name, value) {
                self.out.push(' ');
                self.out.push_str(name);
                self.out.push_str("=\"");
                escape(&mut self.out, &value, true);
                self.out.push('"');
            }
        }
        self.out.push('>');
    }

    /// Text as it is.
    pub fn text(&mut self, text: &str) {
        escape(&mut self.out, text, false);
    }

    /// Opens a link; an address that no link may have is told, and its text stays.
    pub fn open_link(&mut self, raw: &str) -> bool {
        match allow::address(raw, self.base, false) {
            Some(href) => {
                self.open_with("a", &[("href", &href)]);
                true
            }
            None => {
                self.leave("link", Kept::Text);
                self.open_none();
                false
            }
        }
    }

    /// A link to something that cannot be shown, in its own words or as its address; `false`: there is no
    /// such address.
    pub fn link(&mut self, raw: &str, words: Option<&str>) -> bool {
        let Some(href) = allow::address(raw, self.base, false) else { return false };
        self.open_with("a", &[("href", &href)]);
        self.text(words.filter(|words| !words.trim().is_empty()).unwrap_or(&href));
        self.close();
        true
    }

    /// A link to a file that is to be fetched.
    pub fn file(&mut self, file: &FileRef) -> bool {
        let Some(url) = allow::address(&file.url, self.base, true) else { return false };
        self.note(FileRef { url, ..file.clone() });
        self.link(&file.url, file.name.as_deref())
    }

    /// An image that is to be fetched; `false`: it has no address that an image may have.
    pub fn image(&mut self, file: &FileRef, alt: Option<&str>, title: Option<&str>) -> bool {
        let Some(src) = allow::address(&file.url, self.base, true) else { return false };
        let mut attributes = vec![("src", src.as_str())];
        attributes.extend(alt.map(|alt| ("alt", alt)));
        attributes.extend(title.map(|title| ("title", title)));
        self.void("img", &attributes);
        self.note(FileRef { url: src, ..file.clone() });
        true
    }

    /// Whether it shows or links to a file.
    pub fn has(&self, file: &FileRef) -> bool {
        let url = allow::address(&file.url, self.base, true);
        url.is_some_and(|url| self.files.iter().any(|known| known.url == url))
    }

    fn note(&mut self, file: FileRef) {
        if self.files.iter().all(|known| known.url != file.url) {
            self.files.push(file);
        }
    }

    /// A placeholder for a person.
    pub fn mention(&mut self, mention: &Mention) {
        let ids = [(mention::MEMBER, &mention.member_id), (mention::USER, &mention.user_id)];
        let ids: Vec<(&str, &str)> =
            ids.into_iter().filter_map(|(name, id)| Some((name, id.as_deref()?))).collect();
        self.start("span", &ids);
        self.text(&mention.words());
        self.out.push_str("</span>");
        if !self.mentions.contains(mention) {
            self.mentions.push(mention.clone());
        }
    }

    /// Tells that something is not there as it was.
    pub fn leave(&mut self, what: &str, kept_as: Kept) {
        let fits = |c: &char| c.is_ascii_alphanumeric() || "-_:".contains(*c);
        let name: String = what.chars().filter(fits).take(NAME_CHARS).collect();
        let name = if name.is_empty() { "unnamed".to_owned() } else { name };
        *self.left.entry((name, kept_as)).or_default() += 1;
    }

    /// The body.
    pub fn finish(mut self) -> Body {
        while !self.open.is_empty() {
            self.close();
        }
        let left = self.left.into_iter();
        let left = left.map(|((what, kept_as), count)| Left { what, kept_as, count }).collect();
        Body { html: self.out, files: self.files, mentions: self.mentions, left }
    }
}

/// As browsers and the cleaner write it, so that the cleaner changes nothing.
fn escape(out: &mut String, text: &str, in_attribute: bool) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\u{a0}' => out.push_str("&nbsp;"),
            '"' if in_attribute => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_values_are_escaped_and_tags_are_closed() {
        let mut writer = Writer::new(None);
        writer.open("p");
        writer.text("a<b>&\"\u{a0}");
        writer.open_link("https://a.test/?x=\"&y");
        writer.text("</p>");
        let html = writer.finish().html;
        assert_eq!(
            html,
            "<p>a&lt;b&gt;&amp;\"&nbsp;<a href=\"https://a.test/?x=%22&amp;y\">&lt;/p&gt;</a></p>"
        );
        assert_eq!(allow::clean(&html), html);
    }

    #[test]
    fn what_lies_too_deep_loses_its_tags_and_no_text() {
        let mut writer = Writer::new(None);
        for _ in 0..1000 {
            writer.open("blockquote");
        }
        writer.text("deep");
        let html = writer.finish().html;
        assert_eq!(html.matches("<blockquote>").count(), DEPTH_MAX);
        assert_eq!(html.matches("</blockquote>").count(), DEPTH_MAX);
        assert!(html.contains("deep"));
    }

    #[test]
    fn what_is_left_is_counted_by_names_that_hold_no_text_of_people() {
        let mut writer = Writer::new(None);
        writer.leave("poll", Kept::List);
        writer.leave("poll", Kept::List);
        writer.leave("a <b> \u{e9}", Kept::Text);
        writer.leave("\u{e9}", Kept::Nothing);
        let left = writer.finish().left;
        let shown: Vec<String> =
            left.iter().map(|l| format!("{} {} {}", l.what, l.kept_as.word(), l.count)).collect();
        assert_eq!(shown, ["ab text 1", "poll list 2", "unnamed nothing 1"]);
    }
}
