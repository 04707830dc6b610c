//! Each call of the client as a value: what a command line is made of.
//!
//! [`run`] gives back what the service showed, in its own names, as JSON. It holds what was asked for,
//! personal data included: it is for whoever asked, and for no log.

mod events;
mod members;
mod messages;
mod network;
mod posts;
mod spaces;

pub use events::{EventCall, EventPlan};
pub use members::MemberCall;
pub use messages::MessageCall;
pub use network::NetworkCall;
pub use posts::PostCall;
pub use spaces::SpaceCall;

use crate::client::{Client, Walk};
use crate::errors::Error;
use base::Fault;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// A call. It holds what people say and how they are reached, so that it does not show itself.
#[derive(Clone, PartialEq)]
pub enum Call {
    /// About people.
    Members(MemberCall),
    /// About spaces and their collections.
    Spaces(SpaceCall),
    /// About posts, comments, reactions, tags.
    Posts(PostCall),
    /// About what takes place.
    Events(EventCall),
    /// About direct messages.
    Messages(MessageCall),
    /// About the community as a whole.
    Network(NetworkCall),
}

/// Makes a call; lists are arrays, what has no answer of its own is `{"status": "succeeded"}`. What is not
/// there is a fault.
pub async fn run(client: &Client, call: Call) -> Result<Value, Fault> {
    match call {
        Call::Members(call) => members::run(client, call).await,
        Call::Spaces(call) => spaces::run(client, call).await,
        Call::Posts(call) => posts::run(client, call).await,
        Call::Events(call) => events::run(client, call).await,
        Call::Messages(call) => messages::run(client, call).await,
        Call::Network(call) => network::run(client, call).await,
    }
}

impl Call {
    /// What it changes, one sentence without a full stop and with no value but ids; `None`: it only asks.
    pub fn changes(&self) -> Option<String> {
        match self {
            Call::Members(call) => call.changes(),
            Call::Spaces(call) => call.changes(),
            Call::Posts(call) => call.changes(),
            Call::Events(call) => call.changes(),
            Call::Messages(call) => call.changes(),
            Call::Network(call) => call.changes(),
        }
    }
}

/// A record as JSON.
fn shown(record: impl Serialize) -> Result<Value, Fault> {
    serde_json::to_value(record).map_err(|e| Fault::bug(format!("an answer cannot be written as JSON: {e}")))
}

/// A record that may not be there.
fn found(record: Option<impl Serialize>, what: &str) -> Result<Value, Fault> {
    record.map_or_else(|| Err(missing(what)), shown)
}

fn missing(what: &str) -> Fault {
    Fault::fail(format!("the community has no such {what}"))
}

/// It was done, and that is all that the service says.
fn done((): ()) -> Value {
    json!({"status": "succeeded"})
}

/// The first records of a walk, at most so many.
async fn first<T>(walk: Walk<T>, limit: usize) -> Result<Vec<T>, Error>
where
    T: DeserializeOwned,
{
    let mut walk = walk.page_size(limit as u64);
    let mut records = Vec::new();
    while records.len() < limit
        && let Some(page) = walk.next_page().await?
    {
        records.extend(page.nodes);
    }
    records.truncate(limit);
    Ok(records)
}

/// The same as JSON.
async fn list<T>(walk: Walk<T>, limit: usize) -> Result<Value, Fault>
where
    T: DeserializeOwned + Serialize,
{
    shown(first(walk, limit).await?)
}
