//! Making the tables, and making sure of their version.

use super::pool::{Turn, begin, commit, within};
use super::{COLLECTIONS_SQL, PgBridge, SCHEMA_SQL, SCHEMA_VERSION};
use crate::connect::Session;
use base::{Class, Fault};

impl PgBridge {
    /// Makes the tables of inbox and outbox when they are not there; a fault when they have another version.
    /// Several servers may do it at once.
    pub async fn prepare(&self) -> Result<(), Fault> {
        let doing = "create the bridge's tables (schema landfall)";
        within(doing, async {
            let session = self.working.take().await?;
            let outcome = made(&session, "landfall.bridge_meta", SCHEMA_SQL, doing).await;
            let outcome = match outcome {
                Ok(()) => right_version(&session).await,
                Err(fault) => Err(fault),
            };
            session.after(outcome)
        })
        .await
    }

    /// Makes the tables of the collections, in the role's default schema, when they are not there.
    pub async fn prepare_collections(&self) -> Result<(), Fault> {
        let doing = "create the tables of events and activities";
        within(doing, async {
            let session = self.working.take().await?;
            let outcome = made(&session, "bettermode_webhook_events", COLLECTIONS_SQL, doing).await;
            session.after(outcome)
        })
        .await
    }
}

/// Runs `sql` unless `table` is there.
async fn made(session: &Session, table: &str, sql: &str, doing: &str) -> Result<(), Fault> {
    if is_there(session, table, doing).await? {
        return Ok(());
    }
    begin(session, Turn::Prepare, doing).await?;
    if !is_there(session, table, doing).await? {
        session.batch_execute(sql).await.map_err(|error| {
            let told = session.fault(&error, doing);
            if told.class == Class::Usage {
                told.hint("let an owner run what `landfall db ledger-sql` prints, then try again")
            } else {
                told
            }
        })?;
    }
    commit(session, doing).await
}

async fn is_there(session: &Session, table: &str, doing: &str) -> Result<bool, Fault> {
    let row = session.query_one("SELECT to_regclass($1) IS NOT NULL", &[&table]).await;
    Ok(row.map_err(|error| session.fault(&error, doing))?.get(0))
}

async fn right_version(session: &Session) -> Result<(), Fault> {
    let row = session.query_one("SELECT version FROM landfall.bridge_meta", &[]).await;
    let row = row.map_err(|error| session.fault(&error, "read the version of the bridge's tables"))?;
    let version: i32 = row.get(0);
    if version == SCHEMA_VERSION {
        return Ok(());
    }
    Err(Fault::usage(format!(
        "the bridge's tables have version {version}, this landfall writes version {SCHEMA_VERSION}"
    ))
    .hint("use the landfall that wrote them"))
}
