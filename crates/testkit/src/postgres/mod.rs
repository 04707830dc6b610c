//! A private PostgreSQL: real, on a free port, in a temporary folder, gone when dropped.

mod binaries;
mod cluster;
mod options;

pub use binaries::binaries;
pub use cluster::{Postgres, Stop};
pub use options::Options;
