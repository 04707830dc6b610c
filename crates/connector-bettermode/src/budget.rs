//! How much may be asked of the service, and whoever keeps count of it.
//!
//! The service counts requests and points of complexity, in windows of ten seconds and of a day. A [`Budget`]
//! grants each request before it leaves and is told afterwards what it cost. [`LocalBudget`] counts within
//! this process; one that several processes share has the same three calls.

use async_trait::async_trait;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use webclient::Pace;

/// The service's limits. They differ by plan, and the published figures by date, so these are settings; the
/// defaults are the lowest that were ever published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The short window.
    pub burst_window: Duration,
    /// Requests in a short window.
    pub burst_requests: u64,
    /// Points of complexity in a short window.
    pub burst_complexity: u64,
    /// Requests in a day.
    pub day_requests: u64,
    /// Points of complexity in a day.
    pub day_complexity: u64,
    /// Points that one request should stay below; pages are made that small.
    pub query_complexity: u64,
    /// How long a request waits for its turn before it gives up, which a run can be resumed after.
    pub wait_max: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            burst_window: Duration::from_secs(10),
            burst_requests: 20,
            burst_complexity: 2_000,
            day_requests: 50_000,
            day_complexity: 5_000_000,
            query_complexity: 1_000,
            wait_max: Duration::from_secs(15 * 60),
        }
    }
}

/// A request that was granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ticket(pub u64);

/// What a budget says to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Take {
    /// It may leave now.
    Granted(Ticket),
    /// Ask again after so long.
    Wait(Duration),
    /// It is larger than any window.
    TooLarge,
}

/// Keeps count of what is asked of the service.
#[async_trait]
pub trait Budget: Send + Sync {
    /// Takes one request of this complexity, if it fits; whoever is told to wait asks again afterwards.
    async fn take(&self, complexity: u64) -> Take;
    /// The request is over: it cost so much, if the service said so, else what was taken for it.
    async fn settle(&self, ticket: Ticket, complexity: Option<u64>);
    /// The service refused a request as one too many, and asked for this wait, if it said so.
    async fn refused(&self, retry_after: Option<Duration>);
}

/// A day.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Parts of a day that are counted together: the count of a day is too high by one part at most.
const PART: Duration = Duration::from_secs(15 * 60);

/// How long a request may be on its way. One that was never settled, because whoever sent it was interrupted,
/// counts so much longer.
const ON_ITS_WAY_MAX: Duration = Duration::from_secs(120);

/// How soon to ask again when the window is full of requests that are still on their way.
const SOON: Duration = Duration::from_millis(100);

/// Counts within this process.
///
/// No window of the service is ever exceeded, wherever it begins and however long answers take: a request
/// counts from the moment it is granted until a whole window after its answer, because nobody knows when in
/// between the service counted it.
pub struct LocalBudget {
    limits: Limits,
    pace: Arc<dyn Pace>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Requests of the short window, at most [`Limits::burst_requests`].
    burst: VecDeque<Entry>,
    /// Parts of the last day and the one before them, oldest first; at most 99.
    day: VecDeque<Part>,
    closed_until: Duration,
    tickets: u64,
}

struct Entry {
    ticket: Ticket,
    granted: Duration,
    settled: Option<Duration>,
    complexity: u64,
    part: Duration,
}

#[derive(Clone, Copy)]
struct Part {
    begin: Duration,
    requests: u64,
    complexity: u64,
}

