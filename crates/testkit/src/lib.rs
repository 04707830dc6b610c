//! What tests need of the world outside: a private PostgreSQL and Redis, a double of MongoDB, scratch
//! folders, a hermetic way to run the program, a browser, inputs for fuzzing, and faults on demand.
//!
//! Everything here cleans up after itself, also when a test panics: servers are killed, folders removed,
//! databases dropped. A server dies with the process that started it (Linux), so a killed test leaves none.
//! Without the feature `suite` only servers and folders are left, which build in seconds; `xtask` uses those.

pub mod files;
pub mod postgres;
pub mod redis;
pub mod wait;

mod doors;
mod port;
mod process;
mod user;

#[cfg(feature = "suite")]
pub mod chromium;
#[cfg(feature = "suite")]
pub mod database;
#[cfg(feature = "suite")]
pub mod faults;
#[cfg(feature = "suite")]
pub mod filters;
#[cfg(feature = "suite")]
pub mod fuzz;
#[cfg(feature = "mongo")]
pub mod mongo;
#[cfg(feature = "suite")]
pub mod program;

#[cfg(feature = "suite")]
pub use database::{TestDatabase, database, database_with};
#[cfg(feature = "suite")]
pub use faults::Proxy;
pub use files::{Scratch, scratch};
#[cfg(feature = "suite")]
pub use fuzz::Fuzz;
#[cfg(feature = "mongo")]
pub use mongo::Mongo;
pub use postgres::{Options, Postgres, Stop};
#[cfg(feature = "suite")]
pub use program::{Outcome, Program, Running, program};
pub use redis::Redis;
