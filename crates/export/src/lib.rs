//! The export on disk: CSV that tells NULL from the empty string, the file that grows while an entity is
//! extracted, the manifest.
//!
//! [`csv`] reads and writes the files, [`part`] makes one of them from pages and survives a kill at any
//! moment, [`folder`] and [`manifest`] are what a finished export consists of, [`ndjson`] and [`text`] turn
//! JSON into the text that an export holds. Every write goes through [`disk`], so that tests can make any of
//! them fail.

pub mod csv;
pub mod disk;
pub mod folder;
pub mod manifest;
pub mod ndjson;
pub mod part;
mod sort;
pub mod summed;
pub mod text;

pub use folder::{ExportFolder, FolderError};
pub use manifest::{ColumnManifest, EntityManifest, FileState, Manifest, Passwords};
pub use part::{Counts, FinishOrder, Finished, Part, Resumed};
pub use text::{BadText, export_text};
