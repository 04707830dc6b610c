//! How it stands with everything that the server depends on. What was found out is believed for some seconds,
//! so that a watcher does not hammer the services, and each question has its bound in time.

use crate::common::Core;
use crate::guarded::in_time;
use crate::parts::Access;
use base::Fault;
use bridge::ports::StoreState;
use bridge::store::Counts;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// How it stands altogether.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// Everything answers.
    Ok,
    /// Something that the server can do without is away.
    Degraded,
    /// The database is away: no event is taken.
    Down,
}

impl Status {
    pub fn word(self) -> &'static str {
        match self {
            Status::Ok => "ok",
            Status::Degraded => "degraded",
            Status::Down => "down",
        }
    }

    /// The HTTP status.
    pub fn code(self) -> u16 {
        if self == Status::Down { 503 } else { 200 }
    }
}

/// How one dependency stands.
#[derive(Debug, Clone)]
pub(crate) struct Standing {
    pub name: String,
    /// What it is, where it can be several things.
    pub what: Option<&'static str>,
    /// `up`, `away`, `on` or `off`.
    pub state: &'static str,
    /// Why it is away or off.
    pub because: Option<String>,
    /// Since when it is so, as far as this server has seen.
    pub since: Timestamp,
}

/// What `/health` and the console say.
pub(crate) struct Report {
    pub status: Status,
    pub at: Timestamp,
    pub dependencies: Vec<Standing>,
    pub integrations: Vec<(String, bool)>,
    /// `None`: the database is away.
    pub counts: Option<Counts>,
}

impl Report {
    pub fn json(&self) -> Value {
        let standing = |one: &Standing| {
            let mut map = Map::new();
            map.insert("state".into(), one.state.into());
            if let Some(what) = one.what {
                map.insert("what".into(), what.into());
            }
            if let Some(because) = &one.because {
                map.insert("because".into(), because.as_str().into());
            }
            map.insert("since".into(), one.since.to_string().into());
            let age = self.at.duration_since(one.since).as_secs().max(0);
            map.insert("age_seconds".into(), age.into());
            (one.name.clone(), Value::Object(map))
        };
        let integration =
            |(name, on): &(String, bool)| (name.clone(), Value::from(if *on { "on" } else { "off" }));
        json!({
            "status": self.status.word(),
            "at": self.at.to_string(),
            "dependencies": self.dependencies.iter().map(standing).collect::<Map<_, _>>(),
            "integrations": self.integrations.iter().map(integration).collect::<Map<_, _>>(),
            "counts": self.counts,
        })
    }
}

/// Asks, and remembers what was said.
pub(crate) struct Health {
    core: Arc<Core>,
    database: Remembered<Result<Counts, String>>,
    community: Remembered<Result<(), String>>,
    pages: Remembered<Result<(), String>>,
    cache: Remembered<Result<StoreState, String>>,
    collections: Remembered<Result<StoreState, String>>,
}

impl Health {
    pub fn new(core: Arc<Core>) -> Self {
        Self {
            core,
            database: Remembered::default(),
            community: Remembered::default(),
            pages: Remembered::default(),
            cache: Remembered::default(),
            collections: Remembered::default(),
        }
    }

    /// How it stands in the database.
    pub async fn counts(&self) -> Result<Counts, String> {
        self.database().await.0
    }

