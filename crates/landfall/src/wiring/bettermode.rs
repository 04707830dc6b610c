//! From a section to BetterMode's client.

use super::settings::{Settings, number, secret, text};
use base::Fault;
use connector_bettermode::budget::Limits;
use connector_bettermode::{AppCredentials, Client, IntegrationConfig, Ports};
use std::sync::Arc;
use webclient::Observer;

/// The client of a community.
pub(super) fn client(
    url: Option<&str>,
    settings: &Settings,
    observer: Arc<dyn Observer>,
) -> Result<Client, Fault> {
    let mut config = IntegrationConfig::new();
    config.url = url.map_or(config.url, String::from);
    config.network_id = text(settings, "network_id");
    config.token = secret(settings, "api_token");
    config.app = match (text(settings, "client_id"), secret(settings, "client_secret")) {
        (Some(client_id), Some(client_secret)) => Some(AppCredentials { client_id, client_secret }),
        (None, None) => None,
        (Some(_), None) => return Err(half("client_secret", "BETTERMODE_CLIENT_SECRET")),
        (None, Some(_)) => return Err(half("client_id", "BETTERMODE_CLIENT_ID")),
    };
    if config.token.is_none() && config.app.is_none() {
        return Err(Fault::usage("BetterMode: there is no token and nothing to fetch one with")
            .hint("set BETTERMODE_CLIENT_ID and BETTERMODE_CLIENT_SECRET, or BETTERMODE_API_TOKEN"));
    }
    let limits = Limits::default();
    config.limits = Limits {
        burst_requests: number(settings, "requests_per_burst").unwrap_or(limits.burst_requests),
        burst_complexity: number(settings, "complexity_per_burst").unwrap_or(limits.burst_complexity),
        day_requests: number(settings, "requests_per_day").unwrap_or(limits.day_requests),
        day_complexity: number(settings, "complexity_per_day").unwrap_or(limits.day_complexity),
        ..limits
    };
    Client::with(&config, Ports { observer: Some(observer), ..Ports::default() })
}

fn half(missing: &str, variable: &str) -> Fault {
    Fault::usage(format!("BetterMode: an app is known by its id and its secret, and {missing} is not set"))
        .hint(format!("set {variable}"))
}
