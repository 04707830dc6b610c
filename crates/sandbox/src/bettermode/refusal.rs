//! How the service says no, and the body it says it with.

use super::moment::Moment;
use super::scenario::{Errors, StatusAt};
use serde_json::{Map, Value, json};

/// Where the service explains its codes.
const HELP: &str = "https://example.invalid/help/";

/// A request, or a part of one, that is not granted.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refusal {
    /// The number in the body, as HTTP has it.
    pub status: u16,
    /// The service's own number: 102 permission, 104 request limit, 106 invalid parameter, 108 access token,
    /// 110 not found, 112 missing parameter, 10 server.
    pub code: &'static str,
    pub message: String,
    /// Which fields of the input are wrong, and how.
    pub fields: Vec<(String, String)>,
}

impl Refusal {
    fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), fields: Vec::new() }
    }

    /// No token, or none that is still good.
    pub fn unauthorized() -> Self {
        Self::new(401, "108", "Unauthorized")
    }

    /// A token that may not.
    pub fn forbidden() -> Self {
        Self::new(403, "102", "Forbidden resource")
    }

    /// Nothing there under that id: `what` is the kind of thing.
    pub fn not_found(what: &str) -> Self {
        Self::new(404, "110", format!("{what} not found"))
    }

    /// A value that the service does not take.
    pub fn invalid(field: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        let fields = vec![(field.to_owned(), message.clone())];
        Self { fields, ..Self::new(400, "106", message) }
    }

    /// A value that must be there.
    pub fn missing(field: &str) -> Self {
        let message = format!("{field} is required");
        let fields = vec![(field.to_owned(), message.clone())];
        Self { fields, ..Self::new(400, "112", message) }
    }

    /// The limit on requests or on complexity.
    pub fn too_many() -> Self {
        Self::new(429, "104", "Too many requests")
    }

    /// Trouble of the service's own.
    pub fn internal() -> Self {
        Self::new(500, "10", "Internal server error")
    }

    /// One entry of `errors`. `place` is `path` and `locations` where the error belongs to a field.
    pub fn json(&self, switches: &Errors, now: Moment, place: Map<String, Value>) -> Value {
        let mut entry = Map::new();
        entry.insert("message".into(), self.message.clone().into());
        if matches!(switches.status_at, StatusAt::Top | StatusAt::Both) {
            entry.insert("status".into(), self.status.into());
        }
        if switches.details {
            entry.insert("code".into(), self.code.into());
            entry.insert("help".into(), format!("{HELP}{}", self.code).into());
            entry.insert("timestamp".into(), now.to_string().into());
            if !self.fields.is_empty() {
                let field = |(field, message): &(String, String)| json!({"field": field, "message": message});
                entry.insert("errors".into(), self.fields.iter().map(field).collect());
            }
        }
        entry.extend(place);
        if matches!(switches.status_at, StatusAt::Extensions | StatusAt::Both) {
            entry.insert("extensions".into(), json!({"status": self.status}));
        }
        Value::Object(entry)
    }
}

/// A whole answer of one refusal: `{"errors":[…],"data":null}`.
pub(crate) fn body(refusal: &Refusal, switches: &Errors, now: Moment) -> Value {
    json!({"errors": [refusal.json(switches, now, Map::new())], "data": null})
}
