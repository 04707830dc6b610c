//! Group commit: events that arrive together are stored together, and each sender is answered when its own
//! is.

use crate::common::Core;
use crate::guarded::in_time;
use crate::limits::{GROUP_BYTES_MAX, GROUP_EVENTS_MAX};
use crate::log::Level;
use base::{Class, Fault};
use bridge::Event;
use bridge::store::Kept;
use std::sync::Arc;
use tokio::sync::{Mutex, OwnedSemaphorePermit, mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::Instant;

/// Why an event is not stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotKept {
    /// Too many wait already.
    Full,
    /// The database is away; the event may come again.
    Away,
    /// The database does not take this event.
    Refused,
    /// No store can keep it.
    Unfit,
}

/// An event that waits for a keeper.
struct Waiting {
    event: Event,
    /// Of its body.
    bytes: usize,
    since: Instant,
    answer: oneshot::Sender<Result<Kept, NotKept>>,
    /// Its share of the memory for bodies, given back when it is stored.
    room: Option<OwnedSemaphorePermit>,
}

/// The way to the keepers. When the last one is dropped, the keepers store what waits and end.
#[derive(Clone)]
pub(crate) struct Reception {
    queue: mpsc::Sender<Waiting>,
}

impl Reception {
    /// A reception with its keepers, which run in `keepers`.
    pub fn open(core: &Arc<Core>, keepers: &mut JoinSet<()>) -> Self {
        let (queue, waiting) = mpsc::channel(core.config.queue_events.max(1));
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..core.config.keepers.max(1) {
            keepers.spawn(keep_groups(core.clone(), waiting.clone()));
        }
        Self { queue }
    }

    /// Events that wait.
    pub fn waiting(&self) -> usize {
        self.queue.max_capacity() - self.queue.capacity()
    }

    /// Stores an event; it is durable when this returns `Ok`.
    pub async fn keep(
        &self,
        event: Event,
        bytes: usize,
        room: Option<OwnedSemaphorePermit>,
    ) -> Result<Kept, NotKept> {
        event.check().map_err(|_| NotKept::Unfit)?;
        let (answer, answered) = oneshot::channel();
        let waiting = Waiting { event, bytes, since: Instant::now(), answer, room };
        self.queue.try_send(waiting).map_err(|_| NotKept::Full)?;
        // A keeper that is gone has stored nothing that it did not say.
        answered.await.unwrap_or(Err(NotKept::Away))
    }
}

/// One keeper: takes all that waits, stores it, answers, until the queue is closed and empty.
async fn keep_groups(core: Arc<Core>, queue: Arc<Mutex<mpsc::Receiver<Waiting>>>) {
    loop {
        let group = take_group(&mut *queue.lock().await).await;
        if group.is_empty() {
            return;
        }
        keep_group(&core, group).await;
    }
}

/// Waits for one event and takes those that stand behind it; none: the queue is closed.
async fn take_group(queue: &mut mpsc::Receiver<Waiting>) -> Vec<Waiting> {
    let Some(first) = queue.recv().await else { return Vec::new() };
    let mut bytes = first.bytes;
    let mut group = vec![first];
    while group.len() < GROUP_EVENTS_MAX
        && bytes < GROUP_BYTES_MAX
        && let Ok(next) = queue.try_recv()
    {
        bytes += next.bytes;
        group.push(next);
    }
    group
}

async fn keep_group(core: &Core, group: Vec<Waiting>) {
    let (events, waiting): (Vec<Event>, Vec<_>) =
        group.into_iter().map(|w| (w.event, (w.since, w.answer, w.room))).unzip();
    let mut results: Vec<Result<Kept, NotKept>> = match store(core, &events).await {
        Ok(kept) => kept.into_iter().map(Ok).collect(),
        Err(fault) => {
            said(core, &fault, events.len());
            vec![Err(not_kept(&fault)); events.len()]
        }
    };
    // One event that the database does not take must not cost the others of its group their place.
    if events.len() > 1 && results.contains(&Err(NotKept::Refused)) {
        results.clear();
        for event in &events {
            let one = store(core, std::slice::from_ref(event)).await;
            results.push(one.map(|kept| kept[0]).map_err(|fault| {
                said(core, &fault, 1);
                not_kept(&fault)
            }));
        }
    }
    if results.iter().any(Result::is_ok) {
        core.to_judge.notify_one();
    }
    for ((since, answer, _room), result) in waiting.into_iter().zip(results) {
        core.metrics.keep_seconds.time(since.elapsed());
        // A sender that has gone will send again and be told that it is known.
        let _ = answer.send(result);
    }
}

/// One commit; as many results as events.
async fn store(core: &Core, events: &[Event]) -> Result<Vec<Kept>, Fault> {
    let kept = in_time("the inbox", core.config.times.keep, core.parts.inbox.keep(events)).await?;
    if kept.len() != events.len() {
        return Err(Fault::bug(format!("the inbox kept {} of {} events", kept.len(), events.len())));
    }
    core.metrics.group_events.take(events.len() as f64);
    Ok(kept)
}

fn not_kept(fault: &Fault) -> NotKept {
    match fault.class {
        Class::Retry | Class::Stop | Class::Interrupt => NotKept::Away,
        Class::Usage | Class::Fail | Class::Bug => NotKept::Refused,
    }
}

fn said(core: &Core, fault: &Fault, events: usize) {
    core.metrics.faults.one(&["keeping"]);
    core.log(Level::Error, "events not kept", &[("events", &events), ("fault", fault)]);
}
