//! What every stand-in does to send an answer.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;

/// A response with that head: the length is the one that the head promises, whatever the body keeps of it.
pub(crate) fn response(
    status: u16,
    content: &'static str,
    length: usize,
    headers: Vec<(HeaderName, String)>,
    body: Body,
) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let head = response.headers_mut();
    head.insert(header::CONTENT_TYPE, HeaderValue::from_static(content));
    head.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            head.insert(name, value);
        }
    }
    response
}
