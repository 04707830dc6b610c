//! What an event causes.

use crate::event::{Event, Told};
use base::Fault;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is to be done, with everything that it takes: texts are filled in when the event is judged.
///
/// It is stored as JSON, `{"do": "send_message", …}`; a field is added with `#[serde(default)]` and never
/// renamed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Work {
    /// Takes over what is known of a member: into a table, the cache and the pages of Notion.
    ProcessMember {
        /// Whom.
        member_id: String,
        /// The table, `community_members` or `schema.table`; `None`: none is kept.
        table: Option<TableWork>,
        /// Whether the cache follows.
        cache: bool,
        /// Whether their page follows.
        pages: bool,
        /// The member is gone: the row and the page stay and are marked, the cached one is dropped.
        gone: bool,
    },
    /// Writes down that a member did something.
    TrackActivity {
        /// Who; empty: the event does not say.
        member_id: String,
        /// What: the event's kind.
        activity: String,
    },
    /// Keeps an event that will take place, and queues its reminders.
    ScheduleEvent {
        /// Which.
        event_id: String,
        /// When it begins.
        starts_at: Timestamp,
        /// How long before it to remind, seconds.
        remind_before: Vec<u64>,
        /// What a reminder says; empty: no reminder.
        text: String,
        /// Whom to remind; empty: those who registered, by the service's list.
        to: Vec<String>,
    },
    /// Reminds of an event that was scheduled: when its time has come it becomes a message to each, unless
    /// the event was scheduled anew since. No rule wants it by itself: it follows from `ScheduleEvent`.
    Remind {
        /// Of which.
        event_id: String,
        /// The action that scheduled it; one that was scheduled again by another is reminded of by that one.
        scheduled_by: i64,
        /// What a reminder says.
        text: String,
        /// Whom to remind; empty: those who registered, by the service's list at that time.
        to: Vec<String>,
    },
    /// Sends a direct message. Never sent twice.
    SendMessage {
        /// The member who gets it.
        to: String,
        /// What it says.
        text: String,
    },
    /// Publishes a post. Never published twice.
    PublishPost {
        /// Where.
        space_id: String,
        /// Its title.
        title: String,
        /// What it says, HTML.
        content: String,
        /// In whose name; `None`: the app's.
        author_id: Option<String>,
    },
    /// Calls another address with the event. The id of the call is the same on every attempt.
    CallUrl {
        /// Where.
        url: String,
    },
    /// Keeps a copy of the event in the collection of events.
    KeepCopy,
    /// A rule wants what the event does not tell. It is queued all the same, so that it ends as a dead letter
    /// that a person sees: half a text is never sent, and nothing is lost in silence.
    Incomplete {
        /// What the rule wants: the word of another work.
        wanted: String,
        /// What is missing, one entry a hole: names of holes, no value.
        lacks: Vec<String>,
    },
}

/// A row that follows a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableWork {
    /// Which table: `community_members`, or `schema.table`.
    pub name: String,
    /// The column that holds the member's id.
    pub key: String,
    /// Column → text, as PostgreSQL reads it; `None` is NULL. Columns whose placeholders the event does not
    /// tell are left out, so that a short event does not empty a row.
    pub columns: BTreeMap<String, Option<String>>,
}

/// The words of all works, as [`Work::word`] says them.
pub const WORDS: &[&str] = &[
    "process_member",
    "track_activity",
    "schedule_event",
    "remind",
    "send_message",
    "publish_post",
    "call_url",
    "keep_copy",
    "incomplete",
];

impl Work {
    /// Its word, as rules, tables and pages name it.
    pub fn word(&self) -> &'static str {
        match self {
            Work::ProcessMember { .. } => "process_member",
            Work::TrackActivity { .. } => "track_activity",
            Work::ScheduleEvent { .. } => "schedule_event",
            Work::Remind { .. } => "remind",
            Work::SendMessage { .. } => "send_message",
            Work::PublishPost { .. } => "publish_post",
            Work::CallUrl { .. } => "call_url",
            Work::KeepCopy => "keep_copy",
            Work::Incomplete { .. } => "incomplete",
        }
    }

    /// Why nobody can do it, whoever tries: the worker ends such an action with [`Ending::Never`] and asks no
    /// performer.
    pub fn impossible(&self) -> Option<Fault> {
        let Work::Incomplete { wanted, lacks } = self else { return None };
        Some(
            Fault::fail(format!("{wanted} cannot be done: {}", lacks.join(", "))).hint(
                "mend the rule, or keep it from such events with `when`; what is queued stays as it is",
            ),
        )
    }

    /// Whether it carries a record's state: an event that is older than the newest one known of its record
    /// must not cause it.
    pub fn carries_state(&self) -> bool {
        matches!(self, Work::ProcessMember { .. } | Work::ScheduleEvent { .. })
    }
}

/// An action that a rule wants, not stored yet.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    /// The rule's name. With the event it is what makes an action unique.
    pub rule: String,
    /// Its number among those of this rule and event.
    pub number: u32,
    /// Actions of one lane are done one after another, in order; empty: it waits for nobody.
    pub lane: String,
    /// Not before.
    pub due: Timestamp,
    /// What.
    pub work: Work,
}

