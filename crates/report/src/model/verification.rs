//! What verify found.

use indexmap::IndexMap;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The comparison of the export and the destination, through the mapping.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Verification {
    /// When it ended.
    pub finished_at: Timestamp,
    /// Computed: all entities together.
    #[serde(default)]
    pub totals: Compared,
    /// What was found for each entity.
    pub entities: IndexMap<String, EntityVerification>,
    /// Passwords that were tried against their hash.
    #[serde(default)]
    pub password_sample: Option<PasswordSample>,
}

/// How many records were compared, and how that went. `compared = equal + differing + missing`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Compared {
    /// Records whose row was looked for.
    pub compared: u64,
    /// Rows that are equal in every mapped column.
    pub equal: u64,
    /// Rows that differ in at least one.
    pub differing: u64,
    /// Records whose row is not there.
    pub missing: u64,
    /// Rows in a table that was empty before, and that no record explains.
    #[serde(default)]
    pub extra: u64,
    /// Rows that no run wrote, in a table that held rows before.
    #[serde(default)]
    pub foreign_rows: u64,
    /// Records that are in the destination and were not compared, for a reason that the run knows.
    #[serde(default)]
    pub excluded: u64,
}

/// What verify found for one entity.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct EntityVerification {
    /// The counts.
    #[serde(flatten)]
    pub counts: Compared,
    /// The records that were drawn by seed and compared once more, field by field.
    #[serde(default)]
    pub sample: Option<SampleResult>,
    /// Differing cells by column.
    #[serde(default)]
    pub differences_by_field: BTreeMap<String, u64>,
    /// How many differences are named; all are counted.
    #[serde(default)]
    pub differences_named: u64,
    /// The references that were followed.
    #[serde(default)]
    pub references: Vec<ReferenceCheck>,
}

/// A sample that can be repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct SampleResult {
    /// The seed that draws the same records again.
    pub seed: u64,
    /// Records asked for.
    pub size: u64,
    /// Records compared.
    pub compared: u64,
    /// Records equal.
    pub equal: u64,
}

/// A column whose values must be ids of another entity.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct ReferenceCheck {
    /// The column.
    pub column: String,
    /// The entity it refers to.
    pub to: String,
    /// Values followed.
    pub checked: u64,
    /// Values that lead nowhere.
    pub orphans: u64,
}

/// Passwords that were tried against the hash that was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct PasswordSample {
    /// How many.
    pub tried: u64,
    /// How many opened.
    pub matched: u64,
}
