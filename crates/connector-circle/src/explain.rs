//! What the service or the net said, as a fault for people.

use crate::message::{is_about_the_plan, is_missing_record, is_not_allowed, message};
use crate::sweep::Odd;
use base::{Fault, Secret};
use webclient::Error;

/// Where it happened.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The address, without credentials.
    pub address: &'a str,
    /// The stream that was asked for.
    pub stream: Option<&'a str>,
    /// The token that was sent.
    pub token: Option<&'a Secret>,
}

/// What to do when a walk was interrupted.
const AGAIN: &str = "run the same command again: what was exported is kept";

/// What to do about a token.
const TOKEN: &str =
    "check CIRCLE_API_TOKEN: a token of the type Admin V2, made in this community by one of its admins";

/// The fault that a failed request means.
pub fn explain(error: &Error, place: &Place) -> Fault {
    let address = place.address;
    match error {
        Error::Status { status, attempts, html, body, .. } => {
            let said = message(&body.0, *html).map(|said| hide(&said, place.token));
            status_fault(*status, *attempts, *html, said.as_deref(), place)
        }
        Error::Redirect { to_host, .. } => {
            let to = to_host.as_deref().unwrap_or("another path");
            Fault::stop(format!("{address} redirects to {to}")).hint(
                "leave CIRCLE_API_URL away, or set it to where the API is: the token is sent nowhere else",
            )
        }
        Error::Connect { unknown_host, .. } => {
            let fault = Fault::retry(error.to_string());
            let fault = if *unknown_host {
                fault.hint("check the host name in CIRCLE_API_URL, and that this machine has a name server")
            } else {
                fault.hint("check CIRCLE_API_URL, and that this machine may reach that host")
            };
            fault.hint(AGAIN)
        }
        Error::Malformed { html: true, .. } => {
            Fault::stop(format!("{address} answers with a web page instead of data"))
                .hint("a proxy before Circle may be asking who you are: try from another network")
                .hint("leave CIRCLE_API_URL away, or set it to where the API is")
        }
        Error::TooLarge { .. } => Fault::stop(error.to_string())
            .hint("one record is larger than this program takes; look for it in the community"),
        Error::Setup { .. } => {
            Fault::usage(error.to_string()).hint("check CIRCLE_API_TOKEN for stray characters")
        }
        Error::Malformed { .. } | Error::Timeout { .. } | Error::Cut { .. } => {
            Fault::new(error.class(), error.to_string()).hint(AGAIN)
        }
    }
}

fn status_fault(status: u16, attempts: u32, html: bool, said: Option<&str>, place: &Place) -> Fault {
    let Place { address, stream, token } = place;
    let words = said.map(|said| format!(": {said}")).unwrap_or_default();
    let about = stream.map(|stream| format!(" for {stream}")).unwrap_or_default();
    match status {
        401 if token.is_none() => {
            Fault::stop(format!("Circle wants a token at {address} (401){words}")).hint(TOKEN)
        }
        401 if is_not_allowed(said) => {
            Fault::stop(format!("Circle does not allow this{about} with the token (401){words}"))
                .hint("the token acts for the admin who made it: let an owner of the community make one")
        }
        401 => Fault::stop(format!("Circle refused the token at {address} (401){words}")).hint(TOKEN),
        403 if html => {
            Fault::stop(format!("something before Circle refused the request{about} (403, a web page)"))
                .hint("a proxy or firewall may block this network: try from another one")
        }
        403 if is_about_the_plan(said) => {
            Fault::stop(format!("the community's plan does not include the Admin API v2 (403){words}"))
                .hint("the token is not the reason: change the plan, or ask Circle's support to open the API")
        }
        403 => Fault::stop(format!("Circle refused the request{about} (403){words}"))
            .hint("the plan of the community may not include this, or a limit of it is reached"),
        404 if html || !is_missing_record(said) => {
            Fault::stop(format!("there is no such list{about} at {address} (404){words}"))
                .hint("leave CIRCLE_API_URL away, or set it to where the API is")
                .hint("the community's plan may not have this feature")
        }
        404 => Fault::stop(format!("Circle does not find what was asked{about} (404){words}")).hint(AGAIN),
        429 => Fault::retry(format!("Circle answered 429{about}, {attempts} times in a row{words}"))
            .hint(
                "another program may use the limit of 2,000 requests in five minutes: it is one per network",
            )
            .hint("or the calls that the plan includes in a month are used up; the counter lags some minutes")
            .hint("run the same command again later: what was exported is kept"),
        500..=599 => {
            Fault::retry(format!("Circle answered {status}{about}, {attempts} times in a row{words}"))
                .hint("run the same command again later: what was exported is kept")
        }
        _ => Fault::stop(format!("Circle did not take the request{about} ({status}){words}"))
            .hint("landfall check tries every stream"),
    }
}

