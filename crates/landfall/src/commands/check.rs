//! `landfall check`: everything that can be wrong before anything is written.

use crate::args::Global;
use crate::face::Face;
use crate::wiring::{self, Parts};
use crate::words::{Failure, good, plural, problems};
use base::{Exit, Fault, Problem, Severity};
use engine::Job;
use engine::prepare::{self, Fields};
use project::Overrides;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Runs the command.
pub async fn run(face: &Face, global: &Global) -> Result<Exit, Failure> {
    let dir = wiring::project_dir(global)?;
    let parts = Parts { source: true, destination: true, serve: true };
    let (project, _) = wiring::load(face, &dir, &wiring::environment(), &Overrides::default(), parts)?;
    let job = wiring::open(face, project, "check", parts).await?;
    let found = problems_of(face, &job, true).await?;
    let warnings = found.iter().filter(|p| p.severity == Severity::Warning).count() as u64;
    if global.json {
        let list: Vec<_> = found
            .iter()
            .map(|p| {
                let severity = match p.severity {
                    Severity::Error => "error",
                    Severity::Warning => "warning",
                    Severity::Note => "note",
                };
                serde_json::json!({ "severity": severity, "message": p.message, "hint": p.hint })
            })
            .collect();
        face.data(serde_json::json!({ "problems": list }).to_string());
    }
    if warnings > 0 {
        face.say(format!("{}; nothing stops a move", plural(warnings, "warning")));
        return Ok(Exit::Findings);
    }
    face.say(good("all is well: landfall plan, then landfall move"));
    Ok(Exit::Done)
}

/// Looks at source, destination and mappings; shows every problem, and fails when one stops a move.
pub async fn problems_of(face: &Face, job: &Job, all: bool) -> Result<Vec<Problem>, Failure> {
    let mut found = Vec::new();
    let mut fields = Fields::new();
    let mut wanted: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for config in &job.project.entities {
        wanted.entry(&config.from.value.source).or_default().push(config.from.value.stream.clone());
    }
    for (source, streams) in wanted {
        found.extend(job.source(source)?.check(&streams).await?);
    }
    for config in &job.project.entities {
        match job.source(&config.from.value.source)?.stream(&config.from.value.stream).await {
            Ok(stream) => {
                let names: Vec<String> = stream.fields.iter().map(|f| f.name.clone()).collect();
                let ignored = |name: &String| config.ignore.iter().any(|i| i.value == *name);
                for held in engine::extract::held_back(config, &names).into_iter().filter(|n| !ignored(n)) {
                    found.push(Problem::warning(format!(
                        "{}: {held} is not exported, because its name says that it is secret; map it to \
                        export it",
                        config.name
                    )));
                }
                prepare::unmapped(config, &stream, &mut found);
                fields.insert(config.name.clone(), names);
            }
            Err(fault) => {
                let mut problem = Problem::error(fault.what).span(Some(config.from.span.clone()));
                if let Some(hint) = fault.hints.into_iter().next() {
                    problem = problem.hint(hint);
                }
                found.push(problem);
            }
        }
    }
    let outcome = prepare::prepare(job, &fields).await?;
    found.extend(outcome.problems);
    if let Some(prepared) = &outcome.prepared {
        let tables: Vec<_> = prepared.entities.values().map(|e| Arc::clone(&e.table)).collect();
        found.extend(job.destination.check(&tables).await?);
    }
    let toml = job.path(std::path::Path::new(project::FILE_NAME));
    let text = std::fs::read_to_string(&toml).unwrap_or_default();
    let errors = found.iter().filter(|p| p.severity == Severity::Error).count() as u64;
    if all || errors > 0 {
        let shown = problems(&found, &text, &toml.display().to_string(), face.verbose());
        if !shown.is_empty() {
            face.warn(shown.trim_end());
        }
    }
    if errors > 0 {
        return Err(Fault::usage(format!("{} found", plural(errors, "problem"))).into());
    }
    Ok(found)
}
