//! Trying rejected records again: a run of its own over the export that is there and today's mapping.
//!
//! The records that are tried are copied, in export order, into a folder of their own inside the export's.
//! From then on the run is like any other, over that folder. A parent that is not among them is looked up in
//! the destination.

use crate::extract;
use crate::fates::Fates;
use crate::job::{Event, Job};
use crate::reading::{self, Reading, folder_fault, text};
use crate::run;
use arrow::array::AsArray;
use base::Fault;
use base::limits::MAP_ROWS;
use export::csv::CsvWriter;
use export::disk::Disk;
use export::summed::{Summed, Sums};
use export::{EntityManifest, ExportFolder, Manifest};
use ledger::store::NewRun;
use ledger::{Run, RunKind, RunStatus};
use serde_json::json;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use transform::ParentFate;

/// What replay folders begin with, inside the export's folder.
const FOLDER: &str = "replay_";

/// The run's fact that its records are collected.
const COLLECTED: &str = "collected";

/// The job of a run: a replay has the folder with the records that it tries.
pub fn job_of(job: &Job, run: &Run) -> Result<Job, Fault> {
    let mut job = job.clone();
    if run.kind == RunKind::Replay {
        let path = job.folder.path().join(format!("{FOLDER}{}", run.name));
        job.folder = ExportFolder::open_or_create(path).map_err(|e| folder_fault(&e))?;
    }
    Ok(job)
}

/// Begins a replay of the rejects of `of`, or goes on with the one that is open. A move that is still open
/// has not said yet what it rejects.
pub async fn join_or_begin(job: &Job, of: &Run, command: &str, version: &str) -> Result<Run, Fault> {
    run::record_project(job).await?;
    let ledger = job.destination.ledger();
    let newest = ledger.runs().await?.into_iter().next();
    let mut replay = match newest {
        Some(open) if open.status == RunStatus::Open && open.kind == RunKind::Replay => {
            ledger.note_resumed(open.id).await?;
            job.tell(Event::Note(format!("run {} goes on", open.name)));
            open
        }
        Some(open) if open.status == RunStatus::Open => {
            return Err(Fault::usage(format!("run {} is not finished", open.name))
                .hint("landfall move    goes on with it; its rejects can be tried again then"));
        }
        _ => {
            let facts = json!({
                "command": command,
                "version": version,
                "export": "existing",
                "of": of.id.0,
                "destination": job.destination.info().address,
                "server": job.destination.info().version,
            });
            let seed = run::seed();
            let new = NewRun { started_at: job.clock.now(), kind: RunKind::Replay, seed, facts };
            let begun = ledger.create_run(&new).await?;
            job.tell(Event::Note(format!("run {} tries the rejects of run {} again", begun.name, of.name)));
            begun
        }
    };
    if replay.facts.get(COLLECTED).is_none() {
        let of = replay.facts.get("of").and_then(|v| v.as_i64()).unwrap_or(of.id.0);
        collect(job, base::ids::RunId(of), &job_of(job, &replay)?, replay.seed).await?;
        replay.facts[COLLECTED] = json!(true);
        ledger.set_facts(replay.id, &replay.facts).await?;
    }
    Ok(replay)
}

/// What a run rejected of an entity.
struct Rejected {
    /// The ids.
    ids: Fates,
    /// Whether records without an id were among them.
    without_id: bool,
}

async fn rejected(job: &Job, of: base::ids::RunId, entity: &str, seed: u64) -> Result<Rejected, Fault> {
    let mut found = Rejected { ids: Fates::new(seed, 0)?, without_id: false };
    let mut offset = 0;
    loop {
        let page = job.destination.ledger().rejects(of, Some(entity), offset).await?;
        if page.is_empty() {
            return Ok(found);
        }
        for reject in &page {
            match reject.source_id.as_str() {
                "" => found.without_id = true,
                id => found.ids.put(id, ParentFate::Rejected)?,
            }
        }
        offset += page.len() as u64;
    }
}

impl Rejected {
    fn holds(&self, id: Option<&str>) -> Result<bool, Fault> {
        match id {
            None | Some("") => Ok(self.without_id),
            Some(id) => Ok(self.ids.get(id)?.is_some()),
        }
    }
}

