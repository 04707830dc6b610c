//! What goes wrong on purpose, and the limit on requests.

use crate::scenario::{Fault, FaultKind, RateLimit, Requests};
use crate::serve::schedule::{self, Schedule, When};
use std::sync::Mutex;
use std::time::Duration;
use tokio::time::Instant;

/// The faults of a scenario, each with its count.
pub(super) struct Faults(Vec<(Fault, Schedule)>);

impl Faults {
    pub fn new(faults: &[Fault]) -> Self {
        let arm = |fault: &Fault| {
            let Fault { at, every, times, .. } = fault.clone();
            (fault.clone(), Schedule::new(When { at, every, times }))
        };
        Self(faults.iter().map(arm).collect())
    }

    /// Counts a request, and says what happens to it: the first fault that strikes.
    pub fn strike(&self, requests: Requests, kind: Option<&str>) -> Option<(FaultKind, Duration)> {
        let matches = |fault: &Fault| {
            let typed =
                fault.types.is_empty() || kind.is_some_and(|kind| fault.types.iter().any(|t| t == kind));
            typed && (fault.requests == Requests::Any || fault.requests == requests)
        };
        let fault = schedule::strike(&self.0, matches)?;
        Some((fault.kind, Duration::from_millis(fault.milliseconds)))
    }
}

/// A token bucket.
pub(super) struct Bucket {
    per_second: f64,
    burst: f64,
    state: Mutex<(f64, Instant)>,
}

impl Bucket {
    pub fn new(limit: &RateLimit) -> Self {
        let burst = limit.burst as f64;
        let per_second = limit.per_minute as f64 / 60.0;
        Self { per_second, burst, state: Mutex::new((burst, Instant::now())) }
    }

    /// Takes a token; when none is left, how long until there is one.
    pub fn take(&self) -> Result<(), Duration> {
        let mut state = self.state.lock().unwrap_or_else(|e| e.into_inner());
        let now = Instant::now();
        let gained = now.duration_since(state.1).as_secs_f64() * self.per_second;
        state.0 = (state.0 + gained).min(self.burst);
        state.1 = now;
        if state.0 >= 1.0 {
            state.0 -= 1.0;
            return Ok(());
        }
        Err(Duration::from_secs_f64((1.0 - state.0) / self.per_second))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(kind: FaultKind) -> Fault {
        Fault {
            kind,
            at: Vec::new(),
            every: None,
            times: None,
            types: Vec::new(),
            requests: Requests::List,
            milliseconds: 0,
        }
    }

    #[test]
    fn a_fault_strikes_the_requests_it_names() {
        let cut = || fault(FaultKind::Cut);
        let cases = [
            (Fault { at: vec![2, 5], ..cut() }, "010010"),
            (Fault { every: Some(3), ..cut() }, "001001"),
            (Fault { every: Some(2), times: Some(2), ..cut() }, "010100"),
            (Fault { times: Some(3), ..cut() }, "111000"),
            (Fault { types: vec!["user".to_owned()], ..cut() }, "000000"),
            (Fault { requests: Requests::Record, ..cut() }, "000000"),
            (Fault { requests: Requests::Any, at: vec![1], ..cut() }, "100000"),
        ];
        for (fault, expected) in cases {
            let faults = Faults::new(std::slice::from_ref(&fault));
            let struck: String = (0..6)
                .map(|_| if faults.strike(Requests::List, Some("booking")).is_some() { '1' } else { '0' })
                .collect();
            assert_eq!(struck, expected, "{fault:?}");
        }
    }

    #[test]
    fn of_two_faults_that_strike_the_first_one_wins_and_both_count() {
        let faults = Faults::new(&[
            Fault { at: vec![1], ..fault(FaultKind::Cut) },
            Fault { at: vec![1, 2], ..fault(FaultKind::Broken) },
        ]);
        let kind = || faults.strike(Requests::List, None).map(|(kind, _)| kind);
        assert_eq!([kind(), kind(), kind()], [Some(FaultKind::Cut), Some(FaultKind::Broken), None]);
    }

    #[tokio::test(start_paused = true)]
    async fn the_bucket_refills_at_its_rate() {
        let limit = RateLimit { per_minute: 60, burst: 2, retry_after: crate::scenario::RetryAfter::Absent };
        let bucket = Bucket::new(&limit);
        assert!(bucket.take().is_ok());
        assert!(bucket.take().is_ok());
        assert_eq!(bucket.take(), Err(Duration::from_secs(1)));
        tokio::time::advance(Duration::from_millis(1001)).await;
        assert!(bucket.take().is_ok());
        assert!(bucket.take().is_err());
    }
}
