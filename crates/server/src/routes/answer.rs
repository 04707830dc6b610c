//! Answers that are no page.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};

/// An answer of one content type.
pub(crate) fn whole(status: u16, content: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// A JSON document.
pub(crate) fn json(status: u16, value: &Value) -> Response {
    whole(status, "application/json", value.to_string())
}

/// `{"error": "…"}`.
pub(crate) fn fault(status: u16, what: &str) -> Response {
    json(status, &json!({ "error": what }))
}

/// A fault that is over after some seconds.
pub(crate) fn come_again(seconds: u64, what: &str) -> Response {
    let mut response = fault(503, what);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}
