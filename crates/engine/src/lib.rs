//! The run loop: export, load, verify, resume, roll back. It knows ports and no driver.
//!
//! A [`job::Job`] is a project with its source and destination at hand. [`prepare`] turns its entities into
//! mappers over the destination's catalogue, [`extract`] makes the export, [`load`] moves an entity,
//! [`verify`] compares through the mapping, [`run`] strings them together under the ledger.

pub mod accounts;
pub mod census;
pub mod checks;
pub mod chunks;
pub mod circle;
pub mod defaults;
pub mod extract;
pub mod fates;
pub mod id_file;
mod id_memo;
pub mod job;
pub mod load;
pub mod parents;
pub mod passwords;
pub mod plan;
pub mod prepare;
pub mod reading;
pub mod replay;
pub mod rows;
pub mod run;
pub mod several;
pub mod spill;
pub mod tables;
pub mod undo;
pub mod verify;

pub use job::{Cancel, Event, Job, Observer};
