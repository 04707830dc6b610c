//! A stand-in that runs: its address, its credentials, and what it has seen.

use super::answer::Answer;
use super::app::App;
use super::auth::{Kind, Tokens};
use super::counters::{Counters, Stats};
use super::faults::Faults;
use super::graphql::Schemas;
use super::limits::Limits;
use super::moment::Moment;
use super::people::People;
use super::scenario::{Fault, Listener, Scenario};
use super::seed;
use super::sent::{Sending, SentKind};
use super::state::State;
use super::upload::BODY_MAX;
use super::webhook::{Burst, Delivery, Forgery, Happening, ListenProblem, Order, Sender, Verdict};
use crate::SandboxError;
use crate::rng::Rng;
use axum::Router;
use axum::extract::Request;
use axum::serve::ListenerExt;
use base::{Clock, Secret, SystemClock};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Members that a community may have at most: every list is made anew for every page.
pub const MEMBERS_MAX: u64 = 100_000;

/// How long [`Running::stop`] waits for answers on their way: longer than any test's pause.
const STOP_WAIT: Duration = Duration::from_secs(2);

/// What to serve, and how.
#[derive(Clone)]
pub struct Options {
    /// The TCP port; 0 takes a free one.
    pub port: u16,
    /// The number of members; the others are in proportion. 0: the owner and the app's account only.
    pub records: u64,
    /// Where the community, the credentials and the random choices come from.
    pub seed: u64,
    /// How the service behaves.
    pub scenario: Scenario,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

impl Default for Options {
    fn default() -> Self {
        let clock = Arc::new(SystemClock);
        Self { port: 0, records: 40, seed: 1, scenario: Scenario::default(), clock }
    }
}

/// A kind of record that can be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Records {
    /// Members, deleted ones too, and the app's account.
    Members,
    /// Invitations.
    Invitations,
    /// Collections.
    Collections,
    /// Spaces.
    Spaces,
    /// Post types.
    PostTypes,
    /// Posts and replies, deleted ones too.
    Posts,
    /// Tags.
    Tags,
    /// Events, deleted ones too.
    Events,
    /// Who comes to events.
    Registrations,
    /// Chats, as whoever made them sees them.
    Chats,
}

/// A stand-in at work; dropping it stops it.
pub struct Running {
    /// Where the API is: `http://127.0.0.1:PORT`.
    pub address: String,
    /// The id of the community.
    pub network_id: String,
    /// Its domain, by which a guest names it.
    pub network_domain: String,
    /// The app's client id.
    pub client_id: String,
    /// The app's client secret.
    pub client_secret: String,
    /// The app's signing secret, for webhooks.
    pub signing_secret: String,
    /// The member who owns the community; the password is [`Running::PASSWORD`].
    pub owner_id: String,
    /// The member that the app acts as.
    pub bot_id: String,
    app: Arc<App>,
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<()>,
    worker: JoinHandle<()>,
}

/// Binds, makes the community, serves; it serves until [`Running::stop`] or until its handle is dropped.
///
/// Errors: the port is taken, more than [`MEMBERS_MAX`] members, or a listener of the scenario does not
/// pass its handshake.
pub async fn start(options: Options) -> Result<Running, SandboxError> {
    if options.records > MEMBERS_MAX {
        return Err(SandboxError::TooManyMembers { records: options.records, most: MEMBERS_MAX });
    }
    let cannot = |cause| SandboxError::Listen { port: options.port, cause };
    let listener = TcpListener::bind(("127.0.0.1", options.port)).await.map_err(cannot)?;
    let port = listener.local_addr().map_err(cannot)?.port();
    let Options { records, seed, scenario, clock, .. } = options;
    let secret = |name| Rng::new(seed, name).token();
    let signing_secret = secret("signing secret");
    let now = Moment(clock.now().as_millisecond());
    let made = {
        let scenario = scenario.clone();
        tokio::task::spawn_blocking(move || seed::community(records, seed, &scenario, now))
    };
    let state = made.await.map_err(|_| SandboxError::Data)?;
    let sender = Sender::new(&scenario.webhooks, &signing_secret, Arc::clone(&clock));
    let sender = Arc::new(sender.map_err(|_| SandboxError::Client)?);
    let app = Arc::new(App {
        seed,
        origin: format!("http://127.0.0.1:{port}"),
        client_id: secret("client id"),
        client_secret: Secret::new(secret("client secret")),
        schemas: Schemas::new(&scenario.schema),
        tokens: Tokens::new(seed, &state.network.id, &scenario.auth),
        limits: Limits::new(scenario.rate_limit),
        faults: Faults::new(&scenario.faults),
        counters: Counters::default(),
        sender: Arc::clone(&sender),
        turn: AtomicU64::new(0),
        clock,
        scenario,
        state: Mutex::new(state),
    });
    let (network, bot_id) = {
        let state = app.state();
        (state.network.clone(), state.bot_id.clone())
    };
    for listener in &app.scenario.webhooks.listeners {
        sender
            .listen(&network.id, listener.clone())
            .await
            .map_err(|problem| SandboxError::Listener { url: listener.url.clone(), problem })?;
    }
    let (stop, stopped) = oneshot::channel::<()>();
    let router = router(Arc::clone(&app));
    // Small answers must not wait for the acknowledgement of the ones before.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    let server = tokio::spawn(async move {
        let until = async move { drop(stopped.await) };
        // It ends with an error only when the listener is gone: then there is nobody to tell.
        drop(axum::serve(listener, router).with_graceful_shutdown(until).await);
    });
    Ok(Running {
        address: app.origin.clone(),
        network_id: network.id,
        network_domain: network.domain,
        client_id: app.client_id.clone(),
        client_secret: app.client_secret.expose().to_owned(),
        signing_secret,
        owner_id: network.owner_id,
        bot_id,
        worker: tokio::spawn(Arc::clone(&sender).work()),
        app,
        stop: Some(stop),
        server,
    })
}

