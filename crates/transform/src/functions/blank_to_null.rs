//! `blank_to_null`: text without a letter is nothing.

use super::Function;

/// `blank_to_null(value)`.
pub(super) const FUNCTION: Function = Function {
    name: "blank_to_null",
    usage: "blank_to_null(value)",
    doc: "NULL where the text is empty or only white space; other texts as they are, their blanks too.",
    examples: &[
        ("blank_to_null('')", "NULL"),
        ("blank_to_null('  ')", "NULL"),
        ("blank_to_null(' a')", " a"),
    ],
    arguments: (1, 1),
    in_pairs: false,
    null_gives_null: true,
    body: |arguments| Ok(arguments[0].filter(|t| !t.trim().is_empty()).map(String::from)),
};
