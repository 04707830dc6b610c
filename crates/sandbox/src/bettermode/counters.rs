//! What a stand-in has seen.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// What a stand-in has seen and done.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stats {
    /// Requests of every kind.
    pub requests: u64,
    /// Complexity of the requests that were not refused for it.
    pub complexity: u64,
    /// Requests that the limits refused.
    pub rate_limited: u64,
    /// Requests that could not be read, or that the schema does not allow.
    pub bad_queries: u64,
    /// Faults that struck.
    pub errors_injected: u64,
    /// Bytes of bodies sent.
    pub bytes: u64,
    /// How often each field of `Query` and `Mutation` was asked for.
    pub fields: BTreeMap<String, u64>,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub requests: AtomicU64,
    pub complexity: AtomicU64,
    pub rate_limited: AtomicU64,
    pub bad_queries: AtomicU64,
    pub errors_injected: AtomicU64,
    pub bytes: AtomicU64,
    fields: Mutex<BTreeMap<String, u64>>,
}

impl Counters {
    /// Counts the fields that a request asks for.
    pub fn note_fields(&self, fields: &[String]) {
        let mut counts = self.fields.lock().unwrap_or_else(|e| e.into_inner());
        for field in fields {
            *counts.entry(field.clone()).or_default() += 1;
        }
    }

    /// All of them now.
    pub fn stats(&self) -> Stats {
        Stats {
            requests: self.requests.load(Relaxed),
            complexity: self.complexity.load(Relaxed),
            rate_limited: self.rate_limited.load(Relaxed),
            bad_queries: self.bad_queries.load(Relaxed),
            errors_injected: self.errors_injected.load(Relaxed),
            bytes: self.bytes.load(Relaxed),
            fields: self.fields.lock().unwrap_or_else(|e| e.into_inner()).clone(),
        }
    }
}
