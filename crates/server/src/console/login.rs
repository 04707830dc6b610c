//! Login with the admin key, and logout.

use super::guard::{self, COOKIE};
use super::page::{page, says, to};
use crate::limits::{LOGIN_WINDOW_SECONDS, SESSION_SECONDS};
use crate::log::Level;
use crate::routes::{Front, Peer};
use askama::Template;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

#[derive(Template)]
#[template(path = "login.html")]
struct Login {
    token: String,
    wrong: bool,
}

/// `GET /console/login`.
pub(super) async fn form(State(front): State<Arc<Front>>) -> Response {
    blank(&front, 200, false)
}

fn blank(front: &Front, status: u16, wrong: bool) -> Response {
    let token = front.door.login_token(&front.core.dice.id(), front.core.now());
    page(status, &Login { token, wrong })
}

/// `POST /console/login`.
pub(super) async fn login(State(front): State<Arc<Front>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let form = match guard::form(&front, &head.headers, body).await {
        Ok(form) => form,
        Err(no) => return no.page(),
    };
    let now = front.core.now();
    let field = |name: &str| form.get(name).map_or("", String::as_str);
    if !front.door.is_login_token(field("token"), now) {
        return blank(&front, 403, false);
    }
    let nowhere = IpAddr::from(Ipv4Addr::UNSPECIFIED);
    let address = head.extensions.get::<Peer>().map_or(nowhere, |peer| peer.0);
    if !front.door.attempts.may(address, now) {
        front.core.log(Level::Warning, "too many wrong keys at the console", &[("address", &address)]);
        let mut response = says(429, "Too many wrong keys", "Wait for a minute and try again.");
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(LOGIN_WINDOW_SECONDS));
        return response;
    }
    if !front.door.is_admin(field("key")) {
        front.core.log(Level::Warning, "wrong key at the console", &[("address", &address)]);
        return blank(&front, 401, true);
    }
    front.door.attempts.right(address, now);
    front.core.log(Level::Info, "login at the console", &[("address", &address)]);
    let session = front.door.session(&front.core.dice.id(), now);
    to("/console", Some(set(&session, SESSION_SECONDS, &head.headers)))
}

/// `POST /console/logout`.
pub(super) async fn logout(headers: HeaderMap) -> Response {
    to("/console/login", Some(set("", 0, &headers)))
}

/// The cookie; behind a proxy that speaks TLS it never leaves in clear.
fn set(value: &str, seconds: i64, headers: &HeaderMap) -> String {
    let https = headers.get("x-forwarded-proto").is_some_and(|proto| proto.as_bytes() == b"https");
    let secure = if https { "; Secure" } else { "" };
    format!("{COOKIE}={value}; Path=/console; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}")
}
