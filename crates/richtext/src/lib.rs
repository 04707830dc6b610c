//! Bodies of posts, comments, events and lessons, as HTML that another platform renders.
//!
//! Circle keeps a body twice: as a TipTap document ([`from_tiptap`]), which says what is a mention, an embed
//! or a poll, and as HTML ([`from_html`]). Both become HTML of one small allow-list of tags and addresses;
//! what it cannot say is kept as text where there is any, and told in [`Body::left`].
//!
//! Two steps, neither of which trusts the other. The converters write only tags of the list and escape all
//! text, so that they know what they leave out and can tell it. [`ammonia`] then cleans what they wrote by
//! the same list: it is kept up against the ways in which browsers are fooled, and no mistake of ours gets
//! past it. A cleaner alone would drop an embed or a mention without a word.
//!
//! A mention becomes a placeholder with the ids that the person has in Circle; [`replace_mentions`] puts the
//! new platform's own markup there, once the person has an id on it.

mod allow;
mod html;
mod marks;
mod mention;
mod plain;
mod refs;
mod tiptap;
mod writer;

pub use mention::{Mention, replace_mentions};
pub use plain::plain;
pub use refs::FileRef;

use refs::Refs;
use serde_json::Value;
use url::Url;
use writer::Writer;

/// A converted body.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Body {
    /// The HTML; empty: there is nothing in the body.
    pub html: String,
    /// Images and files that it shows or links to, each address once: some of Circle's addresses expire, so
    /// they are fetched in the same run.
    pub files: Vec<FileRef>,
    /// People who are mentioned in it, each once, in order.
    pub mentions: Vec<Mention>,
    /// What could not be carried as it was, by kind.
    pub left: Vec<Left>,
}

/// Something that HTML of the allow-list cannot say.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Left {
    /// What it was: the name of a node, a mark or a tag.
    pub what: String,
    /// What is there in its place.
    pub kept_as: Kept,
    /// How often.
    pub count: u32,
}

/// What stands in the place of something that could not be carried as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kept {
    /// Nothing.
    Nothing,
    /// Its text.
    Text,
    /// A link to it.
    Link,
    /// A list.
    List,
}

impl Kept {
    /// The word for files and reports.
    pub fn word(self) -> &'static str {
        match self {
            Kept::Nothing => "nothing",
            Kept::Text => "text",
            Kept::Link => "link",
            Kept::List => "list",
        }
    }
}

/// Why a body cannot be read; it holds nothing of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// It is not JSON.
    #[error("the TipTap body is not JSON")]
    NotJson,
    /// It is JSON, and no document.
    #[error("the TipTap body holds no document")]
    NoDocument,
}

/// The better of the two forms of a body: the TipTap document if there is one with anything in it, else the
/// HTML. A document that cannot be read is told in [`Body::left`] as `tiptap_body`.
///
/// `tiptap` is the text of the column `tiptap_body`, `html` that of `body_html`. Addresses without a host are
/// below `base`, the community's own address; without one they are no links.
pub fn of(tiptap: Option<&str>, html: Option<&str>, base: Option<&Url>) -> Body {
    let document = tiptap.map(str::trim).filter(|text| !text.is_empty());
    let mut unread = None;
    match document.map(|text| from_tiptap(text, base)) {
        Some(Ok(body)) if !body.html.is_empty() => return body,
        Some(Err(BodyError::NotJson)) => unread = Some(Kept::Nothing),
        _ => {}
    }
    let mut body = html.map(|html| from_html(html, base)).unwrap_or_default();
    if let Some(kept_as) = unread {
        let kept_as = if body.html.is_empty() { kept_as } else { Kept::Text };
        body.left.push(Left { what: "tiptap_body".into(), kept_as, count: 1 });
    }
    body
}

/// A TipTap body: `{"body": document, "attachments": […], "sgids_to_object_map": {…}}`, or only the document.
pub fn from_tiptap(text: &str, base: Option<&Url>) -> Result<Body, BodyError> {
    let value: Value = serde_json::from_str(text).map_err(|_| BodyError::NotJson)?;
    let document = value.get("body").filter(|body| body.is_object()).unwrap_or(&value);
    if !document.get("content").is_some_and(Value::is_array) && document.get("type").is_none() {
        return Err(BodyError::NoDocument);
    }
    let refs = Refs::new(value.get("sgids_to_object_map"), value.get("attachments"));
    let mut writer = Writer::new(base);
    tiptap::write(document, &refs, &mut writer);
    Ok(finish(writer))
}

/// An HTML body.
pub fn from_html(text: &str, base: Option<&Url>) -> Body {
    let mut writer = Writer::new(base);
    html::write(text, &mut writer);
    finish(writer)
}

fn finish(writer: Writer) -> Body {
    let mut body = writer.finish();
    body.html = allow::clean(&body.html);
    body
}
