//! `parse_list`: a list, whichever way it was written.

use super::Function;

/// `parse_list(value)`.
pub(super) const FUNCTION: Function = Function {
    name: "parse_list",
    usage: "parse_list(value)",
    doc: "A list as JSON text: a JSON list as it is; other text is split at commas, each part trimmed, \
    empty parts \
          dropped. Order and repeats are kept.",
    examples: &[
        (r#"parse_list('["a","b"]')"#, r#"["a","b"]"#),
        ("parse_list('a, b,,c')", r#"["a","b","c"]"#),
        ("parse_list('')", "[]"),
        ("parse_list(NULL)", "NULL"),
        (r#"parse_list('say "hi", then')"#, r#"["say \"hi\"","then"]"#),
    ],
    arguments: (1, 1),
    in_pairs: false,
    null_gives_null: true,
    body: parse_list,
};

fn parse_list(arguments: &[Option<&str>]) -> Result<Option<String>, String> {
    let Some(text) = arguments[0] else { return Ok(None) };
    if text.trim_start().starts_with('[') {
        // An unfinished list is refused by the column's type, with the value in the reject.
        return Ok(Some(text.to_owned()));
    }
    let parts: Vec<&str> = text.split(',').map(str::trim).filter(|p| !p.is_empty()).collect();
    serde_json::to_string(&parts).map(Some).map_err(|e| e.to_string())
}
