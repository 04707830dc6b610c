//! Errors, with bodies of every shape that the service has for them.

use super::scenario::ErrorDetails;
use crate::serve::answer::Answer;
use axum::http::header;
use serde_json::{Map, Value, json};

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// No token of the administration, or a wrong one.
    BadToken,
    /// The member's token is not there, unknown, or too old.
    MemberToken(TokenFault),
    /// The community's plan lacks this API.
    NotEligible,
    /// The address leads nowhere.
    Nowhere,
    /// The thing is not there.
    Missing(&'static str),
    /// A parameter has a value that is none of its few.
    Choice { name: &'static str, valid: Vec<&'static str> },
    /// A parameter does not fit.
    Malformed(String),
    /// The body does not fit, by field.
    Unprocessable(&'static str, &'static str),
    /// A verb that is not for this address; the one that is.
    Verb(&'static str),
    /// Any status, on purpose.
    Status(u16),
}

/// What is wrong with a member's token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenFault {
    Missing,
    Invalid,
    Expired,
}

impl Refusal {
    /// The answer; `turn` numbers the errors, for scenarios that mix their shapes.
    pub fn answer(&self, shape: ErrorDetails, turn: u64) -> Answer {
        let error = |status: u16, message: &str| error(status, message, details(shape, turn));
        match self {
            Refusal::BadToken => error(401, "The API token is invalid."),
            Refusal::MemberToken(TokenFault::Missing) => error(401, "The access token is missing."),
            Refusal::MemberToken(TokenFault::Invalid) => error(401, "The access token is invalid."),
            Refusal::MemberToken(TokenFault::Expired) => error(401, "The access token has expired."),
            Refusal::NotEligible => error(403, "Your community is not eligible for API v2."),
            Refusal::Nowhere => error(404, "Not found"),
            Refusal::Missing(thing) => {
                let details = json!({"message": format!("Missing record: {thing}")});
                super::refusal::error(404, "Record not found", Some(details))
            }
            Refusal::Choice { name, valid } => {
                error(400, &format!("Invalid {name}. Valid values are: {}", valid.join(", ")))
            }
            Refusal::Malformed(message) => error(400, message),
            Refusal::Unprocessable(field, message) => {
                super::refusal::error(422, "Validation failed", Some(json!({*field: [*message]})))
            }
            Refusal::Verb(verb) => error(405, "Method not allowed").header(header::ALLOW, *verb),
            // What exceeds the plan's number of members is told under another key.
            Refusal::Status(403) => {
                Answer::json(403, &json!({"success": false, "errors": "The limit of members is reached."}))
            }
            Refusal::Status(401) => error(401, "You cannot perform this action."),
            Refusal::Status(status) => error(*status, "Something went wrong"),
        }
    }
}

/// The standard body.
pub(super) fn error(status: u16, message: &str, details: Option<Value>) -> Answer {
    let mut body = Map::new();
    body.insert("success".to_owned(), json!(false));
    body.insert("message".to_owned(), json!(message));
    if let Some(details) = details {
        body.insert("error_details".to_owned(), details);
    }
    Answer::json(status, &Value::Object(body))
}

fn details(shape: ErrorDetails, turn: u64) -> Option<Value> {
    match shape {
        ErrorDetails::Object => Some(json!({})),
        ErrorDetails::Text => Some(json!("see the documentation")),
        ErrorDetails::List => Some(json!(["see the documentation"])),
        ErrorDetails::Null => Some(Value::Null),
        ErrorDetails::Absent => None,
        ErrorDetails::Mixed => {
            let shapes = [
                ErrorDetails::Object,
                ErrorDetails::Text,
                ErrorDetails::List,
                ErrorDetails::Null,
                ErrorDetails::Absent,
            ];
            details(shapes[turn as usize % shapes.len()], turn)
        }
    }
}
