//! The id of a request: taken from the sender or made, in the answer and in the log.

use super::Front;
use crate::limits::REQUEST_ID_CHARS_MAX;
use crate::log::Level;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;
use tokio::time::Instant;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What is said of a path: nothing that somebody else chose.
const AREAS: &[&str] = &["webhooks", "health", "metrics", "console"];

/// The id of the request, among its extensions.
#[derive(Debug, Clone)]
pub(crate) struct RequestId(pub String);

/// Surrounds each request.
pub(crate) async fn around(State(front): State<Arc<Front>>, mut request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let id = request
        .headers()
        .get(X_REQUEST_ID)
        .and_then(|value| value.to_str().ok())
        .filter(|id| usable(id))
        .map_or_else(|| front.core.dice.id(), str::to_owned);
    let first = request.uri().path().split('/').nth(1).unwrap_or_default();
    let area = AREAS.iter().copied().find(|area| *area == first).unwrap_or("other");
    let method = request.method().clone();
    request.extensions_mut().insert(RequestId(id.clone()));
    let mut response = next.run(request).await;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(X_REQUEST_ID, value);
    }
    let status = response.status();
    front.core.metrics.requests.one(&[area, status.as_str()]);
    let level = if status.is_server_error() { Level::Warning } else { Level::Debug };
    front.core.log(
        level,
        "request answered",
        &[
            ("request", &id),
            ("area", &area),
            ("method", &known(method.as_str())),
            ("status", &status.as_u16()),
            ("ms", &begun.elapsed().as_millis()),
        ],
    );
    response
}

fn known(method: &str) -> &str {
    if matches!(method, "GET" | "POST" | "HEAD" | "PUT" | "PATCH" | "DELETE" | "OPTIONS") {
        method
    } else {
        "other"
    }
}

/// Whether an id of somebody else can stand in logs: short and plain.
fn usable(id: &str) -> bool {
    (1..=REQUEST_ID_CHARS_MAX).contains(&id.len())
        && id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}
