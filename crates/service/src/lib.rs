//! A service as a destination: rows become calls, each with its effect once.
//!
//! [`ServiceDestination`] puts a [`connect::service::Service`] behind the port that the run loop knows
//! ([`connect::destination::Destination`]). No transaction spans a call and the ledger; instead an intent is
//! written before each call and its answer after it ([`ledger::effects`]). A run that was interrupted finds
//! its intents again and looks before it makes anything: what a lost answer had made is found, never made
//! twice.

mod destination;
mod load;
mod read;
mod row;
mod trial;
mod undo;

pub use destination::ServiceDestination;
pub use undo::undo;
