//! How many requests, and how much complexity: in a burst and in a day. A window begins with its first
//! request; a request that the burst refuses still counts for the day.

use super::moment::Moment;
use super::scenario::RateLimit;
use serde_json::{Value, json};
use std::sync::Mutex;

/// Milliseconds of a day.
const DAY: i64 = 24 * 3_600_000;

/// What the statistics show as the limit when there is none.
const NO_LIMIT: u64 = 1_000_000_000;

/// One window.
#[derive(Debug, Clone, Copy, Default)]
struct Window {
    /// When it began; before its first request, never.
    began: Option<i64>,
    requests: u64,
    complexity: u64,
}

impl Window {
    fn at(self, now: i64, length: i64) -> Self {
        let over = self.began.is_none_or(|began| now.saturating_sub(began) >= length);
        if over { Self { began: Some(now), requests: 0, complexity: 0 } } else { self }
    }

    /// Milliseconds until it ends.
    fn left(&self, now: i64, length: i64) -> i64 {
        self.began.map_or(0, |began| began.saturating_add(length).saturating_sub(now))
    }
}

/// Both windows.
pub(crate) struct Limits {
    limit: Option<RateLimit>,
    windows: Mutex<(Window, Window)>,
}

impl Limits {
    pub fn new(limit: Option<RateLimit>) -> Self {
        Self { limit, windows: Mutex::default() }
    }

    fn length(&self) -> i64 {
        let seconds = self.limit.unwrap_or_default().seconds;
        i64::try_from(seconds).unwrap_or(i64::MAX / 1000).saturating_mul(1000)
    }

    /// Counts a request; when it is too many, milliseconds until it would not be.
    pub fn count(&self, complexity: u64, now: Moment) -> Result<(), i64> {
        let Moment(now) = now;
        let length = self.length();
        let mut windows = self.windows.lock().unwrap_or_else(|e| e.into_inner());
        let (burst, day) = &mut *windows;
        (*burst, *day) = (burst.at(now, length), day.at(now, DAY));
        let fits = |window: &Window, requests: u64, most: u64| {
            window.requests < requests && window.complexity.saturating_add(complexity) <= most
        };
        let Some(limit) = self.limit else {
            for window in [burst, day] {
                window.requests += 1;
                window.complexity = window.complexity.saturating_add(complexity);
            }
            return Ok(());
        };
        let in_burst = fits(burst, limit.requests, limit.complexity);
        let in_day = fits(day, limit.day_requests, limit.day_complexity);
        day.requests += 1;
        day.complexity = day.complexity.saturating_add(complexity);
        if !in_day {
            return Err(day.left(now, DAY));
        }
        if !in_burst {
            return Err(burst.left(now, length));
        }
        burst.requests += 1;
        burst.complexity = burst.complexity.saturating_add(complexity);
        Ok(())
    }

    /// `apiRateLimitStats`.
    pub fn stats(&self, now: Moment) -> Value {
        let Moment(at) = now;
        let length = self.length();
        let windows = *self.windows.lock().unwrap_or_else(|e| e.into_inner());
        let (burst, day) = (windows.0.at(at, length), windows.1.at(at, DAY));
        let limits = |pick: fn(&RateLimit) -> u64| self.limit.as_ref().map_or(NO_LIMIT, pick);
        let entry = |kind: &str, limit: u64, used: u64, window: &Window, length: i64| {
            json!({
                "consumableType": kind,
                "limit": limit as f64,
                "consumedPoints": used as f64,
                "remainingPoints": limit.saturating_sub(used) as f64,
                "duration": length as f64 / 1000.0,
                "resetsAt": now.plus(window.left(at, length)),
            })
        };
        json!([
            entry("Request", limits(|l| l.requests), burst.requests, &burst, length),
            entry("Complexity", limits(|l| l.complexity), burst.complexity, &burst, length),
            entry("Request", limits(|l| l.day_requests), day.requests, &day, DAY),
            entry("Complexity", limits(|l| l.day_complexity), day.complexity, &day, DAY),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_measures_and_both_windows_refuse_and_open_again() {
        let limit = RateLimit {
            requests: 2,
            complexity: 100,
            day_requests: 6,
            day_complexity: 1_000,
            ..RateLimit::default()
        };
        let limits = Limits::new(Some(limit));
        for (at, complexity, expected) in [
            (0, 10, Ok(())),
            (1_000, 10, Ok(())),
            (2_000, 10, Err(8_000)),
            (10_000, 101, Err(10_000)),
            (10_500, 100, Ok(())),
            // The day began at 0 and has seen five requests, the refused ones too.
            (20_000, 10, Ok(())),
            (30_000, 10, Err(DAY - 30_000)),
            (DAY, 10, Ok(())),
        ] {
            assert_eq!(limits.count(complexity, Moment(at)), expected, "at {at}");
        }
    }

    #[test]
    fn statistics_say_what_is_left() {
        let limits = Limits::new(Some(RateLimit::default()));
        limits.count(300, Moment(5_000)).expect("the first fits");
        let stats = limits.stats(Moment(6_000));
        assert_eq!(stats[0]["remainingPoints"], json!(19.0));
        assert_eq!(stats[1]["remainingPoints"], json!(1_700.0));
        assert_eq!(stats[1]["resetsAt"], json!("1970-01-01T00:00:15.000Z"));
        assert_eq!(stats[3]["consumedPoints"], json!(300.0));
    }
}
