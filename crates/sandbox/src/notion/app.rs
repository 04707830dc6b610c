//! The service: its state, and the way of a request through it.

use super::caller::{Caller, NEWEST, OLDER, Version, path_id};
use super::check::At;
use super::endpoint::Endpoint;
use super::handlers::{Desk, Done};
use super::id::Id;
use super::limits::Windows;
use super::refusal::{Refusal, Telling};
use super::running::Counters;
use super::scenario::Scenario;
use super::store::Store;
use crate::rng::Rng;
use crate::scenario::strike::Strikes;
use crate::serve::answer::Answer;
use crate::serve::time::Time;
use axum::http::{HeaderMap, HeaderName, Method, Uri, header};
use base::Secret;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard};

/// Everything a request needs.
pub(super) struct App {
    pub scenario: Scenario,
    pub seed: u64,
    pub counters: Counters,
    pub time: Time,
    /// Numbers every random choice.
    pub turn: AtomicU64,
    pub windows: Windows,
    pub strikes: Strikes,
    pub store: Mutex<Store>,
    /// The connections: their tokens and their users.
    pub connections: Vec<(String, Id)>,
}

/// A request, taken apart.
pub(super) struct Request<'r> {
    pub method: &'r Method,
    pub uri: &'r Uri,
    pub headers: &'r HeaderMap,
    /// The body; `None` when it was too long to be read or broke off.
    pub body: Option<&'r [u8]>,
}

impl App {
    pub fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// The answer to a request; everything about it is counted.
    pub async fn answer(&self, request: &Request<'_>) -> Answer {
        let rng = || Rng::new(self.seed ^ self.turn.fetch_add(1, Relaxed).rotate_left(32), "latency");
        self.scenario.latency.pass(rng).await;
        let now = self.time.now();
        let turn = self.counters.served.fetch_add(1, Relaxed);
        let number = Id::draw(&mut Rng::new(self.seed ^ turn.rotate_left(32), "request"));
        let endpoint = Endpoint::of(request.method.as_str(), request.uri.path());
        self.counters.request(endpoint.as_ref().map_or("nowhere", Endpoint::name));
        let refuse = |refusal: &Refusal| {
            let window = self.scenario.window;
            let telling = Telling { retry_after: window.retry_after, reason: window.reason, now };
            refusal.answer(number, telling)
        };
        let answer = match self.admit(request, endpoint, now) {
            Err(refusal) => refuse(&refusal),
            Ok((caller, endpoint)) => {
                let strike = self.strikes.strike(endpoint.name());
                if strike.is_some() {
                    self.counters.errors_injected.fetch_add(1, Relaxed);
                }
                let answer = match strike {
                    Some(strike) if strike.prevents() => Answer::html(200, ""),
                    _ => match self.go(request, endpoint, &caller) {
                        Ok(body) => Answer::json(200, &body),
                        Err(refusal) => refuse(&refusal),
                    },
                };
                match strike {
                    Some(strike) => strike.spoil(answer, |status| refuse(&Refusal::Status(status))).await,
                    None => answer,
                }
            }
        };
        // What comes from the proxy in front knows nothing of the request.
        if answer.content.starts_with("text/html") {
            return answer.header(HeaderName::from_static("cf-ray"), "8f00000000000000-LHR");
        }
        answer.header(HeaderName::from_static("x-notion-request-id"), number.to_string())
    }