fn router(app: Arc<App>) -> Router {
    Router::new().fallback(move |request: Request| {
        let app = Arc::clone(&app);
        async move {
            let (parts, body) = request.into_parts();
            let answer = match axum::body::to_bytes(body, BODY_MAX).await {
                Ok(body) => app.answer(&parts.method, &parts.uri, &parts.headers, body).await,
                Err(_) => Answer::html(413, "413 Request Entity Too Large"),
            };
            answer.send()
        }
    })
}

impl Running {
    /// The password of every member that the seed made.
    pub const PASSWORD: &str = seed::PASSWORD;

    /// The variables that a project reads.
    pub fn exports(&self) -> Vec<(&'static str, String)> {
        vec![
            ("BETTERMODE_API_URL", self.address.clone()),
            ("BETTERMODE_NETWORK_ID", self.network_id.clone()),
            ("BETTERMODE_CLIENT_ID", self.client_id.clone()),
            ("BETTERMODE_CLIENT_SECRET", self.client_secret.clone()),
            ("BETTERMODE_WEBHOOK_SECRET", self.signing_secret.clone()),
        ]
    }

    /// A token of the app, as `limitedToken` gives it, without a request.
    pub fn app_token(&self) -> String {
        self.app.tokens.mint(Kind::App, &self.bot_id, self.app.now())
    }

    /// A token of a member, as `loginNetwork` gives it, without a request.
    pub fn member_token(&self, member: &str) -> String {
        self.app.tokens.mint(Kind::Member, member, self.app.now())
    }

    /// Makes every token so far void.
    pub fn revoke_tokens(&self) {
        self.app.tokens.revoke();
    }

    /// Adds a fault; it counts requests from now on.
    pub fn arm(&self, fault: Fault) {
        self.app.faults.arm(fault);
    }

    /// Ends all faults.
    pub fn disarm(&self) {
        self.app.faults.disarm();
    }

    /// What it has seen so far.
    pub fn stats(&self) -> Stats {
        self.app.counters.stats()
    }

    /// How many mails, notices and messages went out since the start, by kind.
    pub fn sent(&self) -> BTreeMap<SentKind, u64> {
        self.app.state().sent.counts().clone()
    }

    /// How many mails went out since the start.
    pub fn mails(&self) -> u64 {
        self.sent().into_iter().filter(|(kind, _)| kind.is_mail()).map(|(_, count)| count).sum()
    }

    /// What went out since the start, in order; the first 100,000.
    pub fn sendings(&self) -> Vec<Sending> {
        self.app.state().sent.kept().to_vec()
    }

    /// All records of a kind as the wire shows them to an admin, in the order of their making.
    pub fn records(&self, kind: Records) -> Vec<Value> {
        all(&self.app.state(), kind).into_iter().map(Value::Object).collect()
    }

    /// The record of that id.
    pub fn record(&self, kind: Records, id: &str) -> Option<Value> {
        let key = if kind == Records::Chats { "_id" } else { "id" };
        self.records(kind).into_iter().find(|record| record[key] == id)
    }

    /// The messages of a chat, in order.
    pub fn messages(&self, chat: &str) -> Vec<Value> {
        let state = self.app.state();
        let Some(chat) = state.chats.get(chat) else { return Vec::new() };
        chat.messages.iter().map(|message| state.message_wire(chat, message).into()).collect()
    }

    /// Who reacted to a post how: pairs of reaction and member.
    pub fn reactions(&self, post: &str) -> Vec<(String, String)> {
        let state = self.app.state();
        let Some(post) = state.posts.get(post) else { return Vec::new() };
        let pairs = post.reactions.iter().flat_map(|(r, members)| members.iter().map(move |m| (r, m)));
        pairs.map(|(reaction, member)| (reaction.clone(), member.clone())).collect()
    }

