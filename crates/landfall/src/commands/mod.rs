//! The commands: one file a verb.

mod check;
mod db;
mod demo;
mod discover;
mod docs;
mod move_;
mod new;
mod plan;
mod rejects;
mod replay;
mod report;
mod rollback;
mod runs;
mod sandbox;
mod sql;
mod verify;

use crate::args::{Cli, Command};
use crate::face::Face;
use crate::words::Failure;
use base::{Exit, Fault};
use engine::Job;
use ledger::Run;

/// Runs a command.
pub async fn run(cli: Cli, face: Face) -> Result<Exit, Failure> {
    listen(&face);
    let global = &cli.global;
    match cli.command {
        Command::Demo(args) => demo::run(&face, &args).await,
        Command::New(args) => new::run(&face, &args),
        Command::Check => check::run(&face, global).await,
        Command::Discover(args) => discover::run(&face, global, &args).await,
        Command::Plan => plan::run(&face, global).await,
        Command::Move(args) => move_::run(&face, global, &args).await,
        Command::Verify(args) => verify::run(&face, global, &args).await,
        Command::Report(args) => report::run(&face, global, &args).await,
        Command::Runs(args) => runs::run(&face, global, &args).await,
        Command::Rejects(args) => rejects::run(&face, global, &args).await,
        Command::Rollback(args) => rollback::run(&face, global, &args).await,
        Command::Sql(args) => sql::run(&face, global, &args).await,
        Command::Db(args) => db::run(&face, global, args).await,
        Command::Sandbox(args) => sandbox::run(&face, &args).await,
        Command::Completions { shell } => {
            let mut command = <Cli as clap::CommandFactory>::command();
            clap_complete::generate(shell, &mut command, "landfall", &mut std::io::stdout());
            Ok(Exit::Done)
        }
        Command::InternalDocs { dir } => docs::run(&dir),
    }
}

/// Ctrl-C and SIGTERM ask the command to stop; the second one ends it at once.
fn listen(face: &Face) {
    use tokio::signal::unix::{SignalKind, signal};
    let face = face.clone();
    tokio::spawn(async move {
        let (Ok(mut interrupt), Ok(mut terminate)) =
            (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
        else {
            return;
        };
        let mut asked = false;
        loop {
            let exit = tokio::select! {
                _ = interrupt.recv() => Exit::Interrupted,
                _ = terminate.recv() => Exit::Terminated,
            };
            if asked {
                leave(exit);
            }
            asked = true;
            face.cancel().stop(exit.code());
            face.warn("stopping after what is under way; once more to stop at once");
        }
    });
}

#[expect(clippy::disallowed_methods, reason = "the second Ctrl-C means at once; the ledger makes that safe")]
fn leave(exit: Exit) -> ! {
    std::process::exit(exit.code().into())
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
