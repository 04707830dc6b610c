//! Which of the requests that a fault counts it strikes.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// When a fault strikes, as a scenario says it. With neither `at` nor `every`: always.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct When {
    /// With these of the matching requests, counted from 1.
    pub at: Vec<u64>,
    /// With every so-manieth of them.
    pub every: Option<u64>,
    /// This many times at most.
    pub times: Option<u64>,
}

/// The same with its counters.
#[derive(Debug)]
pub(crate) struct Schedule {
    when: When,
    seen: AtomicU64,
    fired: AtomicU64,
}

impl Schedule {
    pub fn new(when: When) -> Self {
        Self { when, seen: 0.into(), fired: 0.into() }
    }

    /// Counts a matching request; whether this one is due.
    pub fn count(&self) -> bool {
        let When { at, every, .. } = &self.when;
        let n = self.seen.fetch_add(1, Relaxed) + 1;
        let always = at.is_empty() && every.is_none();
        always || at.contains(&n) || every.is_some_and(|every| n.is_multiple_of(every))
    }

    /// Takes one of the times that are left.
    pub fn fire(&self) -> bool {
        let times = self.when.times.unwrap_or(u64::MAX);
        self.fired.fetch_update(Relaxed, Relaxed, |n| (n < times).then_some(n + 1)).is_ok()
    }
}

/// The first of `faults` that strikes; all that match count the request.
pub(crate) fn strike<T>(faults: &[(T, Schedule)], matches: impl Fn(&T) -> bool) -> Option<&T> {
    let mut struck = None;
    for (fault, schedule) in faults.iter().filter(|(fault, _)| matches(fault)) {
        if schedule.count() && struck.is_none() && schedule.fire() {
            struck = Some(fault);
        }
    }
    struck
}
