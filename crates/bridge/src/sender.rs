//! Who may tell us something, and how we know that it is they.

use crate::event::Event;
use base::Clock;
use serde_json::Value;

/// A request as it came.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// What follows the sender's name in the path: `member` of `/webhooks/bettermode/member`; empty: nothing.
    pub route: &'a str,
    /// Names in lower case; the values as they came, those that are no text left out.
    pub headers: &'a [(String, String)],
    /// What follows `?`, decoded.
    pub query: &'a [(String, String)],
    /// The raw body.
    pub body: &'a [u8],
}

impl<'a> Request<'a> {
    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
    /// The first parameter of this name.
    pub fn parameter(&self, name: &str) -> Option<&'a str> {
        self.query.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// What a request came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// What is to be kept; `None`: a question that only wants its answer (a handshake), or something that
    /// nobody asked for.
    pub event: Option<Event>,
    /// The body of the answer, once the event is kept; `None`: an empty one.
    pub answer: Option<Value>,
}

/// Why a request is not taken. Nothing of it is in the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// 401: who sent it is not known.
    #[error("{0}")]
    NotBelieved(&'static str),
    /// 400: it is not what this sender sends.
    #[error("{0}")]
    NotUnderstood(&'static str),
    /// 404: this sender has no such route.
    #[error("no such route")]
    NoRoute,
}

/// A configured sender of webhooks.
pub trait Sender: Send + Sync {
    /// The name of its section.
    fn name(&self) -> &str;
    /// Believes the request first, then reads it: a body is not looked at before its signature.
    fn judge(&self, request: &Request<'_>, clock: &dyn Clock) -> Result<Judged, Refused>;
}
