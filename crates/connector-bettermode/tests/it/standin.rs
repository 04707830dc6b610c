//! A client over the stand-in of the service, both on clocks that only tests move.

use crate::rig::{TestPace, ports, start};
use base::Secret;
use connector_bettermode::{AppCredentials, Client, IntegrationConfig};
use sandbox::bettermode::{self, Fault, FaultKind, HandClock, Options, Records, Running, Scenario};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// A community, and an app that is installed in it.
pub struct StandIn {
    pub running: Running,
    pub client: Client,
    pub clock: Arc<HandClock>,
}

impl StandIn {
    /// One with so many members and the scenario of that text.
    pub async fn new(records: u64, scenario: &str) -> Self {
        let scenario = Scenario::parse(scenario).expect("a scenario without problems");
        let clock = Arc::new(HandClock::new(start()));
        let options = Options { records, scenario, clock: clock.clone(), ..Options::default() };
        let running = bettermode::start(options).await.expect("a free port");
        let app = AppCredentials {
            client_id: running.client_id.clone(),
            client_secret: Secret::new(running.client_secret.clone()),
        };
        let config = IntegrationConfig {
            url: running.address.clone(),
            network_id: Some(running.network_id.clone()),
            app: Some(app),
            ..IntegrationConfig::new()
        };
        let mut ports = ports(Arc::new(TestPace::default()));
        ports.settings.idle_timeout = Duration::from_millis(500);
        let client = Client::with(&config, ports).expect("a client");
        Self { running, client, clock }
    }

    /// The next request for this field goes wrong so.
    pub fn arm(&self, kind: FaultKind, field: &str) {
        self.running.arm(Fault::next(kind, field));
    }

    /// Somebody who joined.
    pub fn join(&self, name: &str) -> String {
        let email = format!("{}@example.test", name.to_lowercase());
        self.running.people().join(name, &email).expect("a member")
    }

    /// A space that the app made, with these members in it.
    pub async fn space(&self, name: &str, members: &[&str]) -> String {
        let space = connector_bettermode::types::NewSpace { name: name.into(), ..Default::default() };
        let id = self.client.create_space(&space).await.expect("a space").id;
        for member in members {
            self.running.people().join_space(member, &id).expect("somebody enters");
        }
        id
    }

    pub fn all(&self, kind: Records) -> Vec<Value> {
        self.running.records(kind)
    }

    /// How many posts and replies there are that were not deleted.
    pub fn posts(&self) -> usize {
        self.all(Records::Posts).iter().filter(|post| post["status"] == "PUBLISHED").count()
    }
}
