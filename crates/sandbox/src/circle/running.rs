//! A stand-in of Circle that runs: its address, its keys, what it has seen, and what a test does to it.

use super::app::{App, Request};
use super::data::{Data, Stream};
use super::drift;
use super::limits::{Month, Windows};
use super::scenario::Scenario;
use super::tokens::Tokens;
use super::view::COMMUNITY_ID;
use crate::SandboxError;
use crate::community::{self, Inventory};
use crate::scenario::strike::Strikes;
use crate::serve::server::{Bound, Server};
use crate::serve::time::{SharedClock, Time};
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, RwLock};
use std::time::Duration;

/// Changes that are kept to be told; a scenario that drifts for hours must not fill the memory.
const CHANGES_KEPT_MAX: usize = 100_000;

/// The largest body that is read: the one call that has a body sends a line.
const BODY_MAX: usize = 64 << 10;

/// What to serve, and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// The TCP port; 0 takes a free one.
    pub port: u16,
    /// The number of members; the others are in proportion.
    pub records: u64,
    /// Where the data, the tokens and the random choices come from.
    pub seed: u64,
    /// How the service behaves.
    pub scenario: Scenario,
    /// Tells the time, for tokens and addresses that end, for limits, and for records that come.
    pub clock: SharedClock,
}

impl Default for Options {
    fn default() -> Self {
        Self { port: 0, records: 400, seed: 1, scenario: Scenario::default(), clock: SharedClock::default() }
    }
}

/// A stand-in at work; dropping it stops it.
pub struct Running {
    /// Where the service is: `http://127.0.0.1:PORT`. The administration is at `/api/admin/v2` there, the
    /// members' own API at `/api/headless/v1`.
    pub address: String,
    /// The administration's token: 32 hexadecimal characters from the seed.
    pub key: String,
    /// The token with which tokens of members are minted.
    pub headless_key: String,
    /// The community's id.
    pub community_id: u64,
    app: Arc<App>,
    inventory: Inventory,
    server: Server,
}

/// What a stand-in has seen and done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stats {
    /// Requests of every kind.
    pub requests: u64,
    /// Requests with a verb that is not for their address; each was refused. On addresses of the
    /// administration that is everything but GET.
    pub writes_attempted: u64,
    /// Requests with a token in the address; each was refused.
    pub tokens_in_query: u64,
    /// Requests that brought a token to the host that a redirect named.
    pub tokens_forwarded: u64,
    /// Requests beyond what an address may make in a while.
    pub rate_limited: u64,
    /// Calls of the administration in the present month, with those of the scenario before the start.
    pub quota_used: u64,
    /// Calls beyond the month's quota.
    pub quota_refused: u64,
    /// Members in whose name something was read: what the vendor bills.
    pub active_members: u64,
    /// Parameters that the service does not know and ignores.
    pub unknown_parameters: u64,
    /// Faults that struck, with those of downloads.
    pub errors_injected: u64,
    /// Bytes of bodies sent.
    pub bytes: u64,
    /// Records that came, went and changed since the start.
    pub changes: u64,
}

/// What drift or a test did to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// It came.
    Inserted,
    /// It went.
    Removed,
    /// It says something else.
    Edited,
}

/// One thing that drift or a test did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// The list.
    pub stream: Stream,
    /// The record's id there.
    pub id: u64,
    /// What was done.
    pub kind: ChangeKind,
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    requests: Mutex<BTreeMap<&'static str, u64>>,
    active: Mutex<BTreeSet<u32>>,
    changes: Mutex<Vec<Change>>,
    changed: AtomicU64,
    pub writes_attempted: AtomicU64,
    pub tokens_in_query: AtomicU64,
    pub tokens_forwarded: AtomicU64,
    pub rate_limited: AtomicU64,
    pub quota_refused: AtomicU64,
    pub unknown_parameters: AtomicU64,
    pub errors_injected: AtomicU64,
    pub refused: AtomicU64,
    pub bytes: AtomicU64,
}

impl Counters {
    pub fn request(&self, endpoint: &'static str) {
        *self.requests.lock().unwrap_or_else(|e| e.into_inner()).entry(endpoint).or_default() += 1;
    }

    pub fn active(&self, member: u32) {
        self.active.lock().unwrap_or_else(|e| e.into_inner()).insert(member);
    }

    pub fn note(&self, change: Change) {
        self.changed.fetch_add(1, Relaxed);
        let mut kept = self.changes.lock().unwrap_or_else(|e| e.into_inner());
        if kept.len() < CHANGES_KEPT_MAX {
            kept.push(change);
        }
    }
}

