//! The allow-list: tags, attributes, addresses.

use crate::mention;
use ammonia::{Builder, UrlRelative};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;
use url::Url;

/// Tags that stand in a line.
pub(crate) const INLINE: &[&str] =
    &["a", "br", "code", "em", "img", "s", "span", "strong", "sub", "sup", "u"];

/// Tags that make a block of their own.
pub(crate) const BLOCK: &[&str] = &[
    "blockquote",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
];

/// What a link may lead to.
const SCHEMES: [&str; 3] = ["http", "https", "mailto"];

/// Letters of the name of a programming language.
const LANGUAGE_CHARS: usize = 30;

/// Rows or columns that a cell of a table may span.
const SPAN_MAX: u32 = 1_000;

/// Attributes of a tag.
fn attributes(tag: &str) -> &'static [&'static str] {
    match tag {
        "a" => &["href"],
        "img" => &["src", "alt", "title"],
        "ol" => &["start"],
        "code" => &["class"],
        "td" | "th" => &["colspan", "rowspan"],
        "span" => &[mention::MEMBER, mention::USER],
        _ => &[],
    }
}

/// The tag of the list by that name.
pub(crate) fn tag(name: &str) -> Option<&'static str> {
    INLINE.iter().chain(BLOCK).copied().find(|known| *known == name)
}

/// The value that an attribute may have; `None`: not this one.
pub(crate) fn value<'v>(tag: &str, attribute: &str, value: &'v str) -> Option<Cow<'v, str>> {
    let number = |max: u32| value.parse().is_ok_and(|n: u32| n <= max);
    let is_fine = match (tag, attribute) {
        ("code", "class") => value.strip_prefix("language-").is_some_and(is_language),
        ("ol", "start") => number(u32::MAX),
        ("td" | "th", _) => number(SPAN_MAX),
        ("span", _) => mention::is_id(value),
        _ => true,
    };
    is_fine.then_some(Cow::Borrowed(value))
}

/// Whether it is the name of a programming language, as code blocks have it.
pub(crate) fn is_language(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "+#-_.".contains(c);
    !name.is_empty() && name.len() <= LANGUAGE_CHARS && name.chars().all(fits)
}

/// An address as it may stand in a link; `None`: not this one. An image is not shown by mail.
pub(crate) fn address(raw: &str, base: Option<&Url>, is_image: bool) -> Option<String> {
    let raw = raw.trim();
    let url = match Url::parse(raw) {
        Ok(url) => url,
        // Without a host and a scheme it is below the community's address.
        Err(_) if !raw.is_empty() => base?.join(raw).ok()?,
        Err(_) => return None,
    };
    let is_allowed = SCHEMES.contains(&url.scheme()) && !(is_image && url.scheme() == "mailto");
    is_allowed.then(|| url.to_string())
}

/// Cleans HTML by the list.
pub(crate) fn clean(html: &str) -> String {
    static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
        let tags: HashSet<&str> = INLINE.iter().chain(BLOCK).copied().collect();
        let of_tags: HashMap<&str, HashSet<&str>> =
            tags.iter().map(|tag| (*tag, attributes(tag).iter().copied().collect())).collect();
        let mut builder = Builder::empty();
        builder
            .tags(tags)
            .clean_content_tags(HashSet::from(["script", "style"]))
            .generic_attributes(HashSet::new())
            .tag_attributes(of_tags)
            .url_schemes(SCHEMES.into_iter().collect())
            .url_relative(UrlRelative::Deny)
            .attribute_filter(value)
            .link_rel(None);
        builder
    });
    CLEANER.clean(html).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lead_to_pages_and_mail_and_nowhere_else() {
        let base = Url::parse("https://demo.circle.so").expect("an address");
        for (raw, with_base, without) in [
            ("https://a.test/x?y=1#z", Some("https://a.test/x?y=1#z"), Some("https://a.test/x?y=1#z")),
            (" http://a.test ", Some("http://a.test/"), Some("http://a.test/")),
            ("mailto:a@x.test", Some("mailto:a@x.test"), Some("mailto:a@x.test")),
            ("/c/space", Some("https://demo.circle.so/c/space"), None),
            ("//b.test/x", Some("https://b.test/x"), None),
            ("#top", Some("https://demo.circle.so/#top"), None),
            ("javascript:alert(1)", None, None),
            ("JaVaScRiPt:alert(1)", None, None),
            ("java\nscript:alert(1)", None, None),
            ("\u{1}javascript:alert(1)", None, None),
            ("data:text/html,x", None, None),
            ("vbscript:x", None, None),
            ("file:///etc/passwd", None, None),
            ("blob:https://a.test/x", None, None),
            ("", None, None),
        ] {
            assert_eq!(address(raw, Some(&base), false).as_deref(), with_base, "{raw:?}");
            assert_eq!(address(raw, None, false).as_deref(), without, "{raw:?}");
        }
        assert_eq!(address("mailto:a@x.test", None, true), None);
    }

    #[test]
    fn values_outside_of_their_range_are_dropped() {
        for (tag, attribute, text, fine) in [
            ("code", "class", "language-rust", true),
            ("code", "class", "language-c++", true),
            ("code", "class", "language-x y", false),
            ("code", "class", "evil", false),
            ("ol", "start", "7", true),
            ("ol", "start", "-1", false),
            ("td", "colspan", "2", true),
            ("td", "rowspan", "65000", false),
            ("span", mention::MEMBER, "5001", true),
            ("span", mention::MEMBER, "50 01", false),
        ] {
            assert_eq!(value(tag, attribute, text).is_some(), fine, "{tag} {attribute} {text}");
        }
        assert!(!is_language(&"x".repeat(31)));
    }

    #[test]
    fn the_cleaner_lets_nothing_through_that_is_not_on_the_list() {
        for (html, expected) in [
            ("<p onclick=\"x\">a</p>", "<p>a</p>"),
            ("<script>alert(1)</script>a", "a"),
            ("<a href=\"javascript:x\">a</a>", "<a>a</a>"),
            ("<a href=\"/x\">a</a>", "<a>a</a>"),
            ("<img src=\"x\" onerror=\"y\">", "<img>"),
            ("<svg><p>a</p></svg>", "<p>a</p>"),
            ("<!-- c --><p style=\"x\" class=\"y\" id=\"z\">a</p>", "<p>a</p>"),
            ("<code class=\"x\">a</code>", "<code>a</code>"),
        ] {
            assert_eq!(clean(html), expected, "{html}");
        }
        assert!(INLINE.is_sorted() && BLOCK.is_sorted());
        assert_eq!((tag("p"), tag("script"), tag("P")), (Some("p"), None, None));
    }
}
