//! From the project to the parts of the server of `landfall serve`.

use super::settings::text;
use super::sources::Waits;
use super::testing::StandIns;
use super::{bettermode, destinations, notion, rules};
use crate::face::Face;
use crate::level::Level;
use crate::words::Failure;
use base::{Fault, SystemClock};
use bridge::Sender;
use bridge::off::Mode;
use bridge::ports::{Cache, Collections, Community, Pages};
use connector_bettermode::webhook::parse_secrets;
use connector_bettermode::{BettermodeCommunity, BettermodeSender, SenderSettings};
use postgres::PgBridge;
use project::keys::Role;
use project::{Environment, Project, ServeConfig, Setting, Spanned, SystemRef, WebhookConfig};
use server::config::Times;
use server::{Access, Config, Integration, Line, Log, Parts};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use stores::memory::Bounds;
use stores::{MemoryCache, MongoCollections, Redis, Said, SystemTime, Tell, Time, WithFallback};

/// What a server begins with.
pub struct Wired {
    /// Its settings.
    pub config: Config,
    /// Its parts.
    pub parts: Parts,
    /// Of `TESTING_MODE`: they serve as long as they are here.
    pub stand_ins: Option<StandIns>,
}

/// Opens everything that the server reaches. Nothing is asked of a service or an optional store yet: each may
/// be away when the server starts.
pub async fn open(face: &Face, project: &Project, environment: &Environment) -> Result<Wired, Failure> {
    let serve = &project.serve;
    refuse(serve)?;
    let mode = Mode::of(environment.var("TESTING_MODE"), environment.var("DISABLE_API_BETTERMODE"))?;
    let stand_ins = match mode {
        Mode::Testing => Some(StandIns::start().await?),
        Mode::Live | Mode::Off => None,
    };
    let clock = Arc::new(SystemClock);
    let store = Arc::new(store(project, "serve").await?);
    store.prepare().await?;
    if serve.mongodb.is_none() {
        store.prepare_collections().await?;
    }
    let time: Arc<dyn Time> = Arc::new(SystemTime::new());
    let tell = tell(face);
    let rules = rules::rules(serve);
    let parts = Parts {
        inbox: store.clone(),
        outbox: store,
        senders: senders(project)?,
        decide: Arc::new(move |event, newest, now| bridge::rules::decide(&rules, event, newest, now)),
        community: community(face, project, mode, stand_ins.as_ref())?,
        pages: pages(face, project, stand_ins.as_ref())?,
        cache: Some(cache(serve, &time, &tell)?),
        collections: collections(serve, &time, &tell)?,
        integrations: integrations(serve),
        call_secret: serve.call_secret.clone(),
        clock,
        seed: seed(),
        log: Arc::new(Lines(face.clone())),
    };
    Ok(Wired { config: config(serve)?, parts, stand_ins })
}

/// Inbox and outbox, in the database of the ledger.
pub async fn store(project: &Project, command: &str) -> Result<PgBridge, Fault> {
    let database = project.destinations.iter().find(|d| d.connector == "postgres");
    let home = destinations::place(project, database, command).await?;
    Ok(PgBridge::new(home, &destinations::role(command), Arc::new(SystemClock)))
}

/// What would let anybody in.
fn refuse(serve: &ServeConfig) -> Result<(), Failure> {
    let refusals = serve.refusals();
    if refusals.is_empty() {
        return Ok(());
    }
    let fault = Fault::usage("the server does not start, because it would believe everybody");
    let said = refusals.into_iter().fold(fault, |fault, problem| {
        let hint = problem.hint.map(|hint| format!(": {hint}")).unwrap_or_default();
        fault.hint(format!("{}{hint}", problem.message))
    });
    Err(said.into())
}

fn config(serve: &ServeConfig) -> Result<Config, Fault> {
    let listen: SocketAddr = serve.listen.parse().map_err(|_| {
        Fault::usage(format!("`serve.listen` is {:?}, which is no address and port", serve.listen))
            .hint("listen = \"127.0.0.1:8080\"")
    })?;
    let action = Duration::from_secs(u64::from(serve.action_seconds));
    Ok(Config {
        listen,
        body_bytes_max: serve.body_bytes_max,
        keep_days: serve.keep_days,
        workers: serve.workers,
        admin_key: serve.admin_key.clone(),
        times: Times { action, hold: action + action / 2, ..Times::default() },
        ..Config::default()
    })
}

/// The webhooks that are heard.
fn senders(project: &Project) -> Result<Vec<Arc<dyn Sender>>, Fault> {
    let enabled = project.serve.webhooks.iter().filter(|webhook| webhook.enabled);
    enabled.map(|webhook| sender(project, webhook)).collect()
}

