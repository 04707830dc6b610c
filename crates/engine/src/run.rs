//! A move from begin to end: which run, the export, the entities in their order, the verify.

use crate::checks::{self, CheckOutcome};
use crate::circle;
use crate::extract;
use crate::job::{Event, Job};
use crate::load::{EntityOutcome, Move};
use crate::prepare::{self, Fields, Prepared};
use crate::reading::{self, FileFacts, folder_fault};
use crate::verify::{self, Compared};
use base::{Fault, Problem};
use export::Manifest;
use ledger::store::NewRun;
use ledger::{Counts, ProjectRecord, Run, RunKind, RunStatus};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// What `move` was told.
#[derive(Debug, Clone, Default)]
pub struct MoveOptions {
    /// Steps to do; empty: all.
    pub steps: Vec<String>,
    /// Take the CSV files that are there.
    pub skip_export: bool,
    /// Take an export of another source.
    pub accept_export: bool,
    /// Begin a new run.
    pub fresh: bool,
    /// The command as typed, for the ledger.
    pub command: String,
    /// The version of the program, for the ledger.
    pub version: String,
}

impl MoveOptions {
    fn wants(&self, step: &str) -> bool {
        self.steps.is_empty() || self.steps.iter().any(|s| s == step)
    }
}

/// What a verify came to.
#[derive(Debug, Clone, Default)]
pub struct Verification {
    /// Per entity.
    pub entities: BTreeMap<String, Compared>,
    /// The declared checks.
    pub checks: Vec<CheckOutcome>,
    /// References: entity, column, parent, orphans.
    pub references: Vec<(String, String, String, u64)>,
    /// Oddities of the export: level warn.
    pub findings: Vec<(String, String)>,
}

impl Verification {
    /// Whether something must change the exit status: a difference, an orphan, or a failed check of level
    /// `error`.
    pub fn has_findings(&self) -> bool {
        self.entities.values().any(|c| c.differing() + c.passwords_differing > 0)
            || self.references.iter().any(|(_, _, _, orphans)| *orphans > 0)
            || self.checks.iter().any(|c| !c.passed() && c.level == project::Level::Error)
    }
}

/// What a move came to.
#[derive(Debug)]
pub struct MoveOutcome {
    /// The run as it now stands in the ledger; `None` when only the export was asked for.
    pub run: Option<Run>,
    /// The entities that were moved or found moved.
    pub entities: BTreeMap<String, EntityOutcome>,
    /// The verify, if it was its turn.
    pub verification: Option<Verification>,
    /// Problems worth showing.
    pub problems: Vec<Problem>,
}

/// The newest run, if it is open.
pub async fn open_run(job: &Job) -> Result<Option<Run>, Fault> {
    let ledger = job.destination.ledger();
    if !ledger.is_prepared().await? {
        return Ok(None);
    }
    Ok(ledger
        .runs()
        .await?
        .into_iter()
        .next()
        .filter(|r| r.status == RunStatus::Open && r.kind == RunKind::Move))
}

/// Finds or begins the run, and records the project's namespace.
pub async fn join_or_begin(job: &Job, options: &MoveOptions) -> Result<Run, Fault> {
    let ledger = job.destination.ledger();
    record_project(job).await?;
    let wants_export = options.wants("export") && !options.skip_export;
    if let Some(run) = open_run(job).await?.filter(|_| !options.fresh) {
        let only_export = options.steps.len() == 1 && wants_export;
        let export_done =
            job.folder.manifest().map_err(|e| folder_fault(&e))?.is_some_and(|m| m.finished_at.is_some());
        if !(only_export && export_done) {
            ledger.note_resumed(run.id).await?;
            job.tell(Event::Note(format!("run {} goes on", run.name)));
            return Ok(run);
        }
    }
    let export = if wants_export { "new" } else { "existing" };
    let facts = json!({
        "command": options.command,
        "version": options.version,
        "export": export,
        "destination": job.destination.info().address,
        "server": job.destination.info().version,
    });
    let seed = seed();
    let run = NewRun { started_at: job.clock.now(), kind: RunKind::Move, seed, facts };
    let run = ledger.create_run(&run).await?;
    job.tell(Event::Note(format!("run {} begins", run.name)));
    Ok(run)
}

/// The seed of a run's sample and hashes.
#[expect(clippy::disallowed_methods, reason = "the door to randomness; a run records what came through it")]
pub fn seed() -> u64 {
    rand::random()
}

