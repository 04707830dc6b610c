//! Bubble's Data API as a source.
//!
//! The wire and what is unsure about it: `NOTES.md`. The parts that decide are pure ([`address`], [`query`],
//! [`wire`], [`columns`], [`schema`], [`paging`], [`verdict`], [`explain`]); those that ask the
//! service only carry out what they decide (`api`, `describe`, `walk`, `tie`, `check`, `source`).

pub mod address;
mod api;
mod check;
pub mod columns;
mod describe;
pub mod explain;
pub mod paging;
pub mod query;
pub mod schema;
mod source;
mod tie;
pub mod verdict;
mod walk;
pub mod wire;

pub use source::{BubbleConfig, BubbleSource, CONNECTIONS, CONNECTIONS_MAX};
