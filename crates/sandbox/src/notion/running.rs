//! A stand-in of Notion that runs: its address, its keys, and what it has seen.

use super::app::{App, Request};
use super::handlers::Desk;
use super::id::Id;
use super::limits::Windows;
use super::scenario::{Limits, Query, Scenario};
use super::seed::{self, Members, Places};
use super::store::Store;
use crate::SandboxError;
use crate::community;
use crate::rng::Rng;
use crate::scenario::strike::Strikes;
use crate::serve::server::{Bound, Server};
use crate::serve::time::{SharedClock, Time};
use axum::Router;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The largest body that is read: far beyond what is looked at.
const BODY_MAX: usize = 16 << 20;

/// What to serve, and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// The TCP port; 0 takes a free one.
    pub port: u16,
    /// The number of members of the community whose people have pages already; 0: the database is empty.
    pub records: u64,
    /// Where the data, the tokens and the ids come from.
    pub seed: u64,
    /// How the service behaves.
    pub scenario: Scenario,
    /// Tells the time.
    pub clock: SharedClock,
}

impl Default for Options {
    fn default() -> Self {
        Self { port: 0, records: 40, seed: 1, scenario: Scenario::default(), clock: SharedClock::default() }
    }
}

/// A stand-in at work; dropping it stops it.
pub struct Running {
    /// Where the service is: `http://127.0.0.1:PORT`; the API is at `/v1` there.
    pub address: String,
    /// The token of the connection with which the root page is shared.
    pub key: String,
    /// The token of another connection, with which nothing is shared.
    pub stranger_key: String,
    /// The page that is shared.
    pub root_page_id: String,
    /// The database of members, below the root page.
    pub members_database_id: String,
    /// Its data source.
    pub members_source_id: String,
    /// A page that is shared with nobody.
    pub private_page_id: String,
    /// A database below it.
    pub private_database_id: String,
    members: Members,
    app: Arc<App>,
    person: Id,
    server: Server,
}

/// What a stand-in has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stats {
    /// Requests of every kind.
    pub requests: u64,
    /// Requests that changed something.
    pub writes: u64,
    /// Requests beyond a window.
    pub rate_limited: u64,
    /// Faults that struck.
    pub errors_injected: u64,
    /// Bytes of bodies sent.
    pub bytes: u64,
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    requests: Mutex<BTreeMap<&'static str, u64>>,
    pub served: AtomicU64,
    pub writes: AtomicU64,
    pub rate_limited: AtomicU64,
    pub errors_injected: AtomicU64,
    pub bytes: AtomicU64,
}

impl Counters {
    pub fn request(&self, endpoint: &'static str) {
        *self.requests.lock().unwrap_or_else(|e| e.into_inner()).entry(endpoint).or_default() += 1;
    }
}

/// Starts a stand-in on 127.0.0.1; it serves until [`Running::stop`] or until its handle is dropped.
pub async fn start(options: Options) -> Result<Running, SandboxError> {
    let Options { port, records, seed, scenario, clock } = options;
    if records > community::RECORDS_MAX {
        return Err(SandboxError::TooManyMembers { records, most: community::RECORDS_MAX });
    }
    let bound = Bound::new(port).await?;
    let time = Time::new(clock);
    let (now, minutes) = (time.now(), scenario.minutes);
    let make = move || {
        let mut store = Store::new(seed, minutes);
        let users = seed::people(&mut store, &["Landfall", "A stranger"]);
        let places = seed::fill(&mut store, &seed::person(users[0], now), seed, records)?;
        Ok::<_, super::refusal::Refusal>((store, users, places))
    };
    let made = tokio::task::spawn_blocking(make).await.map_err(|_| SandboxError::Data)?;
    let (mut store, users, places) = made.map_err(|_| SandboxError::Data)?;
    let token = |name| format!("ntn_{}", Rng::new(seed, name).token());
    let (key, stranger_key) = (token("notion connection"), token("notion stranger"));
    store.shared.insert(key.clone(), vec![places.root]);
    let app = Arc::new(App {
        seed,
        counters: Counters::default(),
        turn: 0.into(),
        windows: Windows::new(scenario.window),
        strikes: Strikes::new(&scenario.faults),
        store: Mutex::new(store),
        connections: vec![(key.clone(), users[1]), (stranger_key.clone(), users[2])],
        time,
        scenario,
    });
    let service = Arc::clone(&app);
    let router = Router::new().fallback(move |request: axum::extract::Request| {
        let app = Arc::clone(&service);
        async move {
            let (parts, body) = request.into_parts();
            let body = axum::body::to_bytes(body, BODY_MAX).await.ok();
            let (method, uri, headers) = (&parts.method, &parts.uri, &parts.headers);
            let request = Request { method, uri, headers, body: body.as_deref() };
            app.answer(&request).await.send(&app.counters.bytes)
        }
    });
    let Places { root, members_database, members_source, private, private_database, members } = places;
    Ok(Running {
        address: format!("http://127.0.0.1:{}", bound.port),
        key,
        stranger_key,
        root_page_id: root.to_string(),
        members_database_id: members_database.to_string(),
        members_source_id: members_source.to_string(),
        private_page_id: private.to_string(),
        private_database_id: private_database.to_string(),
        members,
        app,
        person: users[0],
        server: bound.serve(router),
    })
}

impl Running {
    /// The settings with which a project finds this stand-in, by the names of their environment variables.
    pub fn exports(&self) -> Vec<(&'static str, String)> {
        vec![
            ("NOTION_API_URL", self.address.clone()),
            ("NOTION_API_TOKEN", self.key.clone()),
            ("NOTION_MEMBERS_DATABASE_ID", self.members_database_id.clone()),
        ]
    }

    /// What it has seen so far.
    pub fn stats(&self) -> Stats {
        let c = &self.app.counters;
        let of = |counter: &AtomicU64| counter.load(Relaxed);
        Stats {
            requests: of(&c.served),
            writes: of(&c.writes),
            rate_limited: of(&c.rate_limited),
            errors_injected: of(&c.errors_injected),
            bytes: of(&c.bytes),
        }
    }

    /// The requests by endpoint, by the names of `SCENARIOS-NOTION.md`; those that lead nowhere under
    /// `nowhere`.
    pub fn requests(&self) -> BTreeMap<&'static str, u64> {
        self.app.counters.requests.lock().unwrap_or_else(|e| e.into_inner()).clone()
    }

    /// What the database of members held at the start.
    pub fn members(&self) -> &Members {
        &self.members
    }

    /// Puts the stand-in's clock ahead, so that windows end and edits are later.
    pub fn advance(&self, by: Duration) {
        self.app.time.advance(by);
    }

    /// Does something as a person who sees everything.
    pub(super) fn by_hand<T>(&self, act: impl FnOnce(&mut Desk<'_>) -> T) -> T {
        let caller = seed::person(self.person, self.app.time.now());
        let mut store = self.app.store();
        let limits = Limits::default();
        act(&mut Desk { store: &mut store, caller: &caller, limits, query: Query::default() })
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
