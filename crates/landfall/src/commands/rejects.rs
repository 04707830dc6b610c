//! `landfall rejects`: what could not be carried, and why. Ids and codes; the values are in the errors file.

use crate::args::{Global, Rejects as Args};
use crate::commands::find_run;
use crate::face::Face;
use crate::wiring::{self, Parts};
use crate::words::{Failure, plural};
use base::Exit;
use project::Overrides;

/// Lines that are printed; the errors file has all.
const SHOWN: usize = 200;

/// Runs the command.
pub async fn run(face: &Face, global: &Global, args: &Args) -> Result<Exit, Failure> {
    let dir = wiring::project_dir(global)?;
    let parts = Parts { source: false, destination: true };
    let (project, _) = wiring::load(face, &dir, &wiring::environment(), &Overrides::default(), parts)?;
    let job = wiring::open(face, project, "rejects", parts).await?;
    let run = find_run(&job, args.run.as_deref()).await?;
    let rejects = crate::reporting::rejects(&job, &run).await?;
    // A replay that was interrupted goes on, whatever it has rejected so far.
    let begun = run.kind == ledger::RunKind::Replay && run.status == ledger::RunStatus::Open;
    if args.replay && (begun || !rejects.is_empty()) {
        return super::replay::run(face, global, &job, &run).await;
    }
    if global.json {
        for r in &rejects {
            face.data(
                serde_json::json!({
                    "entity": r.entity, "source_id": r.source_id, "field": r.field, "code": r.code.word(),
                    "reason": r.reason,
                })
                .to_string(),
            );
        }
        return Ok(Exit::Done);
    }
    let rows: Vec<Vec<String>> = rejects
        .iter()
        .take(SHOWN)
        .map(|r| {
            vec![r.entity.clone(), r.source_id.clone(), r.field.clone(), r.code.to_string(), r.reason.clone()]
        })
        .collect();
    if rows.is_empty() {
        face.say(format!("run {} has no rejects", run.name));
        return Ok(Exit::Done);
    }
    face.data(crate::tables::table(&["entity", "source id", "field", "code", "reason"], &rows));
    if rejects.len() > SHOWN {
        face.say(format!("… and {} more", plural((rejects.len() - SHOWN) as u64, "line")));
    }
    let name = format!("migration_errors_{}.csv", run.name);
    face.say(format!("with their values: {}", job.path(&job.project.move_.report_dir).join(name).display()));
    Ok(Exit::Done)
}
