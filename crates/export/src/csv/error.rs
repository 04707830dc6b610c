//! What can be wrong with a CSV file.

use std::io;

/// Where in the file it is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The record, from 1; 0 is the header.
    pub record: u64,
    /// The line of the file, from 1; a quoted field may span several.
    pub line: u64,
    /// The byte of the file, from 0.
    pub byte: u64,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.record {
            0 => write!(f, "line {} (header)", self.line),
            record => write!(f, "line {} (record {record})", self.line),
        }
    }
}

/// What is wrong. No variant holds a value of a record.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CsvError {
    /// A record has more or fewer fields than the header.
    #[error("{at}: {found} fields where the header has {expected}")]
    FieldCount {
        /// The record's start.
        at: Place,
        /// Fields of the header.
        expected: usize,
        /// Fields of the record.
        found: usize,
    },
    /// A quote inside a field that does not begin with one, or text after a closing quote.
    #[error("{at}: a quote in the wrong place")]
    StrayQuote {
        /// The quote.
        at: Place,
    },
    /// The file ends inside a quoted field.
    #[error("{at}: a quote is opened and never closed")]
    UnfinishedQuote {
        /// The opening quote.
        at: Place,
    },
    /// A carriage return outside quotes that is not followed by a line feed.
    #[error("{at}: a carriage return that ends no line")]
    BareReturn {
        /// The carriage return.
        at: Place,
    },
    /// A field is not UTF-8.
    #[error("{at}: field {column} is not UTF-8")]
    NotUtf8 {
        /// The record's start.
        at: Place,
        /// The number of the field, from 1.
        column: usize,
    },
    /// A field is longer than [`FIELD_BYTES_MAX`](super::FIELD_BYTES_MAX).
    #[error("{at}: a field longer than {max} bytes, probably a quote that is never closed")]
    FieldTooLong {
        /// The field's start.
        at: Place,
        /// The limit.
        max: usize,
    },
    /// A record is longer than [`RECORD_BYTES_MAX`](super::RECORD_BYTES_MAX).
    #[error("{at}: a record longer than {max} bytes")]
    RecordTooLong {
        /// The record's start.
        at: Place,
        /// The limit.
        max: usize,
    },
    /// The file has no header row.
    #[error("the file has no header row")]
    NoHeader,
    /// Two columns of the header have the same name.
    #[error("the header names column {column:?} twice")]
    ColumnTwice {
        /// The name.
        column: String,
    },
    /// A position to go on from lies behind the end of the file.
    #[error("the file ends at byte {len}, before byte {byte} where reading was to go on")]
    BehindEnd {
        /// The position asked for.
        byte: u64,
        /// The length of the file.
        len: u64,
    },
    /// Reading failed.
    #[error("{0}")]
    Io(#[from] io::Error),
}

impl CsvError {
    /// Where it is wrong, if it is about a place.
    pub fn place(&self) -> Option<Place> {
        match self {
            Self::FieldCount { at, .. }
            | Self::StrayQuote { at }
            | Self::UnfinishedQuote { at }
            | Self::BareReturn { at }
            | Self::NotUtf8 { at, .. }
            | Self::FieldTooLong { at, .. }
            | Self::RecordTooLong { at, .. } => Some(*at),
            Self::NoHeader | Self::ColumnTwice { .. } | Self::BehindEnd { .. } | Self::Io(_) => None,
        }
    }
}
