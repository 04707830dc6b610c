//! The community itself.

use super::Client;
use crate::errors::Error;
use crate::queries;
use crate::tokens::Who;
use crate::types::{EventType, Network, RateLimit};
use serde_json::json;

impl Client {
    /// The community that the token is for. The cheapest way to see whether the token is good.
    pub async fn network(&self) -> Result<Network, Error> {
        self.call(&queries::NETWORK, json!({})).await
    }

    /// What is left of the service's rate limits. Whether an app may ask is not documented.
    pub async fn rate_limits(&self) -> Result<Vec<RateLimit>, Error> {
        self.call(&queries::RATE_LIMITS, json!({})).await
    }

    /// What webhooks can tell of.
    pub async fn event_types(&self) -> Result<Vec<EventType>, Error> {
        self.call(&queries::EVENT_TYPES, json!({})).await
    }

    /// The same client as nobody in particular.
    pub(super) fn as_guest(&self) -> Self {
        Self { session: self.session.clone(), who: Who::Guest }
    }
}
