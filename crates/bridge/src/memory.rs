//! What a store must do, without a disk: the model that the real one is compared with, and the one that tests
//! of the server run on.

use crate::action::{Action, ActionState, Activity, Ending, Planned, TableWork, Write};
use crate::event::{Event, EventState};
use crate::store::{
    ActionFilter, ActionLine, Counts, Decide, EventFilter, Inbox, Kept, Line, Outbox, Scheduled,
};
use async_trait::async_trait;
use base::{Clock, Fault};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A store in memory. It ends with the process.
pub struct MemoryStore {
    clock: Arc<dyn Clock>,
    held: Mutex<Held>,
}

/// What it holds.
#[derive(Default)]
struct Held {
    away: Option<Fault>,
    events: BTreeMap<i64, Stored>,
    numbers: HashMap<(String, String), i64>,
    last_event: i64,
    /// Sender and subject of a record → when its newest event happened.
    newest: HashMap<(String, String), Timestamp>,
    actions: BTreeMap<i64, Queued>,
    last_action: i64,
    rows: BTreeMap<(String, String), Row>,
    scheduled: BTreeMap<String, Scheduled>,
    copies: BTreeMap<(String, String), Event>,
    activities: BTreeMap<String, Activity>,
}

struct Stored {
    event: Event,
    received: Timestamp,
    state: EventState,
}

struct Queued {
    event: i64,
    /// The action that it follows from; 0: the event itself.
    follows: i64,
    planned: Planned,
    state: ActionState,
    attempts: u32,
    /// From when on somebody may take it: when it is due, or when the hold ends.
    free_at: Timestamp,
    began: Option<Timestamp>,
    unknown_since: Option<Timestamp>,
    ended: Option<Timestamp>,
    said: String,
}

/// A row of a table of the application: when the event happened that wrote it last, and its columns.
type Row = (Timestamp, BTreeMap<String, Option<String>>);

impl MemoryStore {
    /// An empty one.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, held: Mutex::default() }
    }

    /// From now on every call fails with this fault, as if the database were away; `None`: it is back.
    pub fn away(&self, fault: Option<Fault>) {
        self.held().away = fault;
    }

    /// The columns of a row that was written, without the key's.
    pub fn row(&self, table: &str, key: &str) -> Option<BTreeMap<String, Option<String>>> {
        self.held().rows.get(&(table.to_owned(), key.to_owned())).map(|(_, columns)| columns.clone())
    }

    /// The lines of `bettermode_webhook_events`, by sender and id.
    pub fn copies(&self) -> Vec<Event> {
        self.held().copies.values().cloned().collect()
    }

    /// The lines of `bettermode_member_activities`, by id.
    pub fn activities(&self) -> Vec<Activity> {
        self.held().activities.values().cloned().collect()
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn there(&self) -> Result<MutexGuard<'_, Held>, Fault> {
        let held = self.held();
        match &held.away {
            Some(fault) => Err(fault.clone()),
            None => Ok(held),
        }
    }
}

#[async_trait]
impl Inbox for MemoryStore {
    async fn keep(&self, events: &[Event]) -> Result<Vec<Kept>, Fault> {
        let (mut held, now) = (self.there()?, self.clock.now());
        events.iter().try_for_each(Event::check)?;
        Ok(events.iter().map(|event| held.keep(event, now)).collect())
    }

    async fn judge(&self, limit: usize, decide: Decide<'_>) -> Result<usize, Fault> {
        let (mut held, now) = (self.there()?, self.clock.now());
        let new = |(number, stored): (&i64, &Stored)| (stored.state == EventState::New).then_some(*number);
        let numbers: Vec<i64> = held.events.iter().filter_map(new).take(limit).collect();
        for number in &numbers {
            held.judge(*number, decide, now);
        }
        Ok(numbers.len())
    }

