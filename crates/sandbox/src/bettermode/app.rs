//! The service: the way of a request through it.

use super::answer::{Answer, Delivery};
use super::auth::{Tokens, Who};
use super::counters::Counters;
use super::faults::Faults;
use super::graphql::{Context, Done, Request, Schemas, Trick};
use super::limits::Limits;
use super::moment::Moment;
use super::refusal::{self, Refusal};
use super::scenario::{FaultKind, Scenario};
use super::state::State;
use super::webhook::Sender;
use super::{permissions, upload};
use crate::rng::Rng;
use axum::http::{HeaderMap, Method, Uri, header};
use base::{Clock, Secret};
use bytes::Bytes;
use serde_json::{Map, Value, json};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

/// The largest GraphQL request, bytes; supposed.
const QUERY_MAX: usize = 1 << 20;

/// Everything a request needs.
pub(crate) struct App {
    pub scenario: Scenario,
    pub seed: u64,
    /// `http://127.0.0.1:PORT`.
    pub origin: String,
    pub client_id: String,
    pub client_secret: Secret,
    pub clock: Arc<dyn Clock>,
    pub schemas: Schemas,
    pub tokens: Tokens,
    pub limits: Limits,
    pub faults: Faults,
    pub counters: Counters,
    pub sender: Arc<Sender>,
    /// Numbers every random choice.
    pub turn: AtomicU64,
    pub state: Mutex<State>,
}

/// How a fault bears on a request.
enum Struck {
    /// Not at all, or only on what is executed.
    Execute(Option<Trick>),
    /// Everything is done, and the answer suffers.
    After(FaultKind, Duration),
    /// Nothing is done; this is the answer.
    Instead(Answer),
}

impl App {
    /// The present moment.
    pub fn now(&self) -> Moment {
        Moment(self.clock.now().as_millisecond())
    }

