//! The service: its databases, and the way of a request through it.

use super::answer::{Answer, Delivery};
use super::drift::Served;
use super::faults::{Bucket, Faults};
use super::running::Counters;
use super::visitor::Who;
use super::{files, list, meta, query};
use crate::SandboxError;
use crate::culturebridge::{self, Changes, Dataset, Inventory, Settings, schema::TYPES};
use crate::scenario::{FaultKind, HugeRecord, Requests, RetryAfter, Scenario};
use crate::table::{Id, Table};
use axum::http::{HeaderMap, Method, Uri, header};
use base::{Clock, Secret};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;
use tokio::sync::OnceCell;

/// Names under which people try to send a token in the address.
const TOKEN_NAMES: &[&str] = &["api_token", "api_key", "apikey", "token", "access_token", "key", "bearer"];

/// Everything a request needs.
pub(super) struct App {
    pub scenario: Scenario,
    pub seed: u64,
    pub port: u16,
    pub key: String,
    pub user_token: String,
    pub counters: Arc<Counters>,
    /// Numbers every random choice.
    pub turn: AtomicU64,
    pub downloads: AtomicU64,
    pub environments: Vec<Environment>,
    pub faults: Faults,
    pub bucket: Option<Bucket>,
}

/// One database; its data is made when it is first asked for.
pub(super) struct Environment {
    /// The path segment before `/api`; empty for live.
    pub path: String,
    pub settings: Settings,
    pub data: OnceCell<Arc<Data>>,
}

/// The data of one database.
pub(super) struct Data {
    pub path: String,
    pub types: Vec<State>,
    pub inventory: Inventory,
    pub someone: Id,
    changes: Mutex<Changes>,
}

/// One type of it.
pub(super) struct State {
    table: RwLock<Table>,
    pub lists: AtomicU64,
    served: Mutex<Served>,
}

impl State {
    pub fn read(&self) -> RwLockReadGuard<'_, Table> {
        self.table.read().unwrap_or_else(|e| e.into_inner())
    }
    pub fn write(&self) -> RwLockWriteGuard<'_, Table> {
        self.table.write().unwrap_or_else(|e| e.into_inner())
    }
    pub fn served(&self) -> MutexGuard<'_, Served> {
        self.served.lock().unwrap_or_else(|e| e.into_inner())
    }
}

impl Data {
    pub fn changes(&self) -> MutexGuard<'_, Changes> {
        self.changes.lock().unwrap_or_else(|e| e.into_inner())
    }

    fn new(path: &str, settings: Settings, huge: Option<&HugeRecord>) -> Result<Self, SandboxError> {
        let Dataset { mut tables, inventory, someone, spare_users } = culturebridge::generate(settings);
        if let Some(huge) = huge {
            swell(&mut tables, settings, huge)?;
        }
        let state = |table| State { table: RwLock::new(table), lists: 0.into(), served: Mutex::default() };
        Ok(Self {
            path: path.to_owned(),
            types: tables.into_iter().map(state).collect(),
            inventory,
            someone,
            changes: Mutex::new(Changes::new(settings.keys, spare_users)),
        })
    }
}

/// Fills a text field of one clean record in the middle of its type.
fn swell(tables: &mut [Table], settings: Settings, huge: &HugeRecord) -> Result<(), SandboxError> {
    let none = || SandboxError::NoHugeRecord { type_name: huge.type_name.clone(), field: huge.field.clone() };
    let kind = TYPES.iter().position(|kind| kind.name == huge.type_name).ok_or_else(none)?;
    let field = TYPES[kind].fields.iter().find(|field| field.display == huge.field).ok_or_else(none)?;
    let key = field.key(settings.keys);
    let table = &mut tables[kind];
    let all = table.by_created();
    let middle = all.iter().skip(all.len() / 2).chain(all).copied();
    let slot = middle.into_iter().find(|slot| table.row(*slot).clean).ok_or_else(none)?;
    let mut record: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(table.json(slot)).map_err(|_| none())?;
    // Two bytes a character: 10 million characters, the service's limit for a text, are 20 MB.
    record.insert(key.to_owned(), "é".repeat(huge.bytes as usize / 2).into());
    let body = serde_json::to_vec(&record).map_err(|_| none())?;
    let modified = table.row(slot).modified;
    table.replace(slot, modified, &body);
    Ok(())
}

