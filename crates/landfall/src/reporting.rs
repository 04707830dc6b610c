//! From the ledger and a command's findings to the files of a run.

use crate::face::Face;
use crate::recall;
use crate::resets;
use base::Fault;
use engine::Job;
use engine::run::Verification;
use ledger::{Run, RunKind, RunStatus};
use project::ReportValues;
use report::{
    Check, CheckStatus, Compared, DIFFERENCES_SHOWN_MAX, Entity, EntityVerification, Export, Extras, Level,
    PasswordSample, Phase, REJECTS_SHOWN_MAX, Reject, Report, Sample, SampleField, SampleResult, Status,
    Values, Writing,
};
use std::io::Write;
use std::path::{Path, PathBuf};

/// What the page shows beside the facts, when a verify has just run.
#[derive(Default)]
pub struct Seen {
    /// The verify.
    pub verification: Option<Verification>,
    /// Whether the ledger keeps what the report says: for the writer of the run.
    pub keeps: bool,
}

/// What was written.
pub struct Files {
    /// The report.
    pub report: Report,
    /// The files.
    pub written: report::Written,
}

/// Builds the report of a run and writes its files.
pub async fn write(
    job: &Job,
    run: &Run,
    face: &Face,
    seen: &Seen,
    ended: Option<&Fault>,
) -> Result<Files, Fault> {
    let report = build(job, run, face, seen, ended).await?;
    if seen.keeps {
        recall::keep(job, run, &report).await?;
    }
    let mut extras = Extras {
        values: match job.project.move_.report_values {
            ReportValues::Plain => Values::Shown,
            ReportValues::Masked => Values::Masked,
        },
        ..Extras::default()
    };
    let manifest = job.folder.manifest().map_err(|e| engine::reading::folder_fault(&e))?;
    let same_export = manifest.map(|m| m.started_at) == report.export.started_at;
    let folder = job.path(&job.project.move_.report_dir);
    let mut writing = Writing::begin(&folder, &report.run, extras.values, same_export)?;
    let mut rejects = Rejects::of(job, run);
    while let Some(page) = rejects.next().await? {
        page.iter().try_for_each(|reject| writing.reject(reject))?;
        // One more than it lists: it says that there are more.
        let room = (REJECTS_SHOWN_MAX + 1).saturating_sub(extras.rejects_shown.len());
        extras.rejects_shown.extend(page.into_iter().take(room));
    }
    if same_export {
        resets::each(job, run, |reset| writing.reset(&reset)).await?;
    }
    if let Some(verification) = &seen.verification {
        for (name, compared) in &verification.entities {
            extras.samples.extend(compared.sample.iter().map(|d| sample(name, d)));
        }
    }
    extras.differences = differences(job, run).await?;
    let written = writing.finish(&report, &extras)?;
    let script = job.destination.undo_script(run.id).await?;
    write_file(&folder, &format!("rollback_migration_{}.sql", run.name), &script)?;
    Ok(Files { report, written })
}

/// A file beside its name, then renamed.
pub fn write_file(folder: &Path, name: &str, text: &str) -> Result<(), Fault> {
    let mut file = report::Folder::open(folder)?.begin(name)?;
    file.write_all(text.as_bytes()).map_err(|e| Fault::stop(format!("cannot write {name}: {e}")))?;
    file.keep().map(drop)
}

/// Where the log of a run is.
pub fn log_path(job: &Job, run: &Run) -> PathBuf {
    job.path(&job.project.move_.report_dir).join(format!("migration_{}.log", run.name))
}

