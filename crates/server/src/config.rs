//! What the server is told to do, and how long anything may take.

use crate::backoff::Backoff;
use crate::limits::QUEUE_EVENTS_MAX;
use base::Secret;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

/// The settings of the server.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen; port 0: any that is free.
    pub listen: SocketAddr,
    /// Bytes of the largest body that is taken (`[serve] body_bytes_max`).
    pub body_bytes_max: usize,
    /// Days that judged events are kept (`[serve] keep_days`); as long a repeated event is recognised.
    pub keep_days: u32,
    /// Events that wait for a keeper; who comes then is told to come again.
    pub queue_events: usize,
    /// Groups of events that are stored at the same time: while one waits for the disk, the next one gathers.
    pub keepers: usize,
    /// Actions at the same time.
    pub workers: usize,
    /// When an action is tried again, and how often.
    pub backoff: Backoff,
    /// Opens the console; `None`: there is none.
    pub admin_key: Option<Secret>,
    /// How long anything may take.
    pub times: Times,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            body_bytes_max: 1024 * 1024,
            keep_days: 30,
            queue_events: QUEUE_EVENTS_MAX,
            keepers: 2,
            workers: 8,
            backoff: Backoff::default(),
            admin_key: None,
            times: Times::default(),
        }
    }
}

/// How long anything may take.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    /// Until the head of a request is there; also how long an idle connection stays.
    pub head: Duration,
    /// Until its body is there.
    pub body: Duration,
    /// Until a group of events is stored: senders give up after 15 s or more.
    pub keep: Duration,
    /// Until an attempt at an action has ended; then its end is not known.
    pub action: Duration,
    /// How long an action stays with its worker. More than `action`: nobody else may take it meanwhile.
    pub hold: Duration,
    /// How often the inbox and the outbox are looked at when nothing wakes anybody: other servers put things
    /// there too, and waits end.
    pub look: Duration,
    /// How long to wait after the database said no.
    pub pause: Duration,
    /// How often old events are looked for.
    pub prune: Duration,
    /// Until what is under way has ended after the wish to stop.
    pub stop: Duration,
    /// Until a dependency has said how it stands.
    pub check: Duration,
    /// How long the word of the database and the stores is believed.
    pub believe_stores: Duration,
    /// How long the word of a service is believed: asking costs of its budget.
    pub believe_services: Duration,
}

impl Default for Times {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            head: seconds(15),
            body: seconds(15),
            keep: seconds(10),
            action: seconds(120),
            hold: seconds(180),
            look: seconds(1),
            pause: seconds(1),
            prune: seconds(3600),
            stop: seconds(20),
            check: seconds(5),
            believe_stores: seconds(5),
            believe_services: seconds(60),
        }
    }
}
