//! The client: one method a call, grouped by what it is about.

mod chats;
mod events;
mod images;
mod members;
mod network;
mod posts;
mod session;
mod spaces;
mod walk;

pub use chats::{ChatWalk, MessageWalk};
pub use members::MemberFilter;
pub use walk::{Page, Walk};

use crate::config::{IntegrationConfig, Ports};
use crate::errors::Error;
use crate::queries::Operation;
use crate::tokens::Who;
use crate::types::ActionStatus;
use crate::verdict::unreadable;
use base::{Fault, Secret};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;
use session::Session;
use std::sync::Arc;

/// Records of one page at most: what clients in the wild ask for; the service's own limit is not documented.
pub const PAGE_MAX: u64 = 100;

/// Ids that one request names at most.
pub const IDS_MAX: usize = 50;

/// Calls to one community. Cloning is cheap; clones share tokens, budget and connections.
#[derive(Clone)]
pub struct Client {
    session: Arc<Session>,
    who: Who,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("address", &self.address()).finish_non_exhaustive()
    }
}

impl Client {
    /// A client that asks nothing yet. A fault: the settings do not fit together.
    pub fn new(config: &IntegrationConfig) -> Result<Self, Fault> {
        Self::with(config, Ports::default())
    }

    /// The same with another idea of time, other limits of the net, another budget.
    pub fn with(config: &IntegrationConfig, ports: Ports) -> Result<Self, Fault> {
        Ok(Self { session: Arc::new(Session::new(config, ports)?), who: Who::App })
    }

    /// The same client, acting as a member: what it writes is that member's. The first call of each member
    /// fetches a token, which costs a request of the quota and is kept.
    #[must_use]
    pub fn acting_as(&self, member_id: impl Into<String>) -> Self {
        Self { session: self.session.clone(), who: Who::Member(member_id.into()) }
    }

    /// The same client with somebody's own token, such as that of [`Client::login`]. It cannot be renewed.
    #[must_use]
    pub fn holding(&self, token: Secret) -> Self {
        Self { session: self.session.clone(), who: Who::Holder(token) }
    }

    /// The address that it was made for.
    pub fn address(&self) -> &str {
        self.session.address.url().as_str()
    }

    /// Whether tokens would travel in clear text over a network.
    pub(crate) fn is_in_clear(&self) -> bool {
        self.session.address.is_in_clear()
    }

    /// Whether tokens can be fetched anew.
    pub(crate) fn can_renew(&self) -> bool {
        self.session.can_mint()
    }

    /// Waits.
    pub(crate) async fn sleep(&self, time: std::time::Duration) {
        self.session.pace.sleep(time).await;
    }

    /// A number from 0 up to, not including, 1.
    pub(crate) fn fraction(&self) -> f64 {
        self.session.pace.fraction()
    }

    /// The largest page of this operation that the limits allow, of at most so many records.
    pub(crate) fn page_size(&self, operation: &Operation, wanted: u64) -> u64 {
        self.session.page_size(operation, wanted)
    }

    /// Runs an operation and gives back its root field, not read any further.
    pub(crate) async fn raw(&self, operation: &Operation, variables: Value) -> Result<Box<RawValue>, Error> {
        self.session.run(operation, &variables, &self.who).await
    }

    /// Runs an operation and reads its root field.
    pub(crate) async fn call<T: DeserializeOwned>(
        &self,
        operation: &Operation,
        variables: Value,
    ) -> Result<T, Error> {
        let raw = self.raw(operation, variables).await?;
        read(operation, &raw)
    }

    /// The same for what may not be there.
    async fn find<T: DeserializeOwned>(
        &self,
        operation: &Operation,
        variables: Value,
    ) -> Result<Option<T>, Error> {
        match self.call(operation, variables).await {
            Ok(found) => Ok(Some(found)),
            Err(Error::NotFound { .. } | Error::Nothing { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Runs an operation that answers only whether it was done.
    async fn act(&self, operation: &Operation, variables: Value) -> Result<(), Error> {
        let raw = self.raw(operation, variables).await?;
        // `removeSpaceMembers` and the like answer with one status for each.
        let actions = match read::<Actions>(operation, &raw)? {
            Actions::One(action) => vec![action],
            Actions::Each(actions) => actions,
        };
        match actions.iter().find(|action| action.status != ActionStatus::Succeeded) {
            None => Ok(()),
            Some(Action { status: ActionStatus::Failed }) => Err(Error::Failed { operation: operation.name }),
            Some(_) => Err(unreadable(operation, "its status is neither succeeded nor failed".into())),
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Actions {
    One(Action),
    Each(Vec<Action>),
}

#[derive(Deserialize)]
struct Action {
    status: ActionStatus,
}

/// Reads a root field. What does not fit is named by its place, never by its value.
pub(crate) fn read<T: DeserializeOwned>(operation: &Operation, raw: &RawValue) -> Result<T, Error> {
    serde_json::from_str(raw.get()).map_err(|e| {
        unreadable(operation, format!("the answer is not as expected, at column {} of it", e.column()))
    })
}