/// Copies the records that the run rejected.
async fn collect(job: &Job, of: base::ids::RunId, to: &Job, seed: u64) -> Result<(), Fault> {
    let manifest = job.folder.manifest().map_err(|e| folder_fault(&e))?;
    let mut copied: BTreeMap<String, EntityManifest> = BTreeMap::new();
    for config in &job.project.entities {
        let name = &config.name;
        let Some(facts) = reading::facts(job, manifest.as_ref(), name)? else { continue };
        let rejected = rejected(job, of, name, seed).await?;
        let path = to.folder.csv_path(name);
        let (records, sums) = copy(&facts, &config.key.value, &rejected, (to.folder.disk(), &path))?;
        let unreadable = copy_unreadable(job, &to.folder, name, &rejected)?;
        job.tell(Event::Note(format!("{name}: {} records are tried again", records + unreadable)));
        if let Some(known) = manifest.as_ref().and_then(|m| m.entities.get(name)) {
            let entity = EntityManifest {
                records,
                unreadable,
                bytes: sums.bytes,
                // What was edited stays marked as edited.
                sha256: if facts.edited { String::new() } else { sums.sha256 },
                xxh3: if facts.edited { String::new() } else { sums.xxh3 },
                repeats: 0,
                passwords: None,
                ..known.clone()
            };
            copied.insert(name.clone(), entity);
        }
    }
    let Some(manifest) = manifest else { return Ok(()) };
    let manifest = Manifest { entities: copied, ..manifest };
    to.folder.write_manifest(&manifest).map_err(|e| folder_fault(&e))
}

/// Records of the copy, and its length and checksums.
fn copy(
    facts: &reading::FileFacts,
    key: &str,
    rejected: &Rejected,
    (disk, path): (&Disk, &Path),
) -> Result<(u64, Sums), Fault> {
    let mut fields = vec![key.to_owned()];
    fields.extend(facts.columns.iter().cloned());
    let mut reading = Reading::open(facts, &fields)?;
    let cannot = |e: std::io::Error| cannot_write(path, &e);
    let mut writer = CsvWriter::new(Summed::create(disk, path).map_err(cannot)?);
    writer.header(&facts.columns).map_err(cannot)?;
    let mut records = 0;
    while let Some(batch) = reading.next(MAP_ROWS)? {
        let columns: Vec<_> = batch.columns().iter().map(|c| c.as_string::<i32>()).collect();
        for row in 0..batch.num_rows() {
            if rejected.holds(text(columns[0], row))? {
                writer.record(columns[1..].iter().map(|c| text(c, row))).map_err(cannot)?;
                records += 1;
            }
        }
    }
    writer.flush().map_err(cannot)?;
    Ok((records, writer.into_inner().finish().map_err(cannot)?))
}

/// Copies the records that no CSV can hold.
fn copy_unreadable(job: &Job, to: &ExportFolder, entity: &str, rejected: &Rejected) -> Result<u64, Fault> {
    let from = job.folder.rejects_path(entity);
    let ids = extract::unreadable(job, entity)?;
    if ids.is_empty() {
        return Ok(0);
    }
    let lines = std::fs::read_to_string(&from)
        .map_err(|e| Fault::stop(format!("cannot read {}: {e}", from.display())))?;
    let path = to.rejects_path(entity);
    let mut out = String::new();
    let mut count = 0;
    for (line, reject) in lines.lines().zip(&ids) {
        if rejected.holds(Some(&reject.source_id))? {
            out += line;
            out.push('\n');
            count += 1;
        }
    }
    let written = Summed::create(to.disk(), &path).and_then(|mut file| {
        file.write_all(out.as_bytes())?;
        file.finish()
    });
    written.map(|_| count).map_err(|e| cannot_write(&path, &e))
}

fn cannot_write(path: &Path, error: &std::io::Error) -> Fault {
    Fault::stop(format!("cannot write {}: {error}", path.display()))
        .hint("mend that and run the same command again; nothing is lost")
}