impl Environment {
    /// Its data, made now if need be.
    pub async fn data(&self, scenario: &Scenario) -> Result<Arc<Data>, SandboxError> {
        let make = || async {
            let (path, settings) = (self.path.clone(), self.settings);
            let huge = scenario.huge_record.clone().filter(|_| path.is_empty());
            let task = tokio::task::spawn_blocking(move || Data::new(&path, settings, huge.as_ref()));
            task.await.map_err(|_| SandboxError::Data)?.map(Arc::new)
        };
        self.data.get_or_try_init(make).await.cloned()
    }
}

/// What an address leads to.
enum Place<'p> {
    List(&'p str),
    Record(&'p str, &'p str),
    Meta,
    Swagger,
    Nowhere,
}

impl App {
    /// The answer to a request; everything about it is counted.
    pub async fn answer(self: &Arc<Self>, method: &Method, uri: &Uri, headers: &HeaderMap) -> Answer {
        self.counters.requests.fetch_add(1, Relaxed);
        if *method != Method::GET {
            self.counters.non_get.fetch_add(1, Relaxed);
            return Answer::flat(405, "Method not allowed").header(header::ALLOW, "GET");
        }
        self.scenario.latency.pass(self.seed, &self.turn).await;
        if let Some(answer) = self.limited() {
            return answer;
        }
        let query = uri.query().unwrap_or_default();
        if has_token(query) {
            self.counters.tokens_in_query.fetch_add(1, Relaxed);
            return Answer::unauthorized(self.scenario.auth.unauthorized);
        }
        let path = uri.path();
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        if let ["signed", folder, name] = segments[..] {
            let authorised = headers.contains_key(header::AUTHORIZATION);
            return files::signed(self, folder, name, query, authorised);
        }
        let (environment, rest) = match segments[..] {
            ["api", "1.1", ref rest @ ..] => ("", rest),
            [branch, "api", "1.1", ref rest @ ..] if !branch.is_empty() => (branch, rest),
            ["fileupload", folder, name] => {
                return match self.who(headers, true) {
                    Ok(who) => files::private(self, folder, name, who),
                    Err(answer) => answer,
                };
            }
            _ => return Answer::flat(404, "Not found"),
        };
        let Some(environment) = self.environments.iter().find(|e| e.path == environment) else {
            return Answer::error(404, "MISSING_DATA", "Missing branch");
        };
        let who = match self.who(headers, environment.path.is_empty()) {
            Ok(who) => who,
            Err(answer) => return answer,
        };
        let place = match rest {
            ["obj", kind] => Place::List(kind),
            ["obj", kind, id] => Place::Record(kind, id),
            ["meta"] => Place::Meta,
            ["meta", "swagger.json"] => Place::Swagger,
            _ => Place::Nowhere,
        };
        self.go(environment, who, &place, query).await
    }

    async fn go(
        self: &Arc<Self>,
        environment: &Environment,
        who: Who,
        place: &Place<'_>,
        query: &str,
    ) -> Answer {
        let (requests, kind) = match place {
            Place::List(kind) => (Requests::List, Some(*kind)),
            Place::Record(kind, _) => (Requests::Record, Some(*kind)),
            Place::Meta | Place::Swagger => (Requests::Meta, None),
            Place::Nowhere => return Answer::flat(404, "Not found"),
        };
        let fault = self.faults.strike(requests, kind);
        if let Some((kind, _)) = fault {
            self.counters.errors_injected.fetch_add(1, Relaxed);
            if let Some(answer) = self.failure(kind) {
                return answer;
            }
        }
        let mut answer = match place {
            Place::List(name) | Place::Record(name, _) => match self.kind(name) {
                None => Answer::no_type(name),
                Some(kind) => match (environment.data(&self.scenario).await, place) {
                    (Err(cause), _) => Answer::flat(500, &cause.to_string()),
                    (Ok(data), Place::Record(_, id)) => list::record(self, &data, kind, who, id, query),
                    (Ok(data), _) => list::list(self, &data, kind, who, query).await,
                },
            },
            Place::Meta => self.described(self.scenario.meta.meta, who, query, || meta::meta(&self.scenario)),
            _ => self.described(self.scenario.meta.swagger, who, query, || {
                let path = &environment.path;
                let slash = if path.is_empty() { "" } else { "/" };
                meta::swagger(&self.scenario, &format!("{slash}{path}/api/1.1"))
            }),
        };
        match fault {
            Some((FaultKind::Cut, _)) => answer.delivery = Delivery::Cut,
            Some((FaultKind::Slow, pause)) => answer.delivery = Delivery::Slow(pause),
            Some((FaultKind::Truncated, _)) => answer.body.truncate(answer.body.len() / 2),
            _ => {}
        }
        answer
    }

