//! The budget of a community's calls, where Redis counts it for all processes that talk to the community.

use super::settings::{Settings, text};
use async_trait::async_trait;
use base::Fault;
use bridge::ports::{Allowed, Limits as Shares};
use connector_bettermode::budget::{Budget, Limits, Take, Ticket};
use jiff::SignedDuration;
use project::Project;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use stores::memory::Bounds;
use stores::{Redis, SystemTime, Tell, WithFallback};

/// The longer window.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How long to wait when nobody says how long.
const WAIT: Duration = Duration::from_secs(1);

/// The budget of the community that a section names; `None`: the project names no Redis, and each process
/// counts for itself.
pub fn of(
    project: &Project,
    settings: &Settings,
    limits: &Limits,
    tell: &Tell,
) -> Result<Option<Arc<dyn Budget>>, Fault> {
    let Some(url) = &project.serve.redis else { return Ok(None) };
    let backoff = stores::fallback::Backoff::default();
    let time = Arc::new(SystemTime::new());
    let shares = WithFallback::new(Redis::open(url)?, Bounds::default(), backoff, time, tell.clone());
    let community = text(settings, "network_id").unwrap_or_default();
    Ok(Some(Arc::new(Shared::new(Arc::new(shares), &community, limits.clone()))))
}

/// Takes every call from counters that others take from, too.
struct Shared {
    shares: Arc<dyn Shares>,
    /// Name, whether it counts complexity, and what is allowed.
    windows: [(String, bool, Allowed); 4],
    largest: u64,
    tickets: AtomicU64,
    /// Until when the service wants to hear nothing.
    paused: Mutex<Option<Instant>>,
}

impl Shared {
    fn new(shares: Arc<dyn Shares>, community: &str, limits: Limits) -> Self {
        let window = |name: &str, complexity, amount, length: Duration| {
            let window = SignedDuration::try_from(length).unwrap_or(SignedDuration::MAX);
            (format!("{community}:{name}"), complexity, Allowed { amount, window })
        };
        let burst = limits.burst_window;
        let windows = [
            window("burst.requests", false, limits.burst_requests, burst),
            window("burst.complexity", true, limits.burst_complexity, burst),
            window("day.requests", false, limits.day_requests, DAY),
            window("day.complexity", true, limits.day_complexity, DAY),
        ];
        let largest = limits.burst_complexity.min(limits.day_complexity);
        Self { shares, windows, largest, tickets: AtomicU64::new(0), paused: Mutex::default() }
    }

    fn pause(&self) -> Option<Duration> {
        let paused = self.paused.lock().unwrap_or_else(PoisonError::into_inner);
        paused.and_then(|until| until.checked_duration_since(Instant::now()))
    }
}

#[async_trait]
impl Budget for Shared {
    async fn take(&self, complexity: u64) -> Take {
        if complexity > self.largest {
            return Take::TooLarge;
        }
        if let Some(wait) = self.pause() {
            return Take::Wait(wait);
        }
        // What one window granted and the next one does not stays taken: the budget is never exceeded, and at
        // most one request's worth of it is lost for a window.
        for (name, of_complexity, allowed) in &self.windows {
            let cost = if *of_complexity { complexity.max(1) } else { 1 };
            match self.shares.take(name, cost, *allowed).await {
                Ok(None) => {}
                Ok(Some(wait)) => return Take::Wait(Duration::try_from(wait).unwrap_or(WAIT)),
                Err(_) => return Take::Wait(WAIT),
            }
        }
        Take::Granted(Ticket(self.tickets.fetch_add(1, Ordering::Relaxed)))
    }

    /// What was taken stays taken: a cost that turned out lower is learned for the next request.
    async fn settle(&self, _: Ticket, _: Option<u64>) {}

    async fn refused(&self, retry_after: Option<Duration>) {
        let until = Instant::now().checked_add(retry_after.unwrap_or(WAIT));
        let mut paused = self.paused.lock().unwrap_or_else(PoisonError::into_inner);
        *paused = (*paused).max(until);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stores::MemoryLimits;

    #[tokio::test]
    async fn two_processes_together_stay_within_the_budget_and_wait_when_the_service_says_so() {
        let shares: Arc<dyn Shares> = Arc::new(MemoryLimits::new(Arc::new(SystemTime::new())));
        let limits = Limits { burst_requests: 5, burst_complexity: 40, ..Limits::default() };
        let one = Shared::new(Arc::clone(&shares), "net", limits.clone());
        let other = Shared::new(Arc::clone(&shares), "net", limits.clone());
        let elsewhere = Shared::new(shares, "another", limits);
        let mut granted = 0;
        for budget in [&one, &other, &one, &other, &one, &other] {
            granted += u32::from(matches!(budget.take(10).await, Take::Granted(_)));
        }
        assert_eq!(granted, 4, "forty points in all");
        assert!(matches!(elsewhere.take(10).await, Take::Granted(_)), "another community has its own");
        assert_eq!(one.take(41).await, Take::TooLarge);
        elsewhere.refused(Some(Duration::from_secs(60))).await;
        assert!(matches!(elsewhere.take(1).await, Take::Wait(_)));
    }
}
