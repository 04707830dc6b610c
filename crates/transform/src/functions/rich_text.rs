//! `rich_text`: what people wrote, as HTML that another platform renders.

use super::Function;

/// `rich_text(tiptap, html)`.
pub(super) const FUNCTION: Function = Function {
    name: "rich_text",
    usage: "rich_text(tiptap, html)",
    doc: "HTML of a small allow-list of tags and addresses: from the TipTap document when there is one with \
    anything in it, else from the HTML. A mention becomes the person's name; what HTML cannot say keeps its \
    text. Its own result gives itself. NULL where nothing is left.",
    examples: &[
        (
            "rich_text(NULL, '<div onclick=\"x()\"><p>Hi <b>you</b></p></div>')",
            "<p>Hi <strong>you</strong></p>",
        ),
        ("rich_text('', '<p>old</p>')", "<p>old</p>"),
        ("rich_text(NULL, '')", "NULL"),
    ],
    arguments: (2, 2),
    in_pairs: false,
    null_gives_null: false,
    body: rich_text,
};

fn rich_text(arguments: &[Option<&str>]) -> Result<Option<String>, String> {
    let body = richtext::of(arguments[0], arguments[1], None);
    let html = richtext::replace_mentions(&body.html, |_| None);
    Ok(Some(html).filter(|html| !html.is_empty()))
}
