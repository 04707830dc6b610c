//! What is sent back, and how it is delivered.

use crate::http::response;
use axum::body::Body;
use axum::http::HeaderName;
use axum::response::Response;
use bytes::Bytes;
use futures::stream;
use serde_json::Value;
use std::io::{Error, ErrorKind};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// How long the half of a body that is cut has to leave before the connection goes: an error at once would
/// discard it.
const CUT_PAUSE: Duration = Duration::from_millis(5);

/// An answer before it is sent.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: u16,
    pub content: &'static str,
    pub headers: Vec<(HeaderName, String)>,
    pub body: Vec<u8>,
    pub delivery: Delivery,
}

/// How the body goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// At once.
    Whole,
    /// Half of what the header promises, then the end of the connection.
    Cut,
    /// Half at once, half after a while.
    Slow(Duration),
    /// Nothing, not even a status: the connection ends.
    Dropped,
}

impl Answer {
    pub fn new(status: u16, content: &'static str, body: Vec<u8>) -> Self {
        Self { status, content, headers: Vec::new(), body, delivery: Delivery::Whole }
    }

    pub fn json(status: u16, body: &Value) -> Self {
        Self::new(status, "application/json", body.to_string().into_bytes())
    }

    pub fn html(status: u16, title: &str) -> Self {
        let page = format!(
            "<!DOCTYPE html>\n<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n"
        );
        Self::new(status, "text/html; charset=utf-8", page.into_bytes())
    }

    pub fn header(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The answer on its way; the bytes of its body that go out are added to `sent`.
    pub fn send(self, sent: &AtomicU64) -> Response {
        let whole = self.body.len();
        let half = || Bytes::copy_from_slice(&self.body[..whole / 2]);
        let (body, bytes) = match self.delivery {
            Delivery::Whole => (Body::from(self.body), whole),
            Delivery::Cut => (broken_off(Some(half())), whole / 2),
            Delivery::Dropped => (broken_off(None), 0),
            Delivery::Slow(pause) => {
                let rest = Bytes::copy_from_slice(&self.body[whole / 2..]);
                (in_two(half(), pause, rest), whole)
            }
        };
        sent.fetch_add(bytes as u64, Relaxed);
        response(self.status, self.content, whole, self.headers, body)
    }
}

/// The first part, then the end of the connection. Without a part the head does not leave either.
fn broken_off(part: Option<Bytes>) -> Body {
    Body::from_stream(stream::unfold((0, part), |(step, part)| async move {
        match (step, part) {
            (0, Some(part)) => Some((Ok(part), (1, None))),
            (0 | 1, None) => {
                if step == 1 {
                    tokio::time::sleep(CUT_PAUSE).await;
                }
                Some((Err(Error::from(ErrorKind::ConnectionReset)), (2, None)))
            }
            _ => None,
        }
    }))
}

fn in_two(first: Bytes, pause: Duration, rest: Bytes) -> Body {
    Body::from_stream(stream::unfold((0, first, rest), move |(step, first, rest)| async move {
        match step {
            0 => Some((Ok::<_, Error>(first), (1, Bytes::new(), rest))),
            1 => {
                tokio::time::sleep(pause).await;
                Some((Ok(rest), (2, Bytes::new(), Bytes::new())))
            }
            _ => None,
        }
    }))
}
