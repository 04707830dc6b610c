//! `landfall rejects --replay`: a run over the records that another one rejected.

use crate::args::Global;
use crate::commands::move_::{finish, heartbeat, steps, stopped};
use crate::face::Face;
use crate::reporting;
use crate::words::Failure;
use base::{Exit, Fault};
use engine::Job;
use engine::replay;
use engine::run::MoveOptions;
use ledger::Run;
use serde_json::{Map, Value};

/// Tries the rejects of a run again.
pub async fn run(face: &Face, global: &Global, job: &Job, of: &Run) -> Result<Exit, Failure> {
    let ledger = job.destination.ledger();
    let command = format!("landfall rejects {} --replay", of.name);
    super::take_lease(job, "landfall rejects --replay").await?;
    let run = replay::join_or_begin(job, of, &command, env!("CARGO_PKG_VERSION")).await?;
    let whole = job;
    let job = &replay::job_of(whole, &run)?;
    report::Folder::open(job.path(&job.project.move_.report_dir))?;
    face.log_to(&reporting::log_path(job, &run))?;
    let options = MoveOptions { skip_export: true, accept_export: true, ..MoveOptions::default() };
    let moved = tokio::select! {
        moved = steps(face, job, &run, &options) => moved,
        fault = heartbeat(job) => Err(fault),
    };
    let released = ledger.release_lease().await;
    let run =
        ledger.runs().await.ok().and_then(|runs| runs.into_iter().find(|r| r.id == run.id)).unwrap_or(run);
    match moved {
        Ok(verification) => {
            released?;
            add_to_id_maps(whole, job)?;
            Ok(finish(face, global, job, &run, verification).await?.exit)
        }
        Err(fault) => Err(stopped(face, job, run, fault).await),
    }
}

/// Adds the ids of records that arrived to the maps of the whole export.
fn add_to_id_maps(whole: &Job, replay: &Job) -> Result<(), Fault> {
    for name in whole.project.entities.iter().filter_map(|e| e.id_map.as_ref()) {
        let read = |job: &Job| -> Result<Map<String, Value>, Fault> {
            let path = job.folder.path().join(&name.value);
            let text = match std::fs::read_to_string(&path) {
                Ok(text) => text,
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Map::new()),
                Err(e) => return Err(Fault::stop(format!("cannot read {}: {e}", path.display()))),
            };
            serde_json::from_str(&text)
                .map_err(|_| Fault::stop(format!("{} is no id map any more", path.display())))
        };
        let mut all = read(whole)?;
        all.extend(read(replay)?);
        let text = serde_json::to_string_pretty(&all).map_err(|e| Fault::bug(e.to_string()))?;
        reporting::write_file(whole.folder.path(), &name.value, &format!("{text}\n"))?;
    }
    Ok(())
}
