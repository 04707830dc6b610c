//! Circle's Admin API, version 2, as a source; and bodies of posts as HTML that other platforms render.
//!
//! The wire and what is unsure about it: `NOTES.md`. The parts that decide are pure ([`address`],
//! [`streams`], [`wire`], [`shown`], [`columns`], [`sweep`], [`tally`], [`message`], [`mod@explain`]); those
//! that ask the service only carry out what they decide (`api`, `describe`, `walk`, `check`, [`budget`],
//! `source`). [`body`] asks nobody.

pub mod address;
mod api;
pub mod budget;
mod check;
pub mod choices;
pub mod columns;
pub mod dates;
mod describe;
pub mod explain;
pub mod ids;
pub mod message;
pub mod portable;
pub mod shown;
mod source;
pub mod streams;
pub mod sweep;
pub mod tally;
mod walk;
pub mod wire;

pub use api::PER_PAGE_MAX;
pub use source::{
    CONNECTIONS, CONNECTIONS_MAX, CircleConfig, CircleSource, REQUESTS_PER_MINUTE, REQUESTS_PER_MINUTE_MAX,
    settings,
};
