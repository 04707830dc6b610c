//! The client: one method a call, grouped by what it is about.

mod body;
mod pages;
mod query;
mod session;
mod sources;

pub use pages::PropertyItems;
pub use query::{Query, QueryWalk};

use crate::config::{NotionConfig, Ports};
use base::Fault;
use session::Session;
use std::sync::Arc;
use webclient::Pace;

/// Calls to one workspace. Cloning is cheap; clones share connections and limits.
#[derive(Clone)]
pub struct Client {
    session: Arc<Session>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("address", &self.address()).finish_non_exhaustive()
    }
}

impl Client {
    /// A client that asks nothing yet. A fault: the settings cannot be used.
    pub fn new(config: &NotionConfig) -> Result<Self, Fault> {
        Self::with(config, Ports::default())
    }

    /// The same with another idea of time and other limits of the net.
    pub fn with(config: &NotionConfig, ports: Ports) -> Result<Self, Fault> {
        Ok(Self { session: Arc::new(Session::new(config, ports)?) })
    }

    /// The address that it was made for.
    pub fn address(&self) -> &str {
        self.session.base().as_str()
    }

    /// Its host, for people.
    pub fn host(&self) -> &str {
        self.session.base().host_str().unwrap_or("?")
    }

    /// Whether the token would travel in clear text over a network.
    pub fn is_in_clear(&self) -> bool {
        webclient::is_in_clear(self.session.base())
    }

    /// How it waits.
    pub(crate) fn pace(&self) -> &dyn Pace {
        self.session.pace()
    }
}
