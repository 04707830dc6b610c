//! `recode`: values into other values, the rest as they are.

use super::{ARGUMENTS_MAX, Function};

/// `recode(value, from, to, …)`.
pub(super) const FUNCTION: Function = Function {
    name: "recode",
    usage: "recode(value, from, to, …)",
    doc: "`to` where the value equals `from`, pair after pair; other values as they are. Equality is exact: \
          case and blanks count.",
    examples: &[
        ("recode('seeker', 'seeker', 'client')", "client"),
        ("recode('coach', 'seeker', 'client')", "coach"),
        ("recode('b', 'a', '1', 'b', '2')", "2"),
        ("recode(NULL, 'a', '1')", "NULL"),
        ("recode('a', 'a', NULL)", "NULL"),
    ],
    arguments: (3, ARGUMENTS_MAX),
    in_pairs: true,
    null_gives_null: true,
    body: recode,
};

fn recode(arguments: &[Option<&str>]) -> Result<Option<String>, String> {
    let (value, pairs) = arguments.split_first().ok_or("recode without a value")?;
    for pair in pairs.chunks_exact(2) {
        if pair[0] == *value {
            return Ok(pair[1].map(String::from));
        }
    }
    Ok(value.map(String::from))
}
