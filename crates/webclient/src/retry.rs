//! When to try again, and after how long: pure decisions.

use jiff::Timestamp;
use std::time::Duration;

/// What an attempt failed of, as far as another try is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The service answered with this status.
    Status(u16),
    /// No connection.
    Connect,
    /// Nothing came in time.
    Timeout,
    /// The answer was cut off.
    Cut,
}

/// Bounds of trying again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Attempts at one request: with the waits below they outlast a limit that is counted by the minute.
    pub attempts_max: u32,
    /// Attempts at a request that ends with 500: a defect of the service rarely mends itself.
    pub attempts_500_max: u32,
    /// Attempts at a request that times out, each of which takes the whole idle time; the caller may ask for
    /// less instead.
    pub attempts_timeout_max: u32,
    /// Attempts at a host that cannot be reached.
    pub attempts_connect_max: u32,
    /// The first wait at most; it doubles with each attempt.
    pub wait_first: Duration,
    /// The longest wait of our own choice.
    pub wait_max: Duration,
    /// The longest wait that a `Retry-After` gets, whatever it asks for.
    pub retry_after_max: Duration,
    /// Time for one request with all its attempts and waits.
    pub total_max: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts_max: 10,
            attempts_500_max: 3,
            attempts_timeout_max: 2,
            attempts_connect_max: 5,
            wait_first: Duration::from_secs(1),
            wait_max: Duration::from_secs(30),
            retry_after_max: Duration::from_secs(120),
            total_max: Duration::from_secs(15 * 60),
        }
    }
}

impl RetryPolicy {
    /// How long to wait before the next attempt; `None`: give up. `attempt` is the number of the one that
    /// failed, from 1; `spent` the time since the first began; `fraction` a random number in 0..1.
    ///
    /// Exponential backoff with full jitter; a `Retry-After` is kept to (up to its cap), with a little jitter
    /// on top, so that several connections do not come back in the same moment.
    pub fn wait(
        &self,
        cause: Cause,
        attempt: u32,
        spent: Duration,
        retry_after: Option<Duration>,
        fraction: f64,
    ) -> Option<Duration> {
        let most = match cause {
            Cause::Status(429 | 502 | 503 | 504 | 529) => self.attempts_max,
            Cause::Status(500) => self.attempts_500_max,
            Cause::Status(_) => 1,
            Cause::Connect => self.attempts_connect_max,
            Cause::Timeout => self.attempts_timeout_max,
            Cause::Cut => self.attempts_max,
        };
        if attempt >= most {
            return None;
        }
        let wait = match retry_after {
            Some(asked) => asked.min(self.retry_after_max) + self.wait_first.mul_f64(fraction / 4.0),
            None => {
                let doubled = self.wait_first.saturating_mul(1 << (attempt - 1).min(20));
                doubled.min(self.wait_max).mul_f64(fraction)
            }
        };
        (spent + wait <= self.total_max).then_some(wait)
    }
}

/// Reads a `Retry-After`: seconds, or an HTTP date (RFC 9110, section 10.2.3). A date that has passed is no
/// wait.
pub fn retry_after(header: &str, now: Timestamp) -> Option<Duration> {
    let header = header.trim();
    if let Ok(seconds) = header.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let at = httpdate::parse_http_date(header).ok()?;
    let at = Timestamp::try_from(at).ok()?;
    Some(Duration::try_from(at.duration_since(now)).unwrap_or(Duration::ZERO))
}

/// Something that whoever watches may want to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// An attempt failed; the client waits and tries again.
    Waiting {
        /// What the attempt failed of.
        cause: Cause,
        /// The path that was asked, without its query.
        path: String,
        /// The number of the attempt that failed, from 1.
        attempt: u32,
        /// How long the client waits.
        wait: Duration,
        /// Whether the service asked for this wait.
        asked: bool,
    },
}

/// Takes events; must not block.
pub trait Observer: Send + Sync {
    /// Something happened.
    fn event(&self, event: &Event);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    #[test]
    fn only_what_may_pass_is_tried_again_and_never_beyond_its_bound() {
        let policy = RetryPolicy::default();
        for (cause, attempts) in [
            (Cause::Status(429), 10),
            (Cause::Status(502), 10),
            (Cause::Status(503), 10),
            (Cause::Status(504), 10),
            (Cause::Status(529), 10),
            (Cause::Status(500), 3),
            (Cause::Status(400), 1),
            (Cause::Status(401), 1),
            (Cause::Status(403), 1),
            (Cause::Status(404), 1),
            (Cause::Connect, 5),
            (Cause::Timeout, 2),
            (Cause::Cut, 10),
        ] {
            let mut attempt = 1;
            while policy.wait(cause, attempt, Duration::ZERO, None, 0.5).is_some() {
                attempt += 1;
            }
            assert_eq!(attempt, attempts, "{cause:?}");
        }
    }

    #[test]
    fn waits_double_are_capped_and_keep_to_what_the_service_asks() {
        let policy = RetryPolicy::default();
        let wait = |attempt, spent, asked: Option<u64>, fraction| {
            policy.wait(Cause::Status(429), attempt, seconds(spent), asked.map(seconds), fraction)
        };
        for (attempt, spent, asked, fraction, expected) in [
            (1, 0, None, 1.0, Some(seconds(1))),
            (2, 0, None, 1.0, Some(seconds(2))),
            (4, 0, None, 0.5, Some(seconds(4))),
            (4, 0, None, 0.0, Some(seconds(0))),
            (9, 0, None, 1.0, Some(seconds(30))),
            (1, 0, Some(12), 0.0, Some(seconds(12))),
            (1, 0, Some(12), 1.0, Some(Duration::from_millis(12_250))),
            (1, 0, Some(0), 0.0, Some(seconds(0))),
            (1, 0, Some(100_000), 0.0, Some(seconds(120))),
            (1, 895, Some(12), 0.0, None),
            (1, 880, Some(12), 0.0, Some(seconds(12))),
        ] {
            assert_eq!(wait(attempt, spent, asked, fraction), expected, "{attempt} {spent} {asked:?}");
        }
    }

    #[test]
    fn retry_after_is_read_as_seconds_and_as_date() {
        let now: Timestamp = "2026-03-01T00:00:00Z".parse().expect("a timestamp");
        for (header, expected) in [
            ("12", Some(12)),
            (" 0 ", Some(0)),
            ("Sun, 01 Mar 2026 00:00:30 GMT", Some(30)),
            ("Sun, 01 Mar 2026 00:00:00 GMT", Some(0)),
            ("Sat, 28 Feb 2026 23:00:00 GMT", Some(0)),
            ("soon", None),
            ("-3", None),
            ("", None),
        ] {
            assert_eq!(retry_after(header, now), expected.map(seconds), "{header:?}");
        }
    }
}
