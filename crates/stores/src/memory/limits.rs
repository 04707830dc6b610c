//! Budgets, counted within the process.

use crate::memory::window::{Slice, Window};
use crate::time::Time;
use async_trait::async_trait;
use base::Fault;
use bridge::ports::{Allowed, Limits};
use jiff::SignedDuration;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Endpoints that are counted at a time. They are ours and few; more is a mistake.
pub const ENDPOINTS_MAX: usize = 1_024;

/// Exact within the process: in no window of an endpoint's length more than its amount is taken.
pub struct MemoryLimits {
    time: Arc<dyn Time>,
    windows: Mutex<HashMap<String, Window>>,
}

/// What was taken, so that it can be given back.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Taken {
    end: i64,
    cost: u64,
}

/// What was taken of one endpoint and still counts.
pub(crate) struct Recent {
    pub(crate) endpoint: String,
    /// The longest window that was asked for.
    pub(crate) window: Duration,
    pub(crate) slices: Vec<Slice>,
}

impl MemoryLimits {
    /// Nothing is taken yet.
    pub fn new(time: Arc<dyn Time>) -> Self {
        Self { time, windows: Mutex::default() }
    }

    /// See [`Limits::take`]: what was taken, or how long to wait.
    pub(crate) fn take_now(
        &self,
        endpoint: &str,
        cost: u64,
        allowed: Allowed,
    ) -> Result<Result<Taken, SignedDuration>, Fault> {
        possible(endpoint, cost, allowed)?;
        let now = self.now();
        let mut windows = self.lock();
        if !windows.contains_key(endpoint) && windows.len() >= ENDPOINTS_MAX {
            windows.retain(|_, window| !window.idle(now));
            if windows.len() >= ENDPOINTS_MAX {
                return Err(Fault::bug(format!("more than {ENDPOINTS_MAX} endpoints with a budget")));
            }
        }
        let window = windows.entry(endpoint.to_owned()).or_default();
        Ok(match window.take(now, cost, allowed) {
            Ok(end) => Ok(Taken { end, cost }),
            Err(wait) => Err(SignedDuration::from_micros(wait)),
        })
    }

    /// Gives back what was taken and not used.
    pub(crate) fn give_back(&self, endpoint: &str, taken: Taken) {
        if let Some(window) = self.lock().get_mut(endpoint) {
            window.give_back(taken.end, taken.cost);
        }
    }

    /// Everything that still counts.
    pub(crate) fn recent(&self) -> Vec<Recent> {
        let now = self.now();
        let mut windows = self.lock();
        let recent = windows.iter_mut().map(|(endpoint, window)| Recent {
            endpoint: endpoint.clone(),
            window: window.longest(),
            slices: window.recent(now),
        });
        recent.filter(|recent| !recent.slices.is_empty()).collect()
    }

    fn now(&self) -> i64 {
        i64::try_from(self.time.elapsed().as_micros()).unwrap_or(i64::MAX / 2)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Window>> {
        self.windows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Refuses what could never be taken: waiting for it would have no end.
pub(crate) fn possible(endpoint: &str, cost: u64, allowed: Allowed) -> Result<(), Fault> {
    if cost <= allowed.amount {
        return Ok(());
    }
    let amount = allowed.amount;
    Err(Fault::usage(format!("{endpoint}: one call costs {cost}, and a window allows {amount} in all")))
}

#[async_trait]
impl Limits for MemoryLimits {
    async fn take(
        &self,
        endpoint: &str,
        cost: u64,
        allowed: Allowed,
    ) -> Result<Option<SignedDuration>, Fault> {
        Ok(self.take_now(endpoint, cost, allowed)?.err())
    }
}
