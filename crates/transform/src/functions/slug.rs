//! `slug`: a name for addresses.

use super::Function;

/// `slug(value)`.
pub(super) const FUNCTION: Function = Function {
    name: "slug",
    usage: "slug(value)",
    doc: "Lower case, each run of other than letters and digits one hyphen, none at the ends. NULL where \
    nothing is left.",
    examples: &[
        ("slug('Hello, World!')", "hello-world"),
        ("slug('Größe 2')", "größe-2"),
        ("slug('!!')", "NULL"),
    ],
    arguments: (1, 1),
    in_pairs: false,
    null_gives_null: true,
    body: slug,
};

fn slug(arguments: &[Option<&str>]) -> Result<Option<String>, String> {
    let Some(text) = arguments[0] else { return Ok(None) };
    let name = base::names::normalise(text).trim_matches('_').replace('_', "-");
    Ok(Some(name).filter(|n| !n.is_empty()))
}
