//! `landfall rollback`: undo exactly what a run did.

use crate::args::{Global, Rollback as Args};
use crate::commands::find_run;
use crate::face::Face;
use crate::reporting::{self, Seen};
use crate::wiring::{self, Parts};
use crate::words::{Failure, attention, good, grouped, plural};
use base::{Exit, Fault};
use connect::rollback::RollbackRequest;
use engine::Job;
use ledger::Run;
use project::Overrides;
use std::io::{BufRead, IsTerminal};

/// Runs the command.
pub async fn run(face: &Face, global: &Global, args: &Args) -> Result<Exit, Failure> {
    let dir = wiring::project_dir(global)?;
    let parts = Parts { source: false, destination: true };
    let (project, _) = wiring::load(face, &dir, &wiring::environment(), &Overrides::default(), parts)?;
    let job = wiring::open(face, project, "rollback", parts).await?;
    let Some(run) = choose(&job, args.run.as_deref()).await? else {
        face.say("no run has written rows; there is nothing to undo");
        return Ok(Exit::Done);
    };
    let ledger = job.destination.ledger();
    let mut request = RollbackRequest { run: run.id, dry_run: true, force: args.force };
    if !args.dry_run {
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        let pid = i32::try_from(std::process::id()).unwrap_or_default();
        ledger.take_lease(&host, pid, "landfall rollback").await?;
    }
    let plan = job.destination.roll_back(&request).await?;
    if plan.already {
        face.say(format!("run {} is rolled back completely; nothing was done", run.name));
        return Ok(Exit::Done);
    }
    face.say(format!("run {}:", run.name));
    show(face, global, &run, &plan, true);
    if args.dry_run {
        face.say("a dry run: nothing was changed");
        return Ok(if plan.kept() > 0 { Exit::Findings } else { Exit::Done });
    }
    ask(global, &run)?;
    request.dry_run = false;
    let done = job.destination.roll_back(&request).await?;
    ledger.release_lease().await?;
    let run = find_run(&job, Some(&run.name)).await?;
    reporting::write(&job, &run, face, &Seen::default(), None).await?;
    show(face, global, &run, &done, false);
    if done.kept() > 0 {
        face.say(attention(&format!(
            "{} kept: somebody changed them since, or another row needs them; landfall.kept names them",
            plural(done.kept(), "row")
        )));
        return Ok(Exit::Findings);
    }
    face.say(good("undone"));
    Ok(Exit::Done)
}

/// The run that was named, or the newest that wrote rows.
async fn choose(job: &Job, named: Option<&str>) -> Result<Option<Run>, Failure> {
    if named.is_some() {
        return find_run(job, named).await.map(Some);
    }
    let ledger = job.destination.ledger();
    if !ledger.is_prepared().await? {
        return Ok(None);
    }
    for run in ledger.runs().await? {
        let counts = engine::run::counts(job, &run).await?;
        if counts.values().any(|c| c.loaded + c.updated > 0) {
            return Ok(Some(run));
        }
    }
    Ok(None)
}

fn ask(global: &Global, run: &Run) -> Result<(), Failure> {
    if global.yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        return Err(Fault::usage(
            "rollback asks before it changes anything, and there is no terminal to ask",
        )
        .hint(format!("landfall rollback {} --yes", run.name))
        .into());
    }
    let mut out = anstream::stderr().lock();
    let _ = std::io::Write::write_all(&mut out, b"undo it? [y/N] ");
    drop(out);
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    if read.is_ok() && matches!(answer.trim(), "y" | "yes" | "Y") {
        return Ok(());
    }
    Err(Fault::usage("not confirmed; nothing was changed").into())
}

fn show(face: &Face, global: &Global, run: &Run, report: &connect::rollback::RollbackReport, planned: bool) {
    if global.json {
        if planned {
            return;
        }
        let entities: serde_json::Map<String, serde_json::Value> = report
            .entities
            .iter()
            .map(|(name, u)| {
                let counts = serde_json::json!({
                    "deleted": u.deleted, "restored": u.restored, "kept_changed": u.kept_changed,
                    "kept_needed": u.kept_needed, "gone": u.gone,
                });
                (name.clone(), counts)
            })
            .collect();
        face.data(
            serde_json::json!({ "run": run.name, "entities": entities, "kept": report.kept() }).to_string(),
        );
        return;
    }
    let rows: Vec<Vec<String>> = report
        .entities
        .iter()
        .map(|(name, u)| {
            [u.deleted, u.restored, u.kept_changed, u.kept_needed, u.gone].iter().fold(
                vec![name.clone()],
                |mut row, n| {
                    row.push(grouped(*n));
                    row
                },
            )
        })
        .collect();
    let (delete, restore) = if planned { ("to delete", "to restore") } else { ("deleted", "restored") };
    let head = ["entity", delete, restore, "kept: changed", "kept: needed", "gone"];
    face.say(crate::tables::table(&head, &rows));
}
