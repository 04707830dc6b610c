//! Undoing a run: what is asked of a destination, and what came of it.

use base::ids::RunId;
use ledger::RunStatus;
use std::collections::BTreeMap;

/// Keys of kept rows that a report names; all are in the ledger (`landfall.kept`).
pub const KEPT_NAMED_MAX: usize = 100;

/// What to undo, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoRequest {
    /// The run.
    pub run: RunId,
    /// Only count.
    pub dry_run: bool,
    /// Undo rows that somebody changed since, too.
    pub force: bool,
    /// For each entity the keys (as text, columns joined by a comma) of rows whose content is not the run's:
    /// they count as changed, all others do not, whoever wrote them last. `None`: the rows' transactions
    /// tell.
    pub changed_keys: Option<BTreeMap<String, Vec<String>>>,
}

/// How far an undo has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoProgress {
    /// The entity whose rows were looked at last.
    pub entity: String,
    /// Rows looked at, in all entities.
    pub done: u64,
    /// Rows of the run that were not undone when it began, in all entities.
    pub total: u64,
}

/// What became of an entity's rows. Each row that the run wrote is in one of the first five.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Undone {
    /// Rows that the run had inserted, deleted.
    pub deleted: u64,
    /// Rows that the run had updated, with their earlier content again.
    pub restored: u64,
    /// Rows that somebody changed since, left alone.
    pub kept_changed: u64,
    /// Rows that other rows stand in the way of: rows that refer to them, that hold a unique key which the
    /// earlier content had, or that are gone and which it refers to.
    pub kept_needed: u64,
    /// Rows that were gone already.
    pub gone: u64,
    /// How many of those deleted and restored somebody had changed since (`force`).
    pub forced: u64,
}

impl Undone {
    /// Rows left alone.
    pub fn kept(&self) -> u64 {
        self.kept_changed + self.kept_needed
    }

    /// Rows looked at.
    pub fn rows(&self) -> u64 {
        self.deleted + self.restored + self.kept() + self.gone
    }

    /// Adds what another part came to.
    pub fn add(&mut self, other: &Undone) {
        self.deleted += other.deleted;
        self.restored += other.restored;
        self.kept_changed += other.kept_changed;
        self.kept_needed += other.kept_needed;
        self.gone += other.gone;
        self.forced += other.forced;
    }
}

/// Why a row was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Why {
    /// Somebody changed it since.
    Changed,
    /// Other rows stand in the way.
    Needed,
}

impl Why {
    /// The word in the ledger.
    pub fn word(self) -> &'static str {
        match self {
            Why::Changed => "changed",
            Why::Needed => "needed",
        }
    }
}

/// A row that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The entity.
    pub entity: String,
    /// The key as text, columns joined by a comma.
    pub key: String,
    /// Why.
    pub why: Why,
}

/// What an undo came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoReport {
    /// Per entity of the run, in the order in which they were undone.
    pub entities: Vec<(String, Undone)>,
    /// The first rows that were kept, up to [`KEPT_NAMED_MAX`].
    pub kept: Vec<Kept>,
    /// The run's status now; of a dry run: as it would be.
    pub status: RunStatus,
    /// Whether the run was rolled back completely before, so that nothing was done.
    pub already: bool,
    /// What a person should know besides, sentences without values.
    pub notes: Vec<String>,
}

impl UndoReport {
    /// All entities together.
    pub fn total(&self) -> Undone {
        let mut total = Undone::default();
        for (_, undone) in &self.entities {
            total.add(undone);
        }
        total
    }
}
