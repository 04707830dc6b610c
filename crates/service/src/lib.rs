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

use jiff::{SignedDuration, Timestamp};

pub use destination::ServiceDestination;
pub use undo::undo;

/// How far the ledger's clock and the service's may be apart: a thing that was made that much before its
/// intent is still looked at.
const CLOCKS_APART: SignedDuration = SignedDuration::from_mins(5);

/// From when on to look for what a call made that was intended then.
fn since(intended: Timestamp) -> Timestamp {
    intended.saturating_sub(CLOCKS_APART).unwrap_or(intended)
}