/// A stored action.
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    /// Its number in the outbox.
    pub id: i64,
    /// The event that caused it.
    pub event: Event,
    /// The rule that wants it.
    pub rule: String,
    /// See [`Planned::lane`].
    pub lane: String,
    /// What.
    pub work: Work,
    /// Attempts that were begun before this one.
    pub attempts: u32,
    /// When an earlier attempt began whose end is not known: what it does may have happened.
    pub unknown_since: Option<Timestamp>,
}

impl Action {
    /// What marks its effect outside: the same on every attempt, unlike any other's.
    pub fn mark(&self) -> String {
        format!("landfall-{}-{}-{}", self.event.sender, self.event.id, self.id)
    }
    /// What the event told.
    pub fn told(&self) -> &Told {
        &self.event.told
    }
}

/// Something that is written in the transaction that ends an action: it happens with it or not at all.
#[derive(Debug, Clone, PartialEq)]
pub enum Write {
    /// A row of a table of the application, made or changed; other columns stay. An event older than the one
    /// that wrote it last changes nothing.
    Row {
        /// The row.
        table: TableWork,
        /// The member's id.
        key: String,
    },
    /// A line of `bettermode_webhook_events`.
    EventCopy(Event),
    /// A line of `bettermode_member_activities`.
    Activity(Activity),
    /// What will take place, with the action that says so and the moment of its event: see
    /// [`crate::store::Scheduled`]. One that an event scheduled which happened later stays as it is.
    Scheduled {
        /// Which.
        event_id: String,
        /// When it begins.
        starts_at: Timestamp,
    },
}

/// What a member did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Activity {
    /// The event that told it: unique.
    pub id: String,
    /// Who.
    pub member_id: String,
    /// What: the event's kind.
    pub activity_type: String,
    /// When.
    pub timestamp: Timestamp,
    /// What was told.
    pub data: Told,
}

/// How an attempt ended.
#[derive(Debug)]
pub enum Ending {
    /// It is done.
    Done {
        /// What came of it, one sentence without a value of a record: `message 5f1 sent`.
        effect: String,
        /// What is written with it.
        writes: Vec<Write>,
        /// What follows from it.
        then: Vec<Planned>,
    },
    /// Nothing happened; it may work later.
    Later {
        /// Why.
        fault: Fault,
        /// How long to wait at least, as the other side said.
        wait: Option<SignedDuration>,
    },
    /// It will not work: a person has to look. It goes to the dead letters.
    Never {
        /// Why.
        fault: Fault,
    },
    /// Whether it happened is not known. Nothing is written, the hold runs out, and whoever takes the action
    /// then is told by [`Action::unknown_since`] to look first. It is not handed to
    /// [`crate::Outbox::finish`].
    Unknown {
        /// Why.
        fault: Fault,
    },
}

impl Ending {
    /// Done, with nothing to write.
    pub fn done(effect: impl Into<String>) -> Self {
        Ending::Done { effect: effect.into(), writes: Vec::new(), then: Vec::new() }
    }
}

/// Where an action stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActionState {
    /// It waits for its time, its lane, or a worker.
    Pending,
    /// A worker is at it.
    Running,
    /// Done.
    Done,
    /// A dead letter.
    Dead,
}

impl ActionState {
    /// Its word, as it is stored and shown.
    pub fn word(self) -> &'static str {
        match self {
            ActionState::Pending => "pending",
            ActionState::Running => "running",
            ActionState::Done => "done",
            ActionState::Dead => "dead",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_stored_is_read_again_also_what_an_earlier_program_stored() {
        let starts_at: Timestamp = "2026-01-02T03:04:05Z".parse().expect("a moment");
        let scheduled = Work::ScheduleEvent {
            event_id: "e1".to_owned(),
            starts_at,
            remind_before: vec![3600],
            text: "soon".to_owned(),
            to: Vec::new(),
        };
        let incomplete = Work::Incomplete {
            wanted: "send_message".to_owned(),
            lacks: vec!["`name` is not told".to_owned()],
        };
        for (stored, work) in [
            (json!({"do": "keep_copy"}), Work::KeepCopy),
            (
                json!({"do": "schedule_event", "event_id": "e1", "starts_at": "2026-01-02T03:04:05Z",
                    "remind_before": [3600], "text": "soon", "to": []}),
                scheduled,
            ),
            (
                json!({"do": "incomplete", "wanted": "send_message", "lacks": ["`name` is not told"]}),
                incomplete,
            ),
        ] {
            assert_eq!(serde_json::from_value::<Work>(stored).expect("a work"), work);
            let again = serde_json::to_value(&work).expect("JSON");
            assert_eq!(serde_json::from_value::<Work>(again).expect("a work"), work);
        }
    }

    #[test]
    fn only_what_is_incomplete_is_impossible_and_it_says_why() {
        let lacks = vec!["`name` is not told".to_owned(), "`body.a` is not told".to_owned()];
        let fault = Work::Incomplete { wanted: "call_url".to_owned(), lacks }.impossible().expect("a fault");
        assert_eq!(fault.what, "call_url cannot be done: `name` is not told, `body.a` is not told");
        assert_eq!(Work::KeepCopy.impossible(), None);
    }
}
