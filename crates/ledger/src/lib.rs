//! What was planned, done, refused, compared and undone: the ledger's states, records and invariants.
//!
//! The records stand in the destination's own database, written in the transaction of the rows that they
//! describe; this crate knows their shapes and rules, and no database. [`store::LedgerStore`] is the port.

pub mod counts;
pub mod effects;
pub mod fate;
pub mod invariants;
pub mod records;
pub mod store;

pub use counts::Counts;
pub use fate::{Fate, Fates};
pub use records::*;
pub use store::LedgerStore;
