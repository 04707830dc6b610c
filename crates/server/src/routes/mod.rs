//! The routes and what surrounds each of them: request ids, security headers, figures.

pub(crate) mod answer;
pub(crate) mod body;
mod probes;
mod request_id;
mod webhooks;

use crate::common::Core;
use crate::console;
use crate::health::Health;
use crate::limits::BODIES_BYTES_MAX;
use crate::reception::Reception;
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use tokio::sync::Semaphore;

/// Where a request comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub IpAddr);

/// What the routes share.
pub(crate) struct Front {
    pub core: Arc<Core>,
    pub reception: Reception,
    pub health: Health,
    /// Actions that this server is at.
    pub busy: Arc<AtomicU64>,
    /// Kilobytes for bodies that are being read or wait.
    pub room: Arc<Semaphore>,
    pub door: console::Door,
}

impl Front {
    pub fn new(core: Arc<Core>, reception: Reception, busy: Arc<AtomicU64>) -> Self {
        let health = Health::new(core.clone());
        let door = console::Door::new(core.dice.key(), core.config.admin_key.clone());
        let room = Arc::new(Semaphore::new(BODIES_BYTES_MAX / body::PERMIT_BYTES));
        Self { core, reception, health, busy, room, door }
    }
}

/// All routes.
pub(crate) fn router(front: Arc<Front>) -> Router {
    Router::new()
        .route("/webhooks/{sender}", post(webhooks::without_route))
        .route("/webhooks/{sender}/{route}", post(webhooks::with_route))
        .route("/health", get(probes::health))
        .route("/metrics", get(probes::metrics))
        .merge(console::routes(&front))
        .fallback(async || answer::fault(404, "there is nothing at this address"))
        .method_not_allowed_fallback(async || answer::fault(405, "this address takes another method"))
        .layer(from_fn_with_state(front.clone(), request_id::around))
        .with_state(front)
}
