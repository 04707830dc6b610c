//! `POST /webhooks/{sender}` and `/webhooks/{sender}/{route}`: believed, read, stored, answered, in this
//! order.

use super::body::{self, NoBody};
use super::request_id::RequestId;
use super::{Front, answer};
use crate::limits::RETRY_AFTER_SECONDS;
use crate::log::Level;
use crate::reception::NotKept;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::Response;
use bridge::store::Kept;
use bridge::{Judged, Refused, Sender};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use url::form_urlencoded;

/// `POST /webhooks/{sender}`.
pub(crate) async fn without_route(
    State(front): State<Arc<Front>>,
    Path(sender): Path<String>,
    request: Request,
) -> Response {
    webhook(&front, &sender, "", request).await
}

/// `POST /webhooks/{sender}/{route}`.
pub(crate) async fn with_route(
    State(front): State<Arc<Front>>,
    Path((sender, route)): Path<(String, String)>,
    request: Request,
) -> Response {
    webhook(&front, &sender, &route, request).await
}

/// What a webhook came to: its word in the figures and in the log, and its answer.
struct Outcome {
    word: &'static str,
    response: Response,
}

fn outcome(word: &'static str, response: Response) -> Outcome {
    Outcome { word, response }
}

async fn webhook(front: &Front, name: &str, route: &str, request: Request) -> Response {
    let Some(sender) = front.core.parts.senders.iter().find(|sender| sender.name() == name) else {
        front.core.metrics.events.one(&["unknown", "no_sender"]);
        return answer::fault(404, "no sender of that name is configured");
    };
    let id = request.extensions().get::<RequestId>().map_or_else(String::new, |id| id.0.clone());
    let Outcome { word, response } = heard(front, &**sender, route, request).await;
    front.core.metrics.events.one(&[sender.name(), word]);
    let level = if response.status().is_success() { Level::Debug } else { Level::Warning };
    front.core.log(level, "webhook", &[("request", &id), ("sender", &sender.name()), ("outcome", &word)]);
    response
}

async fn heard(front: &Front, sender: &dyn Sender, route: &str, request: Request) -> Outcome {
    let core = &front.core;
    let (head, body) = request.into_parts();
    let (max, time) = (core.config.body_bytes_max, core.config.times.body);
    let (bytes, room) = match body::read(&head.headers, body, max, time, &front.room).await {
        Ok(read) => read,
        Err(no) => return without_body(no),
    };
    let headers = texts(&head.headers);
    let query: Vec<(String, String)> =
        form_urlencoded::parse(head.uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
    let request = bridge::Request { route, headers: &headers, query: &query, body: &bytes };
    let judge = || sender.judge(&request, &*core.parts.clock);
    let Judged { event, answer } = match catch_unwind(AssertUnwindSafe(judge)) {
        Ok(Ok(judged)) => judged,
        Ok(Err(refused)) => return turned_away(refused),
        Err(_) => return outcome("panicked", answer::fault(500, "the request could not be read")),
    };
    let word = match event {
        None => "answered",
        Some(event) => match front.reception.keep(event, bytes.len(), room).await {
            Ok(Kept::New) => "kept",
            Ok(Kept::Known) => "known",
            Err(not_kept) => return turned_back(not_kept),
        },
    };
    let response = match answer {
        Some(answer) => answer::json(200, &answer),
        None => answer::whole(200, "text/plain; charset=utf-8", ""),
    };
    outcome(word, response)
}

fn without_body(no: NoBody) -> Outcome {
    match no {
        NoBody::TooLarge => outcome("too_large", answer::fault(413, "the body is too large")),
        NoBody::Slow => outcome("slow", last(answer::fault(408, "the body did not come in time"))),
        NoBody::Cut => outcome("cut", last(answer::fault(400, "the body ended too early"))),
        NoBody::NoRoom => outcome("no_room", again("too much is under way")),
    }
}

fn turned_away(refused: Refused) -> Outcome {
    let (word, status) = match refused {
        Refused::NotBelieved(_) => ("not_believed", 401),
        Refused::NotUnderstood(_) => ("not_understood", 400),
        Refused::NoRoute => ("no_route", 404),
    };
    outcome(word, answer::fault(status, &refused.to_string()))
}

fn turned_back(not_kept: NotKept) -> Outcome {
    match not_kept {
        NotKept::Full => outcome("full", again("too many events wait")),
        NotKept::Away => outcome("away", again("the event could not be stored now")),
        NotKept::Unfit => {
            outcome("unfit", answer::fault(400, "the event has no id, or a name that is too long"))
        }
        NotKept::Refused => outcome("not_stored", answer::fault(500, "the event could not be stored")),
    }
}

fn again(what: &str) -> Response {
    answer::come_again(RETRY_AFTER_SECONDS, what)
}

/// The last answer of its connection: the rest of the body would be taken for the next request.
fn last(mut response: Response) -> Response {
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// The headers that are text.
fn texts(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |(name, value): (&HeaderName, &HeaderValue)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    };
    headers.iter().filter_map(text).collect()
}
