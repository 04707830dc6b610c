//! What would become of a batch, without writing anything that lasts.
//!
//! The rows go into a temporary table that has the columns, keys and checks of the real one. Rows of the real
//! table that hold a unique key which a row wants are copied beside them first. So the server itself judges
//! each row, as it will in the load; only triggers do not fire.

use super::copy::Rows;
use super::{Attempt, Ended, PgLoader, record};
use crate::catalogue::{quote, quote_list};
use crate::connect::{Session, fault};
use crate::ledger::PgLedger;
use async_trait::async_trait;
use base::{Fault, RejectCode};
use connect::destination::{Batch, ForeignKey, Loaded, Loader, TrialSpec, Turn};
use ledger::{Fate, LedgerStore, Reject};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A role's time limits must not end a long trial.
const BEGIN: &str =
    "BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0";

/// One connection that tries batches of one entity.
pub(crate) struct PgTrial {
    loader: PgLoader,
    /// Whether there is a ledger, with keys of earlier runs.
    has_ledger: bool,
    /// For each unique key that the mapping fills: its expressions.
    unique: Vec<Vec<String>>,
    /// The temporary table.
    table: String,
    /// Whether all goes in one transaction, which has made the tables and is never committed.
    one_transaction: bool,
    guarded: Vec<ForeignKey>,
}

impl PgTrial {
    /// Makes the temporary table; when the tables are not there yet, in a transaction that runs the project's
    /// script first and ends with the session.
    pub(crate) async fn new(
        session: Session,
        ledger: Arc<PgLedger>,
        trial: TrialSpec,
    ) -> Result<Self, Fault> {
        let TrialSpec { load: spec, script, guarded } = trial;
        let doing = |e: tokio_postgres::Error| fault(&e, "try rows").at(&spec.entity);
        let has_ledger = ledger.is_prepared().await?;
        // Where all connections are one session (embedded), each process has a table of its own.
        let table = format!("pg_temp.landfall_trial_{}", std::process::id());
        let make = format!(
            "DROP TABLE IF EXISTS {table}; CREATE TEMPORARY TABLE {} (LIKE {} INCLUDING ALL)",
            table.trim_start_matches("pg_temp."),
            spec.table.sql
        );
        let one_transaction = script.is_some();
        let begin = match script {
            Some(script) => format!("{BEGIN};\n{script}\n;{make}"),
            None => make,
        };
        session.batch_execute(&begin).await.map_err(doing)?;
        let unique = session
            .query(
                "SELECT ARRAY(SELECT pg_get_indexdef(i.indexrelid, n, true) \
                              FROM generate_series(1, i.indnkeyatts) AS n) \
                 FROM pg_index AS i WHERE i.indrelid = $1::text::regclass AND i.indisunique \
                    AND NOT i.indisprimary AND NOT EXISTS (SELECT 1 FROM pg_depend AS d \
                        JOIN pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid \
                        WHERE d.classid = 'pg_class'::regclass AND d.refobjid = i.indrelid \
                        AND d.refobjsubid > 0 AND d.objid = i.indexrelid AND a.attname::text <> ALL ($2))",
                &[&spec.table.sql, &spec.columns],
            )
            .await
            .map_err(doing)?
            .iter()
            .map(|r| r.get(0))
            .collect();
        let loader = PgLoader::into(session, ledger, spec, &table, has_ledger).await?;
        Ok(Self { loader, has_ledger, unique, table, one_transaction, guarded })
    }

    async fn execute(&self, sql: &str) -> Result<(), Fault> {
        let doing = |e: tokio_postgres::Error| fault(&e, "try rows").at(&self.loader.spec.entity);
        self.loader.session.batch_execute(sql).await.map_err(doing)
    }

    async fn try_rows(&mut self, batch: &mut Batch, attempt: &mut Attempt) -> Result<(), Fault> {
        let loader = &self.loader;
        if self.has_ledger && (loader.spec.id_map || loader.spec.match_by.is_some()) {
            loader.take_mapped_keys(batch, attempt).await?;
        }
        if loader.spec.match_by.is_some() {
            loader.adopt(batch, attempt).await?;
        }
        let mut rows: Vec<u32> = (0..u32::try_from(batch.rows()).unwrap_or(u32::MAX)).collect();
        rows.retain(|row| attempt.fates.get(record(batch, *row)).is_none());
        let mut updated = BTreeSet::new();
        if loader.spec.may_exist || !attempt.adopted.is_empty() {
            let found = loader.classify(batch, attempt, &rows).await?;
            rows = found.absent;
            rows.extend(&found.update);
            rows.sort_unstable();
            updated.extend(found.update);
        }
        if rows.is_empty() {
            return Ok(());
        }
        self.stage_for_checks(batch, &rows).await?;
        let orphans = self.orphans(batch, attempt).await?;
        rows.retain(|row| !orphans.contains(row));
        let whole = Rows::whole(batch);
        match self.loader.insert_piecewise(batch, &whole, attempt, &rows).await {
            Ok(()) => {}
            Err(Ended::Fault(fault)) => return Err(fault),
            Err(Ended::Refused) => return Err(Fault::bug("pieces are never refused as a whole")),
        }
        for row in updated {
            let at = record(batch, row);
            if attempt.fates.get(at) == Some(Fate::Loaded) {
                attempt.fates.overrule(at, Fate::Updated);
            }
        }
        Ok(())
    }

