//! What the server is made of: everything that it reaches outside of itself.

use crate::log::Log;
use base::{Clock, Fault, Secret};
use bridge::ports::{Cache, Collections, Community, Pages};
use bridge::{Event, Inbox, Outbox, Planned, Sender};
use jiff::Timestamp;
use std::sync::Arc;

/// Decides what an event causes: see [`bridge::store::Decide`].
pub type Decides = Arc<dyn Fn(&Event, Option<Timestamp>, Timestamp) -> Vec<Planned> + Send + Sync>;

/// The parts, made by whoever starts the server.
pub struct Parts {
    /// Where events are kept.
    pub inbox: Arc<dyn Inbox>,
    /// Where actions wait: in the same database.
    pub outbox: Arc<dyn Outbox>,
    /// Who may tell us something, each under its name.
    pub senders: Vec<Arc<dyn Sender>>,
    /// The rules.
    pub decide: Decides,
    /// The community that members are fetched from and messages and posts go to.
    pub community: Access<dyn Community>,
    /// Pages about members.
    pub pages: Access<dyn Pages>,
    /// Members at hand; `None`: no rule wants one.
    pub cache: Option<Arc<dyn Cache>>,
    /// Copies of events and activities outside of the inbox's database; `None`: they are kept inside.
    pub collections: Option<Arc<dyn Collections>>,
    /// What `/health` says about integrations.
    pub integrations: Vec<Integration>,
    /// Signs the calls of `call_url` (`whsec_…` of Standard Webhooks, or any text); `None`: they are
    /// unsigned.
    pub call_secret: Option<Secret>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// 32 random bytes of the machine: jitter, request ids and the key of the console's cookies come from it.
    pub seed: [u8; 32],
    /// Where log lines go.
    pub log: Arc<dyn Log>,
}

/// Something that may be switched off.
pub enum Access<T: ?Sized> {
    /// It is there.
    On(Arc<T>),
    /// It is not; the words complete "… is off: ", as in `DISABLE_API_BETTERMODE is set`.
    Off(String),
}

impl<T: ?Sized> Access<T> {
    /// It, when it is there.
    pub fn get(&self) -> Option<&Arc<T>> {
        match self {
            Access::On(it) => Some(it),
            Access::Off(_) => None,
        }
    }

    /// It, or the fault of somebody who cannot do without; `name` as in `the community`.
    pub fn wanted(&self, name: &str) -> Result<&Arc<T>, Fault> {
        match self {
            Access::On(it) => Ok(it),
            Access::Off(why) => Err(Fault::usage(format!("{name} is off: {why}"))
                .hint("switch it on, restart the server, and replay the dead letter")),
        }
    }
}

impl<T: ?Sized> Clone for Access<T> {
    fn clone(&self) -> Self {
        match self {
            Access::On(it) => Access::On(it.clone()),
            Access::Off(why) => Access::Off(why.clone()),
        }
    }
}

/// An integration that is on or off by setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Integration {
    /// Its name: `bettermode`, `circle`.
    pub name: String,
    /// Whether it is on.
    pub on: bool,
}
