//! Errors, in the one shape that the service has for them.

use super::id::Id;
use super::scenario::Reason;
use crate::scenario::RetryAfter;
use crate::scenario::strike::retry_after;
use crate::serve::answer::Answer;
use serde_json::{Value, json};

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    Unauthorized,
    /// No header says which version is spoken.
    MissingVersion,
    /// The address leads nowhere, or not with this verb.
    BadUrl,
    /// The body is no JSON, or does not say that it is.
    BadJson,
    /// What was sent does not fit; the words say where.
    Invalid(String),
    /// Not there, or not shared with this connection: the kind of thing, its id.
    NotFound(&'static str, Id),
    /// The body is so large that it is not even looked at.
    TooLarge,
    /// A limit; seconds until it is over, and which one it was.
    Limited(i64, &'static str),
    /// Any status, on purpose.
    Status(u16),
}

/// How limits are told.
#[derive(Debug, Clone, Copy)]
pub(super) struct Telling {
    pub retry_after: RetryAfter,
    pub reason: Reason,
    pub now: i64,
}

impl Refusal {
    /// The answer; `request` is the id that support would ask for.
    pub fn answer(&self, request: Id, telling: Telling) -> Answer {
        match self {
            Refusal::Unauthorized => error(401, "API token is invalid.", request, None),
            Refusal::MissingVersion => {
                let message = "Notion-Version header failed validation: Notion-Version header should be \
                               defined, instead was `undefined`.";
                named(400, "missing_version", message, request, None)
            }
            Refusal::BadUrl => named(400, "invalid_request_url", "Invalid request URL.", request, None),
            Refusal::BadJson => named(400, "invalid_json", "Error parsing JSON body.", request, None),
            Refusal::Invalid(message) => error(400, message, request, None),
            Refusal::NotFound(thing, id) => {
                let message = format!(
                    "Could not find {thing} with ID: {id}. Make sure the relevant pages and databases are \
                     shared with your connection."
                );
                error(404, &message, request, None)
            }
            Refusal::TooLarge => error(413, "Request body too large.", request, None),
            Refusal::Limited(seconds, reason) => limited(429, *seconds, reason, request, telling),
            Refusal::Status(status @ (429 | 529)) => limited(*status, 1, "fault", request, telling),
            Refusal::Status(status) => error(*status, "It was to fail.", request, None),
        }
    }
}

fn limited(status: u16, seconds: i64, reason: &str, request: Id, telling: Telling) -> Answer {
    let reason = match telling.reason {
        Reason::Text => json!(reason),
        Reason::List => json!([reason]),
    };
    let data = (status == 429).then(|| json!({"rate_limit_reason": reason}));
    let answer = error(status, "You have been rate limited. Please try again later.", request, data);
    retry_after(answer, telling.retry_after, seconds, telling.now)
}

fn error(status: u16, message: &str, request: Id, data: Option<Value>) -> Answer {
    let code = match status {
        401 => "unauthorized",
        403 => "restricted_resource",
        404 => "object_not_found",
        409 => "conflict_error",
        429 => "rate_limited",
        503 => "service_unavailable",
        504 => "gateway_timeout",
        529 => "service_overload",
        500..=599 => "internal_server_error",
        _ => "validation_error",
    };
    named(status, code, message, request, data)
}

fn named(status: u16, code: &str, message: &str, request: Id, data: Option<Value>) -> Answer {
    let mut body = json!({
        "object": "error",
        "status": status,
        "code": code,
        "message": message,
        "request_id": request.to_string(),
    });
    if let Some(data) = data {
        body["additional_data"] = data;
    }
    Answer::json(status, &body)
}
