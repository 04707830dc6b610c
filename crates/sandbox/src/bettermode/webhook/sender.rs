//! The sender: a queue of events, and a worker that delivers them one after the other.

use super::envelope::{self, Happening};
use super::is_loopback;
use super::judge::{Verdict, judge};
use crate::bettermode::scenario::{HeaderNames, Listener, Webhooks};
use crate::bettermode::state::State;
use crate::rng::Rng;
use base::Clock;
use bytes::Bytes;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::{Notify, Semaphore};

/// Events that wait at most; a listener that is gone must not fill the memory. Later ones are lost.
const QUEUE_MAX: usize = 100_000;

/// Deliveries, and events to send again, that are kept; the oldest go first.
const KEPT_MAX: usize = 10_000;

/// Connections of a burst at a time.
const BURST_CONNECTIONS: usize = 64;

/// The largest answer that is read, bytes.
const ANSWER_MAX: usize = 64 << 10;

/// One sending of an event to one listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// `data.id`.
    pub event: String,
    /// Its name, such as `post.created`.
    pub name: String,
    /// Where it went.
    pub url: String,
    /// The number of the attempt, from 1.
    pub attempt: u64,
    /// What came back.
    pub verdict: Verdict,
}

/// The order in which held events go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// As they happened.
    Kept,
    /// The last one first.
    Reversed,
    /// By chance, from this seed.
    Shuffled(u64),
}

/// Why an address does not listen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ListenProblem {
    /// It is not on this machine.
    #[error("the sandbox calls http:// addresses of this machine only")]
    Elsewhere,
    /// It did not answer the handshake as the service expects.
    #[error("the handshake was not answered as the service expects: {0:?}")]
    Handshake(Verdict),
}

/// How to spoil a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forgery {
    /// Another secret.
    Secret,
    /// A body that was changed after the signing.
    Body,
    /// A timestamp so many milliseconds before now, properly signed; negative: after now.
    Age(i64),
    /// No headers.
    Unsigned,
}

/// How a burst ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Burst {
    /// Events that were accepted.
    pub accepted: u64,
    /// Events that got another answer.
    pub refused: u64,
    /// Events that got none.
    pub unanswered: u64,
}

/// An event on its way.
#[derive(Debug)]
struct Outgoing {
    id: String,
    name: String,
    body: Bytes,
}

#[derive(Default)]
struct Inner {
    listeners: Vec<Listener>,
    queue: VecDeque<Arc<Outgoing>>,
    held: bool,
    busy: bool,
    past: VecDeque<Arc<Outgoing>>,
    deliveries: VecDeque<Delivery>,
}

/// Sends what happened.
pub(crate) struct Sender {
    switches: Webhooks,
    secret: String,
    clock: Arc<dyn Clock>,
    client: reqwest::Client,
    inner: Mutex<Inner>,
    /// Something was put, released or delivered.
    moved: Notify,
    challenges: AtomicU64,
    lost: AtomicU64,
}