    async fn events(
        &self,
        filter: &EventFilter,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<Line>, Fault> {
        let held = self.there()?;
        let fits = |stored: &Stored| {
            filter.sender.as_ref().is_none_or(|s| *s == stored.event.sender)
                && filter.kind.as_ref().is_none_or(|k| *k == stored.event.kind)
                && filter.state.is_none_or(|s| s == stored.state)
        };
        let below = held.events.range(..before.unwrap_or(i64::MAX)).rev();
        Ok(below.filter(|(_, s)| fits(s)).take(limit).map(|(n, s)| held.line(*n, s)).collect())
    }

    async fn event(&self, number: i64) -> Result<Option<(Line, Event, Vec<ActionLine>)>, Fault> {
        let held = self.there()?;
        let Some(stored) = held.events.get(&number) else { return Ok(None) };
        let actions = held.actions.iter().filter(|(_, a)| a.event == number);
        let actions = actions.map(|(id, a)| held.action_line(*id, a)).collect();
        Ok(Some((held.line(number, stored), stored.event.clone(), actions)))
    }

    async fn counts(&self) -> Result<Counts, Fault> {
        let (held, now) = (self.there()?, self.clock.now());
        let events = |state| held.events.values().filter(|s| s.state == state).count() as u64;
        let actions = |state| held.actions.values().filter(|a| a.state == state).count() as u64;
        let pending = held.actions.values().filter(|a| a.state == ActionState::Pending);
        let oldest = pending.map(|a| a.planned.due).min().map_or(0, |due| now.duration_since(due).as_secs());
        Ok(Counts {
            events_new: events(EventState::New),
            events_judged: events(EventState::Judged),
            pending: actions(ActionState::Pending),
            running: actions(ActionState::Running),
            done: actions(ActionState::Done),
            dead: actions(ActionState::Dead),
            oldest_due_seconds: u64::try_from(oldest).unwrap_or(0),
        })
    }

    async fn forget(&self, before: Timestamp, limit: usize) -> Result<usize, Fault> {
        let mut held = self.there()?;
        let unfinished: BTreeSet<i64> =
            held.actions.values().filter(|a| a.state != ActionState::Done).map(|a| a.event).collect();
        let old = held.events.iter().filter(|(number, stored)| {
            stored.state == EventState::Judged && stored.received < before && !unfinished.contains(number)
        });
        let old: BTreeSet<i64> = old.map(|(number, _)| *number).take(limit).collect();
        held.events.retain(|number, _| !old.contains(number));
        held.numbers.retain(|_, number| !old.contains(number));
        held.actions.retain(|_, action| !old.contains(&action.event));
        Ok(old.len())
    }
}

#[async_trait]
impl Outbox for MemoryStore {
    async fn claim(&self, limit: usize, hold: SignedDuration) -> Result<Vec<Action>, Fault> {
        let (mut held, now) = (self.there()?, self.clock.now());
        let until = now.saturating_add(hold).unwrap_or(Timestamp::MAX);
        let free = |(id, a): (&i64, &Queued)| {
            (a.is_open() && a.free_at <= now && !held.waits(*id, a)).then_some((a.free_at, *id))
        };
        let mut free: Vec<(Timestamp, i64)> = held.actions.iter().filter_map(free).collect();
        free.sort_unstable();
        Ok(free.into_iter().take(limit).filter_map(|(_, id)| held.take(id, now, until)).collect())
    }

    async fn finish(&self, action: &Action, ending: &Ending, later: Timestamp) -> Result<bool, Fault> {
        let (mut held, now) = (self.there()?, self.clock.now());
        let Some(queued) = held.actions.get_mut(&action.id) else { return Ok(false) };
        if queued.state != ActionState::Running || queued.attempts != action.attempts + 1 {
            return Ok(false);
        }
        let (state, said) = match ending {
            Ending::Done { effect, .. } => (ActionState::Done, effect),
            Ending::Later { fault, .. } => (ActionState::Pending, &fault.what),
            Ending::Never { fault } => (ActionState::Dead, &fault.what),
            Ending::Unknown { .. } => return Ok(true),
        };
        (queued.state, queued.said, queued.ended) = (state, said.clone(), Some(now));
        if state == ActionState::Pending {
            (queued.planned.due, queued.free_at) = (later, later);
        }
        if let Ending::Done { writes, then, .. } = ending {
            let event = queued.event;
            writes.iter().for_each(|write| held.write(action, write));
            then.iter().for_each(|planned| held.queue(event, action.id, planned));
        }
        Ok(true)
    }

    async fn actions(
        &self,
        filter: &ActionFilter,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<ActionLine>, Fault> {
        let held = self.there()?;
        let fits = |a: &Queued| {
            filter.state.is_none_or(|s| s == a.state)
                && filter.work.as_ref().is_none_or(|w| w == a.planned.work.word())
        };
        let below = held.actions.range(..before.unwrap_or(i64::MAX)).rev();
        Ok(below.filter(|(_, a)| fits(a)).take(limit).map(|(id, a)| held.action_line(*id, a)).collect())
    }

    async fn replay(&self, id: Option<i64>) -> Result<u64, Fault> {
        let (mut held, now) = (self.there()?, self.clock.now());
        let mut replayed = 0;
        for (_, action) in held.actions.iter_mut().filter(|(n, _)| id.is_none_or(|id| id == **n)) {
            if action.state == ActionState::Dead {
                action.state = ActionState::Pending;
                (action.planned.due, action.free_at) = (now, now);
                replayed += 1;
            }
        }
        Ok(replayed)
    }

    async fn scheduled(&self, event_id: &str) -> Result<Option<Scheduled>, Fault> {
        Ok(self.there()?.scheduled.get(event_id).copied())
    }
}

impl Queued {
    /// Whether it has not ended.
    fn is_open(&self) -> bool {
        matches!(self.state, ActionState::Pending | ActionState::Running)
    }
}

impl Held {
    fn keep(&mut self, event: &Event, now: Timestamp) -> Kept {
        let id = (event.sender.clone(), event.id.clone());
        if self.numbers.contains_key(&id) {
            return Kept::Known;
        }
        self.last_event += 1;
        self.numbers.insert(id, self.last_event);
        let mut event = event.clone();
        event.occurred = whole_micros(event.occurred);
        self.events.insert(self.last_event, Stored { event, received: now, state: EventState::New });
        Kept::New
    }

