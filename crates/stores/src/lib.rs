//! Redis and MongoDB behind the bridge's ports, and what stands in for Redis within the process.
//!
//! | port | with the server | without it |
//! |---|---|---|
//! | [`bridge::ports::Cache`] | [`redis::RedisCache`] | [`memory::MemoryCache`] |
//! | [`bridge::ports::Limits`] | [`redis::RedisLimits`] | [`memory::MemoryLimits`] |
//! | both | [`fallback::WithFallback`]: Redis, and while it is away the two on the right | |
//! | [`bridge::ports::Collections`] | [`mongo::MongoCollections`] | PostgreSQL's tables, in `postgres` |
//!
//! Every call to a server is over after a named time, answered or not: whoever serves requests never hangs on
//! a part that it can do without. No fault holds an address, a secret or a value of a record; what the server
//! said is reduced to its code.

pub mod fallback;
pub mod member;
pub mod memory;
pub mod mongo;
pub mod redis;
pub mod said;
pub mod time;

pub use fallback::WithFallback;
pub use memory::{MemoryCache, MemoryLimits};
pub use mongo::MongoCollections;
pub use redis::{Redis, RedisCache, RedisLimits};
pub use said::{Said, Tell};
pub use time::{SystemTime, Time};
