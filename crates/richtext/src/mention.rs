//! Placeholders for people who are mentioned.

/// The attribute with the person's id in the community (`id` of a member).
pub(crate) const MEMBER: &str = "data-circle-member";

/// The attribute with the person's other id (`user_id` of a member).
pub(crate) const USER: &str = "data-circle-user";

/// How a placeholder begins.
const BEGIN: &str = "<span data-circle-";

/// How it ends; there are no tags inside.
const END: &str = "</span>";

/// Letters of an id.
const ID_CHARS: usize = 40;

/// A person who is mentioned.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mention {
    /// The `id` of the member.
    pub member_id: Option<String>,
    /// The `user_id` of the member.
    pub user_id: Option<String>,
    /// The name as Circle gave it.
    pub name: String,
}

impl Mention {
    /// What stands in the text.
    pub(crate) fn words(&self) -> String {
        format!("@{}", self.name.trim_start_matches('@'))
    }
}

/// Whether it can be an id.
pub(crate) fn is_id(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"-_".contains(&b);
    !text.is_empty() && text.len() <= ID_CHARS && text.bytes().all(fits)
}

/// Puts what `with` makes of each person in the place of the placeholder; `None`: their name stays, as text.
///
/// `html` is a [`Body::html`](crate::Body), whose placeholders have exactly one form. What `with` gives is
/// HTML and stands there as it is.
pub fn replace_mentions(html: &str, mut with: impl FnMut(&Mention) -> Option<String>) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find(BEGIN) {
        let Some((mention, words, after)) = placeholder(&rest[at..]) else { break };
        out.push_str(&rest[..at]);
        match with(&mention) {
            Some(html) => out.push_str(&html),
            None => out.push_str(words),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Takes a placeholder apart: the person, the words as HTML, and what follows.
fn placeholder(html: &str) -> Option<(Mention, &str, &str)> {
    let (head, rest) = html.split_once('>')?;
    let (words, after) = rest.split_once(END)?;
    let id = |attribute: &str| {
        let (_, rest) = head.split_once(&format!("{attribute}=\""))?;
        rest.split('"').next().filter(|id| is_id(id)).map(str::to_owned)
    };
    let name = unescape(words.strip_prefix('@').unwrap_or(words));
    Some((Mention { member_id: id(MEMBER), user_id: id(USER), name }, words, after))
}

/// The inverse of what the writer does to text.
fn unescape(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&nbsp;", "\u{a0}");
    text.replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::writer::Writer;

    fn mention(member: Option<&str>, user: Option<&str>, name: &str) -> Mention {
        let own = |id: Option<&str>| id.map(str::to_owned);
        Mention { member_id: own(member), user_id: own(user), name: name.to_owned() }
    }

    #[test]
    fn a_placeholder_comes_back_as_the_person_it_was_made_of() {
        for one in [
            mention(Some("5001"), None, "Ada Byron"),
            mention(Some("5001"), Some("7001"), "A & <b> &lt; \"q\"\u{a0}"),
            mention(None, Some("7001"), ""),
        ] {
            let mut writer = Writer::new(None);
            writer.text("a ");
            writer.mention(&one);
            writer.text(" b");
            let html = crate::allow::clean(&writer.finish().html);
            let mut seen = Vec::new();
            let replaced = replace_mentions(&html, |found| {
                seen.push(found.clone());
                Some("<b>X</b>".into())
            });
            assert_eq!((replaced.as_str(), seen), ("a <b>X</b> b", vec![one]), "{html}");
        }
    }

    #[test]
    fn a_person_whom_nobody_knows_stays_as_text() {
        let html = "<p><span data-circle-member=\"1\">@A &amp; B</span>, <span data-circle-member=\"2\">@C</span></p>";
        let with = |m: &Mention| (m.member_id.as_deref() == Some("2")).then(|| "[2]".to_owned());
        assert_eq!(replace_mentions(html, with), "<p>@A &amp; B, [2]</p>");
        for html in ["<p>a</p>", "<span data-circle-member=\"1\"", "<span data-circle-member=\"1\">x"] {
            assert_eq!(replace_mentions(html, |_| Some("!".into())), html);
        }
    }
}
