//! The inbox with faults on purpose: it fails the n-th call, waits at a gate, refuses one event.

use async_trait::async_trait;
use base::Fault;
use bridge::memory::MemoryStore;
use bridge::store::{ActionLine, Counts, Decide, EventFilter, Kept, Line};
use bridge::{Event, Inbox};
use jiff::Timestamp;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// What becomes of a call of `keep`.
type Plan = Box<dyn Fn(usize, &[Event]) -> Option<Fault> + Send + Sync>;

/// An inbox before a store.
pub struct Inboxes {
    store: Arc<MemoryStore>,
    plan: Mutex<Plan>,
    calls: AtomicUsize,
    /// Events that came, stored or not.
    pub arrived: AtomicUsize,
    /// Sizes of the groups that came.
    pub groups: Mutex<Vec<usize>>,
    /// While it is shut, `keep` waits for a permit.
    shut: AtomicBool,
    pub gate: Semaphore,
    /// Whether the answer of a group is lost after it was stored.
    pub lose: AtomicBool,
}

impl Inboxes {
    pub fn new(store: Arc<MemoryStore>) -> Self {
        Self {
            store,
            plan: Mutex::new(Box::new(|_, _| None)),
            calls: AtomicUsize::new(0),
            arrived: AtomicUsize::new(0),
            groups: Mutex::default(),
            shut: AtomicBool::new(false),
            gate: Semaphore::new(0),
            lose: AtomicBool::new(false),
        }
    }

    /// Calls of `keep`, from 0, fail as this says.
    pub fn fail(&self, plan: impl Fn(usize, &[Event]) -> Option<Fault> + Send + Sync + 'static) {
        *self.plan.lock().unwrap() = Box::new(plan);
    }

    pub fn shut(&self) {
        self.shut.store(true, SeqCst);
    }

    pub fn open(&self) {
        self.shut.store(false, SeqCst);
        self.gate.add_permits(10_000);
    }
}

#[async_trait]
impl Inbox for Inboxes {
    async fn keep(&self, events: &[Event]) -> Result<Vec<Kept>, Fault> {
        self.arrived.fetch_add(events.len(), SeqCst);
        if self.shut.load(SeqCst) {
            self.gate.acquire().await.unwrap().forget();
        }
        self.groups.lock().unwrap().push(events.len());
        let call = self.calls.fetch_add(1, SeqCst);
        // A plan may panic: that is one of the faults.
        let fault = (self.plan.lock().unwrap_or_else(PoisonError::into_inner))(call, events);
        match fault {
            Some(fault) => Err(fault),
            None => {
                let kept = self.store.keep(events).await?;
                if self.lose.load(SeqCst) { Err(Fault::retry("the answer was lost")) } else { Ok(kept) }
            }
        }
    }
    async fn judge(&self, limit: usize, decide: Decide<'_>) -> Result<usize, Fault> {
        self.store.judge(limit, decide).await
    }
    async fn events(
        &self,
        filter: &EventFilter,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<Line>, Fault> {
        self.store.events(filter, before, limit).await
    }
    async fn event(&self, number: i64) -> Result<Option<(Line, Event, Vec<ActionLine>)>, Fault> {
        self.store.event(number).await
    }
    async fn counts(&self) -> Result<Counts, Fault> {
        self.store.counts().await
    }
    async fn forget(&self, before: Timestamp, limit: usize) -> Result<usize, Fault> {
        self.store.forget(before, limit).await
    }
}
