//! The second pass over the rows of a circle: each batch of the ledger is settled in one transaction with its
//! record.
//!
//! Only rows that the run itself wrote last are touched: what people did in the meantime stays, and verify
//! shows it. The transactions of the second pass are added to those of the batch, so that the rows are still
//! the run's for an undo and for the runs after it.

mod back;
mod link;

use crate::catalogue::{quote, quote_list};
use crate::connect::{Session, fault};
use crate::ledger::{PgLedger, insert_rejects};
use crate::load::{begin, refused};
use crate::wire::CellArray;
use async_trait::async_trait;
use base::Fault;
use connect::settle::{SettleRows, SettleSpec, Settler};
use ledger::store::PAGE;
use ledger::{Fate, Reject};
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio_postgres::types::ToSql;
use values::{Cells, PgType};

/// One connection that settles one entity.
pub(crate) struct PgSettler {
    session: Session,
    ledger: Arc<PgLedger>,
    spec: SettleSpec,
    /// The types of the columns written.
    types: Vec<PgType>,
    refusals: refused::Constraints,
}

/// What a transaction has done to a batch.
#[derive(Default)]
struct Done {
    /// The transaction and its savepoints that wrote rows, as xmin shows them.
    xids: BTreeSet<i64>,
    /// Rows (by position) with what became of their records.
    fates: Vec<(usize, Fate)>,
    rejects: Vec<Reject>,
    /// Whether the late columns of the batch are written.
    linked: bool,
}