async fn build(
    job: &Job,
    run: &Run,
    face: &Face,
    seen: &Seen,
    ended: Option<&Fault>,
) -> Result<Report, Fault> {
    let ledger = job.destination.ledger();
    let manifest = job.folder.manifest().map_err(|e| engine::reading::folder_fault(&e))?;
    let fact = |name: &str| run.facts.get(name).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
    let mut report = Report {
        run: report::Run {
            id: run.id,
            name: run.name.clone(),
            project: job.project.name.value.clone(),
            command: fact("command"),
            started_at: run.started_at,
            finished_at: run.finished_at,
            source: manifest.as_ref().map(|m| m.source.address.clone()).unwrap_or_default(),
            destination: job.destination.info().address,
            environment: manifest.as_ref().and_then(|m| m.source.environment.clone()),
            landfall: env!("CARGO_PKG_VERSION").into(),
            namespace: Some(job.namespace.to_string()),
            resumed: u64::from(run.resumed),
            seed: Some(run.seed),
        },
        status: status(run, ended),
        ..Report::default()
    };
    let counts = engine::run::counts(job, run).await?;
    let phases = face.phases();
    for begun in ledger.entities(run.id).await? {
        let progress = ledger.progress(run.id, &begun.entity).await?;
        let known = manifest.as_ref().and_then(|m| m.entities.get(&begun.entity));
        let counts = counts.get(&begun.entity).cloned().unwrap_or_default();
        let config = job.project.entity(&begun.entity);
        let unreadable = known.map_or(0, |k| k.unreadable);
        let seconds: f64 =
            phases.iter().filter(|p| p.name == "load" && p.entity == begun.entity).map(|p| p.seconds).sum();
        let mut entity = Entity {
            stream: config.map(|c| c.from.value.stream.clone()).unwrap_or_default(),
            table: crate::words::table(&begun.table),
            mode: config.map_or("", |c| mode(c.mode)).into(),
            finished: begun.loaded,
            source: begun.source + unreadable,
            loaded: counts.loaded,
            updated: counts.updated,
            unchanged: counts.unchanged,
            skipped: counts.skipped_total(),
            rejected: counts.rejected_total(),
            skipped_by_reason: counts.skipped.clone(),
            rejected_by_code: counts.rejected.clone(),
            defaults_taken: progress.defaults_taken,
            adopted: progress.adopted,
            seconds,
            source_repeats: known.map_or(0, |k| k.repeats),
            unreadable,
            ..Entity::default()
        };
        entity.completeness = known.map(|k| report::Completeness {
            declared_before: k.completeness.declared_before,
            declared_after: k.completeness.declared_after,
            appeared: k.completeness.appeared,
            changed: k.completeness.changed,
            vanished: k.completeness.vanished,
            complete: k.completeness.complete,
            remarks: k.completeness.remarks.clone(),
        });
        report.entities.insert(begun.entity.clone(), entity);
        if let Some(passwords) = known.and_then(|k| k.passwords.as_ref()) {
            report.passwords = Some(report::Passwords {
                kept: passwords.kept,
                hashed: passwords.hashed,
                unusable: passwords.unusable.values().sum(),
                by_reason: passwords.unusable.clone(),
            });
        }
    }
    let shown = |p: &crate::face::Phase| Phase {
        name: p.name.into(),
        entity: Some(p.entity.clone()),
        started_at: p.began,
        seconds: p.seconds,
        records: p.records,
        bytes: 0,
    };
    report.phases = phases.iter().map(shown).collect();
    report.export = export(job, manifest.as_ref())?;
    report.rollback = run.facts.get("rollback").and_then(|v| serde_json::from_value(v.clone()).ok());
    if let Some(found) = &seen.verification {
        report.verification = Some(verification(job, run, found));
        report.checks = found.checks.iter().map(check).collect();
        for (entity, what) in &found.findings {
            report.findings.push(report::Finding {
                name: what.clone(),
                level: Level::Warn,
                entity: Some(entity.clone()),
                count: 1,
                examples: Vec::new(),
            });
        }
        for (entity, compared) in found.entities.iter().filter(|(_, c)| c.foreign > 0) {
            report.findings.push(report::Finding {
                name: "rows that no run wrote".into(),
                level: Level::Warn,
                entity: Some(entity.clone()),
                count: compared.foreign,
                examples: Vec::new(),
            });
        }
    }
    recall::complete(&mut report, run, seen.keeps, seen.verification.is_some());
    let (saved, pending, go_on) = three_lines(job, run, &report);
    (report.saved, report.pending, report.how_to_go_on) = (saved, pending, go_on);
    Ok(report.seal())
}

