//! The time of a stand-in: somebody's clock, and how far a test has put it ahead.

use base::Clock;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::time::Duration;

/// A clock that can be put ahead.
pub(crate) struct Time {
    clock: Arc<dyn Clock>,
    ahead_ms: AtomicI64,
}

impl Time {
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, ahead_ms: 0.into() }
    }

    /// Milliseconds since 1970.
    pub fn now(&self) -> i64 {
        self.clock.now().as_millisecond() + self.ahead_ms.load(Relaxed)
    }

    pub fn advance(&self, by: Duration) {
        self.ahead_ms.fetch_add(by.as_millis() as i64, Relaxed);
    }
}