/// Records the namespace, or refuses another one.
pub async fn record_project(job: &Job) -> Result<(), Fault> {
    let ledger = job.destination.ledger();
    match ledger.project().await? {
        Some(known) if known.namespace != job.namespace => Err(Fault::usage(format!(
            "this project's ids were made in the namespace {}, not in {}",
            known.namespace, job.namespace
        ))
        .hint(format!("add to [project] in landfall.toml: namespace = \"{}\"", known.namespace))),
        Some(_) => Ok(()),
        None => {
            let record = ProjectRecord { name: job.project.name.value.clone(), namespace: job.namespace };
            ledger.record_project(&record).await
        }
    }
}

/// Makes the tables from the project's schema script when none of them is there.
pub async fn ensure_schema(job: &Job) -> Result<(), Fault> {
    let names = prepare::in_database(job);
    let tables = job.destination.tables(&names).await?;
    if tables.iter().any(Option::is_some) {
        return Ok(());
    }
    let Some((path, sql)) = schema_script(job)? else { return Ok(()) };
    job.tell(Event::Note(format!("tables made from {}", path.display())));
    job.destination.run_script(&sql).await.map_err(|f| f.at(path.display()))
}

/// The project's schema script and where it stands, when it has one.
pub fn schema_script(job: &Job) -> Result<Option<(PathBuf, String)>, Fault> {
    let Some(schema) = job.project.destinations.iter().find_map(|d| d.schema.as_ref()) else {
        return Ok(None);
    };
    let path = job.path(&schema.value);
    let sql = std::fs::read_to_string(&path)
        .map_err(|e| Fault::usage(format!("cannot read the schema script {}: {e}", path.display())))?;
    Ok(Some((path, sql)))
}

/// The export of a run: goes on with it, makes it anew, or looks at the one that is there.
pub async fn export(job: &Job, run: Option<&Run>, options: &MoveOptions) -> Result<Option<Manifest>, Fault> {
    let there = job.folder.manifest().map_err(|e| folder_fault(&e))?;
    if options.skip_export || !options.wants("export") {
        accept(job, there.as_ref(), options)?;
        return Ok(there);
    }
    let ours = run.and_then(|r| r.facts.get("exported_at").and_then(|v| v.as_str().map(String::from)));
    let manifest = match there {
        Some(m)
            if m.finished_at.is_none()
                && (run.is_none() || ours.as_deref() == Some(&m.started_at.to_string())) =>
        {
            m
        }
        Some(m) if ours.as_deref() == Some(&m.started_at.to_string()) => return Ok(Some(m)),
        _ => {
            let manifest = tokio::task::block_in_place(|| extract::begin(job))?;
            if let Some(run) = run {
                let mut facts = run.facts.clone();
                facts["exported_at"] = json!(manifest.started_at.to_string());
                job.destination.ledger().set_facts(run.id, &facts).await?;
            }
            manifest
        }
    };
    extract::export(job, manifest).await.map(Some)
}

/// Refuses an export of another source.
fn accept(job: &Job, manifest: Option<&Manifest>, options: &MoveOptions) -> Result<(), Fault> {
    let Some(manifest) = manifest else { return Ok(()) };
    if manifest.project != job.project.name.value && !options.accept_export {
        return Err(Fault::usage(format!(
            "the export in {} is of the project {}",
            job.folder.path().display(),
            manifest.project
        ))
        .hint("--accept-export takes it all the same"));
    }
    let configured =
        job.project.sources.first().and_then(|s| job.sources.get(&s.name)).map(|s| s.info().address);
    match configured {
        Some(address) if address != manifest.source.address && !options.accept_export => {
            Err(Fault::usage(format!(
                "the export in {} was made from {}, the project's source is {address}",
                job.folder.path().display(),
                manifest.source.address
            ))
            .hint("--accept-export takes it all the same"))
        }
        _ => Ok(()),
    }
}

/// The files of all entities.
pub fn files(job: &Job) -> Result<BTreeMap<String, FileFacts>, Fault> {
    let manifest = job.folder.manifest().map_err(|e| folder_fault(&e))?;
    let mut files = BTreeMap::new();
    for config in &job.project.entities {
        if let Some(facts) = reading::facts(job, manifest.as_ref(), &config.name)? {
            files.insert(config.name.clone(), facts);
        }
    }
    Ok(files)
}

