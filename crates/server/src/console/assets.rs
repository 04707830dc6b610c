//! The files that pages load: a style sheet, and htmx as its makers ship it.

use crate::routes::answer;
use axum::http::{HeaderValue, header};
use axum::response::Response;

const STYLE: &str = include_str!("../../assets/style.css");
/// `dist/htmx.min.js` of htmx.org 2.0.11 as npm hands it out; 0BSD, see `assets/htmx.LICENSE`.
const HTMX: &str = include_str!("../../assets/htmx.min.js");

pub(super) async fn style() -> Response {
    cached(answer::whole(200, "text/css; charset=utf-8", STYLE))
}

pub(super) async fn htmx() -> Response {
    cached(answer::whole(200, "text/javascript; charset=utf-8", HTMX))
}

/// The names stay while the files change with the program: a minute of a stale style does no harm.
fn cached(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=60"));
    response
}