    /// How it stands with everything.
    pub async fn report(&self) -> Report {
        let (database, community, pages, cache, collections) = futures::join!(
            self.database(),
            self.service("community", &self.community, &self.core.parts.community, |it| async move {
                it.check().await
            }),
            self.service("pages", &self.pages, &self.core.parts.pages, |it| async move { it.check().await }),
            self.store(
                "cache",
                &self.cache,
                self.core.parts.cache.clone(),
                |it| async move { it.state().await }
            ),
            self.store(
                "collections",
                &self.collections,
                self.core.parts.collections.clone(),
                |it| async move { it.state().await }
            ),
        );
        let (counts, since) = database;
        let away = counts.as_ref().err().cloned();
        let database = standing("database", None, away, since);
        let optional: Vec<Standing> =
            [Some(community), Some(pages), cache, collections].into_iter().flatten().collect();
        let status = match (&counts, optional.iter().any(|one| one.state == "away")) {
            (Err(_), _) => Status::Down,
            (Ok(_), true) => Status::Degraded,
            (Ok(_), false) => Status::Ok,
        };
        let integrations =
            self.core.parts.integrations.iter().map(|one| (one.name.clone(), one.on)).collect();
        let dependencies = std::iter::once(database).chain(optional).collect();
        Report { status, at: self.core.now(), dependencies, integrations, counts: counts.ok() }
    }

    async fn database(&self) -> (Result<Counts, String>, Timestamp) {
        let times = self.core.config.times;
        let ask = async {
            let counts = self.core.parts.inbox.counts();
            in_time("the database", times.check, counts).await.map_err(|fault| fault.what)
        };
        self.database.get(times.believe_stores, &self.core, ask).await
    }

    async fn service<T: ?Sized, F: Future<Output = Result<(), Fault>>>(
        &self,
        name: &str,
        remembered: &Remembered<Result<(), String>>,
        access: &Access<T>,
        check: impl FnOnce(Arc<T>) -> F,
    ) -> Standing {
        let service = match access {
            Access::On(service) => service.clone(),
            Access::Off(why) => {
                let off = standing(name, None, None, self.core.started);
                return Standing { state: "off", because: Some(why.clone()), ..off };
            }
        };
        let times = self.core.config.times;
        let ask = async { in_time(name, times.check, check(service)).await.map_err(|fault| fault.what) };
        let (result, since) = remembered.get(times.believe_services, &self.core, ask).await;
        standing(name, None, result.err(), since)
    }

    /// `None`: it is not configured.
    async fn store<T: ?Sized, F: Future<Output = StoreState>>(
        &self,
        name: &str,
        remembered: &Remembered<Result<StoreState, String>>,
        store: Option<Arc<T>>,
        state: impl FnOnce(Arc<T>) -> F,
    ) -> Option<Standing> {
        let store = store?;
        let times = self.core.config.times;
        let ask = async {
            let said = async { Ok(state(store).await) };
            in_time(name, times.check, said).await.map_err(|fault| fault.what)
        };
        Some(match remembered.get(times.believe_stores, &self.core, ask).await {
            (Ok(state), _) => standing(name, Some(state.what), state.away, state.since),
            (Err(fault), since) => standing(name, None, Some(fault), since),
        })
    }
}

fn standing(name: &str, what: Option<&'static str>, away: Option<String>, since: Timestamp) -> Standing {
    let state = if away.is_some() { "away" } else { "up" };
    Standing { name: name.into(), what, state, because: away, since }
}

/// An answer that is believed for a while.
struct Remembered<T>(Mutex<Option<Seen<T>>>);

struct Seen<T> {
    answer: T,
    asked: Instant,
    /// Since when the answer is of this kind.
    since: Timestamp,
}

impl<T> Default for Remembered<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T: Clone> Remembered<Result<T, String>> {
    /// The answer and since when it is good or bad. One asks, the others wait for what it hears.
    async fn get(
        &self,
        believe: Duration,
        core: &Core,
        ask: impl Future<Output = Result<T, String>>,
    ) -> (Result<T, String>, Timestamp) {
        let mut seen = self.0.lock().await;
        if let Some(seen) = &*seen
            && seen.asked.elapsed() < believe
        {
            return (seen.answer.clone(), seen.since);
        }
        let answer = ask.await;
        let same = seen.as_ref().filter(|before| before.answer.is_ok() == answer.is_ok());
        let since = same.map_or_else(|| core.now(), |before| before.since);
        *seen = Some(Seen { answer: answer.clone(), asked: Instant::now(), since });
        (answer, since)
    }
}
