//! What the service or the net said, as a fault for people.

use base::{Fault, Secret};
use serde_json::Value;
use webclient::Error;

/// Letters of the service's own words that are passed on.
const MESSAGE_CHARS: usize = 200;

/// What the service says in an error's body, in the order in which its two envelopes, flat bodies and plain
/// text are told apart. HTML and empty bodies say nothing.
pub fn message(body: &[u8], html: bool) -> Option<String> {
    if html || webclient::starts_as_html(body) {
        return None;
    }
    let text = String::from_utf8_lossy(body);
    let said = match serde_json::from_str::<Value>(&text) {
        Ok(value) => said(&value).or_else(|| value.as_str().map(str::to_owned)),
        Err(_) => Some(text.into_owned()),
    }?;
    let clean: String =
        said.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MESSAGE_CHARS).collect();
    let clean = clean.trim().to_owned();
    (!clean.is_empty()).then_some(clean)
}

fn said(value: &Value) -> Option<String> {
    let text = |at: &Value, key: &str| at.get(key).and_then(Value::as_str).map(str::to_owned);
    let pair = |at: &Value, first: &str, second: &str| match (text(at, first), text(at, second)) {
        (Some(a), Some(b)) => Some(format!("{a}: {b}")),
        (a, b) => b.or(a),
    };
    value
        .get("body")
        .and_then(|body| pair(body, "status", "message"))
        .or_else(|| text(value, "message").and_then(|_| pair(value, "status", "message")))
        .or_else(|| pair(value, "error_class", "translation"))
        .or_else(|| pair(value, "code", "message"))
        .or_else(|| text(value, "status"))
}

/// Where it happened.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The address, without credentials.
    pub address: &'a str,
    /// `live`, `test` or a branch.
    pub environment: &'a str,
    /// The type that was asked for.
    pub stream: Option<&'a str>,
    /// The types that the API exposes, if it says so.
    pub exposed: Option<&'a [String]>,
    /// The key that was sent.
    pub key: Option<&'a Secret>,
}

/// The fault that a failed request means.
pub fn explain(error: &Error, place: &Place) -> Fault {
    match error {
        Error::Status { status, attempts, html, body, .. } => {
            let said = message(&body.0, *html).map(|said| hide(&said, place.key));
            status_fault(*status, *attempts, *html, said, place)
        }
        Error::Redirect { to_host, .. } => {
            let to = to_host.as_deref().unwrap_or("another path");
            Fault::stop(format!("{} redirects to {to}", place.address))
                .hint("set BUBBLE_API_URL to where the application is: the key is sent nowhere else")
        }
        Error::Connect { unknown_host, .. } => {
            let fault = Fault::retry(error.to_string());
            let fault = if *unknown_host {
                fault.hint("check the host name in BUBBLE_API_URL, and that this machine has a name server")
            } else {
                fault.hint("check BUBBLE_API_URL, and that this machine may reach that host")
            };
            fault.hint("run the same command again: what was exported is kept")
        }
        Error::Malformed { html: true, .. } => Fault::stop(format!(
            "{} answers with a web page instead of data",
            place.address
        ))
        .hint(
            "check BUBBLE_API_URL: it is the application's own address, then a version such as /version-test \
                 if it is not the live one, then /api/1.1",
        ),
        Error::TooLarge { .. } => Fault::stop(error.to_string())
            .hint("one record is larger than this program takes; look for it in the Bubble editor"),
        Error::Setup { .. } => {
            Fault::usage(error.to_string()).hint("check BUBBLE_API_KEY for stray characters")
        }
        Error::Malformed { .. } | Error::Timeout { .. } | Error::Cut { .. } => {
            Fault::new(error.class(), error.to_string())
                .hint("run the same command again: what was exported is kept")
        }
    }
}

fn status_fault(status: u16, attempts: u32, html: bool, said: Option<String>, place: &Place) -> Fault {
    let Place { address, environment, stream, exposed, key } = place;
    let words = said.map(|said| format!(": {said}")).unwrap_or_default();
    let about = stream.map(|stream| format!(" for {stream}")).unwrap_or_default();
    match status {
        401 | 403 => {
            let fault = match key {
                None => Fault::stop(format!("Bubble wants a key at {address} ({status}){words}"))
                    .hint("set BUBBLE_API_KEY to an API token made under Settings, API"),
                Some(_) => Fault::stop(format!("Bubble refused the key at {address} ({status}){words}"))
                    .hint("check BUBBLE_API_KEY: an API token made under Settings, API"),
            };
            fault.hint("deploy to live after creating the key: until then it works in test only")
        }
        404 if html => Fault::stop(format!("there is no Bubble API at {address} (404, a web page)"))
            .hint("check BUBBLE_API_URL: host, version (/version-test or none), and /api/1.1 at the end"),
        404 => {
            let fault = Fault::stop(format!(
                "Bubble does not show{} at {address} (404){words}",
                match stream {
                    Some(stream) => format!(" the type {stream}"),
                    None => " its API".to_owned(),
                }
            ))
            .hint(format!(
                "one of these is the reason: the type is not exposed (Settings, API, Enable Data API); it is \
                 exposed, but not deployed yet; the address names another version (this one is \
                 {environment}; check BUBBLE_API_URL); or a field has another type than it is taken for"
            ));
            match exposed {
                Some([]) => fault.hint("the API exposes no type at all"),
                Some(names) => fault.hint(format!("the API exposes: {}", names.join(", "))),
                None => fault.hint("the API does not say which types it exposes"),
            }
        }
        429 | 500..=599 => {
            Fault::retry(format!("Bubble answered {status}{about}, {attempts} times in a row{words}"))
                .hint("run the same command again later: what was exported is kept")
        }
        _ => Fault::stop(format!("Bubble did not take the request{about} ({status}){words}"))
            .hint("landfall check tries every type"),
    }
}