    /// Stages the rows, and copies rows of the real table that are in their way beside them.
    async fn stage_for_checks(&self, batch: &Batch, rows: &[u32]) -> Result<(), Fault> {
        let spec = &self.loader.spec;
        if (!spec.may_exist || self.unique.is_empty()) && self.guarded.is_empty() {
            return Ok(());
        }
        self.loader.stage(batch, rows).await?;
        if !spec.may_exist {
            return Ok(());
        }
        let columns: Vec<String> =
            spec.table.columns.iter().filter(|c| !c.generated).map(|c| c.name.clone()).collect();
        for keys in &self.unique {
            let sql = format!(
                "INSERT INTO {4} ({0}) OVERRIDING SYSTEM VALUE SELECT {0} FROM {1} AS t \
                 WHERE ({2}) IN (SELECT {2} FROM pg_temp.landfall_stage) \
                    AND NOT EXISTS (SELECT 1 FROM pg_temp.landfall_stage AS s WHERE {3}) \
                 ON CONFLICT DO NOTHING",
                quote_list(&columns, ""),
                spec.table.sql,
                keys.join(", "),
                self.loader.key_equals("t", "s"),
                self.table,
            );
            self.execute(&sql).await?;
        }
        Ok(())
    }

    /// Rows whose foreign keys to tables that the project does not move find nothing.
    async fn orphans(&self, batch: &Batch, attempt: &mut Attempt) -> Result<BTreeSet<u32>, Fault> {
        let mut orphans = BTreeSet::new();
        for key in &self.guarded {
            let set: Vec<String> =
                key.columns.iter().map(|c| format!("s.{} IS NOT NULL", quote(c))).collect();
            let pairs = key.columns.iter().zip(&key.to_columns);
            let equal: Vec<String> =
                pairs.map(|(c, to)| format!("p.{} = s.{}", quote(to), quote(c))).collect();
            let sql = format!(
                "SELECT landfall_row FROM pg_temp.landfall_stage AS s WHERE {} AND NOT EXISTS \
                 (SELECT 1 FROM {} AS p WHERE {})",
                set.join(" AND "),
                key.to,
                equal.join(" AND ")
            );
            let found = self.loader.session.query(&sql, &[]).await;
            for row in found.map_err(|e| fault(&e, "try rows"))? {
                let row = row.get::<_, i32>(0).cast_unsigned();
                let at = record(batch, row);
                attempt.fates.decide(at, Fate::Rejected(RejectCode::ForeignKey));
                attempt.rejects.push(Reject {
                    entity: self.loader.spec.entity.clone(),
                    record: (batch.first_record + at as u64).cast_signed(),
                    source_id: super::isolate::source_id(batch, row),
                    field: key.columns.join(","),
                    value: None,
                    code: RejectCode::ForeignKey,
                    reason: format!("the foreign key {} finds no row", key.name),
                });
                orphans.insert(row);
            }
        }
        Ok(orphans)
    }
}

#[async_trait]
impl Loader for PgTrial {
    async fn load(&mut self, batch: &mut Batch, turn: Turn) -> Result<Loaded, Fault> {
        let mut attempt = Attempt {
            id: 0,
            xids: BTreeSet::new(),
            fates: batch.fates.clone(),
            inserted: Vec::new(),
            adopted: Vec::new(),
            adopted_before: BTreeSet::new(),
            rejects: Vec::new(),
        };
        if !self.one_transaction {
            self.execute(BEGIN).await?;
        }
        let tried = self.try_rows(batch, &mut attempt).await;
        if !self.one_transaction {
            // What it wrote is temporary, and later batches are judged by it.
            self.execute(if tried.is_ok() { "COMMIT" } else { "ROLLBACK" }).await?;
        }
        tried?;
        let _ = turn.after.send(());
        let entity = &self.loader.spec.entity;
        let counts = ledger::invariants::all_decided(entity, batch.first_record, &attempt.fates)?;
        Ok(Loaded {
            reject_lines: (batch.rejects.len() + attempt.rejects.len()) as u64,
            adopted: attempt.adopted.len() as u64,
            fates: attempt.fates,
            counts,
        })
    }
}
