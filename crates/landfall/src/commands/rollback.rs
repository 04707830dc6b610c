//! `landfall rollback`: undo exactly what a run did.

use crate::args::{Global, Rollback as Args};
use crate::commands::find_run;
use crate::face::Face;
use crate::reporting::{self, Seen};
use crate::wiring::{self, Parts};
use crate::words::{Failure, attention, good, grouped, plural};
use base::{Exit, Fault};
use connect::undo::UndoReport;
use engine::Job;
use engine::undo::UndoOptions;
use ledger::{Run, RunStatus};
use project::Overrides;
use std::io::{BufRead, IsTerminal};

/// Runs the command.
pub async fn run(face: &Face, global: &Global, args: &Args) -> Result<Exit, Failure> {
    let dir = wiring::project_dir(global)?;
    let parts = Parts { source: false, destination: true, serve: false };
    let (project, _) = wiring::load(face, &dir, &wiring::environment(), &Overrides::default(), parts)?;
    let job = wiring::open(face, project, "rollback", parts).await?;
    let Some(run) = engine::undo::pick(&job, args.run.as_deref()).await? else {
        face.say("no run has written rows; there is nothing to undo");
        return Ok(Exit::Done);
    };
    let ledger = job.destination.ledger();
    let mut options = UndoOptions { dry_run: true, force: args.force, by_content: args.by_content };
    if !args.dry_run {
        super::take_lease(&job, "landfall rollback").await?;
    }
    // Who has said yes beforehand is shown what the run wrote; to look at every row first would take as long
    // as half of the undoing.
    let counted = args.dry_run || !global.yes;
    if counted {
        let plan = engine::undo::undo(&job, &run, &options).await?;
        if plan.already {
            return Ok(nothing_left(face, global, &run, &plan, args.dry_run));
        }
        face.say(format!("run {}:", run.name));
        show(face, global, &run, &plan, args.dry_run, true);
        if args.dry_run {
            face.say("a dry run: nothing was changed");
            return Ok(if plan.total().kept() > 0 { Exit::Findings } else { Exit::Done });
        }
    } else {
        show_written(face, global, &job, &run).await?;
    }
    ask(global, &run)?;
    options.dry_run = false;
    let done = engine::undo::undo(&job, &run, &options).await?;
    if done.already {
        return Ok(nothing_left(face, global, &run, &done, false));
    }
    remember(&job, &run, &done).await?;
    ledger.release_lease().await?;
    let run = find_run(&job, Some(&run.name)).await?;
    reporting::write(&job, &run, face, &Seen::default(), None).await?;
    show(face, global, &run, &done, true, false);
    let kept = done.total().kept();
    if kept > 0 {
        face.say(attention(&format!(
            "{} kept: somebody changed them since, or another row needs them; ledger.kept names them",
            plural(kept, "row")
        )));
        return Ok(Exit::Findings);
    }
    face.say(good("undone"));
    Ok(Exit::Done)
}

/// Says of a run that it is rolled back already.
fn nothing_left(face: &Face, global: &Global, run: &Run, found: &UndoReport, dry_run: bool) -> Exit {
    if global.json {
        face.data(document(run, found, dry_run).to_string());
    }
    face.say(format!("run {} is rolled back completely; nothing was done", run.name));
    Exit::Done
}

/// A table of what the run wrote, from the ledger.
async fn show_written(face: &Face, global: &Global, job: &Job, run: &Run) -> Result<(), Fault> {
    if global.json || run.status == RunStatus::RolledBack {
        return Ok(());
    }
    face.say(format!("run {}:", run.name));
    let ledger = job.destination.ledger();
    let mut rows = Vec::new();
    for entity in ledger.entities(run.id).await?.into_iter().rev() {
        let counts = ledger.progress(run.id, &entity.entity).await?.counts;
        rows.push(vec![entity.entity, grouped(counts.loaded), grouped(counts.updated)]);
    }
    face.say(crate::tables::table(&["entity", "inserted", "updated"], &rows));
    Ok(())
}

/// Adds what was undone to the run's facts, for its report. What was kept is as it is now; the rest adds up
/// over the times that the run was rolled back.
async fn remember(job: &Job, run: &Run, done: &UndoReport) -> Result<(), Fault> {
    let mut facts = run.facts.clone();
    let before: report::Rollback = facts
        .get("rollback")
        .and_then(|value| serde_json::from_value(value.clone()).ok())
        .unwrap_or_default();
    let total = done.total();
    let rollback = report::Rollback {
        deleted: before.deleted + total.deleted,
        restored: before.restored + total.restored,
        kept: total.kept(),
        gone: before.gone + total.gone,
        forced: before.forced + total.forced,
    };
    facts["rollback"] = serde_json::to_value(rollback).map_err(|e| Fault::bug(e.to_string()))?;
    job.destination.ledger().set_facts(run.id, &facts).await
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

/// A table of what is to be undone (`planned`) or was; with `--json` a document, when this is the `last`
/// word.
fn show(face: &Face, global: &Global, run: &Run, report: &UndoReport, last: bool, planned: bool) {
    for note in &report.notes {
        face.warn(note);
    }
    if global.json {
        if last {
            face.data(document(run, report, planned).to_string());
        }
        return;
    }
    let rows: Vec<Vec<String>> = report
        .entities
        .iter()
        .map(|(name, u)| {
            let numbers = [u.deleted, u.restored, u.kept_changed, u.kept_needed, u.gone];
            std::iter::once(name.clone()).chain(numbers.into_iter().map(grouped)).collect()
        })
        .collect();
    let (delete, restore) = if planned { ("to delete", "to restore") } else { ("deleted", "restored") };
    let head = ["entity", delete, restore, "kept: changed", "kept: needed", "gone"];
    face.say(crate::tables::table(&head, &rows));
}

fn document(run: &Run, report: &UndoReport, planned: bool) -> serde_json::Value {
    let entities: serde_json::Map<String, serde_json::Value> = report
        .entities
        .iter()
        .map(|(name, u)| {
            let counts = serde_json::json!({
                "deleted": u.deleted, "restored": u.restored, "kept_changed": u.kept_changed,
                "kept_needed": u.kept_needed, "gone": u.gone, "forced": u.forced,
            });
            (name.clone(), counts)
        })
        .collect();
    let rows: Vec<serde_json::Value> = report
        .kept
        .iter()
        .map(|k| serde_json::json!({ "entity": k.entity, "key": k.key, "why": k.why.word() }))
        .collect();
    serde_json::json!({
        "run": run.name, "dry_run": planned, "status": report.status.word(), "entities": entities,
        "kept": report.total().kept(), "kept_rows": rows,
    })
}