/// What is saved, what is pending, how to continue.
fn three_lines(job: &Job, run: &Run, report: &Report) -> (String, String, String) {
    let finished = report.entities.values().filter(|e| e.finished).count();
    let rows: u64 = report.entities.values().map(|e| e.loaded + e.updated + e.unchanged).sum();
    let saved = format!("run {}: {rows} rows in the destination, {finished} entities finished", run.name);
    let all = job.project.entities.len();
    let pending = match run.status {
        RunStatus::Open if finished < all => format!("{} of {all} entities, then verify", all - finished),
        RunStatus::Open => "verify".into(),
        _ => "nothing".into(),
    };
    let go_on = match run.status {
        RunStatus::Open if run.kind == RunKind::Replay => "landfall rejects --replay".to_string(),
        RunStatus::Open => "landfall move".to_string(),
        RunStatus::Done | RunStatus::DoneWithFindings => format!("landfall rollback {} undoes it", run.name),
        RunStatus::PartlyRolledBack => format!("landfall rollback {}", run.name),
        RunStatus::RolledBack => "landfall move begins a new run".into(),
    };
    (saved, pending, go_on)
}

fn status(run: &Run, ended: Option<&Fault>) -> Status {
    match (run.status, ended.map(|f| f.class)) {
        (RunStatus::Open, Some(base::Class::Fail | base::Class::Bug)) => Status::Failed,
        (RunStatus::Open, Some(_)) => Status::Stopped,
        (RunStatus::Open, None) => Status::Open,
        (RunStatus::Done, _) => Status::Done,
        (RunStatus::DoneWithFindings, _) => Status::DoneWithFindings,
        (RunStatus::RolledBack, _) => Status::RolledBack,
        (RunStatus::PartlyRolledBack, _) => Status::PartlyRolledBack,
    }
}

fn mode(mode: project::Mode) -> &'static str {
    match mode {
        project::Mode::Insert => "insert",
        project::Mode::Update => "update",
        project::Mode::Skip => "skip",
    }
}

fn export(job: &Job, manifest: Option<&export::Manifest>) -> Result<Export, Fault> {
    let files = engine::run::files(job)?;
    let Some(manifest) = manifest else {
        return Ok(Export { without_manifest: true, ..Export::default() });
    };
    let of = |f: &dyn Fn(&connect::Completeness) -> Option<u64>| -> Option<u64> {
        manifest.entities.values().map(|e| f(&e.completeness)).sum()
    };
    let sum = |f: &dyn Fn(&connect::Completeness) -> u64| {
        manifest.entities.values().map(|e| f(&e.completeness)).sum()
    };
    Ok(Export {
        address: manifest.source.address.clone(),
        connector: format!("{} {}", manifest.source.connector, manifest.source.version),
        environment: manifest.source.environment.clone(),
        started_at: Some(manifest.started_at),
        finished_at: manifest.finished_at,
        complete: manifest.complete,
        without_manifest: files.values().any(|f| !f.pristine && !f.edited),
        edited: files.values().filter(|f| f.edited).map(|f| f.entity.clone()).collect(),
        declared_before: of(&|c| c.declared_before),
        declared_after: of(&|c| c.declared_after),
        appeared: sum(&|c| c.appeared),
        changed: sum(&|c| c.changed),
        vanished: sum(&|c| c.vanished),
        left_behind: manifest.left_behind.iter().map(left_behind).collect(),
    })
}

fn left_behind(one: &connect::LeftBehind) -> report::LeftBehind {
    report::LeftBehind { name: one.name.clone(), why: one.why.clone(), count: one.count }
}

