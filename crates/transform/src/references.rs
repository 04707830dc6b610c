//! References to records of other entities, resolved by the run loop between two passes.
//!
//! The first pass evaluates what stands inside `ref(…)`, the run loop says which ids those records have and
//! what became of them, and the second pass sees the answers as columns. So the mapper holds no state and
//! asks nobody.

use arrow::array::{ArrayRef, StringArray};

/// A call of `ref` or `ref_or` in a mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The entity that is referred to.
    pub entity: String,
    /// Position in the mapping's columns of the column that the call stands in.
    pub column: usize,
    /// Whether a fallback stands in for a record that is not there (`ref_or`).
    pub optional: bool,
}

/// What became of a record that is referred to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParentFate {
    /// It is in the destination, or nothing was referred to (NULL).
    There,
    /// It was rejected.
    Rejected,
    /// It was left out by a filter or limit.
    Skipped,
    /// It is neither in the export nor in the destination.
    Missing,
}

/// The source ids that a batch refers to, one column per [`Reference`].
pub type Asked = Vec<StringArray>;

/// The answer for one reference.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// The new ids: `FixedSizeBinary(16)` for uuids, else `Utf8`. NULL where the record is not there.
    pub ids: ArrayRef,
    /// What became of each record that is referred to.
    pub fates: Vec<ParentFate>,
}