    /// Who is in a space, in the order of entering.
    pub fn space_members(&self, space: &str) -> Vec<String> {
        let state = self.app.state();
        state.spaces.get(space).into_iter().flat_map(|space| space.members.keys().cloned()).collect()
    }

    /// What people do meanwhile, with their browsers: no request is counted and no fault strikes.
    pub fn people(&self) -> People<'_> {
        People::new(&self.app)
    }

    /// Makes an address listen to events of those names, or all; it must pass the handshake.
    pub async fn listen(&self, url: &str, names: &[&str]) -> Result<(), ListenProblem> {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        self.app.sender.listen(&self.network_id, Listener { url: url.to_owned(), names }).await
    }

    /// Ends all listening.
    pub fn deafen(&self) {
        self.app.sender.deafen();
    }

    /// Keeps events back, until [`Running::release`].
    pub fn hold(&self) {
        self.app.sender.hold();
    }

    /// Lets the events go that were kept back, in that order.
    pub fn release(&self, order: Order) {
        self.app.sender.release(order);
    }

    /// Waits until every event was delivered, or given up.
    pub async fn settle(&self) {
        self.app.sender.settle().await;
    }

    /// Ids and names of the latest 10,000 events, in order, whoever listened.
    pub fn events(&self) -> Vec<(String, String)> {
        self.app.sender.events()
    }

    /// The latest 10,000 deliveries, in order.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.app.sender.deliveries()
    }

    /// Events that did not fit into the queue and were lost.
    pub fn events_lost(&self) -> u64 {
        self.app.sender.lost()
    }

    /// Sends an event once more: the same `data.id`, signed anew. One verdict per listener.
    pub async fn redeliver(&self, event: &str) -> Vec<Verdict> {
        self.app.sender.again(event, None).await
    }

    /// Sends an event once more, spoiled. One verdict per listener; a good receiver accepts none.
    pub async fn forge(&self, event: &str, forgery: Forgery) -> Vec<Verdict> {
        self.app.sender.again(event, Some(forgery)).await
    }

    /// Sends `count` events `member.updated`, each with an id of its own, about one member after the other,
    /// so many a second, whatever becomes of the ones before.
    pub async fn burst(&self, count: u64, per_second: u64) -> Burst {
        let events = {
            let mut state = self.app.state();
            let members: Vec<String> = state.members.keys().cloned().collect();
            let happening = |n: u64| {
                let member = state.members.get(&members[n as usize % members.len()]);
                let object = member.map_or_else(Map::new, |member| state.member_wire(member));
                let id = state.ids.next();
                let target = [("memberId".to_owned(), object["id"].clone())].into_iter().collect();
                let actor = serde_json::json!({"id": object["id"], "roleId": object["roleId"]});
                let (at, name) = (state.now, "member.updated");
                self.app
                    .sender
                    .envelope(&Happening { id, at, name, actor, object, old: None, target }, &state)
            };
            (0..count).map(happening).collect()
        };
        self.app.sender.burst(events, per_second).await
    }

    /// Stops: no new connections, answers on their way are finished for two seconds.
    pub async fn stop(mut self) {
        self.stop.take();
        if tokio::time::timeout(STOP_WAIT, &mut self.server).await.is_err() {
            self.server.abort();
        }
    }
}

fn all(state: &State, kind: Records) -> Vec<Map<String, Value>> {
    match kind {
        Records::Members => state.members.values().map(|one| state.member_wire(one)).collect(),
        Records::Invitations => state.invitations.values().map(|one| state.invitation_wire(one)).collect(),
        Records::Collections => state.collections.values().map(|one| state.collection_wire(one)).collect(),
        Records::Spaces => state.spaces.values().map(|one| state.space_wire(one)).collect(),
        Records::PostTypes => state.post_types.values().map(|one| state.post_type_wire(one)).collect(),
        Records::Posts => state.posts.values().map(|one| state.post_wire(one)).collect(),
        Records::Tags => {
            let tag = |tag| serde_json::json!(tag).as_object().cloned().unwrap_or_default();
            state.tags.values().map(tag).collect()
        }
        Records::Events => state.events.values().map(|one| state.event_wire(one)).collect(),
        Records::Registrations => {
            state.registrations.values().map(|one| state.registration_wire(one)).collect()
        }
        Records::Chats => state.chats.values().map(|one| state.chat_wire(one, &one.created_by_id)).collect(),
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Without its sender the server stops by itself; the worker never would.
        self.stop.take();
        self.worker.abort();
    }
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running").field("address", &self.address).finish_non_exhaustive()
    }
}
