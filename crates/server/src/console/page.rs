//! Pages as answers.

use super::guard::Session;
use crate::routes::{Front, answer};
use askama::Template;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use base::Fault;
use jiff::Timestamp;

const HTML: &str = "text/html; charset=utf-8";

/// What every page inside shows around itself.
pub(super) struct Frame {
    /// The page's name, as the navigation marks it.
    pub here: &'static str,
    /// What its forms carry.
    pub token: String,
}

impl Frame {
    pub fn new(front: &Front, session: &Session, here: &'static str) -> Self {
        Self { here, token: front.door.form_token(&session.0) }
    }
}

/// A page that says one thing.
#[derive(Template)]
#[template(path = "says.html")]
struct Says<'a> {
    title: &'a str,
    text: &'a str,
}

/// A page.
pub(super) fn page(status: u16, template: &impl Template) -> Response {
    match template.render() {
        Ok(text) => answer::whole(status, HTML, text),
        Err(_) => answer::fault(500, "the page could not be made"),
    }
}

/// A page that says one thing.
pub(super) fn says(status: u16, title: &str, text: &str) -> Response {
    page(status, &Says { title, text })
}

/// A page that says that the database could not be asked.
pub(super) fn away(fault: &Fault) -> Response {
    says(503, "The database does not answer", &fault.what)
}

/// There is no console.
pub(super) async fn off() -> Response {
    says(
        404,
        "The console is switched off",
        "Set ADMIN_API_KEY to a long random text and restart the server to switch it on.",
    )
}

/// Sends the browser to another page, with a cookie.
pub(super) fn to(place: &str, cookie: Option<String>) -> Response {
    let mut response = answer::whole(303, HTML, "");
    let headers = response.headers_mut();
    for (name, value) in [(header::LOCATION, Some(place.to_owned())), (header::SET_COOKIE, cookie)] {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            headers.insert(name, value);
        }
    }
    response
}

/// A moment for people, UTC, to the second.
pub(super) fn moment(at: &Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}
