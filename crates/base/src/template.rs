//! Texts with holes that an event fills: `{name}` is a name that it tells, `{body.path.to}` stands in its
//! body; `{{` and `}}` are braces.
//!
//! The project file is checked with this and the bridge fills what it gives: one grammar, in the layer that
//! both know.

use std::fmt;
use std::ops::Range;

/// The names that events tell, the same for every platform; a sender may know more.
pub const TOLD_NAMES: &[&str] = &[
    "email",
    "ends_at",
    "event_id",
    "member_id",
    "name",
    "post_id",
    "reaction",
    "reply",
    "space_id",
    "starts_at",
    "status",
    "text",
    "title",
    "url",
    "username",
];

/// Steps of a path into a body at most: what is nested deeper is no record.
const STEPS_MAX: usize = 32;

/// A text with holes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<Piece>,
}

/// A part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Text as it is.
    Text(String),
    /// What an event tells.
    Hole(Hole),
}

/// Something that an event tells.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hole {
    /// A name in our words: `email`.
    Told(String),
    /// A path into the body, in the sender's: `body.data.object.id`; a whole number counts in a list, from 0.
    Body(Vec<String>),
}

/// A text that is no template, or a hole that is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    /// What is wrong, to follow "…: ".
    pub what: &'static str,
    /// Bytes of the text.
    pub at: Range<usize>,
}

const NO_NAME: &str = "between `{` and `}` stands neither a name nor `body.` and a path";

impl Template {
    /// Takes a text apart.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut at = 0;
        while let Some(found) = text[at..].find(['{', '}']).map(|i| at + i) {
            plain.push_str(&text[at..found]);
            let rest = &text[found..];
            if rest.starts_with("{{") || rest.starts_with("}}") {
                plain.push_str(&rest[..1]);
                at = found + 2;
                continue;
            }
            if rest.starts_with('}') {
                return Err(Malformed { what: "`}` without `{`; a brace is `}}`", at: found..found + 1 });
            }
            let Some(close) = rest.find('}') else {
                return Err(Malformed { what: "`{` without `}`; a brace is `{{`", at: found..text.len() });
            };
            let whole = found..found + close + 1;
            let Ok(hole) = Hole::parse(&rest[1..close]) else {
                return Err(Malformed { what: NO_NAME, at: whole });
            };
            if !plain.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
            }
            pieces.push(Piece::Hole(hole));
            at = whole.end;
        }
        plain.push_str(&text[at..]);
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Ok(Self { pieces })
    }

    /// Its parts in order; no text is empty, no two stand side by side.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// What it wants to be told.
    pub fn holes(&self) -> impl Iterator<Item = &Hole> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Hole(hole) => Some(hole),
            Piece::Text(_) => None,
        })
    }
}

impl Hole {
    /// Reads a name, or `body.` and a path.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let wrong = || Malformed { what: "this is neither a name nor `body.` and a path", at: 0..text.len() };
        if let Some(path) = text.strip_prefix("body.") {
            let steps: Vec<String> = path.split('.').map(str::to_owned).collect();
            let odd = |step: &String| step.is_empty() || step.chars().any(|c| c.is_control() || c == '{');
            return if steps.len() > STEPS_MAX || steps.iter().any(odd) {
                Err(wrong())
            } else {
                Ok(Hole::Body(steps))
            };
        }
        let name = text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
            && text != "body";
        if name { Ok(Hole::Told(text.to_owned())) } else { Err(wrong()) }
    }
}

/// As it is written, without braces around it.
impl fmt::Display for Hole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Hole::Told(name) => f.write_str(name),
            Hole::Body(steps) => write!(f, "body.{}", steps.join(".")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match Template::parse(text) {
            Err(Malformed { what, at }) => format!("{what} at {at:?}"),
            Ok(template) => template
                .pieces()
                .iter()
                .map(|piece| match piece {
                    Piece::Text(text) => format!("'{text}'"),
                    Piece::Hole(hole) => format!("<{hole}>"),
                })
                .collect::<Vec<_>>()
                .join(" "),
        }
    }

    #[test]
    fn texts_come_apart_as_documented() {
        for (text, expected) in [
            ("", ""),
            ("plain", "'plain'"),
            ("{name}", "<name>"),
            ("Hi {name}, é{starts_at}!", "'Hi ' <name> ', é' <starts_at> '!'"),
            ("{body.data.items.0.id}", "<body.data.items.0.id>"),
            ("{body.Data-Kind.a b}", "<body.Data-Kind.a b>"),
            ("{{name}}", "'{name}'"),
            ("a{{{name}}}b", "'a{' <name> '}b'"),
            ("{a}{b}", "<a> <b>"),
            ("ab{name", "`{` without `}`; a brace is `{{` at 2..7"),
            ("ab}c", "`}` without `{`; a brace is `}}` at 2..3"),
        ] {
            assert_eq!(shown(text), expected, "{text:?}");
        }
        for (text, at) in [
            ("x{}", "1..3"),
            ("{Name}", "0..6"),
            ("{ name }", "0..8"),
            ("{na me}", "0..7"),
            ("{1a}", "0..4"),
            ("{body}", "0..6"),
            ("{body.}", "0..7"),
            ("{body.a..b}", "0..11"),
            ("{body.a\n}", "0..9"),
            ("{a{b}", "0..5"),
            ("{body.a{b}", "0..10"),
        ] {
            assert_eq!(shown(text), format!("{NO_NAME} at {at}"), "{text:?}");
        }
        assert!(Hole::parse(&format!("body{}", ".a".repeat(STEPS_MAX))).is_ok());
        assert!(Hole::parse(&format!("body{}", ".a".repeat(STEPS_MAX + 1))).is_err());
    }

    #[test]
    fn the_names_are_names_and_in_order() {
        assert!(TOLD_NAMES.is_sorted());
        for name in TOLD_NAMES {
            assert_eq!(Hole::parse(name), Ok(Hole::Told((*name).to_owned())), "{name}");
        }
    }
}