impl LocalBudget {
    /// A budget of which nothing is used yet.
    pub fn new(limits: Limits, pace: Arc<dyn Pace>) -> Self {
        Self { limits, pace, state: Mutex::new(State::default()) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic between two counts leaves both as they are.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Budget for LocalBudget {
    async fn take(&self, complexity: u64) -> Take {
        let now = self.pace.elapsed();
        self.state().take(&self.limits, now, complexity)
    }

    async fn settle(&self, ticket: Ticket, complexity: Option<u64>) {
        let now = self.pace.elapsed();
        self.state().settle(now, ticket, complexity);
    }

    async fn refused(&self, retry_after: Option<Duration>) {
        let until = self.pace.elapsed() + retry_after.unwrap_or(self.limits.burst_window);
        let mut state = self.state();
        state.closed_until = state.closed_until.max(until);
    }
}

impl Entry {
    /// When it stops counting, as far as one can say yet.
    fn ends(&self, window: Duration) -> Duration {
        self.settled.unwrap_or(self.granted + ON_ITS_WAY_MAX) + window
    }
}

impl Part {
    fn ends(&self) -> Duration {
        self.begin + PART + ON_ITS_WAY_MAX + DAY
    }
}

impl State {
    fn take(&mut self, limits: &Limits, now: Duration, complexity: u64) -> Take {
        if complexity > limits.burst_complexity.min(limits.day_complexity)
            || limits.burst_requests.min(limits.day_requests) == 0
        {
            return Take::TooLarge;
        }
        self.burst.retain(|entry| entry.ends(limits.burst_window) > now);
        while self.day.front().is_some_and(|part| part.ends() <= now) {
            self.day.pop_front();
        }
        let wait = self
            .closed_until
            .saturating_sub(now)
            .max(self.burst_wait(limits, now, complexity))
            .max(self.day_wait(limits, now, complexity));
        if !wait.is_zero() {
            return Take::Wait(wait);
        }
        Take::Granted(self.grant(now, complexity))
    }

    fn grant(&mut self, now: Duration, complexity: u64) -> Ticket {
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        let begin = Duration::from_secs(now.as_secs() / PART.as_secs() * PART.as_secs());
        match self.day.back_mut() {
            Some(part) if part.begin == begin => {
                part.requests += 1;
                part.complexity += complexity;
            }
            _ => self.day.push_back(Part { begin, requests: 1, complexity }),
        }
        self.burst.push_back(Entry { ticket, granted: now, settled: None, complexity, part: begin });
        ticket
    }

    fn settle(&mut self, now: Duration, ticket: Ticket, complexity: Option<u64>) {
        let Some(entry) = self.burst.iter_mut().find(|entry| entry.ticket == ticket) else { return };
        entry.settled = Some(now);
        let Some(actual) = complexity else { return };
        let estimated = std::mem::replace(&mut entry.complexity, actual);
        let begin = entry.part;
        if let Some(part) = self.day.iter_mut().find(|part| part.begin == begin) {
            part.complexity = (part.complexity + actual).saturating_sub(estimated);
        }
    }

    fn burst_wait(&self, limits: &Limits, now: Duration, complexity: u64) -> Duration {
        let mut requests = self.burst.len() as u64;
        let mut points: u64 = self.burst.iter().map(|entry| entry.complexity).sum();
        let fits = |requests, points| {
            requests < limits.burst_requests && points + complexity <= limits.burst_complexity
        };
        if fits(requests, points) {
            return Duration::ZERO;
        }
        let mut settled: Vec<&Entry> = self.burst.iter().filter(|entry| entry.settled.is_some()).collect();
        settled.sort_by_key(|entry| entry.settled);
        for entry in settled {
            requests -= 1;
            points -= entry.complexity;
            if fits(requests, points) {
                return entry.ends(limits.burst_window).saturating_sub(now);
            }
        }
        SOON
    }

    fn day_wait(&self, limits: &Limits, now: Duration, complexity: u64) -> Duration {
        let mut requests: u64 = self.day.iter().map(|part| part.requests).sum();
        let mut points: u64 = self.day.iter().map(|part| part.complexity).sum();
        let fits =
            |requests, points| requests < limits.day_requests && points + complexity <= limits.day_complexity;
        if fits(requests, points) {
            return Duration::ZERO;
        }
        for part in &self.day {
            requests -= part.requests;
            points -= part.complexity;
            if fits(requests, points) {
                return part.ends().saturating_sub(now);
            }
        }
        SOON
    }
}

#[cfg(test)]
mod tests;