    /// Whether the token, the version and the address are right, and there is room in the windows.
    fn admit<'r>(
        &self,
        request: &Request<'r>,
        endpoint: Option<Endpoint<'r>>,
        now: i64,
    ) -> Result<(Caller, Endpoint<'r>), Refusal> {
        let text = |name: HeaderName| request.headers.get(name).and_then(|value| value.to_str().ok());
        let token = text(header::AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer "));
        let token = Secret::new(token.ok_or(Refusal::Unauthorized)?);
        let known = self.connections.iter().find(|(key, _)| Secret::new(key) == token);
        let (token, user) = known.cloned().ok_or(Refusal::Unauthorized)?;
        let version = match text(HeaderName::from_static("notion-version")) {
            None => return Err(Refusal::MissingVersion),
            Some(NEWEST) => Version::March2026,
            Some(OLDER) if self.scenario.old_version => Version::September2025,
            Some(other) => {
                return Err(Refusal::Invalid(format!(
                    "Notion-Version header failed validation: Notion-Version header should be \
                     `\"{NEWEST}\"`, instead was `\"{other}\"`."
                )));
            }
        };
        if let Err((seconds, reason)) = self.windows.take(&token, now) {
            self.counters.rate_limited.fetch_add(1, Relaxed);
            return Err(Refusal::Limited(seconds, reason));
        }
        let endpoint = endpoint.ok_or(Refusal::BadUrl)?;
        Ok((Caller { token, user, version, now }, endpoint))
    }

    /// Reads the body and does the work.
    fn go(&self, request: &Request<'_>, endpoint: Endpoint<'_>, caller: &Caller) -> Done {
        let body = if endpoint.has_body() { self.body(request)? } else { json!({}) };
        let query = request.uri.query().unwrap_or_default();
        let mut store = self.store();
        let (limits, kind) = (self.scenario.limits, self.scenario.query);
        let mut desk = Desk { store: &mut store, caller, limits, query: kind };
        let done = dispatch(&mut desk, endpoint, query, &At::body(&body));
        if endpoint.writes() && done.is_ok() {
            self.counters.writes.fetch_add(1, Relaxed);
        }
        done
    }

    fn body(&self, request: &Request<'_>) -> Result<Value, Refusal> {
        let limits = self.scenario.limits;
        let body = request.body.ok_or(Refusal::TooLarge)?;
        let found = body.len() as u64;
        if found > limits.bytes_looked_at {
            return Err(Refusal::TooLarge);
        }
        if found > limits.bytes {
            let max = limits.bytes;
            return Err(Refusal::Invalid(format!(
                "body failed validation: body.length should be ≤ `{max}`, instead was `{found}`."
            )));
        }
        let kind = request.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let said = kind
            .is_some_and(|kind| kind.split(';').next().is_some_and(|kind| kind.trim() == "application/json"));
        // A query without conditions needs no body.
        if body.is_empty() {
            return Ok(json!({}));
        }
        if !said {
            return Err(Refusal::BadJson);
        }
        serde_json::from_slice(body).map_err(|_| Refusal::BadJson)
    }
}

fn dispatch(desk: &mut Desk<'_>, endpoint: Endpoint<'_>, query: &str, at: &At<'_>) -> Done {
    at.object()?;
    let page = |id: &str| path_id("page_id", id);
    let block = |id: &str| path_id("block_id", id);
    let database = |id: &str| path_id("database_id", id);
    let source = |id: &str| path_id("data_source_id", id);
    match endpoint {
        Endpoint::Me => desk.me(),
        Endpoint::Users => desk.users(query),
        Endpoint::CreateDatabase => desk.create_database(at),
        Endpoint::Database(id) => desk.retrieve_database(database(id)?),
        Endpoint::UpdateDatabase(id) => desk.update_database(database(id)?, at),
        Endpoint::CreateSource => desk.create_source(at),
        Endpoint::Source(id) => desk.retrieve_source(source(id)?),
        Endpoint::UpdateSource(id) => desk.update_source(source(id)?, at),
        Endpoint::Query(id) => desk.query_source(source(id)?, query, at),
        Endpoint::CreatePage => desk.create_page(at),
        Endpoint::Page(id) => desk.retrieve_page(page(id)?, query),
        Endpoint::UpdatePage(id) => desk.update_page(page(id)?, at),
        Endpoint::PageProperty(id, property) => desk.page_property(page(id)?, property, query),
        Endpoint::PageMarkdown(id) => desk.page_markdown(page(id)?),
        Endpoint::Children(id) => desk.children(block(id)?, query),
        Endpoint::Append(id) => desk.append(block(id)?, at),
        Endpoint::Block(id) => desk.retrieve_block(block(id)?),
        Endpoint::UpdateBlock(id) => desk.update_block(block(id)?, at),
        Endpoint::DeleteBlock(id) => desk.delete_block(block(id)?),
        Endpoint::Search => desk.search(at),
    }
}
