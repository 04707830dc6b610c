//! What a run's report said, kept with the run in the ledger: the verify, the times and the export are known
//! to the process that moved, and `landfall report` has to tell the same later.

use base::Fault;
use engine::Job;
use ledger::{Run, RunStatus};
use report::{Phase, REPORT_VERSION, Report};

/// Its name among the facts of a run.
const FACT: &str = "report";

/// Keeps a report with its run. It holds ids, codes and counts, no value of a record.
pub async fn keep(job: &Job, run: &Run, report: &Report) -> Result<(), Fault> {
    let mut facts = run.facts.clone();
    facts[FACT] =
        serde_json::to_value(report).map_err(|e| Fault::bug(format!("a report is no JSON: {e}")))?;
    job.destination.ledger().set_facts(run.id, &facts).await
}

/// Adds to a report what only earlier commands of its run knew. `writes`: this command moved, so it knows the
/// entities and the export better than the one before; `verified`: it has compared.
pub fn complete(report: &mut Report, run: &Run, writes: bool, verified: bool) {
    let Some(kept) = kept(run) else { return };
    let mut phases = kept.phases;
    phases.retain(|old| !report.phases.iter().any(|new| is_same(old, new)));
    phases.append(&mut report.phases);
    report.phases = phases;
    if run.status != RunStatus::Open && !writes {
        // The export may be another one by now.
        report.entities = kept.entities;
        report.passwords = kept.passwords;
        report.export = kept.export;
        report.run.source = kept.run.source;
        report.run.environment = kept.run.environment;
        report.run.landfall = kept.run.landfall;
    }
    for (name, entity) in &mut report.entities {
        let loads = report.phases.iter().filter(|p| p.name == "load" && p.entity.as_ref() == Some(name));
        entity.seconds = loads.map(|p| p.seconds).sum();
    }
    if !verified {
        report.verification = kept.verification;
        report.checks = kept.checks;
        report.findings = kept.findings;
    }
}

/// A report of another version is as good as none.
fn kept(run: &Run) -> Option<Report> {
    let report: Report = serde_json::from_value(run.facts.get(FACT)?.clone()).ok()?;
    (report.version == REPORT_VERSION).then_some(report)
}

fn is_same(one: &Phase, other: &Phase) -> bool {
    (&one.name, &one.entity, one.started_at) == (&other.name, &other.entity, other.started_at)
}
