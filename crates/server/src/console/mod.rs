//! The console: pages about events, actions and failures, behind the admin key.
//!
//! Pages are made here and work without a script; htmx makes their forms and links quicker. Lists show ids
//! and codes; what an event told is on its own page only.

mod assets;
mod attempts;
mod door;
mod event;
mod guard;
mod lists;
mod login;
mod overview;
mod page;
mod query;
mod replay;

pub(crate) use door::Door;

use crate::routes::Front;
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{any, get, post};
use std::sync::Arc;

/// The routes of the console; without an admin key one page that says how to switch it on.
pub(crate) fn routes(front: &Arc<Front>) -> Router<Arc<Front>> {
    if !front.door.is_there() {
        return Router::new()
            .route("/console", any(page::off))
            .route("/console/{*rest}", any(page::off))
            .layer(from_fn(guard::headers));
    }
    let inside = Router::new()
        .route("/console", get(overview::overview))
        .route("/console/events", get(lists::events))
        .route("/console/events/{number}", get(event::event))
        .route("/console/actions", get(lists::actions))
        .route("/console/replay", post(replay::replay))
        .route("/console/logout", post(login::logout))
        .route_layer(from_fn_with_state(front.clone(), guard::inside));
    Router::new()
        .route("/console/login", get(login::form).post(login::login))
        .route("/console/style.css", get(assets::style))
        .route("/console/htmx.js", get(assets::htmx))
        .merge(inside)
        .layer(from_fn(guard::headers))
}
