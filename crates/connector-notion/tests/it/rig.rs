//! A client over a stub, on a virtual clock.

use crate::stub::Stub;
use base::{Fault, Secret};
use connector_notion::{Client, NotionConfig, Ports};
use jiff::{SignedDuration, Timestamp};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use webclient::{Pace, Settings};

/// The token that clients hold.
pub const TOKEN: &str = "ntn_s3cret";

/// Waiting takes no time and is written down; chance always says one half.
#[derive(Default)]
pub struct TestPace {
    elapsed: Mutex<Duration>,
    waits: Mutex<Vec<Duration>>,
}

impl TestPace {
    /// How long was waited in all.
    pub fn waited(&self) -> Duration {
        self.waits.lock().expect("not poisoned").iter().sum()
    }
}

impl Pace for TestPace {
    fn elapsed(&self) -> Duration {
        *self.elapsed.lock().expect("not poisoned")
    }
    fn now(&self) -> Timestamp {
        let start: Timestamp = "2026-03-01T12:00:00Z".parse().expect("a timestamp");
        start + SignedDuration::try_from(self.elapsed()).expect("a duration")
    }
    fn fraction(&self) -> f64 {
        0.5
    }
    fn sleep(&self, time: Duration) -> webclient::pace::Sleep<'_> {
        self.waits.lock().expect("not poisoned").push(time);
        *self.elapsed.lock().expect("not poisoned") += time;
        Box::pin(tokio::task::yield_now())
    }
}

pub fn config(url: &str) -> NotionConfig {
    NotionConfig { url: url.into(), token: Secret::new(TOKEN) }
}

/// A client that does not wait long for an answer that never comes, and its clock.
pub fn client_of(stub: &Stub) -> (Client, Arc<TestPace>) {
    let pace = Arc::new(TestPace::default());
    let settings = Settings { idle_timeout: Duration::from_millis(250), ..Settings::default() };
    let ports = Ports { pace: pace.clone(), settings, observer: None };
    (Client::with(&config(&stub.url), ports).expect("a client"), pace)
}

pub fn client(stub: &Stub) -> Client {
    client_of(stub).0
}

/// The lines of a fault that a person reads.
pub fn shown(fault: &Fault) -> String {
    format!("{} | {}", fault.what, fault.hints.join(" | "))
}
