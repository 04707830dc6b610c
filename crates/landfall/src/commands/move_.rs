//! `landfall move`: export, load, verify, report.

use crate::args::{Global, Move as Args};
use crate::ask;
use crate::commands::verify::print_verification;
use crate::face::Face;
use crate::id_maps;
use crate::reporting::{self, Seen};
use crate::signals;
use crate::wiring::{self, Parts};
use crate::words::{Failure, attention, good, grouped, plural};
use base::{Exit, Fault};
use engine::Job;
use engine::load::Move;
use engine::prepare;
use engine::run::{self, MoveOptions, Verification};
use engine::verify;
use ledger::{Run, RunStatus};
use project::{Mode, OptionConfig, Origin, Overrides};
use std::collections::BTreeSet;
use std::time::Duration;

/// How long a move that is asked to stop may take to come to the end of a page or batch. What it waits for
/// then (an answer of a service, a pause that it asked for) is broken off; a page or batch that was not
/// finished is done again by the next move.
const STOP_GRACE: Duration = Duration::from_secs(5);

/// How long the report of a move that stops may take: the ledger may be what it stopped for.
const LAST_WORDS: Duration = Duration::from_secs(30);

/// Runs the command.
pub async fn run(face: &Face, global: &Global, args: &Args) -> Result<Exit, Failure> {
    let dir = wiring::project_dir(global)?;
    let overrides = Overrides {
        batch_size: args.batch_size,
        connections: args.connections,
        max_records: args.max_records,
        ..Overrides::default()
    };
    let exporting = !args.skip_export && (args.steps.is_empty() || args.steps.iter().any(|s| s == "export"));
    let parts = Parts { source: exporting, destination: true, serve: false };
    let (project, _) = wiring::load(face, &dir, &wiring::environment(), &overrides, parts)?;
    let steps: BTreeSet<&str> = project.steps().into_iter().collect();
    for step in &args.steps {
        if !steps.contains(step.as_str()) {
            let known = project.steps().join(", ");
            return Err(Fault::usage(format!("there is no step {step}"))
                .hint(format!("steps: {known}"))
                .into());
        }
    }
    let job = wiring::open(face, project, "move", parts).await?;
    let outcome = job_move(face, global, &job, args).await?;
    Ok(outcome.exit)
}

/// What a move came to, for the demo.
pub struct Outcome {
    /// The exit status.
    pub exit: Exit,
    /// The report files.
    pub files: Option<reporting::Files>,
}

/// Moves with a job that is open.
pub async fn job_move(face: &Face, global: &Global, job: &Job, args: &Args) -> Result<Outcome, Failure> {
    let options = MoveOptions {
        steps: args.steps.clone(),
        skip_export: args.skip_export,
        accept_export: args.accept_export,
        fresh: args.fresh,
        command: command_line(args, &job.project.options),
        version: env!("CARGO_PKG_VERSION").into(),
    };
    confirm(face, global, job, &options).await?;
    let ledger = job.destination.ledger();
    run::ensure_schema(job).await?;
    ledger.prepare().await?;
    super::take_lease(job, "landfall move").await?;
    let run = run::join_or_begin(job, &options).await?;
    report::Folder::open(job.path(&job.project.move_.report_dir))?;
    face.log_to(&reporting::log_path(job, &run))?;
    let beat = heartbeat(job);
    let moved = tokio::select! {
        moved = steps(face, job, &run, &options) => moved,
        fault = beat => Err(fault),
        fault = signals::asked(face, STOP_GRACE) => Err(fault),
    };
    match moved {
        Ok(verification) => {
            let run = again(job, run).await?;
            let outcome = finish(face, global, job, &run, verification).await;
            ledger.release_lease().await?;
            outcome
        }
        Err(fault) => Err(stopped(face, job, run, fault).await),
    }
}

