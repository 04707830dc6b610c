//! Mappings as SQL: the only crate that knows DataFusion.
//!
//! [`compile`] turns the expressions of a mapping into a [`Mapper`]; [`Mapper::map`] takes a batch of text
//! and gives every destination column as encoded cells, and every reason for which a record cannot be
//! carried, in one pass. [`query`] runs read-only SQL over streams of batches. Functions are registered in
//! one place, [`functions`].

mod cells;
pub mod compile;
mod explain;
pub mod functions;
pub mod mapper;
pub mod query;
pub mod references;

pub use compile::{EntityKeys, MappingProblem, compile};
pub use mapper::{BadCell, Mapped, Mapper, Verdict};
pub use references::{Fallback, ParentFate, Reference, Resolved};
