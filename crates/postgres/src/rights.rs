//! What must be right on the server before anything is written.

use crate::catalogue::{literal, quote};
use crate::connect::fault;
use crate::destination::PgDestination;
use base::{Fault, Problem};
use connect::destination::Table;
use std::sync::Arc;

/// The oldest server whose catalogue and transaction functions are known here.
const VERSION_MIN: i32 = 120_000;

/// Rights, row-level security, pooling address: every problem.
pub(crate) async fn check(destination: &PgDestination, tables: &[Arc<Table>]) -> Result<Vec<Problem>, Fault> {
    let mut problems = Vec::new();
    let client = destination.control();
    let doing = |e: tokio_postgres::Error| fault(&e, "check rights");
    let row = client
        .query_one(
            "SELECT current_setting('server_version_num')::int, current_user::text, \
                    has_database_privilege(current_database(), 'CREATE'), \
                    to_regnamespace('landfall') IS NOT NULL, pg_is_in_recovery(), \
                    current_setting('transaction_read_only') = 'on', current_database()::text, \
                    current_setting('server_encoding')",
            &[],
        )
        .await
        .map_err(doing)?;
    let (version, user): (i32, String) = (row.get(0), row.get(1));
    let (may_create, ledger_there): (bool, bool) = (row.get(2), row.get(3));
    if version < VERSION_MIN {
        problems.push(Problem::error(format!("the server is older than PostgreSQL 12 ({version})")));
    }
    if row.get::<_, bool>(4) || row.get::<_, bool>(5) {
        problems.push(
            Problem::error("the server takes no writes (a standby, or default_transaction_read_only)")
                .hint("let DATABASE_URL name the primary server"),
        );
    }
    let encoding: String = row.get(7);
    if encoding != "UTF8" {
        problems.push(
            Problem::error(format!("the database is encoded in {encoding}, and not every text fits that"))
                .hint("createdb --encoding=UTF8 --template=template0 NAME"),
        );
    }
    if !ledger_there && !may_create {
        problems
            .push(Problem::error(format!("the role {user} may not create the ledger (schema landfall)")).hint(
            format!(
                "let an owner run `landfall db ledger-sql | psql …`, or GRANT CREATE ON DATABASE {} TO {}",
                quote(&row.get::<_, String>(6)),
                quote(&user)
            ),
        ));
    }
    if pooled(destination).await? {
        problems.push(
            Problem::error("DATABASE_URL leads to a pooler that changes the session between transactions")
                .hint("use the server's own address (often port 5432 instead of 6543), or session pooling"),
        );
    }
    for table in tables {
        let name = literal(&table.sql);
        let there =
            client.query_one("SELECT to_regclass($1) IS NOT NULL", &[&table.sql]).await.map_err(doing)?;
        if !there.get::<_, bool>(0) {
            // The schema script will make it, and the role will own it.
            continue;
        }
        let row = client
            .query_one(
                &format!(
                    "SELECT has_table_privilege({name}, 'SELECT'), has_table_privilege({name}, 'INSERT'), \
                            has_table_privilege({name}, 'UPDATE'), has_table_privilege({name}, 'DELETE'), \
                            row_security_active({name})"
                ),
                &[],
            )
            .await
            .map_err(doing)?;
        let missing: Vec<&str> = ["SELECT", "INSERT", "UPDATE", "DELETE"]
            .into_iter()
            .enumerate()
            .filter(|(i, _)| !row.get::<_, bool>(*i))
            .map(|(_, right)| right)
            .collect();
        if !missing.is_empty() {
            let rights = missing.join(", ");
            problems.push(
                Problem::error(format!("the role {user} lacks {rights} on {}", table.sql)).hint(format!(
                    "GRANT {rights} ON {} TO {}",
                    table.sql,
                    quote(&user)
                )),
            );
        }
        if row.get::<_, bool>(4) {
            problems.push(
                Problem::error(format!(
                    "row-level security of {} hides rows from the role {user}",
                    table.sql
                ))
                .hint(format!("ALTER ROLE {} BYPASSRLS (or move as the table's owner)", quote(&user))),
            );
        }
        for trigger in &table.triggers {
            problems.push(Problem::note(format!(
                "the trigger {trigger} of {} fires for every row that is loaded; what it changes, verify \
                will name",
                table.sql
            )));
        }
    }
    Ok(problems)
}

/// Whether two transactions of one connection meet two sessions of the server.
async fn pooled(destination: &PgDestination) -> Result<bool, Fault> {
    let mut seen = std::collections::BTreeSet::new();
    let session = destination.session().await?;
    for _ in 0..4 {
        let row = session.query_one("SELECT pg_backend_pid()", &[]).await;
        seen.insert(row.map_err(|e| fault(&e, "check rights"))?.get::<_, i32>(0));
    }
    // Some poolers name themselves, and may happen to give the same session four times.
    let named = session.simple_query("SHOW POOL_VERSION").await.is_ok();
    Ok(seen.len() > 1 || named)
}