/// On a terminal, before a run that would begin: shows which tables hold rows already and what becomes of
/// those, and asks.
async fn confirm(face: &Face, global: &Global, job: &Job, options: &MoveOptions) -> Result<(), Failure> {
    let loads = options.steps.is_empty() || options.steps.iter().any(|s| s != "export" && s != "verify");
    let goes_on = !options.fresh && run::open_run(job).await?.is_some();
    if !loads || goes_on || !ask::somebody(global) {
        return Ok(());
    }
    let names: Vec<_> = job.project.entities.iter().map(prepare::table_name).collect();
    let tables = job.destination.tables(&names).await?;
    let mut rows = Vec::new();
    for (config, table) in job.project.entities.iter().zip(tables) {
        let Some(table) = table else { continue };
        let there = job.destination.count(&table).await?;
        if there > 0 {
            let what = match config.mode {
                Mode::Insert => "stay as they are; a record with other content is a reject",
                Mode::Update => "get the source's content, unless somebody changed them since a run",
                Mode::Skip => "stay as they are; their records are skipped",
            };
            rows.push(vec![config.into.value.table.clone(), grouped(there), what.to_owned()]);
        }
    }
    if rows.is_empty() {
        return Ok(());
    }
    face.error("The destination holds rows already. Those with the key of a record:\n");
    face.error(crate::tables::table(&["table", "rows", "what becomes of them"], &rows));
    Ok(ask::confirm(face, "\nmove into these tables?").await?)
}

/// The run as it now stands in the ledger.
async fn again(job: &Job, run: Run) -> Result<Run, Fault> {
    let runs = job.destination.ledger().runs().await?;
    Ok(runs.into_iter().find(|r| r.id == run.id).unwrap_or(run))
}

/// Shows that the writer is alive, until another one takes over.
pub(super) async fn heartbeat(job: &Job) -> Fault {
    let every = std::time::Duration::from_secs(base::limits::HEARTBEAT_SECONDS_MAX / 6);
    loop {
        tokio::time::sleep(every).await;
        if let Err(fault) = job.destination.ledger().heartbeat().await {
            return fault;
        }
    }
}

/// The steps in their order; the verify, if it was its turn.
pub(super) async fn steps(
    face: &Face,
    job: &Job,
    run: &Run,
    options: &MoveOptions,
) -> Result<Option<Verification>, Fault> {
    run::export(job, Some(run), options).await?;
    let wants = |step: &str| options.steps.is_empty() || options.steps.iter().any(|s| s == step);
    let only_export = !options.steps.is_empty() && options.steps.iter().all(|s| s == "export");
    if only_export {
        return Ok(None);
    }
    let files = run::files(job)?;
    if files.is_empty() {
        return Err(Fault::usage(format!("there is no export in {}", job.folder.path().display()))
            .hint("landfall move --step export makes one"));
    }
    for config in &job.project.entities {
        if wants(config.step()) && !files.contains_key(&config.name) {
            return Err(Fault::usage(format!(
                "there is no {} to load",
                job.folder.csv_path(&config.name).display()
            ))
            .hint("landfall move --step export makes it"));
        }
    }
    let (prepared, problems) = run::prepare_files(job, &files).await?;
    let Some(prepared) = prepared else {
        let text =
            std::fs::read_to_string(job.path(std::path::Path::new(project::FILE_NAME))).unwrap_or_default();
        face.warn(crate::words::problems(&problems, &text, project::FILE_NAME, face.verbose()).trim_end());
        return Err(Fault::usage("the project does not fit its export or its destination")
            .hint("landfall check shows the same and more"));
    };
    let step = Move { job, run, prepared: &prepared, files: &files };
    run::load(&step, options).await?;
    id_maps::write(job, run).await?;
    if !wants("verify") || !run::all_loaded(job, run).await? {
        return Ok(None);
    }
    let catalog = engine::tables::catalog(job, &files, &prepared, Some(run)).await?;
    let options = verify::Options {
        named_max: job.project.move_.differences_max,
        sample: verify::SAMPLE,
        seed: run.seed,
        alone: true,
    };
    let verification = run::verify(&step, &catalog, &options).await?;
    run::close(job, run, &verification).await?;
    Ok(Some(verification))
}

