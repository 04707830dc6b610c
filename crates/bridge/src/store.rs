//! The ports of what is durable.

use crate::action::{Action, ActionState, Ending, Planned};
use crate::event::{Event, EventState};
use async_trait::async_trait;
use base::Fault;
use jiff::{SignedDuration, Timestamp};

/// Decides what an event causes; `newest`: when the newest event that is known of its record happened.
pub type Decide<'a> = &'a (dyn Fn(&Event, Option<Timestamp>, Timestamp) -> Vec<Planned> + Send + Sync);

/// What came of keeping an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It is stored now.
    New,
    /// It was there: the same sender and id.
    Known,
}

/// Where events are kept from the moment on that their sender is told so.
#[async_trait]
pub trait Inbox: Send + Sync {
    /// Keeps events, all in one commit that has reached the disk when this returns; for each what came of it.
    /// Of two that are the same in one group the first is new. A fault keeps none of them; see
    /// [`Event::check`].
    async fn keep(&self, events: &[Event]) -> Result<Vec<Kept>, Fault>;
    /// Takes at most `limit` new events in the order in which they came, and in one transaction: moves the
    /// newest moment of their records on, queues what `decide` wants (an action of the same event, rule and
    /// number is queued once), marks them judged. Returns how many; several servers may call it at once.
    /// A record's newest moment is that of the events of the same sender and subject that were judged before.
    async fn judge(&self, limit: usize, decide: Decide<'_>) -> Result<usize, Fault>;
    /// Events, newest first, below `before` when it is given.
    async fn events(
        &self,
        filter: &EventFilter,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<Line>, Fault>;
    /// One event with its actions.
    async fn event(&self, number: i64) -> Result<Option<(Line, Event, Vec<ActionLine>)>, Fault>;
    /// How it stands with everything.
    async fn counts(&self) -> Result<Counts, Fault>;
    /// Forgets judged events that came before this moment and all of whose actions are done, with these;
    /// `limit` at most, oldest first; how many. What a person has still to look at stays.
    async fn forget(&self, before: Timestamp, limit: usize) -> Result<usize, Fault>;
}

/// Where actions wait.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Takes at most `limit` actions that are due, the first of their lanes, for `hold`: until then nobody
    /// else takes them. One that a worker took and did not finish in time is taken again, and says so.
    ///
    /// First of a lane is the one that a worker has, or had and did not finish; else the one of the lowest
    /// number that is not ended. Those that wait longest come first.
    async fn claim(&self, limit: usize, hold: SignedDuration) -> Result<Vec<Action>, Fault>;
    /// Ends an attempt, with all that its [`Ending`] writes, in one transaction. `later`: when to try again,
    /// of [`Ending::Later`]. False: somebody else has it by now, and nothing was written. [`Ending::Unknown`]
    /// writes nothing and leaves the action held.
    ///
    /// What follows from an action is told from what follows from others: rule and number may be those of
    /// another action of the event. A write that can never be done (no such table, a text that its column
    /// does not take) makes the action a dead letter that says so, and nothing of the ending is written.
    async fn finish(&self, action: &Action, ending: &Ending, later: Timestamp) -> Result<bool, Fault>;
    /// Actions, newest first, below `before` when it is given.
    async fn actions(
        &self,
        filter: &ActionFilter,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<ActionLine>, Fault>;
    /// Makes dead letters pending again: this one, or all; how many. The count of attempts goes on, and so
    /// does what is not known of them.
    async fn replay(&self, id: Option<i64>) -> Result<u64, Fault>;
    /// What is known of an event that will take place; `None`: nothing was scheduled under this id.
    async fn scheduled(&self, event_id: &str) -> Result<Option<Scheduled>, Fault>;
}

/// An event that will take place, as [`crate::Write::Scheduled`] left it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scheduled {
    /// When it begins.
    pub starts_at: Timestamp,
    /// The action that wrote it.
    pub by: i64,
    /// When the event that caused that action happened.
    pub occurred: Timestamp,
}

/// Which events to show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Of this sender.
    pub sender: Option<String>,
    /// Of this kind.
    pub kind: Option<String>,
    /// In this state.
    pub state: Option<EventState>,
}

/// Which actions to show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ActionFilter {
    /// In this state.
    pub state: Option<ActionState>,
    /// Doing this: [`crate::Work::word`].
    pub work: Option<String>,
}

/// An event in a list: no value of a record.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Line {
    /// Its number, in the order in which events came.
    pub number: i64,
    /// Its sender.
    pub sender: String,
    /// Its id.
    pub id: String,
    /// Its kind.
    pub kind: String,
    /// Its record.
    pub subject: String,
    /// When it happened.
    pub occurred: Timestamp,
    /// When it came.
    pub received: Timestamp,
    /// Where it stands.
    pub state: EventState,
    /// Its actions: all of them.
    pub actions: u32,
    /// Its dead ones.
    pub dead: u32,
}

/// An action in a list: no value of a record.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ActionLine {
    /// Its number.
    pub id: i64,
    /// The event's number.
    pub event: i64,
    /// The event's kind.
    pub kind: String,
    /// The rule.
    pub rule: String,
    /// What it does: [`crate::Work::word`].
    pub work: String,
    /// Where it stands.
    pub state: ActionState,
    /// Attempts that were begun.
    pub attempts: u32,
    /// When it is due, or was.
    pub due: Timestamp,
    /// When its last attempt ended.
    pub ended: Option<Timestamp>,
    /// What came of it, or why it did not work.
    pub said: String,
}

/// How it stands with everything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Events that nobody has looked at.
    pub events_new: u64,
    /// Events that were judged and are still kept.
    pub events_judged: u64,
    /// Actions that wait, by state.
    pub pending: u64,
    /// Under way.
    pub running: u64,
    /// Done and still kept.
    pub done: u64,
    /// Dead letters.
    pub dead: u64,
    /// How long the oldest action that is due has waited, seconds.
    pub oldest_due_seconds: u64,
}
