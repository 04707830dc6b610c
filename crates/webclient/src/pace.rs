//! Time, sleep and chance, as a parameter.

use jiff::Timestamp;
use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant};

/// What [`Pace::sleep`] gives back.
pub type Sleep<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// How the client knows the time, waits and throws dice.
pub trait Pace: Send + Sync {
    /// Time since some moment that stays the same, never going back: for limits and bounds.
    fn elapsed(&self) -> Duration;
    /// The time of day, for a `Retry-After` that is a date.
    fn now(&self) -> Timestamp;
    /// A random number from 0 up to, not including, 1.
    fn fraction(&self) -> f64;
    /// Waits.
    fn sleep(&self, time: Duration) -> Sleep<'_>;
}

/// The machine's clock, timer and random numbers.
#[derive(Debug, Clone, Copy)]
pub struct SystemPace {
    start: Instant,
}

impl SystemPace {
    /// A pace whose elapsed time begins now.
    pub fn new() -> Self {
        Self { start: Instant::now() }
    }
}

impl Default for SystemPace {
    fn default() -> Self {
        Self::new()
    }
}

impl Pace for SystemPace {
    fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }
    fn now(&self) -> Timestamp {
        base::Clock::now(&base::SystemClock)
    }
    #[expect(clippy::disallowed_methods, reason = "the one door of this crate to chance")]
    fn fraction(&self) -> f64 {
        rand::Rng::random(&mut rand::rng())
    }
    fn sleep(&self, time: Duration) -> Sleep<'_> {
        Box::pin(tokio::time::sleep(time))
    }
}
