//! Undoing a run: the same statements for the command and for the SQL file.
//!
//! Children go before their parents, because entities are loaded parents first and undone newest first. A row
//! is ours as long as its `xmin` is one of the run's transactions; any other writer makes it somebody's, and
//! it stays. A row that another row refers to stays as well, so nothing that no run wrote is ever deleted.

mod sql;

use crate::catalogue;
use crate::connect::{Session, fault};
use crate::destination::PgDestination;
use base::Fault;
use base::ids::RunId;
use connect::destination::{Destination, TableName};
use connect::rollback::{RollbackReport, RollbackRequest, Undone};
use ledger::{LedgerStore, Run, RunStatus};
use sql::Undo;
use tokio_postgres::SimpleQueryMessage;

/// Passes over one entity: rows of one table that refer to each other go leaf by leaf.
const PASSES_MAX: usize = 1_000;

/// Undoes a run.
pub(crate) async fn run(
    destination: &PgDestination,
    request: &RollbackRequest,
) -> Result<RollbackReport, Fault> {
    let run = find(destination, request.run).await?;
    if run.status == RunStatus::RolledBack {
        return Ok(RollbackReport { already: true, ..RollbackReport::default() });
    }
    let undos = undos(destination, request.run).await?;
    refuse_if_updated_later(destination, &undos).await?;
    let ledger = destination.ledger();
    if !request.dry_run {
        ledger.set_status(request.run, RunStatus::PartlyRolledBack, None).await?;
    }
    let session = destination.session().await?;
    let mut report = RollbackReport::default();
    let doing = |e: tokio_postgres::Error| fault(&e, "roll back");
    session.batch_execute(BEGIN).await.map_err(doing)?;
    for undo in &undos {
        if !request.dry_run {
            check_lease(destination, &session).await?;
        }
        let undone = entity(&session, undo, request.force).await?;
        report.entities.insert(undo.entity.clone(), undone);
        // A dry run stays in one transaction, so that parents see their children gone, and leaves nothing.
        if !request.dry_run {
            session.batch_execute(&format!("COMMIT; {BEGIN}")).await.map_err(doing)?;
        }
    }
    session.batch_execute("ROLLBACK").await.map_err(doing)?;
    if !request.dry_run && report.kept() == 0 {
        ledger.set_status(request.run, RunStatus::RolledBack, None).await?;
    }
    Ok(report)
}

/// A role's statement timeout must not end a long undo.
const BEGIN: &str = "BEGIN; SET LOCAL statement_timeout = 0";

async fn check_lease(destination: &PgDestination, session: &Session) -> Result<(), Fault> {
    let ledger = destination.pg_ledger();
    let lease = crate::ledger::lease_check(ledger.project_name(), ledger.epoch());
    let answer = session.simple_query(&lease).await.map_err(|e| fault(&e, "check the lease"))?;
    match answer.iter().any(|m| matches!(m, SimpleQueryMessage::Row(_))) {
        true => Ok(()),
        false => Err(crate::ledger::lease_lost()),
    }
}

/// One entity, together with the ledger's marks.
async fn entity(session: &Session, undo: &Undo, force: bool) -> Result<Undone, Fault> {
    let doing = |e: tokio_postgres::Error| fault(&e, "roll back").at(&undo.entity);
    session.batch_execute(&undo.candidates(force)).await.map_err(doing)?;
    let mut undone = Undone::default();
    for _ in 0..PASSES_MAX {
        let deleted = session.execute(&undo.delete(), &[]).await.map_err(doing)?;
        undone.deleted += deleted;
        if deleted == 0 || !undo.refers_to_itself() {
            break;
        }
    }
    undone.restored = session.execute(&undo.restore(force), &[]).await.map_err(doing)?;
    let row = session.query_one(&undo.count(), &[]).await.map_err(doing)?;
    let number = |i: usize| row.get::<_, i64>(i).cast_unsigned();
    (undone.kept_changed, undone.kept_needed) = (number(0), number(1));
    undone.gone = number(2).saturating_sub(undone.deleted + undone.kept_changed + undone.kept_needed);
    undone.kept_changed += number(3);
    session.batch_execute(&undo.mark()).await.map_err(doing)?;
    Ok(undone)
}

/// The script for `psql -f`.
pub(crate) async fn script(destination: &PgDestination, run: RunId) -> Result<String, Fault> {
    let found = find(destination, run).await?;
    Ok(sql::script(&found.name, run, &undos(destination, run).await?))
}

async fn find(destination: &PgDestination, run: RunId) -> Result<Run, Fault> {
    let runs = destination.ledger().runs().await?;
    runs.into_iter().find(|r| r.id == run).ok_or_else(|| Fault::usage(format!("there is no run {run}")))
}

/// The run's entities, newest first, with what their tables look like now.
async fn undos(destination: &PgDestination, run: RunId) -> Result<Vec<Undo>, Fault> {
    let mut undos = Vec::new();
    for entity in destination.ledger().entities(run).await?.into_iter().rev() {
        let name = split(&entity.table)?;
        let table = catalogue::table(destination.control(), &name)
            .await?
            .ok_or_else(|| Fault::usage(format!("the table {} of the run is gone", entity.table)))?;
        undos.push(Undo::new(run, &entity, table)?);
    }
    Ok(undos)
}

/// `"schema"."table"` as a name.
fn split(quoted: &str) -> Result<TableName, Fault> {
    let inner = quoted.strip_prefix('"').and_then(|q| q.strip_suffix('"'));
    let (schema, name) = inner
        .and_then(|q| q.split_once("\".\""))
        .ok_or_else(|| Fault::fail(format!("the ledger holds a table name that is none: {quoted}")))?;
    Ok(TableName { schema: Some(schema.replace("\"\"", "\"")), name: name.replace("\"\"", "\"") })
}

/// A later run's update stands on this run's rows: that one has to go first.
async fn refuse_if_updated_later(destination: &PgDestination, undos: &[Undo]) -> Result<(), Fault> {
    for undo in undos {
        let rows = destination.control().query(&undo.later_updates(), &[]).await;
        let rows = rows.map_err(|e| fault(&e, "look for later runs").at(&undo.entity))?;
        if let Some(later) = rows.first() {
            let name: String = later.get(0);
            return Err(Fault::usage(format!(
                "run {name} has updated rows of {} that this run wrote",
                undo.entity
            ))
            .hint(format!("landfall rollback {name}"))
            .hint("then this one again"));
        }
    }
    Ok(())
}
