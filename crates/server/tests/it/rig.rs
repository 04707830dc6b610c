//! A server for one test: a store in memory that can be told to fail, a sender that is easily convinced,
//! rules that do what the event says, a clock that is set by hand.

use crate::stores::Inboxes;
use crate::town::Town;
use base::{Clock, Secret};
use bridge::memory::MemoryStore;
use bridge::{Action, Ending, Event, Judged, Planned, Refused, Request, Sender, Work};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use server::{Access, Config, Integration, Line, Log, Parts, Server, Times};
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// What convinces the sender.
pub const KEY: &str = "believe me";
/// What opens the console.
pub const ADMIN: &str = "an admin key that is long";
/// The limit of bodies in tests.
pub const BODY_BYTES_MAX: usize = 64 * 1024;
/// A test that waits for longer has failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// A clock that is set by hand.
pub struct Hand(Mutex<Timestamp>);

impl Hand {
    fn new() -> Self {
        Self(Mutex::new("2026-03-01T12:00:00Z".parse().unwrap()))
    }
    pub fn forward(&self, seconds: i64) {
        *self.0.lock().unwrap() += SignedDuration::from_secs(seconds);
    }
}

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// Keeps the lines of the log.
#[derive(Default)]
pub struct Lines(Mutex<Vec<String>>);

impl Log for Lines {
    fn write(&self, line: &Line<'_>) {
        self.0.lock().unwrap().push(line.to_string());
    }
}

