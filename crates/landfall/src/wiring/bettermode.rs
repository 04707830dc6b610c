//! From a section to BetterMode's client.

use super::bridge::tell;
use super::budget;
use super::settings::{Settings, number, secret, text};
use super::sources::Waits;
use crate::face::Face;
use base::{Fault, Secret};
use connector_bettermode::budget::Limits;
use connector_bettermode::{AppCredentials, Client, IntegrationConfig, Ports};
use project::{Environment, Project};
use std::sync::Arc;
use webclient::Observer;

/// The client of the community that the environment names.
pub fn from_environment(face: &Face, environment: &Environment) -> Result<Client, Fault> {
    let set = |name: &str| environment.var(name).filter(|value| !value.is_empty());
    let count = |name: &str, otherwise: u64| match set(name).map(str::parse) {
        None => Ok(otherwise),
        Some(Ok(count)) => Ok(count),
        Some(Err(_)) => Err(Fault::usage(format!("{name} is no number"))),
    };
    let mut config = IntegrationConfig::new();
    config.url = set("BETTERMODE_API_URL").map_or(config.url, String::from);
    config.network_id = set("BETTERMODE_NETWORK_ID").map(String::from);
    config.token = set("BETTERMODE_API_TOKEN").map(Secret::new);
    let secret = set("BETTERMODE_CLIENT_SECRET").map(Secret::new);
    config.app = app(set("BETTERMODE_CLIENT_ID").map(String::from), secret)?;
    let Limits { burst_requests, burst_complexity, .. } = config.limits;
    config.limits.burst_requests = count("BETTERMODE_REQUESTS_PER_BURST", burst_requests)?;
    config.limits.burst_complexity = count("BETTERMODE_COMPLEXITY_PER_BURST", burst_complexity)?;
    Client::with(&config, Ports { observer: Some(Arc::new(Waits(face.clone()))), ..Ports::default() })
}

/// The client of a community of a project.
pub(super) fn client(
    face: &Face,
    project: &Project,
    url: Option<&str>,
    settings: &Settings,
) -> Result<Client, Fault> {
    let mut config = IntegrationConfig::new();
    config.url = url.map_or(config.url, String::from);
    config.network_id = text(settings, "network_id");
    config.token = secret(settings, "api_token");
    config.app = app(text(settings, "client_id"), secret(settings, "client_secret"))?;
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
    let budget = budget::of(project, settings, &config.limits, &tell(face))?;
    let observer: Arc<dyn Observer> = Arc::new(Waits(face.clone()));
    Client::with(&config, Ports { observer: Some(observer), budget, ..Ports::default() })
}

/// An app, known by both of its halves.
fn app(client_id: Option<String>, client_secret: Option<Secret>) -> Result<Option<AppCredentials>, Fault> {
    match (client_id, client_secret) {
        (Some(client_id), Some(client_secret)) => Ok(Some(AppCredentials { client_id, client_secret })),
        (None, None) => Ok(None),
        (Some(_), None) => Err(half("client_secret", "BETTERMODE_CLIENT_SECRET")),
        (None, Some(_)) => Err(half("client_id", "BETTERMODE_CLIENT_ID")),
    }
}

fn half(missing: &str, variable: &str) -> Fault {
    Fault::usage(format!("BetterMode: an app is known by its id and its secret, and {missing} is not set"))
        .hint(format!("set {variable}"))
}