/// Prepares over the files that are there; problems end it.
pub async fn prepare_files(
    job: &Job,
    files: &BTreeMap<String, FileFacts>,
) -> Result<(Option<Prepared>, Vec<Problem>), Fault> {
    let fields: Fields = files.iter().map(|(name, f)| (name.clone(), f.columns.clone())).collect();
    let outcome = prepare::prepare(job, &fields).await?;
    Ok((outcome.prepared, outcome.problems))
}

/// Loads the entities that the steps name, in order.
pub async fn load(step: &Move<'_>, options: &MoveOptions) -> Result<BTreeMap<String, EntityOutcome>, Fault> {
    let job = step.job;
    let mut outcomes = BTreeMap::new();
    for group in &step.prepared.order {
        // The entities of a circle are loaded together, whichever of their steps is asked for.
        let wanted = |name: &String| job.project.entity(name).is_some_and(|c| options.wants(c.step()));
        if !group.entities.iter().any(wanted) {
            continue;
        }
        if group.cyclic {
            outcomes.extend(circle::load(step, &group.entities).await?);
        } else {
            for name in &group.entities {
                outcomes.insert(name.clone(), step.entity(name).await?);
            }
        }
        for name in &group.entities {
            let rejects = extract::unreadable(job, name)?;
            job.destination.ledger().replace_export_rejects(step.run.id, name, &rejects).await?;
        }
    }
    Ok(outcomes)
}

/// Whether every entity of the project is loaded in the run.
pub async fn all_loaded(job: &Job, run: &Run) -> Result<bool, Fault> {
    let loaded: BTreeSet<String> = job
        .destination
        .ledger()
        .entities(run.id)
        .await?
        .into_iter()
        .filter(|e| e.loaded)
        .map(|e| e.entity)
        .collect();
    Ok(job.project.entities.iter().all(|e| loaded.contains(&e.name)))
}

/// Compares every loaded entity and runs the checks.
pub async fn verify(
    step: &Move<'_>,
    catalog: &transform::query::Catalog,
    options: &verify::Options,
) -> Result<Verification, Fault> {
    let job = step.job;
    let mut result = Verification::default();
    let ledger = job.destination.ledger();
    for begun in ledger.entities(step.run.id).await?.into_iter().filter(|e| e.loaded) {
        if !step.prepared.entities.contains_key(&begun.entity) {
            continue;
        }
        let mut compared = verify::entity(step, &begun.entity, options).await?;
        if step.run.kind == RunKind::Replay {
            // The other rows of the table are those of the run whose rejects were tried.
            (compared.extra, compared.foreign) = (0, 0);
        }
        if step.run.status == RunStatus::Open {
            ledger.replace_differences(step.run.id, &begun.entity, &compared.differences).await?;
        }
        result.entities.insert(begun.entity, compared);
    }
    result.references = checks::orphans(job, step.prepared).await?;
    result.checks = checks::run(job, step.prepared, catalog).await?;
    for (name, file) in step.files {
        if file.edited {
            result.findings.push((name.clone(), "the export was edited since landfall wrote it".into()));
        } else if !file.pristine {
            result
                .findings
                .push((name.clone(), "the file came without a manifest: no proof of completeness".into()));
        }
    }
    Ok(result)
}

/// Closes a run whose entities are all loaded and that a verify has looked at.
pub async fn close(job: &Job, run: &Run, verification: &Verification) -> Result<RunStatus, Fault> {
    let ledger = job.destination.ledger();
    let rejected = counts(job, run).await?.values().any(|c| c.rejected_total() > 0);
    let status = match rejected || verification.has_findings() {
        true => RunStatus::DoneWithFindings,
        false => RunStatus::Done,
    };
    ledger.set_status(run.id, status, Some(job.clock.now())).await?;
    Ok(status)
}

/// The counts of every entity of a run, with the records that were unreadable at export.
pub async fn counts(job: &Job, run: &Run) -> Result<BTreeMap<String, Counts>, Fault> {
    let ledger = job.destination.ledger();
    let mut all = BTreeMap::new();
    for entity in ledger.entities(run.id).await? {
        let mut counts = ledger.progress(run.id, &entity.entity).await?.counts;
        let unreadable = extract::unreadable(job, &entity.entity)?.len() as u64;
        if unreadable > 0 {
            counts.add_many(ledger::Fate::Rejected(base::RejectCode::BadText), unreadable);
        }
        all.insert(entity.entity, counts);
    }
    Ok(all)
}
