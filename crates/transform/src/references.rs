//! References to records of other entities, resolved by the run loop between two passes.
//!
//! The first pass evaluates what stands inside `ref(…)`, the run loop says which ids those records have and
//! what became of them, and the second pass sees the answers as columns. So the mapper holds no state and
//! asks nobody.

use arrow::array::{ArrayRef, StringArray};

/// A call of `ref`, `ref_or` or `ref_or_missing` in a mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The entity that is referred to.
    pub entity: String,
    /// Position in the mapping's columns of the column that the call stands in.
    pub column: usize,
    /// For which records a fallback stands in.
    pub fallback: Fallback,
}

/// For which records a fallback stands in. Never for one that a limit leaves out: a whole run would move it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallback {
    /// None (`ref`).
    None,
    /// Those that are neither in the export nor in the destination (`ref_or_missing`).
    Missing,
    /// All that are not in the destination (`ref_or`).
    NotThere,
}

impl Fallback {
    /// That of a function; `None`: it is no reference.
    pub(crate) fn of(function: &str) -> Option<Self> {
        match function {
            "ref" => Some(Fallback::None),
            "ref_or_missing" => Some(Fallback::Missing),
            "ref_or" => Some(Fallback::NotThere),
            _ => None,
        }
    }

    /// Whether it stands in for a record of that fate.
    fn covers(self, fate: ParentFate) -> bool {
        match fate {
            ParentFate::There | ParentFate::BeyondLimit => false,
            ParentFate::Missing => self != Fallback::None,
            ParentFate::Rejected | ParentFate::Skipped => self == Fallback::NotThere,
        }
    }

    /// Whether a record is decided by the fate of the one that it refers to.
    pub fn leaves(self, fate: ParentFate) -> bool {
        fate != ParentFate::There && !self.covers(fate)
    }
}

/// What became of a record that is referred to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParentFate {
    /// It is in the destination, or nothing was referred to (NULL).
    There,
    /// It was rejected.
    Rejected,
    /// It was left out by a filter, or with a record that was left out.
    Skipped,
    /// It was left out by a limit: a whole run would move it.
    BeyondLimit,
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
