//! HTTP with limits, retries, and nothing secret in any error.
//!
//! [`ReadClient`] can send GET and nothing else, only below the address it was made for. [`Exchange`] is for
//! services that are written to: one attempt at a time, because whether there may be another one depends on
//! what the request does, and only its sender knows that. [`Poster`] calls addresses that people name, once
//! each. None of them ever follows a redirect: a key cannot reach another host. What an attempt failed of
//! decides whether there is another one ([`retry`]); time, sleep and chance come in through [`Pace`], so that
//! tests do not wait.

pub mod address;
pub mod call;
pub mod client;
pub mod error;
pub mod exchange;
pub mod pace;
pub mod poster;
pub mod retry;
pub mod settings;
mod tls;

pub use address::{AddressError, address, is_in_clear};
pub use call::{Authorization, Call, Form, Payload, Scheme};
pub use client::ReadClient;
pub use error::{Body, Error};
pub use exchange::{Attempts, Exchange, Failed, Malformed, Reply, is_loopback, starts_as_html};
pub use pace::{Pace, SystemPace};
pub use poster::{Posted, Poster};
pub use reqwest::Url;
pub use retry::{Cause, Event, Observer, RetryPolicy};
pub use settings::Settings;
