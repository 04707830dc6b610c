//! The server of `landfall serve`: webhooks in, actions out, and the pages and figures around them.
//!
//! ```text
//! POST /webhooks/… ─▶ routes ─Event─▶ reception ─group─▶ Inbox::keep ─▶ 200
//!                                                            │ wakes
//!                     judging ─▶ Inbox::judge (rules) ◀──────┘
//!                        │ wakes
//!                     working ─▶ Outbox::claim ─▶ actions (Performer) ─▶ Outbox::finish
//! GET /health /metrics /console ─▶ the same ports, read
//! ```
//!
//! *It knows the ports of `bridge` and no connector, no driver, no store.* Clock, chance, log and rules are
//! handed in with [`Parts`]; every bound is in [`Config`] or [`limits`].

pub mod actions;
pub mod backoff;
mod common;
pub mod config;
mod console;

pub mod dice;
mod guarded;
mod health;
mod judging;
pub mod limits;
mod listening;
pub mod log;
mod metrics;
pub mod parts;
mod pruning;
mod reception;
mod routes;
mod serve;
mod stopping;
mod working;

pub use config::{Config, Times};
pub use log::{Level, Line, Log};
pub use parts::{Access, Decides, Integration, Parts};
pub use serve::{Server, serve};
