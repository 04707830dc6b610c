//! A server that answers each request as it is told to, and writes down what it was asked.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use futures::stream;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, MutexGuard};

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Request {
    /// `POST /v1/pages`
    pub line: String,
    pub query: String,
    pub body: Value,
    pub authorization: Option<String>,
    pub version: Option<String>,
}

/// What becomes of a request.
#[derive(Debug, Clone)]
pub enum Act {
    /// A document, with status 200.
    Json(Value),
    /// A whole answer.
    Answer(u16, String),
    /// A whole answer that asks to wait.
    RetryAfter(u16, &'static str, String),
    /// A page of a proxy in front of the service.
    Html(u16),
    /// The connection breaks in the middle of the answer.
    Cut,
    /// No answer at all.
    Hang,
}

impl Act {
    /// An error in the service's own words.
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        Act::Answer(status, error(status, code, message))
    }
}

/// The body of an error.
pub fn error(status: u16, code: &str, message: &str) -> String {
    json!({"object": "error", "status": status, "code": code, "message": message, "request_id": "req-1"})
        .to_string()
}

type Handler = Box<dyn FnMut(&Request) -> Act + Send>;

pub struct Stub {
    pub url: String,
    state: Arc<Mutex<Inner>>,
}

struct Inner {
    requests: Vec<Request>,
    handler: Handler,
}

impl Stub {
    pub async fn start(handler: impl FnMut(&Request) -> Act + Send + 'static) -> Self {
        let state = Arc::new(Mutex::new(Inner { requests: Vec::new(), handler: Box::new(handler) }));
        let app = Router::new().fallback(answer).with_state(state.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, state }
    }

    /// One that gives these answers in turn, and the last one for ever.
    pub async fn script(acts: Vec<Act>) -> Self {
        let mut at = 0;
        Self::start(move |_| {
            at += 1;
            acts[(at - 1).min(acts.len() - 1)].clone()
        })
        .await
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.state.lock().expect("not poisoned")
    }

    pub fn requests(&self) -> Vec<Request> {
        self.inner().requests.clone()
    }

    /// The first lines of the requests.
    pub fn lines(&self) -> Vec<String> {
        self.inner().requests.iter().map(|request| request.line.clone()).collect()
    }

    /// How often a request was made whose line begins so.
    pub fn count(&self, line: &str) -> usize {
        self.inner().requests.iter().filter(|request| request.line.starts_with(line)).count()
    }
}

async fn answer(
    State(state): State<Arc<Mutex<Inner>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let request = Request {
        line: format!("{method} {}", uri.path()),
        query: uri.query().unwrap_or_default().to_owned(),
        body: serde_json::from_slice(&body).unwrap_or_default(),
        authorization: header("authorization"),
        version: header("notion-version"),
    };
    let act = {
        let mut inner = state.lock().expect("not poisoned");
        inner.requests.push(request.clone());
        (inner.handler)(&request)
    };
    let status = |code: u16| StatusCode::from_u16(code).expect("a status");
    match act {
        Act::Json(document) => document.to_string().into_response(),
        Act::Answer(code, body) => (status(code), body).into_response(),
        Act::RetryAfter(code, after, body) => (status(code), [("retry-after", after)], body).into_response(),
        Act::Html(code) => {
            let page = "<!DOCTYPE html><title>error</title>";
            (status(code), [("content-type", "text/html"), ("cf-ray", "8a1")], page).into_response()
        }
        Act::Hang => std::future::pending().await,
        Act::Cut => {
            let begun = Ok::<_, std::io::Error>(Bytes::from_static(b"{\"object\":"));
            let broken = Err(std::io::Error::other("broken"));
            Response::new(Body::from_stream(stream::iter([begun, broken])))
        }
    }
}