fn verification(job: &Job, run: &Run, found: &Verification) -> report::Verification {
    let mut result = report::Verification {
        finished_at: run.finished_at.unwrap_or(job.clock.now()),
        ..Default::default()
    };
    let (mut tried, mut matched) = (0, 0);
    for (name, c) in &found.entities {
        tried += c.passwords_tried;
        matched += c.passwords_matched;
        let sample = &c.sample;
        let references = found.references.iter().filter(|(entity, ..)| entity == name);
        result.entities.insert(
            name.clone(),
            EntityVerification {
                counts: Compared {
                    compared: c.compared,
                    equal: c.equal.saturating_sub(c.passwords_differing),
                    differing: c.changed + c.passwords_differing,
                    missing: c.missing,
                    extra: c.extra,
                    foreign_rows: c.foreign,
                    excluded: c.excluded,
                },
                sample: Some(SampleResult {
                    seed: run.seed,
                    size: sample.len() as u64,
                    compared: sample.len() as u64,
                    equal: sample.iter().filter(|d| d.fields.iter().all(|f| f.equal)).count() as u64,
                }),
                differences_by_field: c.by_field.clone(),
                differences_named: c.differences.len() as u64,
                references: references
                    .map(|(_, column, to, orphans)| report::ReferenceCheck {
                        column: column.clone(),
                        to: to.clone(),
                        checked: c.compared,
                        orphans: *orphans,
                    })
                    .collect(),
            },
        );
    }
    result.password_sample = (tried > 0).then_some(PasswordSample { tried, matched });
    result
}

fn check(c: &engine::checks::CheckOutcome) -> Check {
    Check {
        name: c.name.clone(),
        level: match c.level {
            project::Level::Error => Level::Error,
            project::Level::Warn => Level::Warn,
        },
        status: match (&c.could_not_run, c.rows) {
            (Some(_), _) => CheckStatus::CouldNotRun,
            (None, 0) => CheckStatus::Passed,
            (None, _) => CheckStatus::Failed,
        },
        rows: c.rows,
        examples: c.examples.clone(),
        why: c.could_not_run.clone(),
    }
}

fn sample(entity: &str, d: &engine::verify::Detail) -> Sample {
    Sample {
        entity: entity.into(),
        source_id: d.source_id.clone(),
        destination_id: d.key.clone(),
        fields: d
            .fields
            .iter()
            .map(|f| SampleField {
                column: f.column.clone(),
                source_expression: f.expression.clone(),
                source_text: f.expected.clone(),
                destination_text: f.found.clone(),
                equal: f.equal,
            })
            .collect(),
    }
}

/// The rejects of a run, a page of the ledger at a time.
pub struct Rejects<'a> {
    job: &'a Job,
    run: &'a Run,
    read: u64,
}

impl<'a> Rejects<'a> {
    /// From the first.
    pub fn of(job: &'a Job, run: &'a Run) -> Self {
        Self { job, run, read: 0 }
    }

    /// The next ones; `None` at the end.
    pub async fn next(&mut self) -> Result<Option<Vec<Reject>>, Fault> {
        let page = self.job.destination.ledger().rejects(self.run.id, None, self.read).await?;
        self.read += page.len() as u64;
        let shown = |r: ledger::Reject| Reject {
            entity: r.entity,
            source_id: r.source_id,
            field: r.field,
            value: r.value,
            code: r.code,
            reason: r.reason,
        };
        Ok((!page.is_empty()).then(|| page.into_iter().map(shown).collect()))
    }
}

async fn differences(job: &Job, run: &Run) -> Result<Vec<report::Difference>, Fault> {
    let mut all = Vec::new();
    loop {
        let page = job.destination.ledger().differences(run.id, all.len() as u64).await?;
        if page.is_empty() || all.len() > DIFFERENCES_SHOWN_MAX {
            return Ok(all);
        }
        all.extend(page.into_iter().map(|d| {
            report::Difference {
                entity: d.entity,
                source_id: d.source_id,
                id: d.key,
                kind: match d.kind {
                    ledger::DifferenceKind::Changed => report::DifferenceKind::Changed,
                    ledger::DifferenceKind::Missing => report::DifferenceKind::Missing,
                    ledger::DifferenceKind::Extra => report::DifferenceKind::Extra,
                },
                fields: d
                    .fields
                    .into_iter()
                    .map(|f| report::DifferenceField { column: f.column, hint: f.hint })
                    .collect(),
            }
        }));
    }
}
