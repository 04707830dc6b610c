//! Notion: the client of its API, a database of it as a place that a move writes into, and as the pages that
//! the bridge keeps about members.
//!
//! What is known about the wire, and what is only supposed: `NOTES.md`. The parts that decide are pure
//! ([`wire`], [`limits`], [`rich_text`], [`blocks`], `verdict`); those that ask only carry out what they
//! decide.

pub mod blocks;
mod bridge;
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

pub use self::bridge::{Field, NotionPages, PagesSettings};
pub use client::{Client, PropertyItems, Query, QueryWalk};
pub use config::{API, NotionConfig, Ports, VERSION};
pub use errors::{Error, Lost};
pub use said::Said;
pub use service::{NotionService, ServiceSettings};
