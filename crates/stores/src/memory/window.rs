//! How much was taken of one budget, in slices of time.
//!
//! What is taken at a moment is counted in its slice and, from then on, as if it had been taken at the
//! slice's end. A slice counts in every window that reaches beyond its start, so the sum over the slices that
//! end after `now − window` is never less than what was really taken in that window: no window of this
//! length, wherever it begins, ever holds more than the amount. The price is a slice's length, a sixtieth of
//! the window, for which a budget stays used longer than it had to.

use bridge::ports::Allowed;
use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Unbounded};
use std::time::Duration;

/// Slices of a window: how exact it is, and how many numbers it takes at most (one more).
pub(crate) const SLICES: i64 = 60;

/// A longer window is cut to this, so that sums of microseconds never overflow.
const MICROS_MAX: i64 = 366 * 24 * 3600 * 1_000_000;

/// The window's length and that of its slices, µs.
pub(crate) fn micros(allowed: Allowed) -> (i64, i64) {
    let window = allowed.window.as_micros().clamp(1, i128::from(MICROS_MAX));
    let window = i64::try_from(window).unwrap_or(MICROS_MAX);
    (window, (window + SLICES - 1) / SLICES)
}

/// What was taken. Times are µs since some moment; they never go back.
#[derive(Debug, Default, Clone)]
pub(crate) struct Window {
    /// The end of a slice → what was taken in it.
    slices: BTreeMap<i64, u64>,
    /// The longest window that was asked for, µs: so long a slice is of interest.
    longest: i64,
}

/// What was taken in one slice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slice {
    /// Its end, µs.
    pub(crate) end: i64,
    /// How long ago that was, µs; negative for the one that has not ended yet.
    pub(crate) ago: i64,
    /// The sum.
    pub(crate) taken: u64,
}

impl Window {
    /// Takes `cost`: the end of the slice in which it is counted; else how long to wait, µs.
    pub(crate) fn take(&mut self, now: i64, cost: u64, allowed: Allowed) -> Result<i64, i64> {
        let (window, slice) = micros(allowed);
        self.longest = self.longest.max(window);
        self.forget(now);
        let counting = (Excluded(now - window), Unbounded);
        let mut used = self.slices.range(counting).fold(0, |sum: u64, (_, n)| sum.saturating_add(*n));
        if used.saturating_add(cost) <= allowed.amount {
            let end = (now.div_euclid(slice) + 1) * slice;
            *self.slices.entry(end).or_default() += cost;
            return Ok(end);
        }
        for (end, taken) in self.slices.range(counting) {
            used -= taken;
            if used.saturating_add(cost) <= allowed.amount {
                return Err(end + window - now);
            }
        }
        Err(window)
    }

    /// Gives back what was taken in the slice that ends there.
    pub(crate) fn give_back(&mut self, end: i64, cost: u64) {
        if let Some(taken) = self.slices.get_mut(&end) {
            *taken = taken.saturating_sub(cost);
        }
    }

    /// What still counts.
    pub(crate) fn recent(&mut self, now: i64) -> Vec<Slice> {
        self.forget(now);
        let slices = self.slices.iter().filter(|(_, taken)| **taken > 0);
        slices.map(|(end, taken)| Slice { end: *end, ago: now - end, taken: *taken }).collect()
    }

    /// The longest window that was asked for.
    pub(crate) fn longest(&self) -> Duration {
        Duration::from_micros(u64::try_from(self.longest).unwrap_or(0))
    }

    /// Whether nothing counts any more.
    pub(crate) fn idle(&mut self, now: i64) -> bool {
        self.forget(now);
        self.slices.is_empty()
    }

    fn forget(&mut self, now: i64) {
        let over = now - self.longest;
        while self.slices.first_key_value().is_some_and(|(end, _)| *end <= over) {
            self.slices.pop_first();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;
    use proptest::prelude::*;

    proptest! {
        /// However takes, costs and pauses fall: no window holds more than the amount, and whoever waits as
        /// long as he was told can take.
        #[test]
        fn no_window_holds_more_than_the_amount_and_no_wait_is_in_vain(
            amount in 1_u64..20,
            micros in 1_i64..5_000,
            steps in prop::collection::vec((0_i64..400, 0_u64..20), 1..200),
        ) {
            let allowed = Allowed { amount, window: SignedDuration::from_micros(micros) };
            let (mut window, mut now, mut taken) = (Window::default(), 0, Vec::new());
            for (pause, cost) in steps {
                now += pause;
                let cost = cost.min(amount);
                if let Err(wait) = window.take(now, cost, allowed) {
                    prop_assert!(wait > 0 && wait <= micros + micros / SLICES + 1, "{}", wait);
                    now += wait;
                    prop_assert!(window.take(now, cost, allowed).is_ok());
                }
                taken.push((now, cost));
                let within = taken.iter().filter(|(at, _)| *at > now - micros).map(|(_, cost)| cost);
                prop_assert!(within.sum::<u64>() <= amount);
                prop_assert!(window.slices.len() as i64 <= SLICES + 1);
            }
        }
    }

    #[test]
    fn what_is_given_back_can_be_taken_again() {
        let allowed = Allowed { amount: 2, window: SignedDuration::from_secs(1) };
        let mut window = Window::default();
        let end = window.take(0, 2, allowed).unwrap();
        assert!(window.take(0, 1, allowed).is_err());
        window.give_back(end, 1);
        assert!(window.take(0, 1, allowed).is_ok());
        assert!(window.take(0, 1, allowed).is_err());
    }

    #[test]
    fn a_shorter_window_does_not_make_a_longer_one_forget() {
        let of = |seconds| Allowed { amount: 2, window: SignedDuration::from_secs(seconds) };
        let mut window = Window::default();
        window.take(0, 2, of(60)).unwrap();
        window.take(10_000_000, 1, of(1)).unwrap();
        assert!(window.take(10_000_000, 1, of(60)).is_err());
    }

    #[test]
    fn nothing_counts_for_ever() {
        let allowed = Allowed { amount: 2, window: SignedDuration::from_secs(1) };
        let mut window = Window::default();
        window.take(0, 2, allowed).unwrap();
        assert!(!window.idle(500_000));
        assert!(window.idle(3_000_000));
    }
}
