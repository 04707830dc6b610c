//! Notion: databases with their data sources, pages, properties, blocks, as far as a move and a bridge need
//! them.
//!
//! Built for version 2026-03-11. What the vendor's types and documents say is done as they say; what they
//! refuse is refused, with the path and what was found there in the message. `SCENARIOS-NOTION.md` says
//! what is only supposed, and what is left out. Unlike the other stand-ins this one is written to: tests
//! look into it with [`Running::page`] and its like, and do by hand what people do in the application.

mod app;
mod blocks;
mod caller;
mod cells;
mod check;
mod endpoint;
mod filter;
mod handlers;
mod hands;
mod id;
mod languages;
mod limits;
mod looks;
mod markdown;
mod property;
mod refusal;
mod richtext;
mod running;
mod scenario;
mod seed;
mod show;
mod store;

pub use running::{Options, Running, Stats, start};
pub use scenario::{Limits, Query, Reason, Scenario, Window};
pub use seed::Members;
