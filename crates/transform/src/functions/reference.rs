//! `ref`, `ref_or` and `ref_or_missing`: the new id of another entity's record.
//!
//! The bodies are never called: [`crate::compile`] puts a column with the resolved ids in place of each call,
//! because the answer needs the fates of the other entity's records.

use super::Function;

/// `ref(entity, id)`.
pub(super) const REF: Function = Function {
    name: "ref",
    usage: "ref('ENTITY', id)",
    doc: "The id, in the destination, of the record of `ENTITY` whose source id is `id`. The entity is \
    written as a \
          text constant. NULL gives NULL. A record that refers to a rejected one is rejected with it \
          (`parent_rejected`), to one that was left out is skipped with it (`parent_skipped`), to one that \
          is neither \
          in the export nor in the destination is rejected (`parent_missing`). The id is looked up for every \
          record, also in a branch of `case` that is not taken: there `ref_or` is meant.",
    examples: &[],
    arguments: (2, 2),
    in_pairs: false,
    null_gives_null: false,
    body: unresolved,
};

/// `ref_or(entity, id, fallback)`.
pub(super) const REF_OR: Function = Function {
    name: "ref_or",
    usage: "ref_or('ENTITY', id, fallback)",
    doc: "As `ref`, but `fallback` where the other record was rejected, left out or is missing. What a limit \
          leaves out is moved by a whole run, so such a record is skipped (`parent_skipped`), as with `ref`.",
    examples: &[],
    arguments: (3, 3),
    in_pairs: false,
    null_gives_null: false,
    body: unresolved,
};

/// `ref_or_missing(entity, id, fallback)`.
pub(super) const REF_OR_MISSING: Function = Function {
    name: "ref_or_missing",
    usage: "ref_or_missing('ENTITY', id, fallback)",
    doc: "As `ref`, but `fallback` where the other record is neither in the export nor in the destination, \
          such as the author of a post who is gone. A record that refers to a rejected one is rejected with \
          it, as with `ref`: what it belongs to is known.",
    examples: &[],
    arguments: (3, 3),
    in_pairs: false,
    null_gives_null: false,
    body: unresolved,
};

fn unresolved(_arguments: &[Option<&str>]) -> Result<Option<String>, String> {
    Err("references can be used in mappings only".into())
}
