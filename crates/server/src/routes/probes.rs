//! `/health` for whoever watches, `/metrics` for Prometheus.

use super::{Front, answer};
use crate::metrics::Looked;
use axum::extract::State;
use axum::response::Response;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

/// `GET /health`.
pub(super) async fn health(State(front): State<Arc<Front>>) -> Response {
    let report = front.health.report().await;
    answer::json(report.status.code(), &report.json())
}

/// `GET /metrics`.
pub(super) async fn metrics(State(front): State<Arc<Front>>) -> Response {
    let looked = Looked {
        waiting: front.reception.waiting(),
        busy: front.busy.load(Relaxed),
        counts: front.health.counts().await.ok(),
    };
    answer::whole(200, "text/plain; version=0.0.4; charset=utf-8", front.core.metrics.text(&looked))
}
