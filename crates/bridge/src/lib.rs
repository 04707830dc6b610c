//! The bridge as data, rules and ports: what was heard, what it causes, and who stores and does it.
//!
//! ```text
//! a sender ──request──▶ Sender::judge ──Event──▶ Inbox::keep        answered once it is durable
//!                                                  │
//!                    decide (pure): rules, newest ─┤ Inbox::judge   one transaction: the event is judged,
//!                                                  ▼                its actions are queued
//!                                               Outbox ──Action──▶ Performer ──Ending──▶ Outbox::finish
//! ```
//!
//! [`senders`] has the senders that are told apart by how they sign alone; a service with more to it has its
//! own in its connector. [`decide`] asks the [`rules`].
//!
//! *No I/O here.* [`memory`] is what a store must do, without a disk. PostgreSQL fulfils [`Inbox`] and
//! [`Outbox`], the stores fulfil [`ports::Cache`] and [`ports::Collections`], a connector fulfils
//! [`Sender`] and [`ports::Community`]; `server` puts them together.

pub mod action;
pub mod body;
pub mod event;
pub mod memory;
pub mod off;
pub mod ports;
pub mod rules;
pub mod sender;
pub mod senders;
pub mod store;

pub use action::{Action, Ending, Planned, Work, Write};
pub use event::{Event, Told};
pub use rules::{Rule, decide};
pub use sender::{Judged, Refused, Request, Sender};
pub use store::{Inbox, Outbox};
