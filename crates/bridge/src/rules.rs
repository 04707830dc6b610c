//! What an event causes, decided from the event and the rules alone.
//!
//! A rule's texts are filled here and not later: an action holds everything that it takes, and does the same
//! on every attempt whatever becomes of the rules. What the event does not tell
//!
//! * leaves a column of a table out: a short event does not empty a row;
//! * makes any other action a [`Work::Incomplete`], which ends as a dead letter: half a text is never sent,
//!   and nothing is lost in silence. For texts and addresses, what is told as nothing (`""`) is not told.

mod fill;
#[cfg(test)]
mod tests;

use crate::action::{Planned, TableWork, Work};
use crate::event::Event;
use base::Template;
use base::template::Hole;
use fill::{Filler, Form};
use jiff::{SignedDuration, Timestamp};

/// The rule of the copy that every event causes; no rule of a project is called so.
pub const COPY: &str = "copy";

/// Turns events into one kind of action.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Its name, unique.
    pub name: String,
    /// The kinds of event that it is for: `member.updated`, `member.*` for all of a noun, `*` for all.
    pub on: Vec<String>,
    /// What else must hold: all of it.
    pub when: Vec<Condition>,
    /// What it causes.
    pub does: Does,
    /// How long after it was decided it is due.
    pub after: SignedDuration,
}

/// Something that an event must tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Where.
    pub hole: Hole,
    /// What, letter for letter.
    pub equals: String,
}

/// What a rule causes.
#[derive(Debug, Clone, PartialEq)]
pub enum Does {
    /// [`Work::ProcessMember`].
    ProcessMember {
        /// The row that follows; `None`: none does.
        table: Option<TableRule>,
        /// Whether the cache follows.
        cache: bool,
        /// Whether the page follows.
        pages: bool,
    },
    /// [`Work::TrackActivity`]; not for kinds that do not count.
    TrackActivity,
    /// [`Work::ScheduleEvent`].
    ScheduleEvent {
        /// How long before it to remind, seconds.
        remind_before: Vec<u64>,
        /// What a reminder says; `None`: there are none.
        text: Option<Template>,
    },
    /// [`Work::SendMessage`].
    SendMessage {
        /// Who gets it.
        to: Template,
        /// What it says.
        text: Template,
    },
    /// [`Work::PublishPost`].
    PublishPost {
        /// Where.
        space: Template,
        /// Its title.
        title: Template,
        /// HTML; what fills it is escaped.
        content: Template,
        /// In whose name; `None`: the app's.
        author: Option<Template>,
    },
    /// [`Work::CallUrl`].
    CallUrl {
        /// Where: an address whose holes stand behind the host; what fills them is percent-encoded.
        url: Template,
    },
}

/// A row that follows a member.
#[derive(Debug, Clone, PartialEq)]
pub struct TableRule {
    /// The table: `community_members`, or `schema.table`.
    pub name: String,
    /// The column that holds the member's id.
    pub key: String,
    /// The other columns.
    pub columns: Vec<(String, Template)>,
}

/// What an event causes: the copy of it, and one action of each rule that is for it, in the order of the
/// rules. `newest`: when the newest event that is known of its record happened; an older one causes no work
/// that carries a record's state.
pub fn decide(rules: &[Rule], event: &Event, newest: Option<Timestamp>, now: Timestamp) -> Vec<Planned> {
    let older = newest.is_some_and(|newest| event.occurred < newest);
    let copy = planned(COPY, String::new(), now, Work::KeepCopy);
    let wanted = rules.iter().filter(|rule| rule.is_for(event) && !(older && rule.does.carries_state()));
    std::iter::once(copy).chain(wanted.map(|rule| rule.plan(event, now))).collect()
}

/// Each rule causes one action of an event, so that its number is 0.
fn planned(rule: &str, lane: String, due: Timestamp, work: Work) -> Planned {
    Planned { rule: rule.to_owned(), number: 0, lane, due, work }
}

impl Rule {
    /// Whether it is for such an event.
    pub fn is_for(&self, event: &Event) -> bool {
        let counts = !matches!(self.does, Does::TrackActivity) || counts(&event.kind);
        counts
            && self.on.iter().any(|pattern| is_of(&event.kind, pattern))
            && self.when.iter().all(|c| event.tells(&c.hole).is_some_and(|text| text == c.equals))
    }

