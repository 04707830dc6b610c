//! What has to be known about a community to talk with its service.

use crate::address::US;
use crate::budget::{Budget, Limits};
use base::Secret;
use std::sync::Arc;
use webclient::{Observer, Pace, Settings, SystemPace};

/// The integration with one community. Secrets show themselves nowhere.
#[derive(Debug, Clone)]
pub struct IntegrationConfig {
    /// The address of the API (`BETTERMODE_API_URL`); [`crate::address`] has the service's own.
    pub url: String,
    /// The community (`BETTERMODE_NETWORK_ID`); needed to fetch tokens.
    pub network_id: Option<String>,
    /// A ready token (`BETTERMODE_API_TOKEN`). It is used until it is refused.
    pub token: Option<Secret>,
    /// What tokens are fetched and renewed with (`BETTERMODE_CLIENT_ID`, `BETTERMODE_CLIENT_SECRET`).
    pub app: Option<AppCredentials>,
    /// What webhooks are signed with (`BETTERMODE_WEBHOOK_SECRET`): several while one takes over from
    /// another.
    pub webhook_secrets: Vec<Secret>,
    /// How much may be asked of the service.
    pub limits: Limits,
}

/// An app's id and secret. They are not what its webhooks are signed with.
#[derive(Debug, Clone)]
pub struct AppCredentials {
    /// The app's id.
    pub client_id: String,
    /// The app's secret.
    pub client_secret: Secret,
}

impl IntegrationConfig {
    /// The community at the service's address in the United States, with nothing to show for it yet.
    pub fn new() -> Self {
        Self {
            url: US.into(),
            network_id: None,
            token: None,
            app: None,
            webhook_secrets: Vec::new(),
            limits: Limits::default(),
        }
    }
}

impl Default for IntegrationConfig {
    fn default() -> Self {
        Self::new()
    }
}

/// What comes from outside: time and chance, limits of the net, who keeps count, who watches.
#[derive(Clone)]
pub struct Ports {
    /// Time, sleep and chance.
    pub pace: Arc<dyn Pace>,
    /// Limits of connections, and when to try again.
    pub settings: Settings,
    /// Who keeps count of requests; `None`: this process alone.
    pub budget: Option<Arc<dyn Budget>>,
    /// Is told of waits.
    pub observer: Option<Arc<dyn Observer>>,
}

impl Default for Ports {
    fn default() -> Self {
        let pace = Arc::new(SystemPace::new());
        Self { pace, settings: Settings::default(), budget: None, observer: None }
    }
}
