//! HTML of posts and messages: its text, its images, and how the service may write it anew.

/// Elements without an end tag.
const VOID: &[&str] = &["br", "hr", "img", "input", "source", "wbr"];

/// A piece of markup.
#[derive(Debug, PartialEq)]
enum Piece<'h> {
    Text(&'h str),
    /// Name and attributes; the value is as it is written, without its quotes.
    Start(&'h str, Vec<(&'h str, Option<&'h str>)>),
    End(&'h str),
    /// A comment or a declaration.
    Other(&'h str),
}

/// The pieces of a text, as far as it is markup; a `<` that begins no tag is text.
fn pieces(html: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = html;
    while !rest.is_empty() {
        match end_of_tag(rest) {
            Some(end) => {
                pieces.push(tag_of(&rest[..=end]));
                rest = &rest[end + 1..];
            }
            None => {
                let next = rest.char_indices().skip(1).find(|(_, c)| *c == '<');
                let end = next.map_or(rest.len(), |(at, _)| at);
                pieces.push(Piece::Text(&rest[..end]));
                rest = &rest[end..];
            }
        }
    }
    pieces
}

/// Where the tag ends that the text begins with, if it does; a `>` in quotes ends none.
fn end_of_tag(text: &str) -> Option<usize> {
    let begins = |c: char| c.is_ascii_alphabetic() || "/!?".contains(c);
    if !text.strip_prefix('<')?.starts_with(begins) {
        return None;
    }
    if text.starts_with("<!--") {
        return text.find("-->").map(|at| at + 2);
    }
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '>') => return Some(at),
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
    }
    None
}

/// What `<…>` is.
fn tag_of(tag: &str) -> Piece<'_> {
    let inside = &tag[1..tag.len() - 1];
    if let Some(name) = inside.strip_prefix('/') {
        return Piece::End(name.trim());
    }
    if inside.starts_with(['!', '?']) {
        return Piece::Other(tag);
    }
    let inside = inside.strip_suffix('/').unwrap_or(inside);
    let (name, rest) = inside.split_once(char::is_whitespace).unwrap_or((inside, ""));
    Piece::Start(name, attributes(rest))
}

fn attributes(text: &str) -> Vec<(&str, Option<&str>)> {
    let mut all = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let name = &rest[..end];
        rest = rest[end..].trim_start();
        let Some(after) = rest.strip_prefix('=') else {
            all.push((name, None));
            continue;
        };
        let after = after.trim_start();
        let (value, left) = match after.chars().next().filter(|c| ['"', '\''].contains(c)) {
            Some(quote) => after[1..].split_once(quote).unwrap_or((&after[1..], "")),
            None => after.split_once(char::is_whitespace).unwrap_or((after, "")),
        };
        all.push((name, Some(value)));
        rest = left.trim_start();
    }
    all
}

/// The text without its tags, the common entities decoded.
pub(crate) fn text_of(html: &str) -> String {
    let mut text = String::new();
    for piece in pieces(html) {
        match piece {
            Piece::Text(piece) => text.push_str(piece),
            Piece::End("p" | "li" | "h1" | "h2" | "h3") | Piece::Start("br", _) => text.push('\n'),
            _ => {}
        }
    }
    let plain = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&nbsp;", "\u{a0}")];
    let text = plain.iter().fold(text, |text, (entity, c)| text.replace(entity, c));
    text.replace("&amp;", "&").trim().to_owned()
}

/// The ids of images in it: `data-id` of what has `data-type="image"`.
pub(crate) fn images(html: &str) -> Vec<String> {
    let value = |attributes: &[(&str, Option<&str>)], name: &str| -> Option<String> {
        attributes.iter().find(|(key, _)| *key == name)?.1.map(str::to_owned)
    };
    let image = |piece: &Piece<'_>| match piece {
        Piece::Start(_, attributes) if value(attributes, "data-type").as_deref() == Some("image") => {
            value(attributes, "data-id")
        }
        _ => None,
    };
    pieces(html).iter().filter_map(image).collect()
}

/// The same document written otherwise: names in lower case, attributes in the order of the alphabet and in
/// double quotes, void elements with a slash.
pub(crate) fn rewrite(html: &str) -> String {
    let mut out = String::with_capacity(html.len() + 16);
    for piece in pieces(html) {
        match piece {
            Piece::Text(text) | Piece::Other(text) => out.push_str(text),
            Piece::End(name) => out.push_str(&format!("</{}>", name.to_ascii_lowercase())),
            Piece::Start(name, mut attributes) => {
                let name = name.to_ascii_lowercase();
                attributes.sort_unstable();
                out.push('<');
                out.push_str(&name);
                for (key, value) in attributes {
                    let value = value.unwrap_or_default().replace('"', "&quot;");
                    out.push_str(&format!(" {}=\"{value}\"", key.to_ascii_lowercase()));
                }
                out.push_str(if VOID.contains(&name.as_str()) { " />" } else { ">" });
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_what_a_reader_sees() {
        for (html, text) in [
            ("<p>Hello <b>you</b></p>", "Hello you"),
            ("<p>one</p><p>two</p>", "one\ntwo"),
            ("a &amp; b &lt;c&gt; &amp;lt;", "a & b <c> &lt;"),
            ("1 < 2", "1 < 2"),
            ("<!-- it's > no --><br>x<", "x<"),
            ("", ""),
            ("<p>é — 日本</p>", "é — 日本"),
            ("<p>1 < 2</p>", "1 < 2"),
            ("<a title=\"2 > 1\">yes</a>", "yes"),
            ("<a title=\"open", "<a title=\"open"),
        ] {
            assert_eq!(text_of(html), text, "{html}");
        }
    }

    #[test]
    fn images_are_found_by_their_data() {
        let html = r#"<figure data-id="m1" data-type="image"></figure><figure data-type='image' data-id=m2>
            <img src="x"><figure data-type="file" data-id="m3">"#;
        assert_eq!(images(html), ["m1", "m2"]);
    }

    #[test]
    fn what_is_written_anew_means_the_same_and_stays_when_written_again() {
        for (html, expected) in [
            (r#"<a href='x' class="b">t</a>"#, r#"<a class="b" href="x">t</a>"#),
            ("<BR>", "<br />"),
            ("<img alt=x src=y/>", r#"<img alt="x" src="y" />"#),
            ("<input disabled>", r#"<input disabled="" />"#),
            ("<p>1 < 2 &amp; 3</p>", "<p>1 < 2 &amp; 3</p>"),
        ] {
            let once = rewrite(html);
            assert_eq!(once, expected, "{html}");
            assert_eq!(rewrite(&once), once, "{html}");
        }
    }
}
