//! A stand-in that runs: its address, its keys, and what it has seen.

use super::app::{App, Data, Environment};
use super::faults::{Bucket, Faults};
use crate::culturebridge::{Inventory, Settings, schema::TYPES};
use crate::rng::Rng;
use crate::serve::server::{Bound, Server};
use crate::{SandboxError, SandboxOptions};
use axum::Router;
use axum::extract::Request;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use tokio::sync::OnceCell;

/// Changes that are kept to be told; a scenario that drifts for hours must not fill the memory.
const CHANGES_KEPT_MAX: usize = 100_000;

/// Bookings in the test version when nothing says how many.
const TEST_RECORDS: u64 = 100;

/// A stand-in at work; dropping it stops it.
pub struct Running {
    /// Where the API is: `http://127.0.0.1:PORT/api/1.1`.
    pub address: String,
    /// The admin token: 32 hexadecimal characters from the seed.
    pub key: String,
    /// The token of a logged-in user, who sees what privacy rules let him see.
    pub user_token: String,
    /// That user's id.
    pub user_id: String,
    app: Arc<App>,
    live: Arc<Data>,
    server: Server,
}

/// What a stand-in has seen and done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stats {
    /// Requests of every kind.
    pub requests: u64,
    /// Those that were not GET; each was refused.
    pub non_get: u64,
    /// Requests with a token in the address; each was refused.
    pub tokens_in_query: u64,
    /// Requests that brought the token to the host that a redirect named.
    pub tokens_forwarded: u64,
    /// Requests that the token bucket refused.
    pub rate_limited: u64,
    /// Faults that struck.
    pub errors_injected: u64,
    /// Lists answered.
    pub pages: u64,
    /// Bytes of bodies sent.
    pub bytes: u64,
    /// Records that came, went and changed since the start.
    pub changes: u64,
}

/// What drift did to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// It came.
    Inserted,
    /// It went.
    Deleted,
    /// It got another value.
    Modified,
}

/// One thing that drift did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The path segment of the database; empty for live.
    pub environment: String,
    /// The record's type.
    pub type_name: &'static str,
    /// The record's id.
    pub id: String,
    /// What was done.
    pub kind: ChangeKind,
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    pub requests: AtomicU64,
    pub non_get: AtomicU64,
    pub tokens_in_query: AtomicU64,
    pub tokens_forwarded: AtomicU64,
    pub rate_limited: AtomicU64,
    pub errors_injected: AtomicU64,
    pub pages: AtomicU64,
    pub bytes: AtomicU64,
    changed: AtomicU64,
    changes: Mutex<Vec<Change>>,
}

impl Counters {
    pub fn note(&self, changes: impl Iterator<Item = Change>) {
        let mut kept = self.changes.lock().unwrap_or_else(|e| e.into_inner());
        for change in changes {
            self.changed.fetch_add(1, Relaxed);
            if kept.len() < CHANGES_KEPT_MAX {
                kept.push(change);
            }
        }
    }
}

/// Binds, makes the live data, serves.
pub(crate) async fn start(options: SandboxOptions) -> Result<Running, SandboxError> {
    let bound = Bound::new(options.port).await?;
    let port = bound.port;
    let scenario = options.scenario;
    let key = Rng::new(options.seed, "admin token").token();
    let user_token = Rng::new(options.seed, "user token").token();
    let settings =
        Settings { records: options.records, seed: options.seed, keys: scenario.fields.keys, live: true };
    let app = Arc::new(App {
        seed: options.seed,
        port,
        key: key.clone(),
        user_token: user_token.clone(),
        counters: Arc::default(),
        turn: AtomicU64::new(0),
        downloads: AtomicU64::new(0),
        environments: environments(&scenario.environment, settings),
        faults: Faults::new(&scenario.faults),
        bucket: scenario.rate_limit.as_ref().map(Bucket::new),
        scenario,
    });
    let live = app.environments[0].data(&app.scenario).await?;
    let service = Arc::clone(&app);
    let router = Router::new().fallback(move |request: Request| {
        let app = Arc::clone(&service);
        async move {
            let answer = app.answer(request.method(), request.uri(), request.headers()).await;
            answer.send(&app.counters.bytes)
        }
    });
    Ok(Running {
        address: format!("http://127.0.0.1:{port}/api/1.1"),
        key,
        user_token,
        user_id: live.someone.to_string(),
        app,
        live,
        server: bound.serve(router),
    })
}

/// Live first; each has data of its own.
fn environments(wanted: &crate::scenario::Environments, live: Settings) -> Vec<Environment> {
    let environment =
        |path: &str, settings| Environment { path: path.to_owned(), settings, data: OnceCell::new() };
    let mut all = vec![environment("", live)];
    let few = (live.records / 10).max(TEST_RECORDS).min(live.records);
    let test = wanted.test.then_some("version-test");
    for (i, path) in test.into_iter().chain(wanted.branches.iter().map(String::as_str)).enumerate() {
        let records = if path == "version-test" { wanted.test_records.unwrap_or(few) } else { few };
        let seed = live.seed.wrapping_add(0x9E37_79B9_7F4A_7C15u64.wrapping_mul(i as u64 + 1));
        all.push(environment(path, Settings { records, seed, live: false, ..live }));
    }
    all
}

impl Running {
    /// The address of another environment: `version-test`, or a branch of the scenario.
    pub fn address_of(&self, environment: &str) -> String {
        format!("http://127.0.0.1:{}/{environment}/api/1.1", self.app.port)
    }

    /// What it has seen and done so far.
    pub fn stats(&self) -> Stats {
        let c = &self.app.counters;
        let of = |counter: &AtomicU64| counter.load(Relaxed);
        Stats {
            requests: of(&c.requests),
            non_get: of(&c.non_get),
            tokens_in_query: of(&c.tokens_in_query),
            tokens_forwarded: of(&c.tokens_forwarded),
            rate_limited: of(&c.rate_limited),
            errors_injected: of(&c.errors_injected),
            pages: of(&c.pages),
            bytes: of(&c.bytes),
            changes: of(&c.changed),
        }
    }

    /// What drift did, in order; the first 100,000 changes.
    pub fn changes(&self) -> Vec<Change> {
        self.app.counters.changes.lock().unwrap_or_else(|e| e.into_inner()).clone()
    }

    /// What was odd in the live data when it was made.
    pub fn inventory(&self) -> &Inventory {
        &self.live.inventory
    }

    /// The ids of a type in the live data now, in order of creation.
    pub fn ids(&self, type_name: &str) -> Vec<String> {
        let Some(kind) = TYPES.iter().position(|kind| kind.name == type_name) else { return Vec::new() };
        let table = self.live.types[kind].read();
        table.by_created().iter().map(|slot| table.row(*slot).id.to_string()).collect()
    }

    /// How many records of a type the live data has now.
    pub fn count(&self, type_name: &str) -> usize {
        let kind = TYPES.iter().position(|kind| kind.name == type_name);
        kind.map_or(0, |kind| self.live.types[kind].read().len())
    }

    /// The JSON of a record in the live data now.
    pub fn record(&self, type_name: &str, id: &str) -> Option<Vec<u8>> {
        App::held(&self.live, type_name, id)
    }

    /// Stops: no new connections, answers on their way are finished for two seconds.
    pub async fn stop(self) {
        self.server.stop().await;
    }
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running").field("address", &self.address).finish_non_exhaustive()
    }
}
