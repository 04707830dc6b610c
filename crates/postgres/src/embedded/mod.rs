//! PostgreSQL inside the program.
//!
//! One process owns a project's `.landfall/` folder and runs PostgreSQL in it (crate `pglite-oxide`:
//! PostgreSQL compiled to WebAssembly). That server has one session only. [`Embedded`] puts a multiplexer
//! before it, which lends the session to any number of clients, one transaction at a time: connections of the
//! owner's own code ([`Embedded::connect`]), other commands ([`attach`]), and any PostgreSQL client
//! ([`Embedded::url`]).
//!
//! What its clients must know stands in the crate's `NOTES.md`: the session's settings are shared (so our own
//! code uses `SET LOCAL` only), and so are temporary tables and advisory locks.

mod attach;
mod backend;
pub mod cache;
mod client;
mod cluster;
mod durable;
mod hub;
mod lock;
mod owner;
mod startup;
mod turn;
mod wire;

pub use attach::{Opened, attach, open_or_attach, open_to_write, url_of_owner};
pub use cluster::EXTENSIONS;
pub use lock::Holder;
pub(crate) use lock::Lock;
pub use owner::{Embedded, Settings};

/// Bytes of one message from a client at most. PostgreSQL takes 1 GB, but the memory of the WebAssembly
/// machine grows with the largest message to several times its size and never shrinks.
pub const MESSAGE_BYTES_MAX: usize = 64 << 20;

/// Prepared statements that one client may hold; they are kept, to prepare them again when needed.
pub const STATEMENTS_MAX: usize = 10_000;

/// Clients at a time. Each costs little, but a leak of connections must show.
pub const CLIENTS_MAX: usize = 100;

/// The name of the socket in `.landfall/`: the one that libpq looks for in a folder given as host.
pub const SOCKET: &str = ".s.PGSQL.5432";

/// The only role and the only database.
pub const NAME: &str = "postgres";
