//! The lists of events and of actions: ids and codes, no value of a record.

use super::guard::Session;
use super::page::{Frame, away, moment, page};
use super::query::Query;
use crate::limits::LINES_PER_PAGE;
use crate::routes::Front;
use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use bridge::action::ActionState;
use bridge::event::EventState;
use bridge::store::{ActionFilter, ActionLine, EventFilter, Line};
use std::sync::Arc;

/// The states that can be searched for.
const EVENT_STATES: &[EventState] = &[EventState::New, EventState::Judged];
const ACTION_STATES: &[ActionState] =
    &[ActionState::Pending, ActionState::Running, ActionState::Done, ActionState::Dead];

/// A choice of a search: its word, and whether it is the present one.
struct Choice {
    word: String,
    chosen: bool,
}

fn choices<'a>(words: impl IntoIterator<Item = &'a str>, chosen: Option<&str>) -> Vec<Choice> {
    words.into_iter().map(|word| Choice { word: word.into(), chosen: chosen == Some(word) }).collect()
}

#[derive(Template)]
#[template(path = "events.html")]
struct Events {
    frame: Frame,
    senders: Vec<Choice>,
    kind: String,
    states: Vec<Choice>,
    lines: Vec<Line>,
    next: Option<String>,
}

/// `GET /console/events`.
pub(super) async fn events(
    State(front): State<Arc<Front>>,
    Extension(session): Extension<Session>,
    uri: Uri,
) -> Response {
    let query = Query::of(&uri);
    let state = query.get("state");
    let filter = EventFilter {
        sender: query.get("sender"),
        kind: query.get("kind"),
        state: EVENT_STATES.iter().copied().find(|one| state.as_deref() == Some(one.word())),
    };
    let inbox = &front.core.parts.inbox;
    let mut lines = match inbox.events(&filter, query.number("before"), LINES_PER_PAGE + 1).await {
        Ok(lines) => lines,
        Err(fault) => return away(&fault),
    };
    let next = cut(&mut lines, |line| line.number, &query);
    let events = Events {
        frame: Frame::new(&front, &session, "events"),
        senders: choices(front.core.parts.senders.iter().map(|one| one.name()), filter.sender.as_deref()),
        kind: filter.kind.unwrap_or_default(),
        states: choices(EVENT_STATES.iter().map(|one| one.word()), state.as_deref()),
        lines,
        next,
    };
    page(200, &events)
}

#[derive(Template)]
#[template(path = "actions.html")]
struct Actions {
    frame: Frame,
    works: Vec<Choice>,
    states: Vec<Choice>,
    lines: Vec<ActionLine>,
    /// How many were replayed just now.
    replayed: Option<i64>,
    /// Whether these are the failures.
    dead: bool,
    next: Option<String>,
}

/// `GET /console/actions`; with `?state=dead` the failures.
pub(super) async fn actions(
    State(front): State<Arc<Front>>,
    Extension(session): Extension<Session>,
    uri: Uri,
) -> Response {
    let query = Query::of(&uri);
    let state = query.get("state");
    let filter = ActionFilter {
        state: ACTION_STATES.iter().copied().find(|one| state.as_deref() == Some(one.word())),
        work: query.get("work"),
    };
    let outbox = &front.core.parts.outbox;
    let mut lines = match outbox.actions(&filter, query.number("before"), LINES_PER_PAGE + 1).await {
        Ok(lines) => lines,
        Err(fault) => return away(&fault),
    };
    let next = cut(&mut lines, |line| line.id, &query);
    let dead = filter.state == Some(ActionState::Dead);
    let actions = Actions {
        frame: Frame::new(&front, &session, if dead { "failures" } else { "actions" }),
        works: choices(bridge::action::WORDS.iter().copied(), filter.work.as_deref()),
        states: choices(ACTION_STATES.iter().map(|one| one.word()), state.as_deref()),
        lines,
        replayed: query.number("replayed"),
        dead,
        next,
    };
    page(200, &actions)
}

/// Cuts a list to one page; where the next one begins, when there is one.
fn cut<T>(lines: &mut Vec<T>, number: impl Fn(&T) -> i64, query: &Query) -> Option<String> {
    if lines.len() <= LINES_PER_PAGE {
        return None;
    }
    lines.truncate(LINES_PER_PAGE);
    lines.last().map(|last| query.below(number(last)))
}