fn sender(project: &Project, webhook: &WebhookConfig) -> Result<Arc<dyn Sender>, Fault> {
    if let Some(known) = rules::sender(webhook) {
        return known.map(Arc::from);
    }
    let secrets = webhook.secret.as_ref().map(|secret| parse_secrets(secret.expose())).unwrap_or_default();
    let network_id = system(project, project.serve.community.as_ref()).and_then(|s| text(s, "network_id"));
    let settings = SenderSettings {
        name: webhook.name.clone(),
        secrets,
        allow_unsigned: webhook.allow_unsigned,
        network_id,
    };
    Ok(Arc::new(BettermodeSender::new(settings)?))
}

/// The settings of a system that the server uses.
fn system<'p>(
    project: &'p Project,
    wanted: Option<&SystemRef>,
) -> Option<&'p BTreeMap<String, Spanned<Setting>>> {
    let wanted = wanted?;
    match wanted.role {
        Role::Source => project.source(&wanted.name).map(|source| &source.settings),
        Role::Destination => project.destination(&wanted.name).map(|destination| &destination.settings),
    }
}

fn community(
    face: &Face,
    project: &Project,
    mode: Mode,
    stand_ins: Option<&StandIns>,
) -> Result<Access<dyn Community>, Fault> {
    if mode == Mode::Off {
        return Ok(Access::Off("DISABLE_API_BETTERMODE is set".to_owned()));
    }
    if let Some(stand_ins) = stand_ins {
        return Ok(Access::On(Arc::new(stand_ins.community()?)));
    }
    let Some(settings) = system(project, project.serve.community.as_ref()) else {
        return Ok(Access::Off("[serve] names no community".to_owned()));
    };
    let url = match project.serve.community.as_ref() {
        Some(SystemRef { role: Role::Source, name }) => {
            project.source(name).and_then(|s| s.url.as_ref()).map(|url| url.value.clone())
        }
        _ => text(settings, "url"),
    };
    let client = bettermode::client(face, project, url.as_deref(), settings)?;
    Ok(Access::On(Arc::new(BettermodeCommunity::new(client))))
}

fn pages(face: &Face, project: &Project, stand_ins: Option<&StandIns>) -> Result<Access<dyn Pages>, Fault> {
    if let Some(stand_ins) = stand_ins {
        return Ok(Access::On(Arc::new(stand_ins.pages()?)));
    }
    match system(project, project.serve.pages.as_ref()) {
        Some(settings) => Ok(Access::On(Arc::new(notion::pages(settings, Arc::new(Waits(face.clone())))?))),
        None => Ok(Access::Off("[serve] names no pages".to_owned())),
    }
}

fn cache(serve: &ServeConfig, time: &Arc<dyn Time>, tell: &Tell) -> Result<Arc<dyn Cache>, Fault> {
    let fresh = Duration::from_secs(u64::from(serve.cache_seconds));
    let bounds = Bounds { fresh, ..Bounds::default() };
    Ok(match &serve.redis {
        Some(url) => {
            let backoff = stores::fallback::Backoff::default();
            Arc::new(WithFallback::new(Redis::open(url)?, bounds, backoff, time.clone(), tell.clone()))
        }
        None => Arc::new(MemoryCache::new(bounds, time.clone())),
    })
}

fn collections(
    serve: &ServeConfig,
    time: &Arc<dyn Time>,
    tell: &Tell,
) -> Result<Option<Arc<dyn Collections>>, Fault> {
    let open = |url| MongoCollections::open(url, time.clone(), tell.clone());
    let mongo = serve.mongodb.as_ref().map(open).transpose()?;
    Ok(mongo.map(|mongo| Arc::new(mongo) as Arc<dyn Collections>))
}

fn integrations(serve: &ServeConfig) -> Vec<Integration> {
    let one = |webhook: &WebhookConfig| Integration { name: webhook.name.clone(), on: webhook.enabled };
    serve.webhooks.iter().map(one).collect()
}

/// What the stores say goes to the log.
pub(super) fn tell(face: &Face) -> Tell {
    let face = face.clone();
    Arc::new(move |said| match said {
        Said::Away { what, why } => face.warn(format!("{what} is away: {why}")),
        Said::Back { what } => face.say(format!("{what} is back")),
        Said::Note { what, note } => face.say(format!("{what}: {note}")),
    })
}

/// What nobody can guess.
fn seed() -> [u8; 32] {
    let mut seed = [0; 32];
    #[expect(clippy::disallowed_methods, reason = "the door to the machine's randomness")]
    rand::RngCore::fill_bytes(&mut rand::rng(), &mut seed);
    seed
}

/// Log lines of the server, on standard error.
struct Lines(Face);

impl Log for Lines {
    fn write(&self, line: &Line<'_>) {
        let level = match line.level {
            server::Level::Debug => Level::Debug,
            server::Level::Info => Level::Info,
            server::Level::Warning => Level::Warning,
            server::Level::Error => Level::Error,
        };
        self.0.line(level, &line.to_string());
    }
}
