//! `${NAME}` and `${NAME:-default}` in a string; `$${` is a literal `${`.

use std::ops::Range;

/// A part of a string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Text as it is.
    Text(String),
    /// The value of a variable; empty counts as not set, as in a shell's `:-`.
    Variable { name: String, default: Option<String> },
}

/// A `${` that is no variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Malformed {
    /// What is wrong, to follow "…: ".
    pub what: &'static str,
    /// Bytes of the string.
    pub at: Range<usize>,
}

/// Takes a string apart.
pub(crate) fn parse(text: &str) -> Result<Vec<Piece>, Malformed> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut at = 0;
    while let Some(found) = text[at..].find('$').map(|i| at + i) {
        plain.push_str(&text[at..found]);
        let rest = &text[found..];
        if rest.starts_with("$${") {
            plain.push_str("${");
            at = found + 3;
        } else if rest.starts_with("${") {
            let Some(close) = rest.find('}') else {
                return Err(Malformed { what: "`${` without `}`", at: found..text.len() });
            };
            let inside = &rest[2..close];
            let (name, default) = match inside.split_once(":-") {
                Some((name, default)) => (name, Some(default.to_owned())),
                None => (inside, None),
            };
            let whole = found..found + close + 1;
            if !is_variable(name) {
                return Err(Malformed {
                    what: "between `${` and `}` stands no name of a variable",
                    at: whole,
                });
            }
            if default.as_ref().is_some_and(|d| d.contains("${")) {
                return Err(Malformed { what: "a default cannot hold another variable", at: whole });
            }
            if !plain.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
            }
            pieces.push(Piece::Variable { name: name.to_owned(), default });
            at = whole.end;
        } else {
            plain.push('$');
            at = found + 1;
        }
    }
    plain.push_str(&text[at..]);
    if !plain.is_empty() {
        pieces.push(Piece::Text(plain));
    }
    Ok(pieces)
}

/// Whether that can name an environment variable: letters, digits and `_`, no digit first.
pub(crate) fn is_variable(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match parse(text) {
            Err(Malformed { what, at }) => format!("{what} at {at:?}"),
            Ok(pieces) => pieces
                .iter()
                .map(|p| match p {
                    Piece::Text(t) => format!("'{t}'"),
                    Piece::Variable { name, default: None } => format!("<{name}>"),
                    Piece::Variable { name, default: Some(d) } => format!("<{name}|{d}>"),
                })
                .collect::<Vec<_>>()
                .join(" "),
        }
    }

    #[test]
    fn strings_come_apart_as_documented() {
        for (text, expected) in [
            ("", ""),
            ("plain", "'plain'"),
            ("${A}", "<A>"),
            ("x${A}y${_b1}z", "'x' <A> 'y' <_b1> 'z'"),
            ("${A:-}", "<A|>"),
            ("${A:-postgres://u@h/d}", "<A|postgres://u@h/d>"),
            ("${A:-x:-y}", "<A|x:-y>"),
            ("$${A}", "'${A}'"),
            ("$$${A}", "'$${A}'"),
            ("cost $5 and $ and $$", "'cost $5 and $ and $$'"),
            ("é${A}é", "'é' <A> 'é'"),
            ("ab${A", "`${` without `}` at 2..5"),
            ("${}", "between `${` and `}` stands no name of a variable at 0..3"),
            ("${1A}", "between `${` and `}` stands no name of a variable at 0..5"),
            ("${A B}", "between `${` and `}` stands no name of a variable at 0..6"),
            ("${A:-${B}}", "a default cannot hold another variable at 0..9"),
        ] {
            assert_eq!(shown(text), expected, "{text:?}");
        }
    }
}
