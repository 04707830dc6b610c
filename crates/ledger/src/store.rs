//! The port to the place where the ledger's records stand.
//!
//! Batches are not written here: a loader writes them in the transaction of their rows. All pages are
//! bounded, so that no call holds a whole entity.

use crate::records::{
    Batch, Difference, EntityRun, Lease, Progress, ProjectRecord, Reject, Run, RunKind, RunStatus,
};
use async_trait::async_trait;
use base::Fault;
use base::ids::RunId;
use jiff::Timestamp;

/// Rejects and differences handed out at a time.
pub const PAGE: usize = 1_000;

/// Batches handed out at a time; each has up to 65,536 fates.
pub const BATCH_PAGE: usize = 16;

/// What a new run is told.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRun {
    /// The TS of its files; the store adds a second until no other run has it.
    pub started_at: Timestamp,
    /// What kind.
    pub kind: RunKind,
    /// The seed of its sample and hashes.
    pub seed: u64,
    /// Source, export, settings.
    pub facts: serde_json::Value,
}

/// The ledger of one project.
#[async_trait]
pub trait LedgerStore: Send + Sync {
    /// Makes the ledger's tables when they are missing; refuses another version of them.
    async fn prepare(&self) -> Result<(), Fault>;
    /// Whether the ledger's tables are there.
    async fn is_prepared(&self) -> Result<bool, Fault>;
    /// The project, once a run has recorded it.
    async fn project(&self) -> Result<Option<ProjectRecord>, Fault>;
    /// Records the project.
    async fn record_project(&self, project: &ProjectRecord) -> Result<(), Fault>;

    /// Becomes the one writer, or says who is.
    async fn take_lease(&self, host: &str, pid: i32, command: &str) -> Result<Lease, Fault>;
    /// Shows that the writer is alive; a fault when another one has taken over.
    async fn heartbeat(&self) -> Result<(), Fault>;
    /// Gives the lease back.
    async fn release_lease(&self) -> Result<(), Fault>;

    /// The runs, newest first.
    async fn runs(&self) -> Result<Vec<Run>, Fault>;
    /// Begins a run.
    async fn create_run(&self, run: &NewRun) -> Result<Run, Fault>;
    /// Sets how far a run has come.
    async fn set_status(&self, run: RunId, status: RunStatus, at: Option<Timestamp>) -> Result<(), Fault>;
    /// Replaces the facts of a run.
    async fn set_facts(&self, run: RunId, facts: &serde_json::Value) -> Result<(), Fault>;
    /// Counts that the run was taken up again.
    async fn note_resumed(&self, run: RunId) -> Result<(), Fault>;
    /// Drops a run's pre-images and undo record.
    async fn forget(&self, run: RunId) -> Result<(), Fault>;

    /// The entities of a run, in the order in which it began with them.
    async fn entities(&self, run: RunId) -> Result<Vec<EntityRun>, Fault>;
    /// Begins with an entity (or finds it begun, and returns what was recorded then).
    async fn begin_entity(&self, run: RunId, entity: &EntityRun) -> Result<EntityRun, Fault>;
    /// Says that every record's fate is decided.
    async fn entity_loaded(&self, run: RunId, entity: &str) -> Result<(), Fault>;
    /// How far an entity has come.
    async fn progress(&self, run: RunId, entity: &str) -> Result<Progress, Fault>;
    /// The batches of an entity in export order, [`BATCH_PAGE`] at a time, from the one that holds
    /// `from_record`.
    async fn batches(&self, run: RunId, entity: &str, from_record: u64) -> Result<Vec<Batch>, Fault>;

    /// Writes rejects that belong to no batch (found at export); those of the entity found so before are
    /// replaced.
    async fn replace_export_rejects(&self, run: RunId, entity: &str, rejects: &[Reject])
    -> Result<(), Fault>;
    /// The rejects of a run by entity, record and field, [`PAGE`] at a time, after the `offset` first.
    async fn rejects(&self, run: RunId, entity: Option<&str>, offset: u64) -> Result<Vec<Reject>, Fault>;

    /// Replaces the differences that were found for an entity.
    async fn replace_differences(&self, run: RunId, entity: &str, found: &[Difference]) -> Result<(), Fault>;
    /// The differences of a run, [`PAGE`] at a time.
    async fn differences(&self, run: RunId, offset: u64) -> Result<Vec<Difference>, Fault>;
}
