//! From rows of the bridge's tables to its records.

use super::text::restored;
use base::Fault;
use bridge::action::{ActionState, Work};
use bridge::event::{Event, EventState};
use bridge::store::{ActionLine, Line};
use jiff::Timestamp;
use tokio_postgres::Row;

/// The columns of [`event`], of `landfall.events AS e`.
pub(super) const EVENT: &str = "e.sender, e.id AS event_id, e.kind, e.subject, e.occurred, \
     e.told::text AS told, e.body::text AS body";

pub(super) fn event(row: &Row) -> Result<Event, Fault> {
    let id = text(row, "event_id");
    let unreadable = || Fault::fail(format!("the stored event {id} cannot be read"));
    Ok(Event {
        sender: text(row, "sender"),
        kind: text(row, "kind"),
        subject: text(row, "subject"),
        occurred: row.get("occurred"),
        told: serde_json::from_str(row.get("told")).map_err(|_| unreadable())?,
        body: serde_json::from_str(row.get("body")).map_err(|_| unreadable())?,
        id,
    })
}

/// The columns of [`line`], of `landfall.events AS e`.
pub(super) const LINE: &str = "e.number, e.sender, e.id AS event_id, e.kind, e.subject, e.occurred, \
     e.received, e.state, \
     (SELECT count(*) FROM landfall.actions a WHERE a.event = e.number) AS actions, \
     (SELECT count(*) FROM landfall.actions a WHERE a.event = e.number AND a.state = 'dead') AS dead";

pub(super) fn line(row: &Row) -> Line {
    let state: &str = row.get("state");
    Line {
        number: row.get("number"),
        sender: text(row, "sender"),
        id: text(row, "event_id"),
        kind: text(row, "kind"),
        subject: text(row, "subject"),
        occurred: row.get("occurred"),
        received: row.get("received"),
        state: if state == EventState::New.word() { EventState::New } else { EventState::Judged },
        actions: count(row.get("actions")),
        dead: count(row.get("dead")),
    }
}

/// The columns of [`action_line`], of `landfall.actions AS a` and `landfall.events AS e`.
pub(super) const ACTION_LINE: &str =
    "a.id, a.event, e.kind, a.rule, a.does, a.state, a.attempts, a.due, a.ended, a.said";

pub(super) fn action_line(row: &Row) -> Result<ActionLine, Fault> {
    Ok(ActionLine {
        id: row.get("id"),
        event: row.get("event"),
        kind: text(row, "kind"),
        rule: text(row, "rule"),
        work: row.get("does"),
        state: action_state(row.get("state"))?,
        attempts: count(i64::from(row.get::<_, i32>("attempts"))),
        due: row.get("due"),
        ended: row.get("ended"),
        said: text(row, "said"),
    })
}

/// What an action does, from the column of this name.
pub(super) fn work(row: &Row, column: &str, id: i64) -> Result<Work, Fault> {
    serde_json::from_str(row.get(column))
        .map_err(|_| Fault::fail(format!("what the stored action {id} does cannot be read")))
}

/// The text of a column, as it was before it was stored.
pub(super) fn text(row: &Row, column: &str) -> String {
    restored(row.get(column))
}

fn action_state(word: &str) -> Result<ActionState, Fault> {
    [ActionState::Pending, ActionState::Running, ActionState::Done, ActionState::Dead]
        .into_iter()
        .find(|state| state.word() == word)
        .ok_or_else(|| Fault::fail(format!("the stored state of an action is {word}")))
}

/// A count that the database made.
pub(super) fn count(n: i64) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// The first second of the year 1: PostgreSQL's time begins not much before it.
const FIRST_SECOND: i64 = -62_135_596_800;

/// A moment as the database keeps it: to the microsecond. What is due before our era is due at its beginning.
pub(super) fn moment(at: Timestamp) -> Timestamp {
    let first = Timestamp::constant(FIRST_SECOND, 0);
    Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at).max(first)
}
