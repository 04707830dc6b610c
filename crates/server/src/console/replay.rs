//! Replay: dead letters are tried again, one or all.

use super::guard::Form;
use super::page::{away, says, to};
use crate::log::Level;
use crate::routes::Front;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use std::sync::Arc;

/// `POST /console/replay`, with `action`: a number, or `all`.
pub(super) async fn replay(State(front): State<Arc<Front>>, Extension(form): Extension<Form>) -> Response {
    let which = match form.0.get("action").map(String::as_str) {
        Some("all") => None,
        Some(number) if number.parse::<i64>().is_ok() => number.parse().ok(),
        _ => return says(400, "Nothing to replay", "The form names no action."),
    };
    match front.core.parts.outbox.replay(which).await {
        Ok(replayed) => {
            front.core.log(Level::Info, "dead letters replayed", &[("actions", &replayed)]);
            front.core.to_work.notify_one();
            to(&format!("/console/actions?state=dead&replayed={replayed}"), None)
        }
        Err(fault) => away(&fault),
    }
}
