//! The crate against real servers: the embedded one and a PostgreSQL of this machine.
#![allow(missing_docs, reason = "tests say what they are about by their names")]

mod bridge;
#[cfg(feature = "embedded")]
mod embedded;
mod login;
#[cfg(feature = "embedded")]
mod raw;
mod undo;
