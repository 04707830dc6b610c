//! Notion: the client of its API, and a database of it as a place that a move writes into.
//!
//! What is known about the wire, and what is only supposed: `NOTES.md`. The parts that decide are pure
//! ([`wire`], [`limits`], [`rich_text`], [`blocks`], `verdict`); those that ask only carry out what they
//! decide.

pub mod blocks;
mod client;
mod config;
mod errors;
pub mod limits;
pub mod rich_text;
mod said;
mod service;
pub mod types;
mod verdict;
pub mod wire;

pub use client::{Client, PropertyItems, Query, QueryWalk};
pub use config::{API, NotionConfig, Ports, VERSION};
pub use errors::{Error, Lost};
pub use said::Said;
pub use service::{NotionService, ServiceSettings};
