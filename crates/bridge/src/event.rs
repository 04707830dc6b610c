//! What was heard: one event of one sender.

use base::Fault;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// What an event tells, in our words, the same for every platform. The names in use:
///
/// | name | what |
/// |---|---|
/// | `member_id`, `email`, `name`, `username`, `status` | the person an event is about, or who did it |
/// | `space_id` | where |
/// | `post_id`, `title`, `text`, `reply` | what was written; `reply` is `true` or `false` |
/// | `reaction` | how somebody reacted |
/// | `event_id`, `starts_at`, `ends_at`, `url` | what takes place; times as RFC 3339 |
pub type Told = BTreeMap<String, String>;

/// The longest id, subject, kind or name of a sender, bytes of UTF-8. They stand in indexes, whose entries
/// PostgreSQL bounds at about 2,700 bytes; the longest ids that services give have some 60.
pub const ID_BYTES_MAX: usize = 512;

/// An event, as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Who told it: the name of its section, `bettermode` of `[serve.webhooks.bettermode]`.
    pub sender: String,
    /// Its id, unique among those of its sender. The same id again is the same event.
    pub id: String,
    /// What happened: `member.updated`, `post.published`. Senders of one kind of platform use the same words.
    pub kind: String,
    /// The record it is about: `member:mem1`. Events of one record are judged and acted on in order; empty:
    /// it stands alone.
    pub subject: String,
    /// When it happened, by the sender's clock; it is kept to the microsecond.
    pub occurred: Timestamp,
    /// What it tells, in our words.
    pub told: Told,
    /// What it tells, in the sender's, without what looks like a secret. Personal data: it goes to the
    /// stores only, never to a log.
    pub body: Value,
}

impl Event {
    /// Whether a store can keep it; a fault of class Fail when not. To be asked before it is put into a
    /// group, because a group is kept as a whole or not at all.
    pub fn check(&self) -> Result<(), Fault> {
        let bounded =
            [("sender", &self.sender), ("id", &self.id), ("kind", &self.kind), ("subject", &self.subject)];
        for (what, text) in bounded {
            if text.len() > ID_BYTES_MAX {
                return Err(Fault::fail(format!(
                    "an event's {what} has {} bytes, more than the {ID_BYTES_MAX} that are kept",
                    text.len()
                )));
            }
        }
        if self.id.is_empty() {
            return Err(Fault::fail("an event without an id cannot be told from another"));
        }
        Ok(())
    }
}

/// Where an event stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventState {
    /// It is stored and nobody has looked at it.
    New,
    /// The rules were asked, and what they want is queued.
    Judged,
}

impl EventState {
    /// Its word, as it is stored and shown.
    pub fn word(self) -> &'static str {
        match self {
            EventState::New => "new",
            EventState::Judged => "judged",
        }
    }
}
