//! The project's own checks, and the references that no foreign key guards.

use crate::job::Job;
use crate::prepare::Prepared;
use base::{Class, Fault};
use project::{CheckConfig, Level};
use std::time::Instant;
use transform::query::{Catalog, names_source};

/// Rows of a check that are kept as examples.
const EXAMPLES: usize = 10;

/// How a check ended.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckOutcome {
    /// Its name.
    pub name: String,
    /// Its level.
    pub level: Level,
    /// Rows that it returned; 0: passed.
    pub rows: u64,
    /// The first columns of the first rows: ids, because a check names records by their ids.
    pub examples: Vec<String>,
    /// Why it could not run, which counts as failed.
    pub could_not_run: Option<String>,
    /// Seconds that it took.
    pub seconds: f64,
}

impl CheckOutcome {
    /// Whether it returned no rows.
    pub fn passed(&self) -> bool {
        self.rows == 0 && self.could_not_run.is_none()
    }
}

/// Runs every declared check; one that cannot run has failed. On the embedded server one that takes too long
/// stops the run instead, because nothing else can be asked as long as it is at work.
pub async fn run(job: &Job, prepared: &Prepared, catalog: &Catalog) -> Result<Vec<CheckOutcome>, Fault> {
    let mut outcomes = Vec::new();
    for check in &job.project.checks {
        job.cancel.check()?;
        outcomes.push(one(job, prepared, catalog, check).await?);
    }
    Ok(outcomes)
}

async fn one(
    job: &Job,
    prepared: &Prepared,
    catalog: &Catalog,
    check: &CheckConfig,
) -> Result<CheckOutcome, Fault> {
    let began = Instant::now();
    let mut outcome = CheckOutcome {
        name: check.name.value.clone(),
        level: check.level,
        rows: 0,
        examples: Vec::new(),
        could_not_run: None,
        seconds: 0.0,
    };
    let found = if names_source(&check.sql.sql) {
        catalog.query(&check.sql.sql, EXAMPLES).await
    } else {
        job.destination.query_rows(&resolve_dest(&check.sql.sql, prepared), EXAMPLES).await
    };
    match found {
        Ok(found) => {
            outcome.rows = found.total;
            outcome.examples =
                found.rows.into_iter().filter_map(|row| row.into_iter().next().flatten()).collect();
        }
        Err(fault) if fault.class == Class::Stop && job.destination.info().embedded => {
            return Err(fault.at(format!("check {:?}", check.name.value)));
        }
        Err(fault) => {
            let hint = fault.hints.first().map(|h| format!(": {h}")).unwrap_or_default();
            outcome.could_not_run = Some(format!("{}{hint}", fault.what));
        }
    }
    outcome.seconds = began.elapsed().as_secs_f64();
    Ok(outcome)
}

/// `dest.TABLE` and `ledger.VIEW` as the database has them: the tables of entities where they are, others
/// where the search path finds them, the ledger's in its schema.
pub fn resolve_dest(sql: &str, prepared: &Prepared) -> String {
    let table = |name: &str| {
        let known = prepared.entities.values().find(|e| e.table.name == name);
        known.map_or_else(|| format!("\"{name}\""), |e| e.table.sql.clone())
    };
    transform::query::rename_qualifiers(sql, &|qualifier, name| match qualifier {
        "dest" => Some(table(name)),
        "ledger" => Some(format!("landfall.\"{name}\"")),
        _ => None,
    })
}

/// References of a mapping that lead to no row, one query each: `(entity, column, parent, orphans)`.
pub async fn orphans(job: &Job, prepared: &Prepared) -> Result<Vec<(String, String, String, u64)>, Fault> {
    let mut found = Vec::new();
    for (name, entity) in &prepared.entities {
        let mapping = entity.mapper.mapping();
        for reference in entity.mapper.references() {
            let Some(parent) = prepared.entities.get(&reference.entity) else { continue };
            // No SQL reaches a service; there each reference was compared as a value.
            if entity.table.given_key || parent.table.given_key {
                continue;
            }
            let column = &mapping.columns[reference.column].column;
            let Some(key) = parent.mapper.mapping().key.columns.first() else { continue };
            let sql = format!(
                "SELECT count(*) FROM {} AS c WHERE c.\"{column}\" IS NOT NULL AND NOT EXISTS (SELECT 1 \
                FROM {} AS p \
                 WHERE p.\"{key}\"::text = c.\"{column}\"::text)",
                entity.table.sql, parent.table.sql
            );
            let guarded = entity
                .table
                .foreign_keys
                .iter()
                .any(|f| f.columns == std::slice::from_ref(column) && f.to == parent.table.sql);
            let orphans = if guarded {
                0
            } else {
                let rows = job.destination.query_rows(&sql, 1).await?;
                rows.rows
                    .first()
                    .and_then(|r| r.first().cloned().flatten())
                    .and_then(|n| n.parse().ok())
                    .unwrap_or(0)
            };
            found.push((name.clone(), column.clone(), reference.entity.clone(), orphans));
        }
    }
    Ok(found)
}
