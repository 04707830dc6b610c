//! When an action is tried again: pure.

use jiff::SignedDuration;

/// Longest wait that another side may ask for, seconds: a day.
const ASKED_SECONDS_MAX: i64 = 24 * 3600;

/// Growing waits with a bounded number of attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The wait after the first attempt; each further one doubles it.
    pub first: SignedDuration,
    /// The longest.
    pub longest: SignedDuration,
    /// Attempts altogether; what has not worked by then is a dead letter.
    pub attempts_max: u32,
}

/// From five seconds to an hour, twenty-four times: about fourteen hours, so that a service that is away for
/// a night loses nothing.
impl Default for Backoff {
    fn default() -> Self {
        Self { first: SignedDuration::from_secs(5), longest: SignedDuration::from_hours(1), attempts_max: 24 }
    }
}

impl Backoff {
    /// How long to wait after attempt `attempt` (from 1); `None`: it was the last. At least as long as the
    /// other side `asked`; `fraction`, from 0 to 1, spreads what failed together over the second half of a
    /// wait.
    pub fn wait(&self, attempt: u32, asked: Option<SignedDuration>, fraction: f64) -> Option<SignedDuration> {
        if attempt >= self.attempts_max {
            return None;
        }
        let doublings = attempt.saturating_sub(1).min(30);
        let grown = self.first.saturating_mul(1 << doublings).min(self.longest);
        let spread = grown.as_secs_f64() * (0.5 + 0.5 * fraction.clamp(0.0, 1.0));
        let own = SignedDuration::try_from_secs_f64(spread).unwrap_or(self.longest);
        let asked = asked.unwrap_or_default().min(SignedDuration::from_secs(ASKED_SECONDS_MAX));
        // Those who were told the same wait must not come back at the same moment.
        Some(if asked > own {
            asked + SignedDuration::from_secs_f64(self.first.as_secs_f64() * fraction)
        } else {
            own
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECONDS: fn(i64) -> SignedDuration = SignedDuration::from_secs;

    #[test]
    fn waits_grow_stay_bounded_and_end() {
        let backoff = Backoff { first: SECONDS(10), longest: SECONDS(60), attempts_max: 6 };
        for (attempt, asked, fraction, expected) in [
            (1, None, 1.0, Some(SECONDS(10))),
            (1, None, 0.0, Some(SECONDS(5))),
            (2, None, 1.0, Some(SECONDS(20))),
            (3, None, 0.5, Some(SECONDS(30))),
            (4, None, 1.0, Some(SECONDS(60))),
            (5, None, 1.0, Some(SECONDS(60))),
            (6, None, 1.0, None),
            (7, Some(1), 1.0, None),
            (u32::MAX, None, 0.3, None),
            // What was asked is the least, and it is bounded too.
            (1, Some(3), 1.0, Some(SECONDS(10))),
            (1, Some(300), 0.0, Some(SECONDS(300))),
            (1, Some(300), 1.0, Some(SECONDS(310))),
            (1, Some(i64::MAX), 0.0, Some(SECONDS(24 * 3600))),
            (1, Some(-5), 1.0, Some(SECONDS(10))),
        ] {
            let wait = backoff.wait(attempt, asked.map(SECONDS), fraction);
            assert_eq!(wait, expected, "attempt {attempt}, asked {asked:?}, fraction {fraction}");
        }
    }

    #[test]
    fn the_default_outlasts_a_night_and_no_attempt_overflows() {
        let backoff = Backoff::default();
        let waits = (1..).map_while(|attempt| backoff.wait(attempt, None, 0.5));
        let all = waits.fold(SignedDuration::ZERO, |sum, wait| sum + wait);
        assert!(all > SignedDuration::from_hours(10), "{all}");
        let endless = Backoff { attempts_max: u32::MAX, ..backoff };
        assert_eq!(endless.wait(u32::MAX - 1, None, 1.0), Some(backoff.longest));
    }
}
