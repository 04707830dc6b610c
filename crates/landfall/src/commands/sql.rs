//! `landfall sql`: read-only SQL.

use crate::args::{Global, Sql as Args};
use crate::face::Face;
use crate::wiring::{self, Parts};
use crate::words::{Failure, plural};
use base::{Exit, Fault};
use project::Overrides;
use transform::query::names_source;

/// Runs the command.
pub async fn run(face: &Face, global: &Global, args: &Args) -> Result<Exit, Failure> {
    let dir = wiring::project_dir(global)?;
    let parts = Parts { source: false, destination: true, serve: false };
    let (project, _) = wiring::load(face, &dir, &wiring::environment(), &Overrides::default(), parts)?;
    let job = wiring::open(face, project, "sql", parts).await?;
    let files = engine::run::files(&job)?;
    let (prepared, _) = engine::run::prepare_files(&job, &files).await?;
    let prepared = prepared.ok_or_else(|| {
        Failure::from(
            Fault::usage("the project does not fit its export or its destination").hint("landfall check"),
        )
    })?;
    let found = if names_source(&args.query) {
        let runs = job.destination.ledger();
        let run = if runs.is_prepared().await? { runs.runs().await?.into_iter().next() } else { None };
        let catalog = engine::tables::catalog(&job, &files, &prepared, run.as_ref()).await?;
        catalog.query(&args.query, args.limit).await?
    } else {
        let sql = engine::checks::resolve_dest(&args.query, &prepared);
        job.destination.query_rows(&sql, args.limit).await?
    };
    if global.json {
        for row in &found.rows {
            let object: serde_json::Map<String, serde_json::Value> =
                found.columns.iter().cloned().zip(row.iter().map(|v| v.clone().into())).collect();
            face.data(serde_json::Value::Object(object).to_string());
        }
    } else {
        let head: Vec<&str> = found.columns.iter().map(String::as_str).collect();
        let rows: Vec<Vec<String>> = found
            .rows
            .iter()
            .map(|r| r.iter().map(|v| v.clone().unwrap_or_else(|| "NULL".into())).collect())
            .collect();
        face.data(crate::tables::table(&head, &rows));
        let more = if found.total > found.rows.len() as u64 { "; --limit N prints more" } else { "" };
        face.say(format!("({}{more})", plural(found.total, "row")));
    }
    Ok(Exit::Done)
}
