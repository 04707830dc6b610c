//! `landfall runs`: the ledger's runs.

use crate::args::{Global, Runs as Args};
use crate::commands::find_run;
use crate::face::Face;
use crate::wiring::{self, Parts};
use crate::words::{Failure, grouped};
use base::{Exit, Fault};
use ledger::RunStatus;
use project::Overrides;

/// Runs the command.
pub async fn run(face: &Face, global: &Global, args: &Args) -> Result<Exit, Failure> {
    let dir = wiring::project_dir(global)?;
    let parts = Parts { source: false, destination: true, serve: false };
    let (project, _) = wiring::load(face, &dir, &wiring::environment(), &Overrides::default(), parts)?;
    let job = wiring::open(face, project, "runs", parts).await?;
    let ledger = job.destination.ledger();
    if let Some(named) = &args.forget {
        let run = find_run(&job, Some(named)).await?;
        if run.status == RunStatus::Open {
            return Err(Fault::usage(format!("run {} is open", run.name))
                .hint("landfall move finishes it")
                .into());
        }
        ledger.forget(run.id).await?;
        face.say(format!("run {} keeps its counts and rejects; it cannot be rolled back any more", run.name));
        return Ok(Exit::Done);
    }
    let runs = if ledger.is_prepared().await? { ledger.runs().await? } else { Vec::new() };
    let mut rows = Vec::new();
    let mut listed = Vec::new();
    for run in &runs {
        let counts = engine::run::counts(&job, run).await?;
        let sum = |f: &dyn Fn(&ledger::Counts) -> u64| counts.values().map(f).sum::<u64>();
        let (loaded, updated) = (sum(&|c| c.loaded), sum(&|c| c.updated));
        let rejected = sum(&|c| c.rejected_total());
        rows.push(vec![
            run.id.to_string(),
            run.name.clone(),
            run.status.word().to_owned(),
            grouped(loaded),
            grouped(updated),
            grouped(rejected),
            run.facts.get("command").and_then(|v| v.as_str()).unwrap_or_default().to_owned(),
        ]);
        listed.push(serde_json::json!({
            "run": run.id, "name": run.name, "kind": run.kind, "status": run.status.word(),
            "started_at": run.started_at.to_string(), "finished_at": run.finished_at.map(|t| t.to_string()),
            "resumed": run.resumed, "loaded": loaded, "updated": updated, "rejected": rejected,
        }));
    }
    if global.json {
        face.data(serde_json::json!({ "runs": listed }).to_string());
    } else if rows.is_empty() {
        face.say("no run has begun yet: landfall move");
    } else {
        let head = ["run", "name", "status", "loaded", "updated", "rejected", "command"];
        face.data(crate::tables::table(&head, &rows));
    }
    Ok(Exit::Done)
}
