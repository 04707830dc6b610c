//! The first page: how it stands with everything.

use super::guard::Session;
use super::page::{Frame, moment, page};
use crate::health::Standing;
use crate::routes::Front;
use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use bridge::store::Counts;
use jiff::Timestamp;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "overview.html")]
struct Overview {
    frame: Frame,
    status: &'static str,
    at: Timestamp,
    dependencies: Vec<Standing>,
    integrations: Vec<(String, bool)>,
    counts: Option<Counts>,
}

/// `GET /console`.
pub(super) async fn overview(
    State(front): State<Arc<Front>>,
    Extension(session): Extension<Session>,
) -> Response {
    let report = front.health.report().await;
    let overview = Overview {
        frame: Frame::new(&front, &session, "overview"),
        status: report.status.word(),
        at: report.at,
        dependencies: report.dependencies,
        integrations: report.integrations,
        counts: report.counts,
    };
    page(200, &overview)
}
