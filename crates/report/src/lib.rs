//! What a run hands to people: the summary, the errors file, the resets file, the report for machines, and
//! the page to look at.
//!
//! Facts in, text out. A [`Report`] holds ids, codes and counts and never the value of a record; values are
//! only in [`Reject`], [`Reset`] and [`Extras`], which go to the errors file, the resets file and the page,
//! and nowhere else. [`files`] is the one place that touches the disk.

mod csv;
pub mod files;
mod html;
mod json;
mod mask;
mod model;
mod summary;
mod totals;
mod verdict;
mod words;

pub use csv::{ErrorsCsv, ResetsCsv, errors_csv, resets_csv};
pub use files::{Folder, PendingFile, Writing, Written};
pub use html::{DIFFERENCES_SHOWN_MAX, REJECTS_SHOWN_MAX, SAMPLES_SHOWN_MAX, TEXT_SHOWN_MAX, html};
pub use json::{json, schema};
pub use mask::mask;
pub use model::*;
pub use summary::summary;
pub use totals::Disagreement;
pub use verdict::{Tone, Verdict, verdict};
