//! Undoing a run: which one, how its rows are told apart, and a stop in between.

use crate::job::{Cancel, Event, Job};
use crate::load::Move;
use crate::run;
use crate::verify;
use base::{Class, Fault};
use connect::undo::{UndoReport, UndoRequest};
use ledger::{DifferenceKind, EntityRun, Run};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use xxhash_rust::xxh3::xxh3_128;

/// Between two looks whether somebody asked to stop: short enough for a person at Ctrl-C.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// What `rollback` was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UndoOptions {
    /// Only count.
    pub dry_run: bool,
    /// Undo rows that somebody changed since, too.
    pub force: bool,
    /// Tell changed rows by their content: the export through the mapping against the destination.
    pub by_content: bool,
}

/// The run of that number or TS; without a name the newest one that wrote rows, rolled back or not. `None`:
/// no run wrote rows.
pub async fn pick(job: &Job, name: Option<&str>) -> Result<Option<Run>, Fault> {
    let ledger = job.destination.ledger();
    let runs = if ledger.is_prepared().await? { ledger.runs().await? } else { Vec::new() };
    if let Some(name) = name {
        return named(runs, name).map(Some);
    }
    for run in runs {
        for entity in ledger.entities(run.id).await? {
            let counts = ledger.progress(run.id, &entity.entity).await?.counts;
            if counts.loaded + counts.updated > 0 {
                return Ok(Some(run));
            }
        }
    }
    Ok(None)
}

fn named(runs: Vec<Run>, name: &str) -> Result<Run, Fault> {
    let found = runs.into_iter().find(|r| r.name == name || r.id.to_string() == name);
    found.ok_or_else(|| Fault::usage(format!("there is no run {name}")).hint("landfall runs lists them"))
}

/// Undoes a run. The caller holds the lease, unless it is a dry run.
pub async fn undo(job: &Job, run: &Run, options: &UndoOptions) -> Result<UndoReport, Fault> {
    let began = Instant::now();
    let changed_keys = if options.by_content { Some(changed_keys(job, run).await?) } else { None };
    let request = UndoRequest { run: run.id, dry_run: options.dry_run, force: options.force, changed_keys };
    // A count that changes nothing is no phase: "deleted" in the log must mean that it was.
    if !options.dry_run {
        job.tell(Event::Began { phase: "rollback", name: run.name.clone(), total: None });
    }
    let (observer, name) = (job.observer.clone(), run.name.clone());
    let mut progress = |p: connect::undo::UndoProgress| {
        let name = name.clone();
        observer.event(&Event::Progress { phase: "rollback", name, done: p.done, total: Some(p.total) });
    };
    let undo = job.destination.undo(&request, &mut progress);
    let report = until_asked(undo, &job.cancel).await?;
    if options.dry_run || report.already {
        return Ok(report);
    }
    let total = report.total();
    job.tell(Event::Ended {
        phase: "rollback",
        name: run.name.clone(),
        done: total.rows(),
        seconds: began.elapsed().as_secs_f64(),
        outcome: format!(
            "{} deleted, {} restored, {} kept, {} gone already",
            total.deleted,
            total.restored,
            total.kept(),
            total.gone
        ),
    });
    Ok(report)
}

