//! The counts of one entity.

use base::{RejectCode, SkipReason};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What became of an entity's records.
///
/// `source = loaded + updated + unchanged + skipped + rejected`, once it is finished.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Entity {
    /// The source's stream.
    pub stream: String,
    /// The destination's table.
    pub table: String,
    /// What becomes of rows that are there already: `insert`, `update` or `skip`.
    pub mode: String,
    /// Whether every record of it has been decided.
    pub finished: bool,
    /// Records of the export.
    pub source: u64,
    /// Rows inserted.
    pub loaded: u64,
    /// Rows written over; their earlier content is kept in the ledger.
    pub updated: u64,
    /// Rows that were there, equal.
    pub unchanged: u64,
    /// Records left out on purpose.
    pub skipped: u64,
    /// Records that could not be carried.
    pub rejected: u64,
    /// The skipped records by reason.
    #[serde(default)]
    #[schemars(schema_with = "by_reason")]
    pub skipped_by_reason: BTreeMap<SkipReason, u64>,
    /// The rejected records by code.
    #[serde(default)]
    #[schemars(schema_with = "by_code")]
    pub rejected_by_code: BTreeMap<RejectCode, u64>,
    /// Columns that took their default instead of NULL, and how many times.
    #[serde(default)]
    pub defaults_taken: BTreeMap<String, u64>,
    /// Records that took over a row that the destination had already; they are among `updated`, `unchanged`
    /// or `skipped`.
    #[serde(default)]
    pub adopted: u64,
    /// Computed: whether the counts agree.
    #[serde(default)]
    pub accounted: bool,
    /// Seconds that its load took.
    #[serde(default)]
    pub seconds: f64,
    /// Computed: records decided per second of `seconds`; 0: not measured.
    #[serde(default)]
    pub rows_per_second: f64,
    /// Records that the source showed once more; they stand once in the export.
    #[serde(default)]
    pub source_repeats: u64,
    /// Records that no text can hold; they are among `source` and `rejected`.
    #[serde(default)]
    pub unreadable: u64,
    /// The evidence that the export holds all of it; null: there is none.
    #[serde(default)]
    pub completeness: Option<Completeness>,
}

/// The evidence that an export of an entity saw everything. Counts that a source cannot know are null.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Completeness {
    /// What the service said there were before the export.
    #[serde(default)]
    pub declared_before: Option<u64>,
    /// What the service said there were after it.
    #[serde(default)]
    pub declared_after: Option<u64>,
    /// Records that came while the export ran, and are in it.
    #[serde(default)]
    pub appeared: u64,
    /// Records that changed while the export ran; the newest version is in it.
    #[serde(default)]
    pub changed: u64,
    /// Records seen that were gone at the end; they are in it.
    #[serde(default)]
    pub vanished: u64,
    /// Whether it is proven that everything was seen.
    pub complete: bool,
    /// Why it is not, or what was odd; sentences without values of records.
    #[serde(default)]
    pub remarks: Vec<String>,
}

/// The five buckets, and what should be in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Buckets {
    /// Records of the export.
    pub source: u64,
    /// Rows inserted.
    pub loaded: u64,
    /// Rows written over.
    pub updated: u64,
    /// Rows that were there, equal.
    pub unchanged: u64,
    /// Records left out on purpose.
    pub skipped: u64,
    /// Records that could not be carried.
    pub rejected: u64,
}

/// `reason -> count`, with the reasons that there are.
fn by_reason(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
    counted(generator, &SkipReason::ALL.iter().map(|reason| reason.word()).collect::<Vec<_>>())
}

/// `code -> count`, with the codes that there are.
fn by_code(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
    counted(generator, &RejectCode::ALL.iter().map(|code| code.word()).collect::<Vec<_>>())
}

fn counted(generator: &mut schemars::SchemaGenerator, names: &[&str]) -> schemars::Schema {
    let count = generator.subschema_for::<u64>();
    schemars::json_schema!({
        "type": "object",
        "propertyNames": { "enum": names },
        "additionalProperties": count,
    })
}
