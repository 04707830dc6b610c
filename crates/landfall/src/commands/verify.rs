//! `landfall verify`: compare again, and the query catalogue of checks and `sql`.

use crate::args::{Global, Verify as Args};
use crate::commands::find_run;
use crate::face::Face;
use crate::reporting::{self, Seen};
use crate::wiring::{self, Parts};
use crate::words::{Failure, attention, bad, good, plural};
use base::{Exit, Fault};
use engine::Job;
use engine::load::Move;
use engine::run::{self, Verification};
use engine::verify;
use ledger::RunStatus;
use project::Overrides;
use std::collections::BTreeMap;
use std::io::Write;

/// Runs the command.
pub async fn run(face: &Face, global: &Global, args: &Args) -> Result<Exit, Failure> {
    let dir = wiring::project_dir(global)?;
    let parts = Parts { source: args.live, destination: true, serve: false };
    let (project, _) = wiring::load(face, &dir, &wiring::environment(), &Overrides::default(), parts)?;
    let job = wiring::open(face, project, "verify", parts).await?;
    let run = find_run(&job, None).await?;
    if run.status == RunStatus::Open {
        // It may finish the run, and so is a writer.
        super::take_lease(&job, "landfall verify").await?;
    }
    let job = engine::replay::job_of(&job, &run)?;
    let files = run::files(&job)?;
    let (prepared, problems) = run::prepare_files(&job, &files).await?;
    let prepared = prepared.ok_or_else(|| {
        face.warn(crate::words::problems(&problems, "", project::FILE_NAME, face.verbose()).trim_end());
        Failure::from(
            Fault::usage("the project does not fit its export or its destination").hint("landfall check"),
        )
    })?;
    let step = Move { job: &job, run: &run, prepared: &prepared, files: &files };
    let catalog = engine::tables::catalog(&job, &files, &prepared, Some(&run)).await?;
    let options = verify::Options {
        named_max: if args.all.is_some() { usize::MAX } else { job.project.move_.differences_max },
        sample: args.sample,
        seed: args.seed.unwrap_or(run.seed),
        alone: run.status == RunStatus::Open,
    };
    let verification = run::verify(&step, &catalog, &options).await?;
    if let Some(path) = &args.all {
        write_all(path, &verification)?;
    }
    let live = if args.live { live_counts(&job).await? } else { BTreeMap::new() };
    let mut run = run;
    let keeps = run.status == RunStatus::Open;
    if run.status == RunStatus::Open && run::all_loaded(&job, &run).await? {
        run.status = run::close(&job, &run, &verification).await?;
        run.finished_at = Some(job.clock.now());
    }
    let seen = Seen { verification: Some(verification.clone()), keeps };
    let files = reporting::write(&job, &run, face, &seen, None).await?;
    if global.json {
        face.data(report::json(&files.report));
    } else {
        print_verification(face, &verification);
        for (entity, total) in &live {
            let shown = total.map_or_else(|| "does not say".to_string(), |t| plural(t, "record"));
            face.say(format!("  at the source now: {entity}: {shown}"));
        }
        face.say(format!("sample seed {}", options.seed));
        face.say(format!("report: {}", files.written.html.display()));
    }
    Ok(if verification.has_findings() { Exit::Findings } else { Exit::Done })
}

async fn live_counts(job: &Job) -> Result<BTreeMap<String, Option<u64>>, Fault> {
    let mut counts = BTreeMap::new();
    for config in &job.project.entities {
        let source = job.source(&config.from.value.source)?;
        counts.insert(config.name.clone(), source.total(&config.from.value.stream).await?);
    }
    Ok(counts)
}

fn write_all(path: &std::path::Path, found: &Verification) -> Result<(), Fault> {
    let wrong = |e: std::io::Error| Fault::stop(format!("cannot write {}: {e}", path.display()));
    let mut out = std::io::BufWriter::new(std::fs::File::create(path).map_err(wrong)?);
    for difference in found.entities.values().flat_map(|c| &c.differences) {
        serde_json::to_writer(&mut out, difference).map_err(|e| wrong(e.into()))?;
        out.write_all(b"\n").map_err(wrong)?;
    }
    out.flush().map_err(wrong)
}

/// What a verify found, a line for each kind of thing.
pub fn print_verification(face: &Face, found: &Verification) {
    let compared: u64 = found.entities.values().map(|c| c.compared).sum();
    let differing: u64 = found.entities.values().map(|c| c.differing() + c.passwords_differing).sum();
    let line = format!(
        "{} compared field by field, {}",
        plural(compared, "record"),
        plural(differing, "difference")
    );
    face.say(if differing == 0 {
        format!("{} {line}", good("✓"))
    } else {
        format!("{} {line}", bad("✗"))
    });
    for (name, c) in found.entities.iter().filter(|(_, c)| c.differing() + c.passwords_differing > 0) {
        face.say(format!(
            "    {name}: {} changed, {} missing, {} extra, {} passwords",
            c.changed, c.missing, c.extra, c.passwords_differing
        ));
        for d in c.differences.iter().take(5) {
            let fields: Vec<String> = d.fields.iter().map(|f| format!("{} ({})", f.column, f.hint)).collect();
            face.say(format!("      {} {} {} {}", d.kind.word(), d.source_id, d.key, fields.join(", ")));
        }
    }
    for (entity, column, parent, orphans) in found.references.iter().filter(|(.., orphans)| *orphans > 0) {
        face.say(format!(
            "{} {entity}.{column}: {} to {parent} lead nowhere",
            bad("✗"),
            plural(*orphans, "reference")
        ));
    }
    for check in &found.checks {
        let name = &check.name;
        match (&check.could_not_run, check.rows, check.level) {
            (Some(why), _, _) => face.say(format!("{} {name}: could not run: {why}", bad("✗"))),
            (None, 0, _) => face.say(format!("{} {name}", good("✓"))),
            (None, n, project::Level::Error) => {
                face.say(format!("{} {name}: {}", bad("✗"), plural(n, "record")))
            }
            (None, n, project::Level::Warn) => {
                face.say(format!("{} {name}: {}", attention("!"), plural(n, "record")))
            }
        }
    }
    for (entity, what) in &found.findings {
        face.say(format!("{} {entity}: {what}", attention("!")));
    }
}
