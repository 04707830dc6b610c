//! The named places of personal data: rejects, resets, samples. None of this is in the JSON report or the
//! summary.

use base::RejectCode;

/// Whether values of records are written, or masked (`report_values`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Values {
    /// As they are.
    #[default]
    Shown,
    /// First letter and length only.
    Masked,
}

/// A cell or record that could not be carried: a line of the errors file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// The entity.
    pub entity: String,
    /// The record's id in the source.
    pub source_id: String,
    /// The destination column; empty: the record as a whole.
    pub field: String,
    /// The source's value; `None`: NULL.
    pub value: Option<String>,
    /// Why, in one word.
    pub code: RejectCode,
    /// Why, in a sentence.
    pub reason: String,
}

/// Someone who must set a new password: a line of the resets file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reset {
    /// The id in the source.
    pub source_id: String,
    /// The id in the destination.
    pub id: String,
    /// Where the reset mail goes; `None`: NULL.
    pub email: Option<String>,
    /// Why: `absent`, `empty`, `too_long`, …
    pub reason: String,
}

/// One record, both sides beside each other.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sample {
    /// The entity.
    pub entity: String,
    /// The record's id in the source.
    pub source_id: String,
    /// The row's id in the destination.
    pub destination_id: String,
    /// The mapped columns, in the project's order.
    pub fields: Vec<SampleField>,
}

/// A column of a sample.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SampleField {
    /// The destination column.
    pub column: String,
    /// The expression that the project maps to it.
    pub source_expression: String,
    /// What the source holds; `None`: NULL.
    pub source_text: Option<String>,
    /// What the destination holds; `None`: NULL.
    pub destination_text: Option<String>,
    /// Whether the two agree through the mapping.
    pub equal: bool,
}

/// What is wrong about a record that was looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DifferenceKind {
    /// Its row holds something else.
    Changed,
    /// Its row is not there.
    Missing,
    /// The row is there, and no record explains it.
    Extra,
}

/// A record that verify found different.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The entity.
    pub entity: String,
    /// The record's id in the source; empty for an extra row.
    pub source_id: String,
    /// The row's id in the destination; empty when nobody knows it.
    pub id: String,
    /// What is wrong.
    pub kind: DifferenceKind,
    /// The columns that differ.
    pub fields: Vec<DifferenceField>,
}

/// A column that differs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DifferenceField {
    /// The destination column.
    pub column: String,
    /// What it looks like, without values: `shifted by 1 h`, `cut at 255 characters`.
    pub hint: String,
}

/// What the page shows beside the report: bounded lists with values.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Extras {
    /// Whether values are shown.
    pub values: Values,
    /// Some of the rejects; the errors file has all.
    pub rejects_shown: Vec<Reject>,
    /// Some records, both sides.
    pub samples: Vec<Sample>,
    /// Some of the differences; `verify --all FILE` names all.
    pub differences: Vec<Difference>,
}
