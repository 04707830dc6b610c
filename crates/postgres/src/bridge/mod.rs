//! The bridge's durable side in PostgreSQL: inbox and outbox in the schema `landfall`, and the two
//! collections where MongoDB does not keep them.
//!
//! *Order.* An event's number is given before its commit, so of two writers the one with the lower number may
//! commit later. That is no matter: a sender that waited for its answer before it told the next thing gets
//! increasing numbers, because the first was committed before the second was numbered; what came at once has
//! no order. Actions are numbered while judging, under a lock that servers take turns at, and workers are
//! handed actions under another one: whoever is handed one has seen all that were handed out before.

mod claim;
mod collections;
mod finish;
mod inbox;
mod judge;
mod keep;
mod lists;
mod outbox;
mod pool;
mod prepare;
mod queue;
mod row;
mod stored;
mod text;
mod writes;

use crate::destination::Home;
use base::Clock;
use jiff::Timestamp;
use pool::Pool;
use std::sync::{Arc, Mutex};

/// The tables of inbox and outbox, for the role that serves or for an owner to run.
pub const SCHEMA_SQL: &str = include_str!("schema.sql");

/// The tables of the collections, for the role that serves or for an owner to run.
pub const COLLECTIONS_SQL: &str = include_str!("collections.sql");

/// The version of [`SCHEMA_SQL`].
pub const SCHEMA_VERSION: i32 = 1;

/// Connections that only receive. One writes to the disk while the other one gathers; more share a commit no
/// better.
const RECEIVING: usize = 2;

/// Connections that judge events and end actions, so that slow work does not hold up those who tell us
/// something.
const WORKING: usize = 4;

/// Connections for lists, counts and questions how it stands, so that a person who looks holds up nobody.
const ASKING: usize = 2;

/// Inbox, outbox and collections in a PostgreSQL database.
///
/// It connects when it has something to do. A connection that is lost is replaced at the next call; until the
/// database is back each call is a fault of class Retry. Several servers may work on one database.
pub struct PgBridge {
    receiving: Pool,
    working: Pool,
    asking: Pool,
    clock: Arc<dyn Clock>,
    /// Whether the database was away when it was asked last, and since when that is known.
    seen: Mutex<Option<(bool, Timestamp)>>,
}

impl PgBridge {
    /// The bridge in the database that is at home there. `role` is what the server shows of us:
    /// `landfall serve`. The clock dates what is said of the database's state and nothing that is stored.
    pub fn new(home: Home, role: &str, clock: Arc<dyn Clock>) -> Self {
        let home = Arc::new(home);
        Self {
            receiving: Pool::new(Arc::clone(&home), role, RECEIVING),
            working: Pool::new(Arc::clone(&home), role, WORKING),
            asking: Pool::new(home, role, ASKING),
            clock,
            seen: Mutex::default(),
        }
    }
}
