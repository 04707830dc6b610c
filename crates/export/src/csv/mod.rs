//! CSV after RFC 4180 in UTF-8, in which the quotes of an empty field mean something: unquoted it is NULL,
//! quoted it is the empty string.

mod error;
pub(crate) mod raw;
mod reader;
mod split;
mod window;
mod writer;

pub use error::{CsvError, Place};
pub use raw::Limits;
pub use reader::{CsvReader, EmptyMeans, Position};
pub use writer::CsvWriter;
pub(crate) use writer::put_field;

/// Bytes that one field may have. A larger one is almost always a quote that is never closed, and without a
/// bound such a file would be read into memory whole.
pub const FIELD_BYTES_MAX: usize = 64 << 20;

/// Bytes that one record may have, line end included: a few of the largest fields.
pub const RECORD_BYTES_MAX: usize = 256 << 20;

/// Bytes of values after which a batch ends early, so that memory stays bounded when records are huge.
/// Together with one more record it stays below the 2 GiB that a column's 32-bit offsets can address.
pub const BATCH_BYTES_MAX: usize = 32 << 20;
