//! The time of a stand-in: somebody's clock, and how far a test has put it ahead.

use base::Clock;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::time::Duration;

/// Somebody's clock; the machine's when nothing is said.
#[derive(Clone)]
pub struct SharedClock(Arc<dyn Clock>);

impl SharedClock {
    /// Shares a clock.
    pub fn new(clock: impl Clock + 'static) -> Self {
        Self(Arc::new(clock))
    }
}

impl Default for SharedClock {
    fn default() -> Self {
        Self::new(base::SystemClock)
    }
}

impl std::fmt::Debug for SharedClock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SharedClock")
    }
}

/// A clock that can be put ahead.
pub(crate) struct Time {
    clock: SharedClock,
    ahead_ms: AtomicI64,
}

impl Time {
    pub fn new(clock: SharedClock) -> Self {
        Self { clock, ahead_ms: 0.into() }
    }

    /// Milliseconds since 1970.
    pub fn now(&self) -> i64 {
        self.clock.0.now().as_millisecond() + self.ahead_ms.load(Relaxed)
    }

    pub fn advance(&self, by: Duration) {
        self.ahead_ms.fetch_add(by.as_millis() as i64, Relaxed);
    }
}
