//! What stands before every page: who is logged in, where a form comes from, and what a browser may do with a
//! page.

use super::page;
use crate::limits::FORM_BYTES_MAX;
use crate::routes::{Front, body};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use std::collections::BTreeMap;
use std::sync::Arc;
use url::{Url, form_urlencoded};

/// The name of the cookie.
pub(super) const COOKIE: &str = "landfall_console";

/// Nothing but our own files, no script or style within a page, no frame around it.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
     img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The login of a request, among its extensions: its cookie.
#[derive(Debug, Clone)]
pub(super) struct Session(pub String);

/// Sets the headers of every page. `same-origin` and not `no-referrer`, which would take the `Origin` from
/// forms.
pub(super) async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Lets in who is logged in; a form must carry the token of the login and come from our own page.
pub(super) async fn inside(State(front): State<Arc<Front>>, mut request: Request, next: Next) -> Response {
    let session = cookie(request.headers(), COOKIE).filter(|it| front.door.is_session(it, front.core.now()));
    let Some(session) = session else {
        return to_login(request.headers());
    };
    if request.method() == Method::POST {
        let (head, body) = request.into_parts();
        let form = match form(&front, &head.headers, body).await {
            Ok(form) => form,
            Err(no) => return no.page(),
        };
        if !front.door.is_form_token(&session, form.get("token").map_or("", String::as_str)) {
            return page::says(
                403,
                "This form is not of this login",
                "Go back, reload the page, and try again.",
            );
        }
        request = Request::from_parts(head, Body::empty());
        request.extensions_mut().insert(Form(form));
    }
    request.extensions_mut().insert(Session(session));
    next.run(request).await
}

/// Sends the browser to the login. What htmx asks for is a part of a page: it is told to leave the whole one.
fn to_login(headers: &HeaderMap) -> Response {
    const LOGIN: &str = "/console/login";
    let mut response = page::to(LOGIN, None);
    if headers.contains_key("hx-request") {
        *response.status_mut() = StatusCode::OK;
        response
            .headers_mut()
            .insert(HeaderName::from_static("hx-redirect"), HeaderValue::from_static(LOGIN));
    }
    response
}

/// The fields of a form that was let in, among the extensions of its request.
#[derive(Debug, Clone)]
pub(super) struct Form(pub BTreeMap<String, String>);

/// Why a form is not taken.
#[derive(Debug, Clone, Copy)]
pub(super) enum NoForm {
    /// It comes from another page.
    Elsewhere,
    /// It did not arrive as a whole, in time, within bounds.
    Lost,
}

impl NoForm {
    pub fn page(self) -> Response {
        match self {
            NoForm::Elsewhere => {
                page::says(403, "This form comes from elsewhere", "Forms of other pages are not taken.")
            }
            NoForm::Lost => page::says(400, "The form did not arrive", "Go back and try again."),
        }
    }
}

/// Reads a form that comes from our own page.
pub(super) async fn form(
    front: &Front,
    headers: &HeaderMap,
    body: Body,
) -> Result<BTreeMap<String, String>, NoForm> {
    if !from_here(headers) {
        return Err(NoForm::Elsewhere);
    }
    let time = front.core.config.times.body;
    let read = body::read(headers, body, FORM_BYTES_MAX, time, &front.room).await;
    let (bytes, _) = read.map_err(|_| NoForm::Lost)?;
    Ok(form_urlencoded::parse(&bytes).into_owned().collect())
}

/// Whether a form comes from one of our own pages, as far as the browser says: every present one does. A
/// program that says nothing still needs the token.
fn from_here(headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    if let Some(site) = text(HeaderName::from_static("sec-fetch-site"))
        && site != "same-origin"
    {
        return false;
    }
    let Some(origin) = text(header::ORIGIN) else { return true };
    let host = text(header::HOST).unwrap_or_default();
    let Ok(origin) = Url::parse(origin) else { return false };
    // The host as a browser writes it for the origin's scheme, which a proxy in front of us may have changed.
    Url::parse(&format!("{}://{host}", origin.scheme()))
        .is_ok_and(|ours| origin.has_host() && (ours.host(), ours.port()) == (origin.host(), origin.port()))
}

/// A cookie's value.
pub(super) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(found, _)| *found == name).map(|(_, value)| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_of_another_page_is_seen() {
        for (host, origin, site, expected) in [
            ("bridge.test", Some("https://bridge.test"), None, true),
            ("bridge.test", Some("http://bridge.test"), Some("same-origin"), true),
            ("bridge.test:8080", Some("http://bridge.test:8080"), None, true),
            ("127.0.0.1:8080", Some("http://127.0.0.1:8080"), None, true),
            ("[::1]:8080", Some("http://[::1]:8080"), None, true),
            ("bridge.test", None, None, true),
            ("bridge.test", Some("https://evil.test"), None, false),
            ("bridge.test", Some("https://bridge.test.evil.test"), None, false),
            ("bridge.test", Some("https://bridge.test:8443"), None, false),
            ("bridge.test", Some("null"), None, false),
            ("bridge.test", Some(""), None, false),
            ("bridge.test", None, Some("cross-site"), false),
            ("bridge.test", Some("https://bridge.test"), Some("same-site"), false),
            ("", Some("https://bridge.test"), None, false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().unwrap());
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, origin.parse().unwrap());
            }
            if let Some(site) = site {
                headers.insert("sec-fetch-site", site.parse().unwrap());
            }
            assert_eq!(from_here(&headers), expected, "{host} {origin:?} {site:?}");
        }
    }

    #[test]
    fn a_cookie_is_found_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, "a=1; xlandfall_console=2".parse().unwrap());
        headers.append(header::COOKIE, "landfall_console=3; landfall_console=4".parse().unwrap());
        assert_eq!(cookie(&headers, COOKIE).as_deref(), Some("3"));
        assert_eq!(cookie(&headers, "b"), None);
    }
}
