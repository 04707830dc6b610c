//! One event: what was told, and what came of it. The only page with values of a record.

use super::guard::Session;
use super::page::{Frame, away, moment, page, says};
use crate::routes::Front;
use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use bridge::store::{ActionLine, Line};
use std::sync::Arc;

#[derive(Template)]
#[template(path = "event.html")]
struct OneEvent {
    frame: Frame,
    line: Line,
    told: Vec<(String, String)>,
    body: String,
    actions: Vec<ActionLine>,
}

/// `GET /console/events/{number}`.
pub(super) async fn event(
    State(front): State<Arc<Front>>,
    Extension(session): Extension<Session>,
    Path(number): Path<String>,
) -> Response {
    let missing = || says(404, "No such event", "It is not kept any more, or it never was there.");
    let Ok(number) = number.parse() else { return missing() };
    let (line, event, actions) = match front.core.parts.inbox.event(number).await {
        Ok(Some(found)) => found,
        Ok(None) => return missing(),
        Err(fault) => return away(&fault),
    };
    let event = OneEvent {
        frame: Frame::new(&front, &session, "events"),
        line,
        told: event.told.into_iter().collect(),
        // A value is always JSON.
        body: serde_json::to_string_pretty(&event.body).unwrap_or_default(),
        actions,
    };
    page(200, &event)
}