/// The fault that an odd page of a stream means.
pub fn odd(odd: Odd, stream: &str) -> Fault {
    match odd {
        Odd::OtherPage => {
            Fault::stop(format!("Circle answered with another page of {stream} than was asked for"))
        }
        Odd::EmptyButMore => {
            Fault::stop(format!("Circle says that more pages of {stream} follow, and shows an empty one"))
        }
        Odd::Endless => Fault::stop(format!(
            "Circle says that more pages of {stream} follow, and shows records that it has shown before"
        )),
        Odd::OtherSize => {
            Fault::stop(format!("Circle changes how many records of {stream} stand on a page all the time"))
        }
        Odd::OtherParent => {
            Fault::stop(format!("Circle answered with records of {stream} outside of what was asked for"))
        }
        Odd::TooMany => Fault::stop(format!(
            "a list of {stream} has more than {} records, which is more than this program reads",
            crate::sweep::LIST_IDS_MAX
        )),
    }
    .hint(AGAIN)
}

/// The service's words without the token, should it repeat it.
fn hide(said: &str, token: Option<&Secret>) -> String {
    match token {
        Some(token) if !token.is_empty() => said.replace(token.expose(), "***"),
        _ => said.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::Class;
    use webclient::Body;

    #[test]
    fn every_failure_names_its_reasons_and_what_to_set() {
        let token = Secret::new("circ_admin_0123456789");
        let status = |status, body: &str| Error::Status {
            status,
            path: "/api/admin/v2/posts".into(),
            attempts: 3,
            html: body.starts_with('<'),
            body: Body(body.into()),
        };
        let connect = |unknown_host| Error::Connect {
            host: "app.circle.so".into(),
            reason: "no".into(),
            unknown_host,
            attempts: 5,
        };
        let malformed = |html| Error::Malformed {
            path: "/".into(),
            what: "it has no records".into(),
            cut: false,
            html,
            attempts: 1,
        };
        for (error, class, words) in [
            (
                status(401, r#"{"message":"The API token is invalid. circ_admin_0123456789"}"#),
                Class::Stop,
                vec!["refused the token", "invalid. ***", "CIRCLE_API_TOKEN", "Admin V2"],
            ),
            (status(401, ""), Class::Stop, vec!["refused the token", "CIRCLE_API_TOKEN"]),
            (
                status(401, r#"{"message":"You cannot perform this action."}"#),
                Class::Stop,
                vec!["not allow this for posts", "cannot perform", "owner"],
            ),
            (
                status(403, r#"{"success":false,"errors":"Your plan is not eligible for API v2"}"#),
                Class::Stop,
                vec!["plan does not include", "eligible", "token is not the reason"],
            ),
            (
                status(403, r#"{"errors":"Too many members"}"#),
                Class::Stop,
                vec!["for posts (403)", "Too many"],
            ),
            (status(403, "<html>blocked"), Class::Stop, vec!["before Circle", "another one"]),
            (status(404, "<html>"), Class::Stop, vec!["no such list", "CIRCLE_API_URL"]),
            (status(404, r#"{"message":"Not found"}"#), Class::Stop, vec!["no such list", "Not found"]),
            (
                status(404, r#"{"error_details":{"message":"Missing record: Post"}}"#),
                Class::Stop,
                vec!["does not find", "Missing record: Post"],
            ),
            (
                status(400, r#"{"message":"Valid values are: a, b"}"#),
                Class::Stop,
                vec!["did not take", "Valid values are: a, b"],
            ),
            (status(422, r#"{"message":"x","error_details":{"a":["b"]}}"#), Class::Stop, vec!["x (a: b)"]),
            (status(429, ""), Class::Retry, vec!["429", "3 times", "2,000 requests", "in a month"]),
            (status(503, "<html>"), Class::Retry, vec!["503", "kept"]),
            (connect(true), Class::Retry, vec!["app.circle.so", "CIRCLE_API_URL", "name server"]),
            (connect(false), Class::Retry, vec!["app.circle.so", "CIRCLE_API_URL"]),
            (malformed(true), Class::Stop, vec!["web page", "CIRCLE_API_URL", "proxy"]),
            (malformed(false), Class::Stop, vec!["it has no records"]),
            (
                Error::Redirect { status: 302, path: "/".into(), to_host: Some("b.test".into()) },
                Class::Stop,
                vec!["b.test", "CIRCLE_API_URL"],
            ),
            (Error::Setup { what: "odd".into() }, Class::Usage, vec!["CIRCLE_API_TOKEN"]),
        ] {
            let place = Place {
                address: "https://app.circle.so/api/admin/v2",
                stream: Some("posts"),
                token: Some(&token),
            };
            let fault = explain(&error, &place);
            let shown = format!("{} {}", fault.what, fault.hints.join(" "));
            assert_eq!(fault.class, class, "{shown}");
            for word in words {
                assert!(shown.contains(word), "{word:?} is not in {shown}");
            }
            assert!(!shown.contains(token.expose()));
        }
        let place = Place { address: "https://app.circle.so", stream: None, token: None };
        assert!(explain(&status(401, ""), &place).what.contains("wants a token"));
    }

    #[test]
    fn every_odd_page_is_named() {
        use std::collections::BTreeSet;
        let all =
            [Odd::OtherPage, Odd::EmptyButMore, Odd::Endless, Odd::OtherSize, Odd::OtherParent, Odd::TooMany];
        let words: BTreeSet<String> = all.iter().map(|one| odd(*one, "posts").what).collect();
        assert_eq!(words.len(), all.len());
        assert!(words.iter().all(|what| what.contains("posts")));
    }
}
