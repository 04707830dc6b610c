//! A run, and everything that a report says about it.

use crate::model::{Buckets, Check, Entity, Export, Finding, Passwords, Rollback, Verification};
use base::ids::RunId;
use indexmap::IndexMap;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The version of the report's form.
pub const REPORT_VERSION: u32 = 1;

/// What a run did, in ids, codes and counts; no value of a record.
///
/// The fields that are marked *computed* are made by [`Report::seal`], whatever the caller wrote there.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "Landfall migration report")]
pub struct Report {
    /// The version of this form: 1.
    pub version: u32,
    /// The run.
    pub run: Run,
    /// How it stands.
    pub status: Status,
    /// Computed: whether every count agrees with the others.
    #[serde(default)]
    pub accounted: bool,
    /// Computed: the counts of all entities together.
    #[serde(default)]
    pub totals: Buckets,
    /// The entities, in the order in which they are moved.
    pub entities: IndexMap<String, Entity>,
    /// What became of passwords, when the project moves any.
    #[serde(default)]
    pub passwords: Option<Passwords>,
    /// What verify found; null: it has not run to its end.
    #[serde(default)]
    pub verification: Option<Verification>,
    /// The project's checks, in its order.
    #[serde(default)]
    pub checks: Vec<Check>,
    /// What was noticed about records that were moved.
    #[serde(default)]
    pub findings: Vec<Finding>,
    /// Where the time went, in the order of beginning.
    #[serde(default)]
    pub phases: Vec<Phase>,
    /// What the run read, and the proof that it is all of it.
    #[serde(default)]
    pub export: Export,
    /// What a rollback of this run did, once there was one.
    #[serde(default)]
    pub rollback: Option<Rollback>,
    /// What is safe already, one sentence.
    #[serde(default)]
    pub saved: String,
    /// What is still to be done, one sentence.
    #[serde(default)]
    pub pending: String,
    /// How to continue: a sentence, or a command to paste.
    #[serde(default)]
    pub how_to_go_on: String,
}

/// Who moved what, from where to where, when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    /// The run's number in the ledger.
    #[schemars(with = "i64")]
    pub id: RunId,
    /// `YYYYMMDD_HHMMSS` of its start, UTC: the name in the names of its files.
    pub name: String,
    /// The project's name.
    pub project: String,
    /// The command that began it, without secrets.
    pub command: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended; null while it is open.
    #[serde(default)]
    pub finished_at: Option<Timestamp>,
    /// Connector and address of the source, without credentials.
    pub source: String,
    /// Connector and address of the destination, without credentials.
    pub destination: String,
    /// `live`, `test`, or what the service calls it.
    #[serde(default)]
    pub environment: Option<String>,
    /// The version of landfall.
    pub landfall: String,
    /// The namespace of derived ids, a UUID.
    #[serde(default)]
    pub namespace: Option<String>,
    /// How many times it was interrupted and resumed.
    #[serde(default)]
    pub resumed: u64,
    /// The seed of the samples, so that they can be drawn again.
    #[serde(default)]
    pub seed: Option<u64>,
}

impl Default for Run {
    fn default() -> Self {
        Self {
            id: RunId(0),
            name: String::new(),
            project: String::new(),
            command: String::new(),
            started_at: Timestamp::UNIX_EPOCH,
            finished_at: None,
            source: String::new(),
            destination: String::new(),
            environment: None,
            landfall: String::new(),
            namespace: None,
            resumed: 0,
            seed: None,
        }
    }
}

impl Run {
    /// The name of one of its files: `migration_summary_20261121_101500.txt`.
    pub fn file_name(&self, kind: &str, extension: &str) -> String {
        format!("{kind}_{}.{extension}", self.name)
    }
}

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It has begun and is not at its end.
    #[default]
    Open,
    /// Everything accounted for, every check passed.
    Done,
    /// At its end, and there is something to look at.
    DoneWithFindings,
    /// It stopped part-way and can be resumed.
    Stopped,
    /// It failed.
    Failed,
    /// It was undone completely.
    RolledBack,
    /// It was undone, and some rows were kept.
    PartlyRolledBack,
}

impl Status {
    /// The words for people.
    pub fn words(self) -> &'static str {
        match self {
            Status::Open => "Open",
            Status::Done => "Done",
            Status::DoneWithFindings => "Done, with something to look at",
            Status::Stopped => "Stopped part-way",
            Status::Failed => "Failed",
            Status::RolledBack => "Rolled back",
            Status::PartlyRolledBack => "Rolled back in part",
        }
    }

    /// Whether the run may still have records before it.
    pub fn may_have_more(self) -> bool {
        matches!(self, Status::Open | Status::Stopped | Status::Failed)
    }
}

/// A stretch of time that was spent on one thing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Phase {
    /// What was done: `export`, `load`, `verify`, `checks`, `report`.
    pub name: String,
    /// The entity it was done for; null: the run as a whole.
    #[serde(default)]
    pub entity: Option<String>,
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took.
    pub seconds: f64,
    /// Records that went through it.
    #[serde(default)]
    pub records: u64,
    /// Bytes that went through it; 0: not measured.
    #[serde(default)]
    pub bytes: u64,
}
