//! Limits of a client.

use crate::retry::RetryPolicy;
use std::num::NonZeroU32;
use std::time::Duration;

/// Limits of a client.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Time to open a connection, TLS included.
    pub connect_timeout: Duration,
    /// Time without a byte after which a request has timed out: a busy service may think for long.
    pub idle_timeout: Duration,
    /// Bytes of one answer: what a page of a hundred records of an ordinary service never reaches.
    pub body_bytes_max: usize,
    /// Requests at once.
    pub connections: usize,
    /// Requests in a minute; `None`: as many as there are.
    pub requests_per_minute: Option<NonZeroU32>,
    /// Headers that every request carries, name and value: what a service wants besides the key, such as
    /// the version of its API.
    pub headers: &'static [(&'static str, &'static str)],
    /// When to try again.
    pub retry: RetryPolicy,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(60),
            body_bytes_max: 256 * 1024 * 1024,
            connections: 4,
            requests_per_minute: None,
            headers: &[],
            retry: RetryPolicy::default(),
        }
    }
}
