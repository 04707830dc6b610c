//! What else a run says: passwords, checks, findings, a rollback.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What became of passwords.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Passwords {
    /// Hashes that were taken as they are: these people sign in as before.
    pub kept: u64,
    /// Plain texts that were hashed: these people sign in as before.
    pub hashed: u64,
    /// People who must set a new password.
    pub unusable: u64,
    /// The unusable ones by reason (`absent`, `empty`, `too_long`, `nul`, …).
    #[serde(default)]
    pub by_reason: BTreeMap<String, u64>,
}

/// How much a check or a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// It makes the run end with something to look at.
    #[default]
    Error,
    /// It is shown and changes nothing.
    Warn,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckStatus {
    /// It returned no rows.
    Passed,
    /// It returned rows.
    Failed,
    /// It could not be run, which counts as failed.
    #[default]
    CouldNotRun,
}

/// A declared query that must return no rows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Check {
    /// Its name.
    pub name: String,
    /// How much it weighs.
    pub level: Level,
    /// How it ended.
    pub status: CheckStatus,
    /// Rows that it returned.
    #[serde(default)]
    pub rows: u64,
    /// Ids of some of them.
    #[serde(default)]
    pub examples: Vec<String>,
    /// Why it could not be run; no value of a record.
    #[serde(default)]
    pub why: Option<String>,
}

/// Something that was noticed about records that were moved.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// What was noticed.
    pub name: String,
    /// How much it weighs.
    pub level: Level,
    /// The entity it is about; null: the run as a whole.
    #[serde(default)]
    pub entity: Option<String>,
    /// How many records.
    pub count: u64,
    /// Ids of some of them.
    #[serde(default)]
    pub examples: Vec<String>,
}

/// What a rollback did.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Rollback {
    /// Rows of the run that were deleted.
    pub deleted: u64,
    /// Rows that have their earlier content again.
    pub restored: u64,
    /// Rows that somebody changed since, or that such rows need: they were left alone.
    pub kept: u64,
    /// Rows that were gone already.
    pub gone: u64,
    /// Rows changed since that were undone all the same.
    pub forced: u64,
}
