//! `landfall plan`: what a run would do, counted, without writing.

use crate::args::Global;
use crate::face::Face;
use crate::wiring::{self, Parts};
use crate::words::{Failure, grouped, plural};
use base::{Exit, Fault};
use engine::plan::{EntityPlan, predict};
use project::Overrides;

/// Runs the command.
pub async fn run(face: &Face, global: &Global) -> Result<Exit, Failure> {
    let dir = wiring::project_dir(global)?;
    let parts = Parts { source: true, destination: true, serve: false };
    let loaded = wiring::load(face, &dir, &wiring::environment(), &Overrides::default(), parts);
    let (project, _) = loaded?;
    let job = wiring::open(face, project, "plan", parts).await?;
    let files = engine::run::files(&job)?;
    if files.is_empty() {
        return totals(face, global, &job).await;
    }
    let (prepared, problems) = engine::run::prepare_files(&job, &files).await?;
    let prepared = prepared.ok_or_else(|| {
        face.warn(crate::words::problems(&problems, "", project::FILE_NAME, face.verbose()).trim_end());
        Failure::from(
            Fault::usage("the project does not fit its export or its destination").hint("landfall check"),
        )
    })?;
    let prediction = predict(&job, &prepared, &files).await?;
    let plan = prediction.entities;
    if global.json {
        face.data(serde_json::to_string(&plan).map_err(|e| Fault::bug(e.to_string()))?);
        return Ok(Exit::Done);
    }
    let rows: Vec<Vec<String>> = plan.iter().map(row).collect();
    let head = ["entity", "source", "load", "update", "unchanged", "skip", "reject"];
    face.data(crate::tables::table(&head, &rows));
    let steps: Vec<String> = prepared.order.iter().map(|s| s.entities.join(" + ")).collect();
    face.say(format!("order: {}", steps.join(", then ")));
    let to_hash: u64 = plan.iter().map(|p| p.passwords_to_hash).sum();
    if to_hash > 0 {
        let cores = std::thread::available_parallelism().map_or(1, |n| n.get() as u64);
        let seconds = to_hash as f64 * engine::passwords::SECONDS_EACH / cores as f64;
        face.say(format!(
            "{} to hash: about {seconds:.0} s on {}",
            plural(to_hash, "password"),
            plural(cores, "core")
        ));
    }
    mails(face, &plan);
    if !prediction.tried {
        face.say(
            "the tables are not there yet, so no constraint was tried: rows that break one become rejects \
             when they are written",
        );
    }
    let triggers: Vec<&str> = prepared
        .entities
        .values()
        .filter(|e| !e.table.triggers.is_empty())
        .map(|e| e.config.name.as_str())
        .collect();
    if !triggers.is_empty() {
        face.say(format!("triggers were not tried: {}", triggers.join(", ")));
    }
    Ok(Exit::Done)
}

/// Who would hear of it, where anybody might.
fn mails(face: &Face, plan: &[EntityPlan]) {
    for p in plan.iter().filter(|p| p.mails != Some(0)) {
        face.say(match p.mails {
            Some(mails) => format!("{}: {} would go out", p.entity, plural(mails, "mail")),
            None => format!(
                "{}: no mail is asked for; whether the service tells anybody of them depends on what its \
                 members have set",
                p.entity
            ),
        });
    }
}

fn row(p: &EntityPlan) -> Vec<String> {
    let c = &p.counts;
    [p.source, c.loaded, c.updated, c.unchanged, c.skipped_total(), c.rejected_total()]
        .iter()
        .map(|n| grouped(*n))
        .fold(vec![p.entity.clone()], |mut row, n| {
            row.push(n);
            row
        })
}

/// Without an export: what the source says that there is.
async fn totals(face: &Face, global: &Global, job: &engine::Job) -> Result<Exit, Failure> {
    let mut rows = Vec::new();
    let mut listed = Vec::new();
    let page = job.project.move_.batch_size.max(1) as u64;
    for config in &job.project.entities {
        let total = job.source(&config.from.value.source)?.total(&config.from.value.stream).await?;
        let shown = |n: Option<u64>| n.map_or_else(|| "unknown".to_string(), grouped);
        rows.push(vec![
            config.name.clone(),
            config.from.value.stream.clone(),
            shown(total),
            shown(total.map(|t| t.div_ceil(page))),
        ]);
        listed.push(
            serde_json::json!({ "entity": config.name, "stream": config.from.value.stream, "source": total }),
        );
    }
    if global.json {
        face.data(serde_json::json!({ "export": false, "entities": listed }).to_string());
    } else {
        face.data(crate::tables::table(&["entity", "stream", "records", "pages"], &rows));
        face.say(
            "there is no export yet, so these are the source's totals only: landfall move --step \
        export, then plan again",
        );
    }
    Ok(Exit::Done)
}
