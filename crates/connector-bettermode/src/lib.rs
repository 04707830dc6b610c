//! BetterMode: the client of its GraphQL API, the wire side of its webhooks, the service as a source of
//! records, and what a move writes into it.
//!
//! What is known about the wire, and what is only supposed: `NOTES.md`. The parts that decide are pure
//! ([`address`], [`wire`], `verdict`, [`costs`], [`webhook`]); those that ask only carry out what they
//! decide. Everything that is ever sent stands in [`queries`].
//!
//! [`BettermodeSender`] and [`BettermodeCommunity`] are what the bridge hears and talks to; [`calls`] is each
//! call as a value, for a command line.
//!
//! `examples/calls.rs` shows the calls.

pub mod address;
mod bridge;
pub mod budget;
pub mod calls;
mod client;
mod config;
pub mod costs;
pub mod destination;
mod errors;
pub mod queries;
mod said;
mod service;
mod source;
mod tokens;
pub mod types;
mod verdict;
pub mod webhook;
pub mod wire;

pub use self::bridge::{BettermodeCommunity, BettermodeSender, CALL_TIME_MAX, SenderSettings};
pub use client::{ChatWalk, Client, IDS_MAX, MemberFilter, MessageWalk, PAGE_MAX, Page, Walk};
pub use config::{AppCredentials, IntegrationConfig, Ports};
pub use errors::{Error, Lost};
pub use service::BettermodeService;
pub use source::BettermodeSource;
pub use tokens::MEMBERS_MAX;