    fn plan(&self, event: &Event, now: Timestamp) -> Planned {
        let due = now.saturating_add(self.after).unwrap_or(now);
        let (lane, work) = self.does.work(event);
        planned(&self.name, lane, due, work)
    }
}

/// Whether a kind is one that a pattern means.
pub fn is_of(kind: &str, pattern: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some("") => true,
        Some(noun) if noun.ends_with('.') => kind.starts_with(noun),
        _ => kind == pattern,
    }
}

/// Whether something of this kind is an activity: a post counts when everybody sees it, not when it is made.
pub fn counts(kind: &str) -> bool {
    kind != "post.created"
}

impl Does {
    /// The word of the work that it causes, as rules of a project write it.
    pub fn word(&self) -> &'static str {
        match self {
            Does::ProcessMember { .. } => "process_member",
            Does::TrackActivity => "track_activity",
            Does::ScheduleEvent { .. } => "schedule_event",
            Does::SendMessage { .. } => "send_message",
            Does::PublishPost { .. } => "publish_post",
            Does::CallUrl { .. } => "call_url",
        }
    }

    /// As [`Work::carries_state`], before there is any work.
    fn carries_state(&self) -> bool {
        matches!(self, Does::ProcessMember { .. } | Does::ScheduleEvent { .. })
    }

    /// What it comes to, and its lane. Work that carries a record's state goes in the lane of that record,
    /// also when an event about another record causes it; the rest waits for nobody.
    fn work(&self, event: &Event) -> (String, Work) {
        let mut fill = Filler::new(event);
        let (lane, work) = match self {
            Does::ProcessMember { table, cache, pages } => {
                let member_id = fill.told("member_id");
                let table = table.as_ref().map(|table| TableWork {
                    name: table.name.clone(),
                    key: table.key.clone(),
                    columns: table
                        .columns
                        .iter()
                        .filter_map(|(column, template)| Some((column.clone(), Some(fill.column(template)?))))
                        .collect(),
                });
                let (cache, pages, gone) = (*cache, *pages, event.kind == "member.deleted");
                let lane = format!("member:{member_id}");
                (lane, Work::ProcessMember { member_id, table, cache, pages, gone })
            }
            Does::TrackActivity => {
                let member_id = event.told.get("member_id").cloned().unwrap_or_default();
                (String::new(), Work::TrackActivity { member_id, activity: event.kind.clone() })
            }
            Does::ScheduleEvent { remind_before, text } => {
                let event_id = fill.told("event_id");
                let lane = format!("event:{event_id}");
                (lane, scheduled(&mut fill, event, event_id, remind_before, text.as_ref()))
            }
            Does::SendMessage { to, text } => {
                let work =
                    Work::SendMessage { to: fill.text(to, Form::Plain), text: fill.text(text, Form::Plain) };
                (String::new(), work)
            }
            Does::PublishPost { space, title, content, author } => {
                let work = Work::PublishPost {
                    space_id: fill.text(space, Form::Plain),
                    title: fill.text(title, Form::Plain),
                    content: fill.text(content, Form::Html),
                    author_id: author.as_ref().map(|author| fill.text(author, Form::Plain)),
                };
                (String::new(), work)
            }
            Does::CallUrl { url } => (String::new(), Work::CallUrl { url: fill.url(url) }),
        };
        match fill.lacks() {
            lacks if lacks.is_empty() => (lane, work),
            lacks => (String::new(), Work::Incomplete { wanted: self.word().to_owned(), lacks }),
        }
    }
}

/// What takes place, or does not any more: then it is scheduled without a reminder, which takes the place of
/// what was scheduled before, and when it would have been is not needed.
fn scheduled(
    fill: &mut Filler<'_>,
    event: &Event,
    event_id: String,
    remind_before: &[u64],
    text: Option<&Template>,
) -> Work {
    let gone = matches!(event.kind.as_str(), "event.deleted" | "event.cancelled" | "event.canceled");
    let told = event.told.get("starts_at").and_then(|text| text.parse().ok());
    let starts_at = match told {
        Some(starts_at) => starts_at,
        None if gone => event.occurred,
        None => fill.no_moment("starts_at"),
    };
    let (remind_before, text) = match text {
        Some(text) if !gone => (remind_before.to_vec(), fill.text(text, Form::Plain)),
        _ => (Vec::new(), String::new()),
    };
    Work::ScheduleEvent { event_id, starts_at, remind_before, text, to: Vec::new() }
}
