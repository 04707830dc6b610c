//! `hash_password`: marks the column that holds password hashes.

use super::Function;

/// `hash_password(value)`.
pub(super) const FUNCTION: Function = Function {
    name: "hash_password",
    usage: "hash_password(value)",
    doc: "The password's hash: bcrypt with 12 rounds, made at export before anything is written, or at load \
    for a CSV \
          that came without a manifest. A bcrypt or PHC-format hash is kept as it is. Where there is no \
          password, one \
          over 72 bytes or one with a NUL, the user gets a hash that no password fits and is listed in the \
          resets \
          file. It must be the outermost function of the column's expression.",
    examples: &[],
    arguments: (1, 1),
    in_pairs: false,
    null_gives_null: true,
    body: outermost,
};

/// [`crate::compile`] takes the call out of the expression; what is left inside another function ends here.
fn outermost(_arguments: &[Option<&str>]) -> Result<Option<String>, String> {
    Err("hash_password must be the outermost function of a column's expression".into())
}
