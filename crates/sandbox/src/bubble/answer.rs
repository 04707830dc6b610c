//! What is sent back: bodies of every shape, and how they are delivered.

use super::running::Counters;
use crate::http::response;
use crate::scenario::Unauthorized;
use axum::body::Body;
use axum::http::HeaderName;
use axum::response::Response;
use bytes::Bytes;
use futures::stream;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

/// An answer before it is sent.
#[derive(Debug)]
pub(super) struct Answer {
    pub status: u16,
    pub content: &'static str,
    pub headers: Vec<(HeaderName, String)>,
    pub body: Vec<u8>,
    pub delivery: Delivery,
}

/// How the body goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Delivery {
    /// At once.
    Whole,
    /// Half of what the header promises, then the end of the connection.
    Cut,
    /// Half at once, half after a while.
    Slow(Duration),
}

impl Answer {
    pub fn new(status: u16, content: &'static str, body: Vec<u8>) -> Self {
        Self { status, content, headers: Vec::new(), body, delivery: Delivery::Whole }
    }

    pub fn json(status: u16, body: &Value) -> Self {
        Self::new(status, "application/json", body.to_string().into_bytes())
    }

    /// The wrapped error, which the manual shows.
    pub fn error(status: u16, word: &str, message: impl AsRef<str>) -> Self {
        let message = message.as_ref();
        Self::json(status, &json!({"statusCode": status, "body": {"status": word, "message": message}}))
    }

    /// The flat error, which the service's own Swagger describes.
    pub fn flat(status: u16, message: &str) -> Self {
        Self::json(status, &json!({"message": message}))
    }

    pub fn unrecognised(field: &str) -> Self {
        Self::error(400, "ERROR", format!("Unrecognized field: {field}"))
    }

    pub fn malformed(message: impl AsRef<str>) -> Self {
        Self::error(400, "ERROR", message)
    }

    pub fn unauthorized(shape: Unauthorized) -> Self {
        match shape {
            Unauthorized::Wrapped => Self::error(401, "NOT_AUTHORIZED", "The token is not valid"),
            Unauthorized::ErrorClass => Self::json(
                401,
                &json!({
                    "error_class": "Unauthorized",
                    "args": {"code": "1700000000000x1"},
                    "message": null,
                    "translation": "The token is not valid",
                }),
            ),
        }
    }

    /// The status is 404, or 400 as in the older manual.
    pub fn no_record(status: u16, kind: &str, id: &str) -> Self {
        let message = format!("Missing object of type {kind}: object with id {id} does not exist");
        Self::error(status, "MISSING_DATA", message)
    }

    pub fn no_type(name: &str) -> Self {
        Self::error(404, "MISSING_DATA", format!("Missing object of type {name}: the type does not exist"))
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

    /// The answer on its way; what goes out is counted.
    pub fn send(self, counters: &Arc<Counters>) -> Response {
        let whole = self.body.len();
        let half = |body: &[u8]| Bytes::copy_from_slice(&body[..whole / 2]);
        let body = match self.delivery {
            Delivery::Whole => {
                counters.bytes.fetch_add(whole as u64, Relaxed);
                Body::from(self.body)
            }
            Delivery::Cut => {
                let half = half(&self.body);
                counters.bytes.fetch_add(half.len() as u64, Relaxed);
                let broken = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
                // The pause lets the half leave before the connection goes: an error at once would discard
                // it.
                Body::from_stream(stream::unfold(
                    (0, Some(half), Some(broken)),
                    |(step, half, broken)| async move {
                        match step {
                            0 => Some((Ok(half?), (1, None, broken))),
                            1 => {
                                tokio::time::sleep(Duration::from_millis(5)).await;
                                Some((Err(broken?), (2, None, None)))
                            }
                            _ => None,
                        }
                    },
                ))
            }
            Delivery::Slow(pause) => {
                let half = half(&self.body);
                counters.bytes.fetch_add(whole as u64, Relaxed);
                let rest = Bytes::copy_from_slice(&self.body[whole / 2..]);
                Body::from_stream(stream::unfold((0, half, rest), move |(step, half, rest)| async move {
                    match step {
                        0 => Some((Ok::<_, std::io::Error>(half), (1, Bytes::new(), rest))),
                        1 => {
                            tokio::time::sleep(pause).await;
                            Some((Ok(rest), (2, Bytes::new(), Bytes::new())))
                        }
                        _ => None,
                    }
                }))
            }
        };
        response(self.status, self.content, whole, self.headers, body)
    }
}
