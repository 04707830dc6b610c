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
//! *No I/O here.* PostgreSQL fulfils [`Inbox`] and [`Outbox`], the stores fulfil [`ports::Cache`] and
//! [`ports::Collections`], a connector fulfils [`Sender`] and [`ports::Community`]; `server` puts them
//! together.

pub mod action;
pub mod event;
pub mod off;
pub mod ports;
pub mod sender;
pub mod store;

pub use action::{Action, Ending, Planned, Work, Write};
pub use event::{Event, Told};
pub use sender::{Judged, Refused, Request, Sender};
pub use store::{Inbox, Outbox};
