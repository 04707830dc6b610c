//! Text as the service holds it: pieces of bounded length, with formatting.

use crate::limits::{TEXT_UNITS_MAX, units};
use serde_json::{Value, json};
use unicode_segmentation::UnicodeSegmentation;

/// Text in pieces of at most 2000 UTF-16 units, never cut inside a grapheme. No text is no piece.
pub fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut from, mut length) = (0, 0);
    for (at, part) in text.grapheme_indices(true).flat_map(|(at, grapheme)| indivisible(at, grapheme)) {
        let more = units(part);
        if length + more > TEXT_UNITS_MAX {
            pieces.push(&text[from..at]);
            (from, length) = (at, 0);
        }
        length += more;
    }
    if from < text.len() {
        pieces.push(&text[from..]);
    }
    pieces
}

/// A grapheme as one part; one that alone is longer than a piece (a letter with thousands of accents), as its
/// characters.
fn indivisible(at: usize, grapheme: &str) -> Vec<(usize, &str)> {
    if units(grapheme) <= TEXT_UNITS_MAX {
        return vec![(at, grapheme)];
    }
    let char = |(i, c): (usize, char)| (at + i, &grapheme[i..i + c.len_utf8()]);
    grapheme.char_indices().map(char).collect()
}

/// Text as the service takes it, without formatting.
pub fn written(text: &str) -> Value {
    pieces(text).into_iter().map(|piece| json!({"type": "text", "text": {"content": piece}})).collect()
}

/// The text of pieces; `None`: they are not such a list.
pub fn plain(pieces: &Value) -> Option<String> {
    pieces.as_array()?.iter().map(piece).collect()
}

fn piece(piece: &Value) -> Option<&str> {
    piece["plain_text"].as_str().or_else(|| piece["text"]["content"].as_str())
}

/// Whether the text of these pieces, written again, gives the same: no link, mention, equation or formatting
/// is among them.
pub fn is_plain(pieces: &Value) -> bool {
    pieces.as_array().is_none_or(|pieces| pieces.iter().all(is_plain_piece))
}

fn is_plain_piece(piece: &Value) -> bool {
    let usual = |(name, value): (&String, &Value)| match name.as_str() {
        "color" => value == "default",
        _ => value != true,
    };
    piece["type"].as_str().is_none_or(|kind| kind == "text")
        && piece["href"].is_null()
        && piece["text"]["link"].is_null()
        && piece["annotations"].as_object().is_none_or(|all| all.iter().all(usual))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_at_two_thousand_units_and_never_inside_a_grapheme() {
        let family = "👨‍👩‍👧‍👦";
        let zalgo = format!("e{}", "\u{301}".repeat(3_000));
        for (text, expected) in [
            (String::new(), vec![]),
            ("a".into(), vec![1]),
            ("a".repeat(2_000), vec![2_000]),
            ("a".repeat(4_001), vec![2_000, 2_000, 1]),
            ("😀".repeat(1_001), vec![2_000, 2]),
            (format!("{}😀", "a".repeat(1_999)), vec![1_999, 2]),
            (format!("{}{family}", "a".repeat(1_995)), vec![1_995, units(family)]),
            (format!("{}e\u{301}", "a".repeat(1_999)), vec![1_999, 2]),
            (format!("{}\r\n", "a".repeat(1_999)), vec![1_999, 2]),
            (zalgo, vec![2_000, 1_001]),
        ] {
            let cut = pieces(&text);
            assert_eq!(cut.iter().map(|piece| units(piece)).collect::<Vec<_>>(), expected);
            assert_eq!(cut.concat(), text);
            assert_eq!(plain(&written(&text)).as_deref(), Some(&*text));
        }
    }

    #[test]
    fn what_writing_the_text_again_would_lose_is_not_plain() {
        let plain_annotations = json!({"bold": false, "italic": false, "color": "default"});
        for (piece, expected) in [
            (
                json!({"type": "text", "text": {"content": "a", "link": null},
                "annotations": plain_annotations,
                "plain_text": "a", "href": null}),
                true,
            ),
            (json!({"text": {"content": "a"}}), true),
            (json!({"type": "mention", "plain_text": "@a"}), false),
            (json!({"type": "equation", "plain_text": "x"}), false),
            (
                json!({"type": "text", "text": {"content": "a", "link": {"url": "u"}}, "plain_text": "a"}),
                false,
            ),
            (json!({"type": "text", "plain_text": "a", "href": "u"}), false),
            (json!({"type": "text", "plain_text": "a", "annotations": {"bold": true}}), false),
            (json!({"type": "text", "plain_text": "a", "annotations": {"color": "red"}}), false),
        ] {
            assert_eq!(is_plain(&json!([piece])), expected, "{piece}");
        }
        assert_eq!(plain(&json!([{"type": "text"}])), None);
        assert_eq!(plain(&json!("a")), None);
    }
}
