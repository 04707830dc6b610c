//! What has to be known about a connection with Notion.

use base::Secret;
use std::num::NonZeroU32;
use std::sync::Arc;
use webclient::{Observer, Pace, Settings, SystemPace};

/// The service's own address (`NOTION_API_URL` overrides it); the paths below it begin with `v1`.
pub const API: &str = "https://api.notion.com";

/// The version of the API that everything here is written for.
pub const VERSION: &str = "2026-03-11";

/// What every request says besides the token.
const HEADERS: &[(&str, &str)] = &[("Notion-Version", VERSION)];

/// Requests in a minute: the average of three a second that the service has promised longest. A plan may
/// allow more; what it refuses is waited for as it asks.
const REQUESTS_PER_MINUTE: NonZeroU32 = NonZeroU32::new(180).unwrap();

/// A connection with one workspace.
#[derive(Debug, Clone)]
pub struct NotionConfig {
    /// The address of the API (`NOTION_API_URL`).
    pub url: String,
    /// The connection's token (`NOTION_API_TOKEN`); its beginning is not looked at.
    pub token: Secret,
}

/// What comes from outside: time and chance, limits of the net, who watches.
#[derive(Clone)]
pub struct Ports {
    /// Time, sleep and chance.
    pub pace: Arc<dyn Pace>,
    /// Limits of connections, and when to try again. The version's header is added to them.
    pub settings: Settings,
    /// Is told of waits.
    pub observer: Option<Arc<dyn Observer>>,
}

impl Default for Ports {
    fn default() -> Self {
        let settings = Settings { requests_per_minute: Some(REQUESTS_PER_MINUTE), ..Settings::default() };
        Self { pace: Arc::new(SystemPace::new()), settings, observer: None }
    }
}

impl Ports {
    /// The limits, with the header that names the version.
    pub(crate) fn settings(&self) -> Settings {
        Settings { headers: HEADERS, ..self.settings.clone() }
    }
}
