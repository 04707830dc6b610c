//! Texts of records on the page: what cannot be seen is made visible, what is too long is cut and says so.

use crate::mask::mask;
use crate::model::Values;

/// Letters of one value that the page shows; the export and the destination have the rest.
pub const TEXT_SHOWN_MAX: usize = 600;

/// A value as the page shows it.
pub(super) struct Shown {
    /// What is to be read.
    pub text: String,
    /// `null`, `empty`, `masked` or nothing: how it is set.
    pub kind: &'static str,
    /// What was cut, if anything.
    pub note: String,
}

/// A value, or the words for none.
pub(super) fn shown(value: Option<&str>, values: Values) -> Shown {
    let word = |text: &str, kind| Shown { text: text.to_owned(), kind, note: String::new() };
    match value {
        None => word("NULL", "null"),
        Some("") => word("empty text", "empty"),
        Some(value) if values == Values::Masked => word(&mask(value), "masked"),
        Some(value) => {
            let letters = value.chars().count();
            let cut = letters > TEXT_SHOWN_MAX;
            let note =
                if cut { format!("the first {TEXT_SHOWN_MAX} of {letters} letters") } else { String::new() };
            Shown { text: visible(value.chars().take(TEXT_SHOWN_MAX)), kind: "", note }
        }
    }
}

/// Any other text that comes from outside.
pub(super) fn clean(text: &str) -> String {
    visible(text.chars())
}

/// Control characters as their pictures (NUL as ␀), and those that turn the direction of a line as code
/// points. Line feeds and tabs stay.
fn visible(letters: impl Iterator<Item = char>) -> String {
    let mut out = String::new();
    for c in letters {
        match c {
            '\n' | '\t' => out.push(c),
            '\0'..='\u{1f}' => out.push(char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}')),
            '\u{7f}' => out.push('\u{2421}'),
            '\u{80}'..='\u{9f}'
            | '\u{200b}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}'
            | '\u{fdd0}'..='\u{fdef}' => out.push_str(&format!("‹U+{:04X}›", u32::from(c))),
            c if u32::from(c) & 0xfffe == 0xfffe => out.push_str(&format!("‹U+{:04X}›", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_made_visible() {
        for (value, text, kind) in [
            (None, "NULL", "null"),
            (Some(""), "empty text", "empty"),
            (Some("a\nb\tc"), "a\nb\tc", ""),
            (Some("a\0b\u{1b}c\r"), "a␀b␛c␍", ""),
            (Some("\u{202e}gpj.exe"), "‹U+202E›gpj.exe", ""),
            (Some("\u{ffff}\u{fdd0}"), "‹U+FFFF›‹U+FDD0›", ""),
            (Some("مرحبا"), "مرحبا", ""),
        ] {
            let shown = shown(value, Values::Shown);
            assert_eq!((shown.text.as_str(), shown.kind), (text, kind), "{value:?}");
        }
    }

    #[test]
    fn a_long_text_is_cut_and_says_so() {
        let shown = shown(Some(&"é".repeat(TEXT_SHOWN_MAX + 1)), Values::Shown);
        assert_eq!(shown.text.chars().count(), TEXT_SHOWN_MAX);
        assert_eq!(shown.note, "the first 600 of 601 letters");
    }
}
