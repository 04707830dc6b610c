//! A clock that a test moves by hand.

use base::Clock;
use jiff::{SignedDuration, Timestamp};
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};
use std::time::Duration;

/// Shows the same moment until it is moved: windows, days and lives of tokens pass without waiting.
#[derive(Debug)]
pub struct HandClock(AtomicI64);

impl HandClock {
    /// A clock that shows `at`, in whole milliseconds.
    pub fn new(at: Timestamp) -> Self {
        Self(AtomicI64::new(at.as_millisecond()))
    }

    /// Moves it forward.
    pub fn advance(&self, by: Duration) {
        let by = SignedDuration::try_from(by).map_or(i64::MAX, |by| by.as_millis() as i64);
        self.0.fetch_add(by, SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.0.load(SeqCst)).unwrap_or(Timestamp::MAX)
    }
}
