//! HTTP for those who only read: limits, retries, and nothing secret in any error.
//!
//! [`ReadClient`] can send GET and nothing else, only below the address it was made for, and never follows a
//! redirect: its key cannot reach another host. What an attempt failed of decides whether there is another
//! one ([`retry`]); time, sleep and chance come in through [`Pace`], so that tests do not wait.

pub mod address;
pub mod client;
pub mod error;
pub mod pace;
pub mod retry;
mod tls;

pub use address::{AddressError, address, is_in_clear};
pub use client::{Malformed, ReadClient, Reply, Scheme, Settings, is_loopback, starts_as_html};
pub use error::{Body, Error};
pub use pace::{Pace, SystemPace};
pub use reqwest::Url;
pub use retry::{Cause, Event, Observer, RetryPolicy};
