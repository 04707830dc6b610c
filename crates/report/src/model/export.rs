//! What the run read.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The export's manifest, as far as a report needs it. The evidence of each entity is in its
/// [`Completeness`](crate::Completeness).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Export {
    /// Where the records came from, without credentials.
    #[serde(default)]
    pub address: String,
    /// The connector's name and version.
    #[serde(default)]
    pub connector: String,
    /// `live`, `test`, or what the service calls it.
    #[serde(default)]
    pub environment: Option<String>,
    /// When the export began.
    #[serde(default)]
    pub started_at: Option<Timestamp>,
    /// When it was finished; null: it is not, or nobody knows.
    #[serde(default)]
    pub finished_at: Option<Timestamp>,
    /// Whether all entities are in it.
    #[serde(default)]
    pub complete: bool,
    /// Whether the files came without a manifest: there is no proof of completeness.
    #[serde(default)]
    pub without_manifest: bool,
    /// Entities whose file was changed since it was exported.
    #[serde(default)]
    pub edited: Vec<String>,
    /// Computed: what the service said there were before; null when an entity does not know.
    #[serde(default)]
    pub declared_before: Option<u64>,
    /// Computed: what the service said there were after.
    #[serde(default)]
    pub declared_after: Option<u64>,
    /// Computed: records that came while the export ran.
    #[serde(default)]
    pub appeared: u64,
    /// Computed: records that changed while the export ran.
    #[serde(default)]
    pub changed: u64,
    /// Computed: records that went while the export ran.
    #[serde(default)]
    pub vanished: u64,
    /// What the source has and does not give.
    #[serde(default)]
    pub left_behind: Vec<LeftBehind>,
}

/// Something that stays in the source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LeftBehind {
    /// A word for it: `likes`, `direct_messages`.
    pub name: String,
    /// Why it stays.
    pub why: String,
    /// How many there are; null: nobody says.
    #[serde(default)]
    pub count: Option<u64>,
}

impl LeftBehind {
    /// It in one line: `likes (1,204): the API gives totals of likes and not who they are from`.
    pub(crate) fn line(&self) -> String {
        let count = self.count.map(|n| format!(" ({})", crate::words::number(n))).unwrap_or_default();
        format!("{}{count}: {}", self.name, self.why)
    }
}