/// Waits for an undo, or for somebody to ask to stop. Then what is not committed is given up: the
/// destination's session ends with it.
async fn until_asked(
    undo: impl Future<Output = Result<UndoReport, Fault>>,
    cancel: &Cancel,
) -> Result<UndoReport, Fault> {
    let asked = async {
        while cancel.asked().is_none() {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    tokio::select! {
        biased;
        () = asked => Err(Fault::new(Class::Interrupt, "stopped on request")
            .hint("what was committed is undone for good; the same command goes on with the rest")),
        ended = undo => ended,
    }
}

/// For each entity the keys of rows whose content is not what the run wrote.
async fn changed_keys(job: &Job, run: &Run) -> Result<BTreeMap<String, Vec<String>>, Fault> {
    let files = run::files(job)?;
    same_export(job, run)?;
    let (prepared, _) = run::prepare_files(job, &files).await?;
    let prepared = prepared.ok_or_else(|| {
        Fault::usage("by content: the project does not fit its export or its destination")
            .hint("landfall check")
    })?;
    let step = Move { job, run, prepared: &prepared, files: &files };
    let options = verify::Options { named_max: usize::MAX, sample: 0, seed: run.seed, alone: false };
    let mut keys = BTreeMap::new();
    for begun in job.destination.ledger().entities(run.id).await? {
        let entity = prepared.entities.get(&begun.entity).ok_or_else(|| {
            Fault::usage(format!("by content: the project has no entity {} any more", begun.entity))
        })?;
        same_mapping(&begun, &entity.mapper.mapping().fingerprint_text())?;
        let compared = verify::entity(&step, &begun.entity, &options).await?;
        if compared.passwords_differing > 0 {
            return Err(Fault::usage(format!(
                "by content: {} passwords of {} are not those that the run wrote, and whose is not known",
                compared.passwords_differing, begun.entity
            ))
            .hint("without --by-content rows are told apart by their transactions"));
        }
        let changed: Vec<String> = compared
            .differences
            .into_iter()
            .filter(|d| d.kind == DifferenceKind::Changed)
            .map(|d| d.key)
            .collect();
        if (changed.len() as u64) < compared.changed {
            return Err(Fault::usage(format!(
                "by content: {} rows of {} differ, more than can be named",
                compared.changed, begun.entity
            )));
        }
        keys.insert(begun.entity, changed);
    }
    Ok(keys)
}

/// The comparison needs the export that the run loaded.
fn same_export(job: &Job, run: &Run) -> Result<(), Fault> {
    let Some(of_run) = run.facts.get("exported_at").and_then(|v| v.as_str()) else { return Ok(()) };
    let manifest = job.folder.manifest().map_err(|e| crate::reading::folder_fault(&e))?;
    if manifest.is_some_and(|m| m.started_at.to_string() == of_run) {
        return Ok(());
    }
    Err(Fault::usage(format!(
        "by content: the export in {} is not run {}'s",
        job.folder.path().display(),
        run.name
    ))
    .hint("put the export of that run back, with its manifest.json"))
}

/// The comparison needs the mapping that the run used, and one that was through.
fn same_mapping(begun: &EntityRun, fingerprint: &str) -> Result<(), Fault> {
    if !begun.loaded {
        return Err(Fault::usage(format!(
            "by content: {} is not loaded completely in this run",
            begun.entity
        ))
        .hint("landfall move goes on with it; without --by-content a part of it can be undone"));
    }
    if format!("{:032x}", xxh3_128(fingerprint.as_bytes())) == begun.plan {
        return Ok(());
    }
    Err(Fault::usage(format!(
        "by content: the mapping of {}, or its table's types, changed since the run",
        begun.entity
    ))
    .hint("bring landfall.toml back to what it was then"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::ids::RunId;
    use ledger::{RunKind, RunStatus};

    fn run(id: i64, name: &str) -> Run {
        Run {
            id: RunId(id),
            name: name.into(),
            kind: RunKind::Move,
            status: RunStatus::Done,
            started_at: jiff::Timestamp::UNIX_EPOCH,
            finished_at: None,
            resumed: 0,
            seed: 0,
            facts: serde_json::Value::Null,
        }
    }

    #[test]
    fn a_run_is_found_by_number_and_by_name_only() {
        for (name, expected) in [
            ("20260102_030405", Some(2)),
            ("2", Some(2)),
            ("1", Some(1)),
            ("20260102", None),
            ("3", None),
            ("", None),
        ] {
            let runs = vec![run(2, "20260102_030405"), run(1, "20260101_030405")];
            assert_eq!(named(runs, name).ok().map(|r| r.id.0), expected, "{name:?}");
        }
    }

    #[test]
    fn only_the_mapping_of_the_run_says_what_it_wrote() {
        let begun = |plan: &str, loaded| EntityRun {
            entity: "users".into(),
            table: String::new(),
            key: Vec::new(),
            plan: plan.into(),
            began_empty: true,
            defaults: BTreeMap::new(),
            key_base: None,
            source: 0,
            columns: Vec::new(),
            service: None,
            loaded,
        };
        let plan = format!("{:032x}", xxh3_128(b"a"));
        for (plan, loaded, mapping, expected) in [
            (&*plan, true, "a", true),
            (&plan, true, "b", false),
            (&plan, false, "a", false),
            ("", true, "a", false),
        ] {
            assert_eq!(
                same_mapping(&begun(plan, loaded), mapping).is_ok(),
                expected,
                "{plan} {loaded} {mapping}"
            );
        }
    }

    #[tokio::test]
    async fn a_wish_to_stop_ends_an_undo_that_would_go_on_for_ever() {
        let cancel = Cancel::default();
        cancel.stop(130);
        let fault = until_asked(std::future::pending(), &cancel).await.unwrap_err();
        assert_eq!((fault.class, fault.hints.len()), (Class::Interrupt, 1));
        let ended = until_asked(async { Err(Fault::bug("its own")) }, &Cancel::default()).await;
        assert_eq!(ended.unwrap_err().what, "its own");
    }
}
