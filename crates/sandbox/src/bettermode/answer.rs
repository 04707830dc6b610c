//! What is sent back, and how: whole, in part, late, or not at all.

use crate::http::response;
use axum::body::Body;
use axum::http::HeaderName;
use axum::response::Response;
use bytes::Bytes;
use futures::stream;
use serde_json::Value;
use std::time::Duration;

/// The pause before a connection is cut, so that what was sent before leaves the machine.
const BEFORE_THE_CUT: Duration = Duration::from_millis(5);

/// An answer before it is sent.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: u16,
    pub content: &'static str,
    pub headers: Vec<(HeaderName, String)>,
    pub body: Bytes,
    pub delivery: Delivery,
}

/// How an answer goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// At once.
    Whole,
    /// Half of what the header promises, then the end of the connection.
    Cut,
    /// The end of the connection, after a while, and nothing before it.
    Nothing(Duration),
}

impl Answer {
    pub fn new(status: u16, content: &'static str, body: impl Into<Bytes>) -> Self {
        Self { status, content, headers: Vec::new(), body: body.into(), delivery: Delivery::Whole }
    }

    pub fn json(status: u16, body: &Value) -> Self {
        Self::new(status, "application/json; charset=utf-8", body.to_string())
    }

    pub fn html(status: u16, title: &str) -> Self {
        let page =
            format!("<!DOCTYPE html>\n<html><head><title>{title}</title></head><body>{title}</body></html>");
        Self::new(status, "text/html; charset=utf-8", page)
    }

    pub fn header(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The answer on its way.
    pub fn send(self) -> Response {
        let whole = self.body.len();
        let body = match self.delivery {
            Delivery::Whole => Body::from(self.body),
            Delivery::Cut => broken(Some(self.body.slice(..whole / 2)), BEFORE_THE_CUT),
            Delivery::Nothing(pause) => broken(None, pause),
        };
        response(self.status, self.content, whole, self.headers, body)
    }
}

/// A body of that beginning, which ends with the connection. An error before anything was sent takes the
/// head of the answer with it: the client sees none.
fn broken(beginning: Option<Bytes>, pause: Duration) -> Body {
    Body::from_stream(stream::unfold((beginning, false), move |(beginning, over)| async move {
        if over {
            return None;
        }
        if let Some(beginning) = beginning {
            return Some((Ok(beginning), (None, false)));
        }
        tokio::time::sleep(pause).await;
        Some((Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset)), (None, true)))
    }))
}
