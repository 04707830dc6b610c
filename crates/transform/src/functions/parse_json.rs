//! `parse_json`: text that must be JSON.

use super::Function;

/// `parse_json(value)`.
pub(super) const FUNCTION: Function = Function {
    name: "parse_json",
    usage: "parse_json(value)",
    doc: "The value if it is JSON; text that is not JSON rejects the record. A column of type `json` or \
    `jsonb` is as \
          strict without it; with it a text column is, too.",
    examples: &[
        (r#"parse_json('{"a":1}')"#, r#"{"a":1}"#),
        ("parse_json('[1, 2.50]')", "[1, 2.50]"),
        ("parse_json(NULL)", "NULL"),
    ],
    arguments: (1, 1),
    in_pairs: false,
    null_gives_null: true,
    body: parse_json,
};

fn parse_json(arguments: &[Option<&str>]) -> Result<Option<String>, String> {
    let Some(text) = arguments[0] else { return Ok(None) };
    match serde_json::from_str::<serde::de::IgnoredAny>(text) {
        Ok(_) => Ok(Some(text.to_owned())),
        Err(e) => Err(format!("not JSON: {} at line {} column {}", kind(&e), e.line(), e.column())),
    }
}

/// What is wrong, without a piece of the value.
fn kind(error: &serde_json::Error) -> &'static str {
    match error.classify() {
        serde_json::error::Category::Eof => "it ends too early",
        _ => "it is not well-formed",
    }
}
