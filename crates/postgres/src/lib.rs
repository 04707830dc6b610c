//! PostgreSQL: the only crate that knows the driver.
//!
//! [`address`], [`tls`] and [`connect`] lead to a session, [`embedded`] to the server inside the program.
//! [`catalogue`] reads tables and types, [`destination`] is the port that the run loop sees, with the loader
//! in [`load`] and the ledger in [`ledger`]. [`bridge`] is the inbox and the outbox of `landfall serve`.

pub mod address;
pub mod bridge;
pub mod catalogue;
pub mod connect;
pub mod destination;
#[cfg(feature = "embedded")]
pub mod embedded;
pub mod ledger;
pub mod load;
mod read;
mod rights;
mod settle;
pub mod tls;
mod undo;
mod wire;

pub use address::Address;
pub use self::bridge::PgBridge;
pub use destination::{Home, PgDestination};