impl Lines {
    pub fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

/// Takes `{"id", "kind", "subject", "at", "told", "do"}` with the header `x-key`; answers a `challenge`.
pub struct Toy(pub &'static str);

impl Sender for Toy {
    fn name(&self) -> &str {
        self.0
    }
    fn judge(&self, request: &Request<'_>, clock: &dyn Clock) -> Result<Judged, Refused> {
        let key = request.header("x-key").or(request.parameter("key"));
        if key != Some(KEY) {
            return Err(Refused::NotBelieved("the key is wrong"));
        }
        if !matches!(request.route, "" | "events") {
            return Err(Refused::NoRoute);
        }
        let body: Value = serde_json::from_slice(request.body)
            .map_err(|_| Refused::NotUnderstood("the body is no JSON"))?;
        if let Some(challenge) = body.get("challenge") {
            return Ok(Judged { event: None, answer: Some(json!({ "challenge": challenge })) });
        }
        assert!(body.get("panic").is_none(), "a sender that panics");
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        if text("id").is_empty() {
            return Err(Refused::NotUnderstood("there is no id"));
        }
        let seconds = SignedDuration::from_secs(body["at"].as_i64().unwrap_or(0));
        let told = body["told"].as_object().into_iter().flatten();
        let event = Event {
            sender: self.0.into(),
            id: text("id"),
            kind: text("kind"),
            subject: text("subject"),
            occurred: clock.now().saturating_add(seconds).unwrap(),
            told: told.map(|(name, value)| (name.clone(), value.as_str().unwrap_or("").to_owned())).collect(),
            body: body.clone(),
        };
        Ok(Judged { event: Some(event), answer: Some(json!({ "heard": true })) })
    }
}

/// The rules: what stands under `do`, in the lane of its record.
pub fn rules(event: &Event, _newest: Option<Timestamp>, now: Timestamp) -> Vec<Planned> {
    let works: Vec<Work> = serde_json::from_value(event.body["do"].clone()).unwrap_or_default();
    let planned =
        |(work, number)| Planned { rule: "rule".into(), number, lane: event.subject.clone(), due: now, work };
    works.into_iter().zip(0..).map(planned).collect()
}

/// Does what a test says.
type Doing = Arc<dyn Fn(Action) -> futures::future::BoxFuture<'static, Ending> + Send + Sync>;

struct Does(Doing);

#[async_trait::async_trait]
impl bridge::ports::Performer for Does {
    async fn perform(&self, action: &Action) -> Ending {
        (self.0)(action.clone()).await
    }
}

/// A running server.
pub struct Rig {
    pub url: String,
    pub address: std::net::SocketAddr,
    pub client: reqwest::Client,
    pub store: Arc<MemoryStore>,
    pub inboxes: Arc<Inboxes>,
    pub town: Arc<Town>,
    pub clock: Arc<Hand>,
    pub log: Arc<Lines>,
    stop: Option<oneshot::Sender<()>>,
    task: Option<JoinHandle<Result<(), base::Fault>>>,
}

/// What a test changes before it starts the server.
pub struct Setup {
    pub config: Config,
    pub parts: Parts,
    pub store: Arc<MemoryStore>,
    pub inboxes: Arc<Inboxes>,
    pub town: Arc<Town>,
    pub clock: Arc<Hand>,
    pub log: Arc<Lines>,
    doing: Option<Doing>,
}

/// A server with everything on, and short times.
pub fn setup() -> Setup {
    let clock = Arc::new(Hand::new());
    let store = Arc::new(MemoryStore::new(clock.clone()));
    let inboxes = Arc::new(Inboxes::new(store.clone()));
    let town = Arc::new(Town::default());
    let log = Arc::new(Lines::default());
    let ms = Duration::from_millis;
    let times = Times {
        head: Duration::from_secs(5),
        body: Duration::from_secs(5),
        keep: Duration::from_secs(5),
        action: Duration::from_secs(5),
        look: ms(5),
        pause: ms(5),
        prune: ms(5),
        stop: Duration::from_secs(5),
        believe_stores: Duration::ZERO,
        believe_services: Duration::ZERO,
        ..Times::default()
    };
    let config = Config {
        listen: "127.0.0.1:0".parse().unwrap(),
        body_bytes_max: BODY_BYTES_MAX,
        admin_key: Some(Secret::new(ADMIN)),
        times,
        ..Config::default()
    };
    let parts = Parts {
        inbox: inboxes.clone(),
        outbox: store.clone(),
        senders: vec![Arc::new(Toy("toy")), Arc::new(Toy("other"))],
        decide: Arc::new(rules),
        community: Access::On(town.clone()),
        pages: Access::On(town.clone()),
        cache: Some(town.clone()),
        collections: None,
        integrations: vec![
            Integration { name: "bettermode".into(), on: true },
            Integration { name: "circle".into(), on: false },
        ],
        call_secret: None,
        clock: clock.clone(),
        seed: [5; 32],
        log: log.clone(),
    };
    Setup { config, parts, store, inboxes, town, clock, log, doing: None }
}

impl Setup {
    /// Actions are done so.
    pub fn doing<F>(mut self, doing: impl Fn(Action) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Ending> + Send + 'static,
    {
        self.doing = Some(Arc::new(move |action| Box::pin(doing(action))));
        self
    }

    /// Starts the server.
    pub async fn start(self) -> Rig {
        let mut server = Server::bind(self.config, self.parts).await.unwrap();
        if let Some(doing) = self.doing {
            server = server.with_performer(Arc::new(Does(doing)));
        }
        let address = server.address();
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(server.run(async {
            let _ = stopped.await;
        }));
        Rig {
            url: format!("http://{address}"),
            address,
            client: client(),
            store: self.store,
            inboxes: self.inboxes,
            town: self.town,
            clock: self.clock,
            log: self.log,
            stop: Some(stop),
            task: Some(task),
        }
    }
}

/// A server as [`setup`] makes it.
pub async fn start() -> Rig {
    setup().start().await
}

/// A client that follows nothing and keeps no cookie.
pub fn client() -> reqwest::Client {
    // Loopback in clear: the provider is wanted by the builder only.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap()
}

impl Rig {
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// Sends an event as the sender does.
    pub async fn send(&self, body: &Value) -> reqwest::Response {
        let request = self.client.post(self.at("/webhooks/toy/events")).header("x-key", KEY);
        request.json(body).send().await.unwrap()
    }

    /// Sends an event that wants these works done; it has to be taken.
    pub async fn want(&self, id: &str, subject: &str, works: &Value) {
        let body = json!({ "id": id, "kind": "test.done", "subject": subject, "do": works });
        assert_eq!(self.send(&body).await.status(), 200);
    }

    pub async fn get(&self, path: &str) -> reqwest::Response {
        self.client.get(self.at(path)).send().await.unwrap()
    }

    /// Waits until something is so.
    pub async fn until<F: Future<Output = bool>>(&self, what: &str, so: impl Fn() -> F) {
        let wait = async {
            while !so().await {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        if tokio::time::timeout(PATIENCE, wait).await.is_err() {
            panic!("never: {what}; the log says {:#?}", self.log.all());
        }
    }

    /// Waits until this many actions stand in each of pending, running, done, dead.
    pub async fn until_actions(&self, pending: u64, running: u64, done: u64, dead: u64) {
        let store = &self.store;
        let what = format!("{pending} pending, {running} running, {done} done, {dead} dead");
        self.until(&what, || async {
            let counts = bridge::Inbox::counts(&**store).await.unwrap();
            counts.events_new == 0
                && (counts.pending, counts.running, counts.done, counts.dead)
                    == (pending, running, done, dead)
        })
        .await;
    }

    /// What was said of the actions, oldest first.
    pub async fn said(&self) -> Vec<String> {
        let filter = bridge::store::ActionFilter::default();
        let lines = bridge::Outbox::actions(&*self.store, &filter, None, 1000).await.unwrap();
        lines.into_iter().rev().map(|line| line.said).collect()
    }

    /// The wish to stop, and the end.
    pub async fn stop(mut self) -> Result<(), base::Fault> {
        self.ask_to_stop();
        self.ended().await
    }

    pub fn ask_to_stop(&mut self) {
        let _ = self.stop.take().unwrap().send(());
    }

    pub async fn ended(&mut self) -> Result<(), base::Fault> {
        let task = self.task.take().unwrap();
        tokio::time::timeout(PATIENCE, task).await.expect("the server does not stop").unwrap()
    }
}