    fn judge(&mut self, number: i64, decide: Decide<'_>, now: Timestamp) {
        let Some(stored) = self.events.get_mut(&number) else { return };
        stored.state = EventState::Judged;
        let event = stored.event.clone();
        let record = (event.sender.clone(), event.subject.clone());
        let newest = self.newest.get(&record).copied();
        for planned in decide(&event, newest, now) {
            self.queue(number, 0, &planned);
        }
        if !event.subject.is_empty() {
            self.newest.insert(record, newest.map_or(event.occurred, |known| known.max(event.occurred)));
        }
    }

    fn queue(&mut self, event: i64, follows: i64, planned: &Planned) {
        let same = |a: &Queued| {
            (a.event, a.follows) == (event, follows)
                && (&a.planned.rule, a.planned.number) == (&planned.rule, planned.number)
        };
        if self.actions.values().any(same) {
            return;
        }
        self.last_action += 1;
        let queued = Queued {
            event,
            follows,
            planned: planned.clone(),
            state: ActionState::Pending,
            attempts: 0,
            free_at: planned.due,
            began: None,
            unknown_since: None,
            ended: None,
            said: String::new(),
        };
        self.actions.insert(self.last_action, queued);
    }

    /// Whether another of its lane comes first.
    fn waits(&self, id: i64, action: &Queued) -> bool {
        let rank = |id: i64, a: &Queued| (a.state != ActionState::Running, id);
        let mine = rank(id, action);
        let lane = &action.planned.lane;
        let mut others = self.actions.iter().filter(|(_, a)| a.is_open() && a.planned.lane == *lane);
        !lane.is_empty() && others.any(|(other, a)| rank(*other, a) < mine)
    }

    /// Hands an action to a worker.
    fn take(&mut self, id: i64, now: Timestamp, until: Timestamp) -> Option<Action> {
        let queued = self.actions.get_mut(&id)?;
        if queued.state == ActionState::Running {
            queued.unknown_since = queued.unknown_since.or(queued.began);
        }
        queued.state = ActionState::Running;
        queued.attempts += 1;
        (queued.began, queued.free_at) = (Some(now), until);
        Some(Action {
            id,
            event: self.events.get(&queued.event)?.event.clone(),
            rule: queued.planned.rule.clone(),
            lane: queued.planned.lane.clone(),
            work: queued.planned.work.clone(),
            attempts: queued.attempts - 1,
            unknown_since: queued.unknown_since,
        })
    }

    fn write(&mut self, action: &Action, write: &Write) {
        let occurred = action.event.occurred;
        match write {
            Write::Row { table, key } => self.write_row(table, key, occurred),
            Write::EventCopy(event) => {
                let id = (event.sender.clone(), event.id.clone());
                self.copies.entry(id).or_insert_with(|| event.clone());
            }
            Write::Activity(activity) => {
                self.activities.entry(activity.id.clone()).or_insert_with(|| activity.clone());
            }
            Write::Scheduled { event_id, starts_at } => {
                if self.scheduled.get(event_id).is_none_or(|known| known.occurred <= occurred) {
                    let scheduled = Scheduled { starts_at: *starts_at, by: action.id, occurred };
                    self.scheduled.insert(event_id.clone(), scheduled);
                }
            }
        }
    }

    fn write_row(&mut self, table: &TableWork, key: &str, occurred: Timestamp) {
        let row =
            self.rows.entry((table.name.clone(), key.to_owned())).or_insert((occurred, BTreeMap::new()));
        if row.0 <= occurred {
            row.0 = occurred;
            row.1.extend(table.columns.clone());
        }
    }

    fn line(&self, number: i64, stored: &Stored) -> Line {
        let event = &stored.event;
        let of = || self.actions.values().filter(|a| a.event == number);
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Line {
            number,
            sender: event.sender.clone(),
            id: event.id.clone(),
            kind: event.kind.clone(),
            subject: event.subject.clone(),
            occurred: event.occurred,
            received: stored.received,
            state: stored.state,
            actions: count(of().count()),
            dead: count(of().filter(|a| a.state == ActionState::Dead).count()),
        }
    }

    fn action_line(&self, id: i64, action: &Queued) -> ActionLine {
        let event = self.events.get(&action.event);
        ActionLine {
            id,
            event: action.event,
            kind: event.map(|s| s.event.kind.clone()).unwrap_or_default(),
            rule: action.planned.rule.clone(),
            work: action.planned.work.word().to_owned(),
            state: action.state,
            attempts: action.attempts,
            due: action.planned.due,
            ended: action.ended,
            said: action.said.clone(),
        }
    }
}

/// A moment to the microsecond, which is what databases keep.
fn whole_micros(at: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at)
}

#[cfg(test)]
mod tests;
