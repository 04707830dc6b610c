//! The records of the ledger, as a store hands them out.

use crate::counts::Counts;
use base::RejectCode;
use base::ids::RunId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// The version of the ledger's tables; a ledger of another version is refused.
pub const SCHEMA_VERSION: i32 = 1;

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// Entities are still to load, or no verify has finished.
    Open,
    /// All accounted for, every check passed.
    Done,
    /// Finished, and there is something to look at.
    DoneWithFindings,
    /// All that it did is undone.
    RolledBack,
    /// A rollback kept rows, or is not through.
    PartlyRolledBack,
}

impl RunStatus {
    /// The word in the ledger and in reports.
    pub fn word(self) -> &'static str {
        match self {
            RunStatus::Open => "open",
            RunStatus::Done => "done",
            RunStatus::DoneWithFindings => "done_with_findings",
            RunStatus::RolledBack => "rolled_back",
            RunStatus::PartlyRolledBack => "partly_rolled_back",
        }
    }
    /// The status of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Open, Self::Done, Self::DoneWithFindings, Self::RolledBack, Self::PartlyRolledBack]
            .into_iter()
            .find(|s| s.word() == word)
    }
}

/// A run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Its number.
    pub id: RunId,
    /// `YYYYMMDD_HHMMSS`, the TS of its files; no two runs share one.
    pub name: String,
    /// `move` or `replay`.
    pub kind: RunKind,
    /// How far it has come.
    pub status: RunStatus,
    /// When it began.
    pub started_at: Timestamp,
    /// When its verify finished.
    pub finished_at: Option<Timestamp>,
    /// How often it was taken up again.
    pub resumed: u32,
    /// The random seed of its sample and hashes.
    pub seed: u64,
    /// What the run was told and found: source, export, settings, verification (JSON, for reports).
    pub facts: serde_json::Value,
}

/// What kind of run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunKind {
    /// `landfall move`.
    Move,
    /// `landfall rejects --replay`.
    Replay,
}

/// An entity of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntityRun {
    /// The entity.
    pub entity: String,
    /// The destination's table, quoted and qualified.
    pub table: String,
    /// Its key columns.
    pub key: Vec<String>,
    /// Fingerprint of mapping and column types: a change after some batches committed refuses the resume.
    pub plan: String,
    /// Whether the table was empty when the run began with it.
    pub began_empty: bool,
    /// Defaults that stand in for NULLs in this run: column → text of the value.
    pub defaults: BTreeMap<String, Option<String>>,
    /// For integer keys: the value before the first of the block reserved for this run.
    pub key_base: Option<i64>,
    /// Records of the export.
    pub source: u64,
    /// The columns by which content is told; empty for a table of the ledger's own database.
    pub columns: Vec<String>,
    /// The destination's name, of an entity that goes to a service ([`crate::effects`]).
    pub service: Option<String>,
    /// Whether every record's fate is decided.
    pub loaded: bool,
}

/// A batch that is committed: a range of records of the export with their fates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Its number in the ledger; later batches have greater ones.
    pub id: i64,
    /// Number of its first record in the export, from 0.
    pub first_record: u64,
    /// A byte per record.
    pub fates: crate::Fates,
    /// Where the export goes on after it, in bytes.
    pub next_byte: u64,
    /// Keyed marks of cells that are not the same in another run (fresh password hashes), 16 bytes a record;
    /// all zero for a record without.
    pub marks: Option<Vec<u8>>,
    /// Whether its rows hold their references inside a circle (outside of one: always).
    pub linked: bool,
}

/// Progress of an entity in a run, from the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// Records whose fate is decided; they are the export's first ones.
    pub records: u64,
    /// Where the export goes on, in bytes (0: at its first record).
    pub next_byte: u64,
    /// The fates so far.
    pub counts: Counts,
    /// NULLs that took a column's default: column → how many.
    pub defaults_taken: BTreeMap<String, u64>,
    /// Records that adopted a row by `match`.
    pub adopted: u64,
}

/// A record, or a cell of it, that could not be carried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reject {
    /// The entity.
    pub entity: String,
    /// Number of the record in the export, from 0; negative: found at export, stands in no line.
    pub record: i64,
    /// The source's id; empty when it has none.
    pub source_id: String,
    /// The destination column; empty: the record as a whole.
    pub field: String,
    /// The source's value (personal data: only in the ledger and the errors file).
    pub value: Option<String>,
    /// Why, in a word.
    pub code: RejectCode,
    /// Why, in a sentence without the value.
    pub reason: String,
}

/// A record that verify found different, missing or too many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The entity.
    pub entity: String,
    /// `changed`, `missing`, `extra`.
    pub kind: DifferenceKind,
    /// The source's id; empty for extra rows.
    pub source_id: String,
    /// The destination's key as text, columns joined by a comma.
    pub key: String,
    /// What differs, column by column (empty for missing and extra).
    pub fields: Vec<FieldDifference>,
}

/// How a record differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceKind {
    /// The row is there with other content.
    Changed,
    /// The row is not there.
    Missing,
    /// A row is there that no record explains.
    Extra,
}

impl DifferenceKind {
    /// The word for files and tables.
    pub fn word(self) -> &'static str {
        match self {
            DifferenceKind::Changed => "changed",
            DifferenceKind::Missing => "missing",
            DifferenceKind::Extra => "extra",
        }
    }
}

/// A column that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldDifference {
    /// The destination column.
    pub column: String,
    /// How, in words without the values: `shifted by +02:00`, `cut after 20 characters`.
    pub hint: String,
}

/// Who holds the lease.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// Grows with each writer.
    pub epoch: i64,
    /// The writer's machine.
    pub host: String,
    /// Its process.
    pub pid: i32,
    /// What it does.
    pub command: String,
    /// Since when.
    pub since: Timestamp,
}

/// The project as the ledger knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectRecord {
    /// Its name.
    pub name: String,
    /// The namespace of its ids, recorded by the first run.
    pub namespace: Uuid,
}
