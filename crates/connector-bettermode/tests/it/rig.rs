//! A client over a stub, on a virtual clock.

use crate::stub::Stub;
use base::{Fault, Secret};
use connector_bettermode::{AppCredentials, Client, IntegrationConfig, Ports};
use jiff::{SignedDuration, Timestamp};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use webclient::{Pace, Settings};

/// The token that clients hold from the start.
pub const TOKEN: &str = "r3ady.t0ken";
/// The app's secret.
pub const APP_SECRET: &str = "app-s3cret";

/// Waiting takes no time and is written down; chance always says one half.
#[derive(Default)]
pub struct TestPace {
    elapsed: Mutex<Duration>,
    pub waits: Mutex<Vec<Duration>>,
}

impl TestPace {
    /// Lets time pass.
    pub fn pass(&self, time: Duration) {
        *self.elapsed.lock().expect("not poisoned") += time;
    }

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
        start() + SignedDuration::try_from(self.elapsed()).expect("a duration")
    }
    fn fraction(&self) -> f64 {
        0.5
    }
    fn sleep(&self, time: Duration) -> webclient::pace::Sleep<'_> {
        self.waits.lock().expect("not poisoned").push(time);
        self.pass(time);
        Box::pin(tokio::task::yield_now())
    }
}

/// When tests begin.
pub fn start() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().expect("a timestamp")
}

/// With a ready token.
pub fn config(url: &str) -> IntegrationConfig {
    IntegrationConfig { url: url.into(), token: Some(Secret::new(TOKEN)), ..IntegrationConfig::new() }
}

/// With what tokens are fetched with.
pub fn app_config(url: &str) -> IntegrationConfig {
    let app = AppCredentials { client_id: "app".into(), client_secret: Secret::new(APP_SECRET) };
    IntegrationConfig {
        url: url.into(),
        app: Some(app),
        network_id: Some("net01".into()),
        ..IntegrationConfig::new()
    }
}

pub fn ports(pace: Arc<TestPace>) -> Ports {
    Ports { pace, settings: Settings::default(), budget: None, observer: None }
}

pub fn client_of(config: &IntegrationConfig) -> (Client, Arc<TestPace>) {
    let pace = Arc::new(TestPace::default());
    (Client::with(config, ports(pace.clone())).expect("a client"), pace)
}

pub fn client(stub: &Stub) -> Client {
    client_of(&config(&stub.url)).0
}

/// One that does not wait long for an answer that never comes.
pub fn hasty_client(stub: &Stub) -> Client {
    let mut ports = ports(Arc::new(TestPace::default()));
    ports.settings.idle_timeout = Duration::from_millis(250);
    Client::with(&config(&stub.url), ports).expect("a client")
}

/// The lines of a fault that a person reads.
pub fn shown(fault: &Fault) -> String {
    format!("{} | {}", fault.what, fault.hints.join(" | "))
}