impl Sender {
    pub fn new(switches: &Webhooks, secret: &str, clock: Arc<dyn Clock>) -> Result<Self, reqwest::Error> {
        let timeout = Duration::from_millis(switches.timeout);
        let client = reqwest::Client::builder()
            // No address is `https`, but a client is not made without.
            .tls_backend_preconfigured(tls())
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(timeout)
            .build()?;
        Ok(Self {
            switches: switches.clone(),
            secret: secret.to_owned(),
            clock,
            client,
            inner: Mutex::default(),
            moved: Notify::new(),
            challenges: AtomicU64::new(0),
            lost: AtomicU64::new(0),
        })
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// Puts an event into the queue.
    pub fn put(&self, happening: &Happening, state: &State) {
        let body = envelope::subscription(happening, state, &self.switches).to_string();
        let name = happening.name.to_owned();
        let outgoing = Arc::new(Outgoing { id: happening.id.clone(), name, body: body.into() });
        let mut inner = self.inner();
        keep(&mut inner.past, Arc::clone(&outgoing));
        if !inner.listeners.iter().any(|listener| listener.wants(happening.name)) {
            return;
        }
        if inner.queue.len() >= QUEUE_MAX {
            self.lost.fetch_add(1, Relaxed);
            return;
        }
        inner.queue.push_back(outgoing);
        drop(inner);
        self.moved.notify_waiters();
    }

    /// Events that did not fit into the queue.
    pub fn lost(&self) -> u64 {
        self.lost.load(Relaxed)
    }

    /// Delivers what is in the queue, for ever.
    pub async fn work(self: Arc<Self>) {
        loop {
            let moved = self.moved.notified();
            tokio::pin!(moved);
            moved.as_mut().enable();
            let next = {
                let mut inner = self.inner();
                let next = if inner.held { None } else { inner.queue.pop_front() };
                inner.busy = next.is_some();
                next
            };
            match next {
                Some(outgoing) => {
                    for _ in 0..self.switches.copies {
                        self.deliver(&outgoing).await;
                    }
                    self.inner().busy = false;
                    self.moved.notify_waiters();
                }
                None => moved.await,
            }
        }
    }

    /// Delivers to every listener that wants it, again and again while there is no answer.
    async fn deliver(&self, outgoing: &Outgoing) {
        for url in self.urls(&outgoing.name) {
            for attempt in 1..=self.switches.attempts {
                let verdict = self.post(&url, &outgoing.body, "SUBSCRIPTION", None, None).await;
                self.note(outgoing, &url, attempt, verdict.clone());
                if !verdict.is_passing() || attempt == self.switches.attempts {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(self.switches.pause)).await;
            }
        }
    }

    fn urls(&self, name: &str) -> Vec<String> {
        let inner = self.inner();
        let wanting = inner.listeners.iter().filter(|listener| listener.wants(name));
        wanting.map(|listener| listener.url.clone()).collect()
    }

    fn note(&self, outgoing: &Outgoing, url: &str, attempt: u64, verdict: Verdict) {
        let (event, name) = (outgoing.id.clone(), outgoing.name.clone());
        let delivery = Delivery { event, name, url: url.to_owned(), attempt, verdict };
        keep(&mut self.inner().deliveries, delivery);
    }

    /// Posts a body, signed, and judges the answer.
    async fn post(
        &self,
        url: &str,
        body: &Bytes,
        kind: &str,
        challenge: Option<&str>,
        forgery: Option<Forgery>,
    ) -> Verdict {
        let age = if let Some(Forgery::Age(age)) = forgery { age } else { 0 };
        let timestamp = self.clock.now().as_millisecond().saturating_sub(age).to_string();
        let secret = if forgery == Some(Forgery::Secret) { "another secret" } else { &self.secret };
        let signature = envelope::signature(secret, &timestamp, body);
        let mut sent = body.clone();
        if forgery == Some(Forgery::Body) {
            sent = [body.as_ref(), b" "].concat().into();
        }
        let names = match self.switches.headers {
            HeaderNames::BetterMode => ["X-Bettermode-Signature", "X-Bettermode-Request-Timestamp"],
            HeaderNames::Tribe => ["x-tribe-signature", "x-tribe-request-timestamp"],
        };
        let mut request = self.client.post(url).header("Content-Type", "application/json").body(sent);
        if forgery != Some(Forgery::Unsigned) {
            request = request.header(names[0], signature).header(names[1], timestamp);
        }
        let Ok(answer) = request.send().await else { return Verdict::Unanswered };
        let status = answer.status().as_u16();
        let content = answer.headers().get("content-type").and_then(|value| value.to_str().ok());
        let content = content.unwrap_or("").to_owned();
        match read(answer).await {
            Ok(body) => judge(status, &content, &body, kind, challenge),
            Err(verdict) => verdict,
        }
    }

    /// Makes an address listen: it must pass the handshake.
    pub async fn listen(&self, network: &str, listener: Listener) -> Result<(), ListenProblem> {
        if !is_loopback(&listener.url) {
            return Err(ListenProblem::Elsewhere);
        }
        let challenge = format!("challenge-{}", self.challenges.fetch_add(1, Relaxed) + 1);
        let body = envelope::test(network, &challenge).to_string().into();
        match self.post(&listener.url, &body, "TEST", Some(&challenge), None).await {
            Verdict::Accepted => {
                self.inner().listeners.push(listener);
                Ok(())
            }
            verdict => Err(ListenProblem::Handshake(verdict)),
        }
    }

    /// Ends all listening.
    pub fn deafen(&self) {
        self.inner().listeners.clear();
    }

    /// Keeps events back from now on.
    pub fn hold(&self) {
        self.inner().held = true;
    }

    /// Lets them go.
    pub fn release(&self, order: Order) {
        let mut inner = self.inner();
        inner.held = false;
        let held = inner.queue.make_contiguous();
        match order {
            Order::Kept => {}
            Order::Reversed => held.reverse(),
            Order::Shuffled(seed) => Rng::new(seed, "webhooks").shuffle(held),
        }
        drop(inner);
        self.moved.notify_waiters();
    }

    /// Waits until nothing is on its way any more; what is held back does not count.
    pub async fn settle(&self) {
        loop {
            let moved = self.moved.notified();
            tokio::pin!(moved);
            moved.as_mut().enable();
            {
                let inner = self.inner();
                if !inner.busy && (inner.held || inner.queue.is_empty()) {
                    return;
                }
            }
            moved.await;
        }
    }

    /// Sends a past event again, the same bytes with a new timestamp. The verdicts of those who want it.
    pub async fn again(&self, event: &str, forgery: Option<Forgery>) -> Vec<Verdict> {
        let found = self.inner().past.iter().find(|past| past.id == event).cloned();
        let Some(outgoing) = found else { return Vec::new() };
        let mut verdicts = Vec::new();
        for url in self.urls(&outgoing.name) {
            let verdict = self.post(&url, &outgoing.body, "SUBSCRIPTION", None, forgery).await;
            self.note(&outgoing, &url, 1, verdict.clone());
            verdicts.push(verdict);
        }
        verdicts
    }

    /// Sends events at a steady rate, whatever becomes of the ones before. They are not kept.
    pub async fn burst(self: &Arc<Self>, events: Vec<(String, Bytes)>, per_second: u64) -> Burst {
        let slots = Arc::new(Semaphore::new(BURST_CONNECTIONS));
        let mut ticks = tokio::time::interval(Duration::from_secs(1) / per_second.clamp(1, 1_000_000) as u32);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Burst);
        let mut tasks = tokio::task::JoinSet::new();
        for (name, body) in events {
            ticks.tick().await;
            for url in self.urls(&name) {
                let (sender, slots, body) = (Arc::clone(self), Arc::clone(&slots), body.clone());
                tasks.spawn(async move {
                    // The semaphore is never closed.
                    let slot = slots.acquire().await;
                    let verdict = sender.post(&url, &body, "SUBSCRIPTION", None, None).await;
                    drop(slot);
                    verdict
                });
            }
        }
        let mut burst = Burst::default();
        while let Some(verdict) = tasks.join_next().await {
            match verdict {
                Ok(Verdict::Accepted) => burst.accepted += 1,
                Ok(Verdict::Unanswered) | Err(_) => burst.unanswered += 1,
                Ok(_) => burst.refused += 1,
            }
        }
        burst
    }

    /// The envelope of an event, for a burst.
    pub fn envelope(&self, happening: &Happening, state: &State) -> (String, Bytes) {
        let body = envelope::subscription(happening, state, &self.switches).to_string();
        (happening.name.to_owned(), body.into())
    }

    /// The latest deliveries, in order.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.inner().deliveries.iter().cloned().collect()
    }

    /// Ids and names of the latest events, in order, whoever listened.
    pub fn events(&self) -> Vec<(String, String)> {
        self.inner().past.iter().map(|past| (past.id.clone(), past.name.clone())).collect()
    }
}

fn keep<T>(list: &mut VecDeque<T>, one: T) {
    if list.len() >= KEPT_MAX {
        list.pop_front();
    }
    list.push_back(one);
}

/// The body of an answer, as far as it may go.
async fn read(mut answer: reqwest::Response) -> Result<Vec<u8>, Verdict> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|_| Verdict::Unanswered)? {
        body.extend_from_slice(&chunk);
        if body.len() > ANSWER_MAX {
            return Err(Verdict::Wrong("the body is far too long"));
        }
    }
    Ok(body)
}

/// TLS that trusts nobody: no address needs it.
fn tls() -> rustls::ClientConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.expect("the default protocol versions");
    builder.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth()
}
