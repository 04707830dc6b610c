//! What undoing a run was asked for and came to.

use base::ids::RunId;
use std::collections::BTreeMap;

/// What to undo, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RollbackRequest {
    /// The run.
    pub run: RunId,
    /// Count, and change nothing.
    pub dry_run: bool,
    /// Undo rows that somebody changed since, too.
    pub force: bool,
}

/// What undoing an entity came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Undone {
    /// Rows that the run had inserted, deleted.
    pub deleted: u64,
    /// Rows that the run had updated, as they were before.
    pub restored: u64,
    /// Rows kept because somebody changed them since.
    pub kept_changed: u64,
    /// Rows kept because another row needs them.
    pub kept_needed: u64,
    /// Rows that were gone already.
    pub gone: u64,
}

impl Undone {
    /// Rows kept for any reason.
    pub fn kept(&self) -> u64 {
        self.kept_changed + self.kept_needed
    }
}

/// What a rollback came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RollbackReport {
    /// The run was undone completely before; nothing was done.
    pub already: bool,
    /// By entity.
    pub entities: BTreeMap<String, Undone>,
}

impl RollbackReport {
    /// Rows kept in all.
    pub fn kept(&self) -> u64 {
        self.entities.values().map(Undone::kept).sum()
    }
}
