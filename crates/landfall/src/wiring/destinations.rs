//! From the sections of destinations to one that the run loop knows.

use super::sources::Waits;
use super::{STATE_DIR, WRITERS, bettermode, notion, settings};
use crate::face::Face;
use base::{Fault, SystemClock};
use connect::destination::Destination;
use connect::service::Service;
use connector_bettermode::BettermodeService;
use engine::several::Several;
use postgres::address::Around;
use postgres::{Address, Home, PgDestination};
use project::{DestinationConfig, DestinationUrl, Project};
use service::ServiceDestination;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Opens all destinations of a project: a database alone, or services beside the one that keeps their ledger.
pub async fn open(face: &Face, project: &Project, command: &str) -> Result<Arc<dyn Destination>, Fault> {
    let (databases, services): (Vec<_>, Vec<_>) =
        project.destinations.iter().partition(|d| d.connector == "postgres");
    if databases.is_empty() && services.is_empty() {
        return Err(Fault::usage("the project has no destination")
            .hint("add [destination] with connector = \"postgres\""));
    }
    if let [_, other, ..] = databases.as_slice() {
        return Err(Fault::usage(
            "a project can have one PostgreSQL destination, beside any number of services",
        )
        .hint(format!("move into {} by a project of its own", other.name)));
    }
    let database = databases.first().copied();
    let home = Arc::new(home(project, database, command).await?);
    if services.is_empty() {
        return Ok(home);
    }
    let (destination, effects) = (Arc::clone(&home) as Arc<dyn Destination>, home.effects());
    let mut open: BTreeMap<String, Arc<dyn Destination>> = BTreeMap::new();
    for config in services {
        let service = service(face, project, config)?;
        let ledger = (Arc::clone(&destination), Arc::clone(&effects));
        let (clock, batch) = (Arc::new(SystemClock), project.move_.batch_size);
        let one = ServiceDestination::new(&config.name, service, ledger, project.namespace(), clock, batch);
        open.insert(config.name.clone(), Arc::new(one));
    }
    let named = database.map(|d| d.name.as_str());
    Ok(Arc::new(Several::new(open, (named, destination), effects)))
}

/// The database that keeps the ledger; without one in the project, the one inside the program.
async fn home(
    project: &Project,
    database: Option<&DestinationConfig>,
    command: &str,
) -> Result<PgDestination, Fault> {
    let home = place(project, database, command).await?;
    PgDestination::open(home, &project.name, &role(command)).await
}

/// Where that database is.
pub async fn place(
    project: &Project,
    database: Option<&DestinationConfig>,
    command: &str,
) -> Result<Home, Fault> {
    match database.and_then(|d| d.url.as_ref()) {
        Some(DestinationUrl::Address(url)) => {
            Ok(Home::Server(Box::new(Address::parse(url.expose(), &around())?)))
        }
        _ => embedded(&project.path(Path::new(STATE_DIR)), &role(command), WRITERS.contains(&command)).await,
    }
}

/// What a database server shows of a command.
pub fn role(command: &str) -> String {
    format!("landfall {command}")
}

/// A service from its section.
fn service(face: &Face, project: &Project, config: &DestinationConfig) -> Result<Arc<dyn Service>, Fault> {
    match config.connector.as_str() {
        "bettermode" => {
            let url = settings::text(&config.settings, "url");
            let client = bettermode::client(face, project, url.as_deref(), &config.settings)?;
            let network = settings::text(&config.settings, "network_id").unwrap_or_default();
            Ok(Arc::new(BettermodeService::new(client, network)))
        }
        "notion" => Ok(Arc::new(notion::service(&config.settings, Arc::new(Waits(face.clone())))?)),
        other => Err(Fault::usage(format!("no connector {other} writes into a destination"))),
    }
}

#[cfg(feature = "embedded")]
async fn embedded(dir: &Path, role: &str, writes: bool) -> Result<Home, Fault> {
    match writes {
        true => Home::embedded_to_write(dir, role).await,
        false => Home::embedded(dir, role).await,
    }
}

#[cfg(not(feature = "embedded"))]
async fn embedded(_: &Path, _: &str, _: bool) -> Result<Home, Fault> {
    Err(Fault::usage("this landfall was built without the embedded PostgreSQL").hint("set DATABASE_URL"))
}

#[expect(clippy::disallowed_methods, reason = "the door to the environment")]
fn around() -> Around {
    Around::of(|name| std::env::var(name).ok())
}
