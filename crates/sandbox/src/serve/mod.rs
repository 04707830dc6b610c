//! What all stand-ins share: how an answer goes out, when a fault strikes, how a query is read, what time it
//! is, and the server itself. Nothing here knows a service.

pub(crate) mod answer;
pub(crate) mod query;
pub(crate) mod schedule;
pub(crate) mod server;
pub(crate) mod time;