/// Writes the files of a run that came to its end, and says what it came to.
pub(super) async fn finish(
    face: &Face,
    global: &Global,
    job: &Job,
    run: &Run,
    verification: Option<Verification>,
) -> Result<Outcome, Failure> {
    let seen = Seen { verification: verification.clone(), keeps: true };
    let written = reporting::write(job, run, face, &seen, None).await;
    let files = written.map_err(|fault| unreported(run, fault))?;
    let report = &files.report;
    let rejected: u64 = report.entities.values().map(|e| e.rejected).sum();
    let findings = rejected > 0 || verification.as_ref().is_some_and(Verification::has_findings);
    if global.json {
        face.data(report::json(report));
    } else {
        print(face, report, verification.as_ref());
        face.say(format!("\nreport:   {}", files.written.html.display()));
        if rejected > 0 {
            face.say(format!(
                "rejects:  {} ({})",
                files.written.errors.display(),
                plural(rejected, "record")
            ));
        }
        if let Some(resets) = &files.written.resets {
            face.say(format!(
                "resets:   {} ({})",
                resets.display(),
                plural(files.written.reset_lines, "user")
            ));
        }
        face.say(format!("undo:     landfall rollback {}", run.name));
    }
    let exit = if findings { Exit::Findings } else { Exit::Done };
    Ok(Outcome { exit, files: Some(files) })
}

/// Ends a move whose work is done and committed, and whose report could not be written.
fn unreported(run: &Run, fault: Fault) -> Failure {
    let open = run.status == RunStatus::Open;
    Failure {
        fault,
        saved: format!(
            "run {}: everything that this command moved, with its counts, in the ledger",
            run.name
        ),
        pending: if open { "the report, and the rest of the run".into() } else { "the report".into() },
        go_on: if open { "landfall move".into() } else { format!("landfall report {}", run.name) },
    }
}

/// The table of a run.
pub fn print(face: &Face, report: &report::Report, verification: Option<&Verification>) {
    let mut rows = Vec::new();
    for (name, e) in &report.entities {
        let sum = e.loaded + e.updated + e.unchanged + e.skipped + e.rejected;
        rows.push(vec![
            name.clone(),
            grouped(e.source),
            grouped(e.loaded),
            grouped(e.updated),
            grouped(e.unchanged),
            grouped(e.skipped),
            grouped(e.rejected),
            if sum == e.source { "=".into() } else { format!("≠ {sum}") },
        ]);
    }
    let head = ["entity", "source", "loaded", "updated", "unchanged", "skipped", "rejected", "sum"];
    face.say(format!("\n{}", crate::tables::table(&head, &rows)));
    match verification {
        Some(found) => print_verification(face, found),
        None => face.say(attention("not verified yet: landfall move goes on with it")),
    }
    let words = report.status.words();
    face.say(format!(
        "\n{}",
        if report.status == report::Status::Done { good(words) } else { attention(words) }
    ));
}

/// Ends a run that cannot go on now: the files are written as far as they can be, the three lines say the
/// rest.
pub(super) async fn stopped(face: &Face, job: &Job, run: Run, fault: Fault) -> Failure {
    let name = run.name.clone();
    let writing = async {
        let run = again(job, run).await?;
        reporting::write(job, &run, face, &Seen { keeps: true, ..Seen::default() }, Some(&fault)).await
    };
    let (saved, pending, go_on) = match tokio::time::timeout(LAST_WORDS, writing).await {
        Ok(Ok(files)) => {
            let r = &files.report;
            (r.saved.clone(), r.pending.clone(), r.how_to_go_on.clone())
        }
        Ok(Err(_)) | Err(_) => (
            format!("run {name}: every batch that was committed, in the ledger"),
            "the rest of the run".into(),
            "landfall move".into(),
        ),
    };
    // It may be lost, and then it is somebody else's; the end of this process gives it back as well.
    let _ = tokio::time::timeout(LAST_WORDS, job.destination.ledger().release_lease()).await;
    Failure { fault, saved, pending, go_on }
}

/// The command as typed, without the values of the project's own options: any of them may be a secret.
fn command_line(args: &Args, options: &[OptionConfig]) -> String {
    let mut line = String::from("landfall move");
    for step in &args.steps {
        line.push_str(&format!(" --step {step}"));
    }
    for (given, flag) in [
        (args.skip_export, "--skip-export"),
        (args.accept_export, "--accept-export"),
        (args.fresh, "--fresh"),
    ] {
        if given {
            line.push_str(&format!(" {flag}"));
        }
    }
    for (name, value) in [
        ("--batch-size", args.batch_size.map(|n| n as u64)),
        ("--max-records", args.max_records),
        ("--connections", args.connections.map(|n| n as u64)),
    ] {
        if let Some(n) = value {
            line.push_str(&format!(" {name} {n}"));
        }
    }
    for option in options.iter().filter(|o| o.given == Some(Origin::Option)) {
        line.push_str(&format!(" --{} …", option.name));
    }
    line
}
