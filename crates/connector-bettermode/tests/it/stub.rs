//! A server that answers each operation as it is told to, and writes down what it was asked.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use futures::stream;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, MutexGuard};

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Request {
    pub operation: String,
    pub query: String,
    pub variables: Value,
    pub authorization: Option<String>,
    pub path: String,
    /// The body, where it is no GraphQL.
    pub body: String,
}

/// What becomes of a request.
#[derive(Debug, Clone)]
pub enum Act {
    /// Data, with status 200.
    Data(Value),
    /// A whole answer.
    Answer(u16, String),
    /// A whole answer that asks to wait.
    RetryAfter(u16, &'static str),
    /// The connection breaks in the middle of the answer.
    Cut,
    /// No answer at all.
    Hang,
}

impl Act {
    /// An error of GraphQL's, with status 200. `fields` are members of the error besides its message.
    pub fn error(message: &str, fields: Value) -> Self {
        let mut error = json!({ "message": message });
        if let Value::Object(fields) = fields {
            error.as_object_mut().expect("an object").extend(fields);
        }
        Act::Answer(200, json!({"errors": [error], "data": null}).to_string())
    }
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

    /// How often an operation was asked for.
    pub fn count(&self, operation: &str) -> usize {
        self.inner().requests.iter().filter(|request| request.operation == operation).count()
    }

    /// The variables of the last request.
    pub fn variables(&self) -> Value {
        self.inner().requests.last().expect("a request").variables.clone()
    }
}

async fn answer(
    State(state): State<Arc<Mutex<Inner>>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let json: Value = serde_json::from_slice(&body).unwrap_or_default();
    let text = |key: &str| json[key].as_str().unwrap_or_default().to_owned();
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let request = Request {
        operation: text("operationName"),
        query: text("query"),
        variables: json["variables"].clone(),
        authorization: header("authorization"),
        path: uri.path().to_owned(),
        body: if json.is_null() { String::from_utf8_lossy(&body).into_owned() } else { String::new() },
    };
    let act = {
        let mut inner = state.lock().expect("not poisoned");
        inner.requests.push(request.clone());
        (inner.handler)(&request)
    };
    let status = |code: u16| StatusCode::from_u16(code).expect("a status");
    match act {
        Act::Data(data) => json!({ "data": data }).to_string().into_response(),
        Act::Answer(code, body) => (status(code), body).into_response(),
        Act::RetryAfter(code, after) => (status(code), [("retry-after", after)], "slow down").into_response(),
        Act::Hang => std::future::pending().await,
        Act::Cut => {
            let begun = Ok::<_, std::io::Error>(Bytes::from_static(b"{\"data\":"));
            let broken = Err(std::io::Error::other("broken"));
            Response::new(Body::from_stream(stream::iter([begun, broken])))
        }
    }
}
