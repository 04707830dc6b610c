//! `landfall rejects`: what could not be carried, and why. Ids and codes; the values are in the errors file.

use crate::args::{Global, Rejects as Args};
use crate::commands::find_run;
use crate::face::Face;
use crate::reporting::Rejects;
use crate::wiring::{self, Parts};
use crate::words::{Failure, plural};
use base::Exit;
use project::Overrides;
use serde_json::json;

/// Lines that are printed; the errors file has all.
const SHOWN: usize = 200;

/// Runs the command.
pub async fn run(face: &Face, global: &Global, args: &Args) -> Result<Exit, Failure> {
    let dir = wiring::project_dir(global)?;
    let parts = Parts { source: false, destination: true, serve: false };
    let (project, _) = wiring::load(face, &dir, &wiring::environment(), &Overrides::default(), parts)?;
    let job = wiring::open(face, project, "rejects", parts).await?;
    let run = find_run(&job, args.run.as_deref()).await?;
    let mut rejects = Rejects::of(&job, &run);
    let mut page = rejects.next().await?;
    // A replay that was interrupted goes on, whatever it has rejected so far.
    let begun = run.kind == ledger::RunKind::Replay && run.status == ledger::RunStatus::Open;
    if args.replay && (begun || page.is_some()) {
        return super::replay::run(face, global, &job, &run).await;
    }
    if page.is_none() && !global.json {
        face.say(format!("run {} has no rejects", run.name));
        return Ok(Exit::Done);
    }
    let (mut rows, mut more) = (Vec::new(), 0);
    while let Some(lines) = page {
        for r in lines {
            if global.json {
                face.data(
                    json!({
                        "entity": r.entity, "source_id": r.source_id, "field": r.field, "code": r.code.word(),
                        "reason": r.reason,
                    })
                    .to_string(),
                );
            } else if rows.len() < SHOWN {
                rows.push(vec![r.entity, r.source_id, r.field, r.code.to_string(), r.reason]);
            } else {
                more += 1;
            }
        }
        page = rejects.next().await?;
    }
    if global.json {
        return Ok(Exit::Done);
    }
    face.data(crate::tables::table(&["entity", "source id", "field", "code", "reason"], &rows));
    if more > 0 {
        face.say(format!("… and {} more", plural(more, "line")));
    }
    let name = format!("migration_errors_{}.csv", run.name);
    face.say(format!("with their values: {}", job.path(&job.project.move_.report_dir).join(name).display()));
    Ok(Exit::Done)
}