/// The service's words without the key, should it repeat it.
fn hide(said: &str, key: Option<&Secret>) -> String {
    match key {
        Some(key) if !key.is_empty() => said.replace(key.expose(), "***"),
        _ => said.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::Class;
    use webclient::Body;

    #[test]
    fn every_envelope_says_its_message() {
        for (body, expected) in [
            (
                r#"{"statusCode":400,"body":{"status":"ERROR","message":"Unrecognized field: X"}}"#,
                Some("ERROR: Unrecognized field: X"),
            ),
            (
                r#"{"error_class":"Unauthorized","args":{},"message":null,"translation":"No right"}"#,
                Some("Unauthorized: No right"),
            ),
            (r#"{"status":"NOT_FOUND","message":"nothing"}"#, Some("NOT_FOUND: nothing")),
            (r#"{"message":"slow down"}"#, Some("slow down")),
            (r#"{"code":"500","message":"bug"}"#, Some("bug")),
            (r#"{"statusCode":404,"body":{"status":"MISSING_DATA"}}"#, Some("MISSING_DATA")),
            (r#"{"error_class":"Unauthorized"}"#, Some("Unauthorized")),
            (r#""text""#, Some("text")),
            ("plain\ntext", Some("plain text")),
            ("<html>down</html>", None),
            ("", None),
            ("{}", None),
            ("[]", None),
        ] {
            assert_eq!(message(body.as_bytes(), false).as_deref(), expected, "{body}");
        }
        assert_eq!(
            message("é".repeat(500).as_bytes(), false).map(|m| m.chars().count()),
            Some(MESSAGE_CHARS)
        );
    }

    #[test]
    fn every_failure_names_its_reasons_and_what_to_set() {
        let names = ["user".to_owned(), "booking".to_owned()];
        let key = Secret::new("0123456789abcdef0123456789abcdef");
        let status = |status, body: &str| Error::Status {
            status,
            path: "/api/1.1/obj/unit".into(),
            attempts: 3,
            html: body.starts_with('<'),
            body: Body(body.into()),
        };
        let connect = |unknown_host| Error::Connect {
            host: "app.test".into(),
            reason: "no".into(),
            unknown_host,
            attempts: 5,
        };
        let malformed =
            Error::Malformed { path: "/".into(), what: "x".into(), cut: false, html: true, attempts: 1 };
        for (error, class, words) in [
            (
                status(401, r#"{"message":"bad 0123456789abcdef0123456789abcdef"}"#),
                Class::Stop,
                vec!["refused the key", "bad ***", "BUBBLE_API_KEY", "deploy to live after creating the key"],
            ),
            (
                status(404, r#"{"statusCode":404,"body":{"status":"NOT_FOUND"}}"#),
                Class::Stop,
                vec![
                    "type unit",
                    "NOT_FOUND",
                    "not exposed",
                    "not deployed",
                    "this one is test",
                    "user, booking",
                ],
            ),
            (status(404, "<html>"), Class::Stop, vec!["no Bubble API", "BUBBLE_API_URL"]),
            (status(429, ""), Class::Retry, vec!["429", "3 times"]),
            (status(503, "<html>"), Class::Retry, vec!["503", "kept"]),
            (status(400, r#"{"message":"Unrecognized field: X"}"#), Class::Stop, vec!["Unrecognized field"]),
            (connect(true), Class::Retry, vec!["app.test", "BUBBLE_API_URL"]),
            (connect(false), Class::Retry, vec!["app.test", "BUBBLE_API_URL"]),
            (malformed, Class::Stop, vec!["web page", "BUBBLE_API_URL", "/api/1.1"]),
            (
                Error::Redirect { status: 302, path: "/".into(), to_host: Some("b.test".into()) },
                Class::Stop,
                vec!["b.test", "BUBBLE_API_URL"],
            ),
        ] {
            let place = Place {
                address: "https://app.test/version-test/api/1.1",
                environment: "test",
                stream: Some("unit"),
                exposed: Some(&names),
                key: Some(&key),
            };
            let fault = explain(&error, &place);
            let shown = format!("{} {}", fault.what, fault.hints.join(" "));
            assert_eq!(fault.class, class, "{shown}");
            for word in words {
                assert!(shown.contains(word), "{word:?} is not in {shown}");
            }
            assert!(!shown.contains(key.expose()));
        }
    }
}
