//! The commands: one file a verb.

mod actions;
mod bench;
mod bettermode;
mod check;
mod db;
mod demo;
mod discover;
mod docs;
mod env;
mod move_;
mod new;
mod plan;
mod rejects;
mod replay;
mod report;
mod rollback;
mod runbook;
mod runs;
mod sandbox;
mod serve;
mod sql;
mod verify;

use crate::args::{Cli, Command};
use crate::face::Face;
use crate::signals;
use crate::words::Failure;
use base::{Exit, Fault};
use engine::Job;
use ledger::Run;
use std::time::Duration;

/// Runs a command. One that only reads ends as soon as somebody asks; the others come to a stop themselves.
pub async fn run(cli: Cli, face: Face) -> Result<Exit, Failure> {
    signals::listen(&face);
    if !cli.command.only_reads() {
        return command(cli, &face).await;
    }
    tokio::select! {
        ended = command(cli, &face) => ended,
        fault = signals::asked(&face, Duration::ZERO) => Err(fault.into()),
    }
}

async fn command(cli: Cli, face: &Face) -> Result<Exit, Failure> {
    let global = &cli.global;
    match cli.command {
        Command::Demo(args) => demo::run(face, &args).await,
        Command::New(args) => new::run(face, &args),
        Command::Check => check::run(face, global).await,
        Command::Discover(args) => discover::run(face, global, &args).await,
        Command::Plan => plan::run(face, global).await,
        Command::Move(args) => move_::run(face, global, &args).await,
        Command::Verify(args) => verify::run(face, global, &args).await,
        Command::Report(args) => report::run(face, global, &args).await,
        Command::Runs(args) => runs::run(face, global, &args).await,
        Command::Rejects(args) => rejects::run(face, global, &args).await,
        Command::Rollback(args) => rollback::run(face, global, &args).await,
        Command::Sql(args) => sql::run(face, global, &args).await,
        Command::Db(args) => db::run(face, global, args).await,
        Command::Sandbox(args) => sandbox::run(face, &args).await,
        Command::Bettermode(args) => bettermode::run(face, global, *args).await,
        Command::Env(args) => env::run(face, global, &args),
        Command::Runbook(args) => runbook::run(face, global, &args).await,
        Command::Serve(args) => serve::run(face, global, &args).await,
        Command::Actions(args) => actions::run(face, global, &args).await,
        Command::Completions { shell } => {
            let mut command = <Cli as clap::CommandFactory>::command();
            clap_complete::generate(shell, &mut command, "landfall", &mut std::io::stdout());
            Ok(Exit::Done)
        }
        Command::InternalDocs { dir } => docs::run(&dir),
        Command::InternalBench(args) => bench::run(&face, &args.command).await,
    }
}

/// Becomes the one writer.
async fn take_lease(job: &Job, command: &str) -> Result<(), Fault> {
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let pid = i32::try_from(std::process::id()).unwrap_or_default();
    job.destination.ledger().take_lease(&host, pid, command).await.map(drop)
}

/// The run that a person named: its number or name; without one the newest.
async fn find_run(job: &Job, named: Option<&str>) -> Result<Run, Failure> {
    let ledger = job.destination.ledger();
    let runs = if ledger.is_prepared().await? { ledger.runs().await? } else { Vec::new() };
    let found = match named {
        None => runs.first().cloned(),
        Some(name) => runs.iter().find(|r| r.name == name || r.id.to_string() == name).cloned(),
    };
    found.ok_or_else(|| {
        match named {
            Some(name) => Fault::usage(format!("there is no run {name}")).hint("landfall runs lists them"),
            None => Fault::usage("no run has begun yet").hint("landfall move"),
        }
        .into()
    })
}