    /// The community, at the present moment.
    pub fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(|e| e.into_inner());
        state.now = self.now();
        state
    }

    /// Tells listeners what happened to the community since the last time.
    pub fn tell(&self, state: &mut State) {
        for happening in std::mem::take(&mut state.happened) {
            self.sender.put(&happening, state);
        }
    }

    /// The answer to a request.
    pub async fn answer(&self, method: &Method, uri: &Uri, headers: &HeaderMap, body: Bytes) -> Answer {
        self.counters.requests.fetch_add(1, Relaxed);
        let rng = || Rng::new(self.seed ^ self.turn.fetch_add(1, Relaxed).rotate_left(32), "latency");
        self.scenario.latency.pass(rng).await;
        let segments: Vec<&str> = uri.path().split('/').skip(1).collect();
        match segments[..] {
            ["upload", id] => return upload::filled(self, method, id, headers, body).await,
            ["media", id] => return upload::shown(self, method, id),
            [""] => {}
            ["graphql"] if self.scenario.http.graphql_path => {}
            _ => return Answer::json(404, &json!({"errors": [{"message": "Not Found", "status": 404}]})),
        }
        if *method != Method::POST {
            return Answer::json(405, &json!({"errors": [{"message": "GraphQL is asked by POST"}]}))
                .header(header::ALLOW, "POST");
        }
        if body.len() > QUERY_MAX {
            return Answer::html(413, "413 Request Entity Too Large");
        }
        let (answer, complexity) = self.asked(headers, &body);
        self.counters.complexity.fetch_add(complexity, Relaxed);
        self.counters.bytes.fetch_add(answer.body.len() as u64, Relaxed);
        answer
    }

    /// The answer to a GraphQL request, and what it cost.
    fn asked(&self, headers: &HeaderMap, body: &[u8]) -> (Answer, u64) {
        let read = json_body(headers, body)
            .and_then(|body| Request::read(&self.schemas, &body).map_err(|wrong| wrong.body()));
        // What cannot be read costs a request, too.
        let cost = read.as_ref().map_or(0, |request| request.complexity);
        if let Err(left) = self.limits.count(cost, self.now()) {
            self.counters.rate_limited.fetch_add(1, Relaxed);
            return (self.too_many(left), 0);
        }
        let request = match read {
            Ok(request) => request,
            Err(body) => {
                self.counters.bad_queries.fetch_add(1, Relaxed);
                return (Answer::json(self.scenario.http.bad_query, &body), 0);
            }
        };
        self.counters.note_fields(&request.fields);
        let most = self.scenario.rate_limit.and_then(|limit| limit.query_complexity);
        if most.is_some_and(|most| request.complexity > most) {
            let refused = Refusal::invalid("query", "The query is too complex");
            return (self.refused(&refused), request.complexity);
        }
        let (after, pause, answer) = match self.struck(&request) {
            Struck::Instead(answer) => return (answer, request.complexity),
            Struck::Execute(trick) => (None, Duration::ZERO, self.executed(headers, &request, trick)),
            Struck::After(kind, pause) => (Some(kind), pause, self.executed(headers, &request, None)),
        };
        (spoiled(answer, after, pause, self), request.complexity)
    }

    fn struck(&self, request: &Request) -> Struck {
        let root = if request.operation.is_mutation() { "Mutation" } else { "Query" };
        let gives_action = |field: &String| {
            let field = self.schemas.public.type_field(root, field);
            field.is_ok_and(|field| field.ty.inner_named_type() == "Action")
        };
        let actions = request.fields.iter().any(gives_action);
        let Some((kind, pause)) = self.faults.strike(&request.fields, actions) else {
            return Struck::Execute(None);
        };
        self.counters.errors_injected.fetch_add(1, Relaxed);
        let nothing = |pause| Answer { delivery: Delivery::Nothing(pause), ..Answer::html(500, "") };
        match kind {
            FaultKind::Failed => Struck::Execute(Some(Trick::Failed)),
            FaultKind::UnknownEnum => Struck::Execute(Some(Trick::UnknownEnum)),
            FaultKind::Partial => Struck::Execute(Some(Trick::Partial)),
            FaultKind::Broken => Struck::Instead(self.broken()),
            FaultKind::Unavailable => {
                Struck::Instead(Answer::html(503, "503 Service Temporarily Unavailable"))
            }
            FaultKind::Html => Struck::Instead(Answer::html(200, "We will be right back")),
            FaultKind::Silent => Struck::Instead(nothing(pause)),
            FaultKind::Dropped => Struck::Instead(nothing(Duration::ZERO)),
            FaultKind::Unauthorized => Struck::Instead(self.refused(&Refusal::unauthorized())),
            FaultKind::Forbidden => Struck::Instead(self.refused(&Refusal::forbidden())),
            FaultKind::TooMany => Struck::Instead(self.too_many(1_000)),
            FaultKind::BrokenAfter
            | FaultKind::SilentAfter
            | FaultKind::DroppedAfter
            | FaultKind::CutAfter
            | FaultKind::TruncatedAfter => Struck::After(kind, pause),
        }
    }

    /// Executes a request, if whoever asks may.
    fn executed(&self, headers: &HeaderMap, request: &Request, trick: Option<Trick>) -> Answer {
        let mut state = self.state();
        let who = match self.tokens.who(headers, state.now) {
            Ok(who) => who,
            Err(refusal) => return self.refused(&refusal),
        };
        for field in &request.fields {
            if let Err(refusal) = permissions::check(field, &who, &state, &self.scenario.auth) {
                let place = [("path".to_owned(), json!([field]))].into_iter().collect();
                return self.result(request, Done { data: Value::Null, errors: vec![(refusal, place)] });
            }
        }
        let done = self.run(&mut state, &who, request, trick);
        self.tell(&mut state);
        drop(state);
        self.result(request, done)
    }

    fn run(&self, state: &mut State, who: &Who, request: &Request, trick: Option<Trick>) -> Done {
        Context::new(self, state, who, trick).run(&self.schemas, request)
    }

    /// `{"errors"?, "data", "extensions": {"complexity"}}`.
    fn result(&self, request: &Request, done: Done) -> Answer {
        let now = self.now();
        let mut body = Map::new();
        let unauthorized = done.errors.iter().any(|(refusal, _)| refusal.status == 401);
        if !done.errors.is_empty() {
            let entry = |(refusal, place): (Refusal, Map<String, Value>)| {
                refusal.json(&self.scenario.errors, now, place)
            };
            body.insert("errors".into(), done.errors.into_iter().map(entry).collect());
        }
        body.insert("data".into(), done.data);
        body.insert("extensions".into(), json!({"complexity": request.complexity}));
        let status = if unauthorized { self.scenario.http.unauthorized } else { 200 };
        Answer::json(status, &Value::Object(body))
    }

    /// A refusal of the whole request.
    fn refused(&self, refusal: &Refusal) -> Answer {
        let status = if refusal.status == 401 { self.scenario.http.unauthorized } else { 200 };
        Answer::json(status, &refusal::body(refusal, &self.scenario.errors, self.now()))
    }

    fn broken(&self) -> Answer {
        Answer::json(500, &refusal::body(&Refusal::internal(), &self.scenario.errors, self.now()))
    }

    /// 429, and milliseconds until the window opens.
    fn too_many(&self, left: i64) -> Answer {
        let body = refusal::body(&Refusal::too_many(), &self.scenario.errors, self.now());
        let answer = Answer::json(429, &body);
        let told = self.scenario.rate_limit.is_some_and(|limit| limit.retry_after);
        // Rounded up: whoever comes at that second finds the window open.
        let seconds = left.max(0).saturating_add(999) / 1000;
        if told { answer.header(header::RETRY_AFTER, seconds.to_string()) } else { answer }
    }
}

/// What a fault makes of an answer.
fn spoiled(answer: Answer, fault: Option<FaultKind>, pause: Duration, app: &App) -> Answer {
    match fault {
        Some(FaultKind::BrokenAfter) => app.broken(),
        Some(FaultKind::SilentAfter) => Answer { delivery: Delivery::Nothing(pause), ..answer },
        Some(FaultKind::DroppedAfter) => Answer { delivery: Delivery::Nothing(Duration::ZERO), ..answer },
        Some(FaultKind::CutAfter) => Answer { delivery: Delivery::Cut, ..answer },
        Some(FaultKind::TruncatedAfter) => {
            let half = answer.body.slice(..answer.body.len() / 2);
            Answer { body: half, ..answer }
        }
        _ => answer,
    }
}

/// The JSON of a request; else the body of its refusal.
fn json_body(headers: &HeaderMap, body: &[u8]) -> Result<Value, Value> {
    let content = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let is_json = content.split(';').next().is_some_and(|kind| kind.trim() == "application/json");
    let wrong = |message: &str| json!({"errors": [{"message": message}]});
    if !is_json {
        return Err(wrong("POST body missing, or its Content-Type is not application/json."));
    }
    serde_json::from_slice(body).map_err(|_| wrong("POST body sent invalid JSON."))
}