/// Starts a stand-in on 127.0.0.1; it serves until [`Running::stop`] or until its handle is dropped.
pub async fn start(options: Options) -> Result<Running, SandboxError> {
    let Options { port, records, seed, scenario, clock } = options;
    if records > community::RECORDS_MAX {
        return Err(SandboxError::TooManyMembers { records, most: community::RECORDS_MAX });
    }
    let bound = Bound::new(port).await?;
    let settings = community::Settings { records, seed, deactivated_listed: scenario.lists.deactivated };
    let make = move || Data::new(community::generate(settings));
    let data = tokio::task::spawn_blocking(make).await.map_err(|_| SandboxError::Data)?;
    let inventory = data.community.inventory.clone();
    let time = Time::new(clock);
    let app = Arc::new(App {
        seed,
        port: bound.port,
        tokens: Tokens::new(seed, scenario.auth.schemes, scenario.headless.clone()),
        counters: Counters::default(),
        turn: 0.into(),
        downloads: 0.into(),
        windows: Windows::new(scenario.window.clone()),
        month: Month::new(scenario.quota.clone(), time.now()),
        strikes: Strikes::new(&scenario.faults),
        data: RwLock::new(data),
        served: Default::default(),
        time,
        scenario,
    });
    let service = Arc::clone(&app);
    let router = Router::new().fallback(
        move |ConnectInfo(peer): ConnectInfo<SocketAddr>, request: axum::extract::Request| {
            let app = Arc::clone(&service);
            async move {
                let (parts, body) = request.into_parts();
                let body = read(body).await;
                let request = Request {
                    method: &parts.method,
                    uri: &parts.uri,
                    headers: &parts.headers,
                    body: &body,
                    address: peer.ip(),
                };
                app.answer(&request).await.send(&app.counters.bytes)
            }
        },
    );
    Ok(Running {
        address: format!("http://127.0.0.1:{}", bound.port),
        key: app.tokens.admin.clone(),
        headless_key: app.tokens.headless.clone(),
        community_id: COMMUNITY_ID,
        app,
        inventory,
        server: bound.serve(router),
    })
}

/// A body; nothing where it is too long or breaks off, which no call takes.
async fn read(body: Body) -> Vec<u8> {
    axum::body::to_bytes(body, BODY_MAX).await.map(|bytes| bytes.to_vec()).unwrap_or_default()
}

impl Running {
    /// The settings with which a project finds this stand-in, by the names of their environment variables.
    pub fn exports(&self) -> Vec<(&'static str, String)> {
        vec![
            ("CIRCLE_API_URL", self.address.clone()),
            ("CIRCLE_API_TOKEN", self.key.clone()),
            ("CIRCLE_COMMUNITY_ID", self.community_id.to_string()),
        ]
    }

    /// What it has seen and done so far.
    pub fn stats(&self) -> Stats {
        let c = &self.app.counters;
        let of = |counter: &AtomicU64| counter.load(Relaxed);
        Stats {
            requests: self.requests().values().sum(),
            writes_attempted: of(&c.writes_attempted),
            tokens_in_query: of(&c.tokens_in_query),
            tokens_forwarded: of(&c.tokens_forwarded),
            rate_limited: of(&c.rate_limited),
            quota_used: self.app.month.calls(),
            quota_refused: of(&c.quota_refused),
            active_members: c.active.lock().unwrap_or_else(|e| e.into_inner()).len() as u64,
            unknown_parameters: of(&c.unknown_parameters),
            errors_injected: of(&c.errors_injected),
            bytes: of(&c.bytes),
            changes: of(&c.changed),
        }
    }

    /// The requests by endpoint, by the names of `SCENARIOS-CIRCLE.md`; those that lead nowhere under
    /// `nowhere`.
    pub fn requests(&self) -> BTreeMap<&'static str, u64> {
        self.app.counters.requests.lock().unwrap_or_else(|e| e.into_inner()).clone()
    }

    /// What was odd in the community when it was made, and how much of everything there was.
    pub fn inventory(&self) -> &Inventory {
        &self.inventory
    }

    /// What drift and [`Running::insert`], [`Running::remove`] and [`Running::edit`] did, in order; the first
    /// 100,000 changes.
    pub fn changes(&self) -> Vec<Change> {
        self.app.counters.changes.lock().unwrap_or_else(|e| e.into_inner()).clone()
    }

    /// A new record, newer than all; its id. `None` in a community without anybody to write it.
    pub fn insert(&self, stream: Stream) -> Option<u64> {
        drift::insert(&self.app, stream, self.app.time.now())
    }

    /// Takes a record out, as its owner would; whether it was there.
    pub fn remove(&self, stream: Stream, id: u64) -> bool {
        drift::remove(&self.app, stream, id)
    }

    /// Changes what a record says; whether it was there.
    pub fn edit(&self, stream: Stream, id: u64) -> bool {
        drift::edit(&self.app, stream, id, self.app.time.now())
    }

    /// Puts the stand-in's clock ahead, so that tokens, addresses and limits end.
    pub fn advance(&self, by: Duration) {
        self.app.time.advance(by);
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