    fn described(&self, on: bool, who: Who, query: &str, make: impl Fn() -> serde_json::Value) -> Answer {
        if !on {
            return Answer::flat(404, "Not found");
        }
        if self.scenario.meta.needs_token && who == Who::Nobody {
            return Answer::unauthorized(self.scenario.auth.unauthorized);
        }
        match query::parameters(query) {
            Err(answer) => answer,
            Ok(parameters) => match parameters.first() {
                Some((name, _)) => Answer::unrecognised(name),
                None => Answer::json(200, &make()),
            },
        }
    }

    /// The number of an exposed type; names are matched as they are in addresses.
    fn kind(&self, name: &str) -> Option<usize> {
        let name = query::decode(name, false)?;
        let hidden = self.scenario.hidden_types.contains(&name);
        TYPES.iter().position(|kind| kind.name == name && !hidden)
    }

    fn who(&self, headers: &HeaderMap, live: bool) -> Result<Who, Answer> {
        let refused = || Answer::unauthorized(self.scenario.auth.unauthorized);
        let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(Who::Nobody) };
        let token =
            value.to_str().ok().and_then(|value| value.strip_prefix("Bearer ")).ok_or_else(refused)?;
        let token = Secret::new(token);
        if token == Secret::new(&self.key) {
            // A token that was made but not deployed works in the test version only.
            return if live && !self.scenario.auth.deployed { Err(refused()) } else { Ok(Who::Admin) };
        }
        if token == Secret::new(&self.user_token) { Ok(Who::User) } else { Err(refused()) }
    }

    /// What a fault answers instead; `None` when it spoils the proper answer.
    fn failure(&self, kind: FaultKind) -> Option<Answer> {
        Some(match kind {
            FaultKind::Unavailable => Answer::flat(503, "Service unavailable"),
            FaultKind::UnavailableHtml => Answer::html(503, "503 Service Temporarily Unavailable"),
            FaultKind::Broken => Answer::json(
                500,
                &serde_json::json!({"code": "1700000000000x1", "message": "Something went wrong"}),
            ),
            FaultKind::TooMany => self.too_many(Duration::from_secs(1)),
            FaultKind::Unauthorized => Answer::unauthorized(self.scenario.auth.unauthorized),
            FaultKind::Html => Answer::html(200, "We will be right back"),
            FaultKind::Cut | FaultKind::Truncated | FaultKind::Slow => return None,
        })
    }

    fn limited(&self) -> Option<Answer> {
        let wait = self.bucket.as_ref()?.take().err()?;
        self.counters.rate_limited.fetch_add(1, Relaxed);
        Some(self.too_many(wait))
    }

    fn too_many(&self, wait: Duration) -> Answer {
        let answer = Answer::flat(429, "Too many requests");
        let seconds = wait.as_secs_f64().ceil() as i64;
        let way = self.scenario.rate_limit.as_ref().map_or(RetryAfter::Absent, |limit| limit.retry_after);
        match way {
            RetryAfter::Absent => answer,
            RetryAfter::Seconds => answer.header(header::RETRY_AFTER, seconds.to_string()),
            RetryAfter::Date => {
                let now = base::SystemClock.now();
                let then = now.checked_add(jiff::SignedDuration::from_secs(seconds + 1)).unwrap_or(now);
                let printed = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&then);
                answer.header(header::RETRY_AFTER, printed.unwrap_or_else(|_| seconds.to_string()))
            }
        }
    }

    /// The record of that id as a database holds it, exposed or not.
    pub fn held(data: &Data, type_name: &str, id: &str) -> Option<Vec<u8>> {
        let kind = TYPES.iter().position(|kind| kind.name == type_name)?;
        let table = data.types[kind].read();
        let slot = table.find(Id::parse(id)?)?;
        Some(table.json(slot).to_vec())
    }
}

fn has_token(query: &str) -> bool {
    let names = query.split('&').map(|pair| pair.split_once('=').map_or(pair, |(name, _)| name));
    names.into_iter().any(|name| TOKEN_NAMES.iter().any(|token| token.eq_ignore_ascii_case(name)))
}
