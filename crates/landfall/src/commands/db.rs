//! `landfall db`: the embedded PostgreSQL for other tools.

use crate::args::{Db as Args, DbCommand, Global};
use crate::face::Face;
use crate::signals;
use crate::wiring::{self, Parts, STATE_DIR};
use crate::words::Failure;
use base::{Exit, Fault};
use project::{DestinationUrl, Overrides};

/// Runs the command.
pub async fn run(face: &Face, global: &Global, args: Args) -> Result<Exit, Failure> {
    if matches!(args.command, DbCommand::LedgerSql) {
        face.data(super::docs::ledger::ddl().trim_end());
        return Ok(Exit::Done);
    }
    let dir = wiring::project_dir(global)?;
    let parts = Parts { source: false, destination: true, serve: false };
    let (project, _) = wiring::load(face, &dir, &wiring::environment(), &Overrides::default(), parts)?;
    let real = project.destinations.iter().find(|d| d.connector == "postgres").and_then(|d| match &d.url {
        Some(DestinationUrl::Address(url)) => Some(url.clone()),
        _ => None,
    });
    if real.is_some() {
        return Err(Fault::usage("this project's destination is a server of its own, not the embedded one")
            .hint("use psql with the DATABASE_URL that you have")
            .into());
    }
    embedded(face, &dir.join(STATE_DIR), args.command).await
}

#[cfg(feature = "embedded")]
async fn embedded(face: &Face, dir: &std::path::Path, command: DbCommand) -> Result<Exit, Failure> {
    use postgres::embedded::{Embedded, url_of_owner};
    let there = url_of_owner(dir)?;
    match command {
        DbCommand::Url => match there {
            Some(url) => {
                face.data(url);
                Ok(Exit::Done)
            }
            None => {
                Err(Fault::usage("nobody serves the embedded database now").hint("landfall db serve").into())
            }
        },
        DbCommand::Serve => {
            let embedded = open(dir).await?;
            face.data(embedded.url());
            face.say("serving until Ctrl-C; for example: landfall db psql");
            tokio::select! {
                fault = embedded.serve() => Err(fault.into()),
                () = signals::wish(face) => Ok(Exit::Done),
            }
        }
        DbCommand::Psql { args } => {
            let (owner, url) = match there {
                Some(url) => (None, url),
                None => {
                    let embedded: Embedded = open(dir).await?;
                    let url = embedded.url();
                    (Some(embedded), url)
                }
            };
            face.lend(true);
            let status = tokio::process::Command::new("psql").arg(url).args(args).status().await;
            face.lend(false);
            drop(owner);
            match status {
                Ok(status) if status.success() => Ok(Exit::Done),
                Ok(_) => Ok(Exit::Failed),
                Err(e) => Err(Fault::usage(format!("cannot start psql: {e}"))
                    .hint("install PostgreSQL's client (Debian: apt-get install postgresql-client)")
                    .into()),
            }
        }
        DbCommand::LedgerSql => Ok(Exit::Done),
    }
}

#[cfg(feature = "embedded")]
async fn open(dir: &std::path::Path) -> Result<postgres::embedded::Embedded, Fault> {
    let dir = dir.to_owned();
    let settings = postgres::embedded::Settings { command: "landfall db".into(), ..Default::default() };
    tokio::task::spawn_blocking(move || postgres::embedded::Embedded::open_with(&dir, &settings))
        .await
        .unwrap_or_else(|_| Err(Fault::bug("the thread that opens the database panicked")))
}

#[cfg(not(feature = "embedded"))]
async fn embedded(_: &Face, _: &std::path::Path, _: DbCommand) -> Result<Exit, Failure> {
    Err(Fault::usage("this landfall was built without the embedded PostgreSQL").into())
}
