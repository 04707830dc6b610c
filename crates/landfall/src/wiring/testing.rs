//! `TESTING_MODE=true`: BetterMode and Notion are stand-ins inside this process, and nothing touches the
//! network.
//!
//! Clients are made of the stand-ins' own addresses and credentials and of nothing that a project or the
//! environment says, so that no setting leads out of this machine.

use base::{Fault, Secret};
use connector_bettermode::budget::Limits;
use connector_bettermode::{AppCredentials, BettermodeCommunity, Client, IntegrationConfig};
use connector_notion::{NotionConfig, NotionPages, PagesSettings};
use sandbox::{SandboxError, bettermode, notion};

/// Members of the stand-in's community; the other records in proportion.
const MEMBERS: u64 = 40;

/// More than a stand-in on this machine is ever asked in one of its windows: it has no limits of its own.
const NO_LIMIT: u64 = 1_000_000_000;

/// The stand-ins; they serve as long as this is here, and forget all when it is dropped.
pub struct StandIns {
    /// The community.
    pub bettermode: bettermode::Running,
    /// The workspace with a database of members.
    pub notion: notion::Running,
}

impl StandIns {
    /// Starts them on free ports of the loopback interface.
    pub async fn start() -> Result<Self, Fault> {
        let of_community = bettermode::Options { records: MEMBERS, ..Default::default() };
        let of_notion = notion::Options { records: MEMBERS, ..Default::default() };
        Ok(Self {
            bettermode: bettermode::start(of_community).await.map_err(fault)?,
            notion: notion::start(of_notion).await.map_err(fault)?,
        })
    }

    /// The client of the community.
    pub fn bettermode_client(&self) -> Result<Client, Fault> {
        let app = AppCredentials {
            client_id: self.bettermode.client_id.clone(),
            client_secret: Secret::new(self.bettermode.client_secret.clone()),
        };
        let limits = Limits {
            burst_requests: NO_LIMIT,
            burst_complexity: NO_LIMIT,
            day_requests: NO_LIMIT,
            day_complexity: NO_LIMIT,
            ..Limits::default()
        };
        Client::new(&IntegrationConfig {
            url: self.bettermode.address.clone(),
            network_id: Some(self.bettermode.network_id.clone()),
            app: Some(app),
            limits,
            ..IntegrationConfig::new()
        })
    }

    /// The members' pages as the bridge keeps them.
    pub fn pages(&self) -> Result<NotionPages, Fault> {
        let (url, token) = (self.notion.address.clone(), Secret::new(self.notion.key.clone()));
        let mut ports = connector_notion::Ports::default();
        // The stand-in has no limit of its own.
        ports.settings.requests_per_minute = None;
        let client = connector_notion::Client::with(&NotionConfig { url, token }, ports)?;
        let database = self.notion.members_database_id.clone();
        let settings = PagesSettings { add_properties: true, ..PagesSettings::new(database) };
        Ok(NotionPages::new(client, settings))
    }

    /// The community as the bridge talks to it.
    pub fn community(&self) -> Result<BettermodeCommunity, Fault> {
        Ok(BettermodeCommunity::new(self.bettermode_client()?))
    }
}

fn fault(error: SandboxError) -> Fault {
    Fault::usage(error.to_string())
}
