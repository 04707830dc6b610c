//! Making the tables, and making sure of their version.

use super::pool::{Turn, begin, commit, within};
use super::{COLLECTIONS_SQL, PgBridge, SCHEMA_SQL, SCHEMA_VERSION};
use crate::connect::Session;
use base::{Class, Fault};
use tokio_postgres::types::Type;

/// A script with the tables that show that it was run.
struct Script {
    doing: &'static str,
    tables: &'static [&'static str],
    sql: &'static str,
    /// What to do when the role may not run it.
    hint: &'static str,
}

const BRIDGE: Script = Script {
    doing: "create the bridge's tables (schema landfall)",
    tables: &["landfall.bridge_meta"],
    sql: SCHEMA_SQL,
    hint: "let an owner run what `landfall db ledger-sql` prints, then try again",
};

const COLLECTIONS: Script = Script {
    doing: "create the tables of events and activities",
    tables: &["bettermode_webhook_events", "bettermode_member_activities"],
    sql: COLLECTIONS_SQL,
    hint: "GRANT CREATE on the schema that comes first in the role's search_path, or set MONGODB_URL",
};

impl PgBridge {
    /// Whether somebody has served on this database, in a version that this program reads.
    pub async fn is_prepared(&self) -> Result<bool, Fault> {
        within(BRIDGE.doing, async {
            let session = self.asking.take().await?;
            let outcome = match are_there(&session, &BRIDGE).await {
                Ok(true) => right_version(&session).await.map(|()| true),
                none_or_fault => none_or_fault,
            };
            session.after(outcome)
        })
        .await
    }

    /// Makes the tables of inbox and outbox when they are not there; a fault when they have another version.
    /// Several servers may do it at once.
    pub async fn prepare(&self) -> Result<(), Fault> {
        within(BRIDGE.doing, async {
            let session = self.working.take().await?;
            let outcome = match run(&session, &BRIDGE).await {
                Ok(()) => right_version(&session).await,
                Err(fault) => Err(fault),
            };
            session.after(outcome)
        })
        .await
    }

    /// Makes the tables of the collections, in the role's default schema, when they are not there.
    pub async fn prepare_collections(&self) -> Result<(), Fault> {
        within(COLLECTIONS.doing, async {
            let session = self.working.take().await?;
            let outcome = run(&session, &COLLECTIONS).await;
            session.after(outcome)
        })
        .await
    }
}

/// Runs the script unless its tables are there.
async fn run(session: &Session, script: &Script) -> Result<(), Fault> {
    if are_there(session, script).await? {
        return Ok(());
    }
    begin(session, Turn::Prepare, script.doing).await?;
    if !are_there(session, script).await? {
        session.batch_execute(script.sql).await.map_err(|error| {
            let told = session.fault(&error, script.doing);
            if told.class == Class::Usage { told.hint(script.hint) } else { told }
        })?;
    }
    commit(session, script.doing).await
}

async fn are_there(session: &Session, script: &Script) -> Result<bool, Fault> {
    // It looks into pg_class, because only a query of a table takes notice of what others have made since the
    // transaction began; `to_regclass` alone remembers that there was nothing.
    let sql = "SELECT bool_and(EXISTS (SELECT 1 FROM pg_class WHERE oid = to_regclass(name))) \
               FROM unnest($1::text[]) AS x (name)";
    let row = session.query_typed_one(sql, &[(&script.tables, Type::TEXT_ARRAY)]).await;
    Ok(row.map_err(|error| session.fault(&error, script.doing))?.get(0))
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
