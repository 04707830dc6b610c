//! A folder of CSV and NDJSON files as a source.
//!
//! Each file is a stream: `users.csv`, `users.ndjson` or `users.jsonl` is the stream `users`. What is sure
//! and what is not about such files stands in `NOTES.md`.

mod errors;
mod kinds;
mod source;
mod tally;
mod types;
mod walk;

pub use errors::FilesError;
pub use source::FilesSource;