impl PgSettler {
    pub(crate) fn new(session: Session, ledger: Arc<PgLedger>, spec: SettleSpec) -> Result<Self, Fault> {
        let load = &spec.load;
        let types = load
            .columns
            .iter()
            .map(|name| load.table.column(name).map(|c| c.ty.clone()))
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| Fault::bug(format!("{}: a column that its table has not", load.entity)))?;
        Ok(Self { session, ledger, spec, types, refusals: refused::Constraints::default() })
    }

    /// Begins the transaction of a batch.
    async fn begin(&self) -> Result<Done, Fault> {
        let (xid, _) = begin(&self.session, &self.ledger, "0").await?;
        Ok(Done { xids: BTreeSet::from([xid]), ..Done::default() })
    }

    /// Writes the batch's record and commits.
    async fn end(&self, rows: &SettleRows, done: &Done) -> Result<(), Fault> {
        self.write_record(rows, done).await?;
        self.session.batch_execute("COMMIT").await.map_err(|e| self.told(&e))
    }

    /// A fault of a statement; what it did not commit is rolled back by the server.
    fn told(&self, error: &tokio_postgres::Error) -> Fault {
        fault(error, "write references inside a circle").at(&self.spec.load.entity)
    }

    async fn rollback(&self) {
        // The connection may be gone; then the server rolls back by itself.
        let _ = self.session.batch_execute("ROLLBACK").await;
    }

    async fn execute(&self, sql: &str, parameters: &[&(dyn ToSql + Sync)]) -> Result<u64, Fault> {
        self.session.execute(sql, parameters).await.map_err(|e| self.told(&e))
    }

    /// Names of the key's columns.
    fn key(&self) -> Vec<String> {
        self.spec.load.key.iter().map(|i| self.spec.load.columns[*i].clone()).collect()
    }

    /// `left."a" = right."a" AND …` for the key's columns.
    fn key_equals(&self, left: &str, right: &str) -> String {
        let equal = |name: &String| format!("{left}.{0} = {right}.{0}", quote(name));
        self.key().iter().map(equal).collect::<Vec<_>>().join(" AND ")
    }

    /// `unnest($1::uuid[], …) AS k("id", …)`, numbered from `first`.
    fn key_table(&self, first: usize) -> String {
        let array =
            |(i, position): (usize, &usize)| format!("${}::{}[]", first + i, self.types[*position].name);
        let arrays: Vec<String> = self.spec.load.key.iter().enumerate().map(array).collect();
        format!("unnest({}) AS k({})", arrays.join(", "), quote_list(&self.key(), ""))
    }

    /// Keys of rows, a parameter for each column of the key.
    fn key_arrays<'a>(&self, keys: &'a [Cells], rows: &'a [u32]) -> Vec<CellArray<'a>> {
        keys.iter()
            .zip(&self.spec.load.key)
            .map(|(cells, i)| CellArray { cells, rows: Some(rows), element: self.types[*i].oid })
            .collect()
    }

    /// The ledger's record of what the transaction did to the batch.
    async fn write_record(&self, rows: &SettleRows, done: &Done) -> Result<(), Fault> {
        let mut fates = rows.fates.clone();
        let (mut loaded, mut updated) = (Vec::new(), 0i32);
        for (row, fate) in &done.fates {
            let record = rows.records[*row] as usize;
            match rows.fates.get(record) {
                Some(Fate::Loaded) => loaded.push(*row),
                Some(Fate::Updated) => updated += 1,
                _ => {}
            }
            fates.overrule(record, *fate);
        }
        ledger::invariants::all_decided(&self.spec.load.entity, rows.first_record, &fates)?;
        let xids: Vec<i64> = done.xids.iter().copied().collect();
        let gone = i32::try_from(loaded.len()).unwrap_or(i32::MAX);
        self.execute(
            "UPDATE landfall.batches SET fates = $2, loaded = loaded - $3, updated = updated - $4, \
                linked = linked OR $5, \
                xids = ARRAY(SELECT DISTINCT x FROM unnest(xids || $6::bigint[]) AS x ORDER BY x) \
             WHERE id = $1",
            &[&rows.batch, &fates.0, &gone, &updated, &done.linked, &xids],
        )
        .await?;
        if !loaded.is_empty() {
            self.forget_keys(rows, &loaded).await?;
        }
        if !done.fates.is_empty() {
            let ids: Vec<&str> = done.fates.iter().map(|(row, _)| rows.source_ids[*row].as_str()).collect();
            self.execute(
                "WITH gone AS (DELETE FROM landfall.id_map WHERE project = $1 AND entity = $2 \
                    AND source_id = ANY($3) AND batch = $4 RETURNING adopted) \
                 UPDATE landfall.batches \
                    SET adopted = adopted - (SELECT count(*) FROM gone WHERE adopted)::int WHERE id = $4",
                &[&self.ledger.project_name(), &self.spec.load.entity.as_str(), &ids, &rows.batch],
            )
            .await?;
        }
        for page in done.rejects.chunks(PAGE) {
            insert_rejects(&self.session, self.spec.load.run, page).await.map_err(|e| self.told(&e))?;
        }
        Ok(())
    }

    /// Takes the keys of rows out of the batch's record of inserted keys, which has them in the order of the
    /// records.
    async fn forget_keys(&self, rows: &SettleRows, gone: &[usize]) -> Result<(), Fault> {
        let records: BTreeSet<usize> = gone.iter().map(|row| rows.records[*row] as usize).collect();
        let inserted = (0..rows.fates.len()).filter(|r| rows.fates.get(*r) == Some(Fate::Loaded));
        let places: Vec<i64> =
            (1..).zip(inserted).filter(|(_, record)| records.contains(record)).map(|(n, _)| n).collect();
        let without = |form: &str| {
            format!(
                "{form} = (SELECT array_agg(x.k ORDER BY x.n) FROM unnest({form}) WITH ORDINALITY AS x(k, n) \
                 WHERE x.n <> ALL ($2::bigint[]))"
            )
        };
        let forms = ["uuids", "ints", "texts"].map(without).join(", ");
        let sql = format!("UPDATE landfall.batch_keys SET {forms} WHERE batch = $1");
        self.execute(&sql, &[&rows.batch, &places]).await.map(drop)
    }
}

#[async_trait]
impl Settler for PgSettler {
    async fn link(&mut self, rows: SettleRows, cells: Vec<Cells>) -> Result<u64, Fault> {
        let outcome = self.link_batch(&rows, &cells).await;
        if outcome.is_err() {
            self.rollback().await;
        }
        outcome
    }

    async fn take_back(
        &mut self,
        rows: SettleRows,
        fates: Vec<Fate>,
        rejects: Vec<Reject>,
    ) -> Result<(), Fault> {
        let outcome = async {
            let mut done = self.begin().await?;
            done.fates = fates.into_iter().enumerate().collect();
            done.rejects = rejects;
            let all: Vec<usize> = (0..rows.records.len()).collect();
            self.take_rows_back(&rows, &all, &mut done).await?;
            self.end(&rows, &done).await
        }
        .await;
        if outcome.is_err() {
            self.rollback().await;
        }
        outcome
    }
}
