//! The time, as a parameter: of day for what people see, elapsed for what must never go back.

use base::{Clock, SystemClock};
use jiff::Timestamp;
use std::time::{Duration, Instant};

/// Tells both times.
pub trait Time: Clock {
    /// Time since some moment that stays the same; it never goes back, also when somebody sets the clock.
    fn elapsed(&self) -> Duration;
}

/// The machine's.
#[derive(Debug, Clone, Copy)]
pub struct SystemTime {
    start: Instant,
}

impl SystemTime {
    /// One whose elapsed time begins now.
    pub fn new() -> Self {
        Self { start: Instant::now() }
    }
}

impl Default for SystemTime {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemTime {
    fn now(&self) -> Timestamp {
        SystemClock.now()
    }
}

impl Time for SystemTime {
    fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }
}
