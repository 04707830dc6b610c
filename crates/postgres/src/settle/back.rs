//! Rows of the run that are taken back: the row goes, or becomes what it was.

use super::{Done, PgSettler};
use crate::catalogue::{quote, quote_list};
use base::Fault;
use connect::settle::SettleRows;
use ledger::Fate;
use tokio_postgres::types::ToSql;

/// Of `t`, whether the batch `$1` wrote it last.
const OURS: &str = "t.xmin::text::bigint = ANY (ARRAY(SELECT unnest(b.xids) FROM landfall.batches b \
     WHERE b.id = $1))";

impl PgSettler {
    /// Deletes rows that the batch inserted and restores those that it updated.
    pub(super) async fn take_rows_back(
        &self,
        rows: &SettleRows,
        which: &[usize],
        done: &mut Done,
    ) -> Result<(), Fault> {
        let of = |fate: Fate| -> Vec<u32> {
            let is = |row: &&usize| rows.fates.get(rows.records[**row] as usize) == Some(fate);
            which.iter().filter(is).map(|row| u32::try_from(*row).unwrap_or(u32::MAX)).collect()
        };
        let inserted = of(Fate::Loaded);
        if !inserted.is_empty() {
            self.open_referring(rows, &inserted, done).await?;
            let sql = format!(
                "DELETE FROM {} AS t USING {} WHERE {} AND {OURS}",
                self.spec.load.table.sql,
                self.key_table(2),
                self.key_equals("t", "k")
            );
            self.with_keys(&sql, rows, &inserted).await?;
        }
        let updated = of(Fate::Updated);
        if !updated.is_empty() {
            self.restore(rows, &updated).await?;
        }
        Ok(())
    }

    /// Opens late columns that refer to rows which are to go. Their batches count as not linked again, and
    /// the transaction as theirs.
    async fn open_referring(&self, rows: &SettleRows, gone: &[u32], done: &Done) -> Result<(), Fault> {
        let [key] = self.spec.load.key.as_slice() else { return Ok(()) };
        let ty = &self.types[*key];
        let arrays = self.key_arrays(&rows.keys, gone);
        let xids: Vec<i64> = done.xids.iter().copied().collect();
        for referring in &self.spec.referring {
            let column = quote(&referring.column);
            let open = referring.own_key.as_ref().map_or_else(|| "NULL".to_owned(), |key| quote(key));
            let itself = referring
                .own_key
                .as_ref()
                .map_or_else(String::new, |key| format!(" AND {column} <> {}", quote(key)));
            let sql = format!(
                "UPDATE {} SET {column} = {open} WHERE {column} = ANY ($1::{}[]){itself}",
                referring.table, ty.name
            );
            if self.execute(&sql, &[&arrays[0]]).await? == 0 {
                continue;
            }
            self.execute(
                "UPDATE landfall.batches SET linked = false, \
                    xids = ARRAY(SELECT DISTINCT x FROM unnest(xids || $3::bigint[]) AS x ORDER BY x) \
                 WHERE run = $1 AND entity = $2",
                &[&self.spec.load.run.0, &referring.entity, &xids],
            )
            .await?;
        }
        Ok(())
    }

    /// Rows as they were before the batch wrote over them.
    async fn restore(&self, rows: &SettleRows, updated: &[u32]) -> Result<(), Fault> {
        let table = &self.spec.load.table;
        let key = self.key();
        let columns: Vec<String> = table
            .columns
            .iter()
            .filter(|c| !c.generated && !key.contains(&c.name))
            .map(|c| format!("{0} = (p.image).{0}", quote(&c.name)))
            .collect();
        let image_equals: Vec<String> =
            key.iter().map(|name| format!("(p.image).{0} = k.{0}", quote(name))).collect();
        let sql = format!(
            "WITH wanted AS (SELECT p.at, p.image, {keys} \
                    FROM (SELECT i.ctid AS at, i.image::{table} AS image \
                        FROM landfall.preimages AS i WHERE i.batch = $1 OFFSET 0) AS p \
                JOIN {unnested} ON {image_equals}), \
                restored AS (UPDATE {table} AS t SET {set} FROM wanted AS p WHERE {equals} AND {OURS} \
                RETURNING p.at) \
             DELETE FROM landfall.preimages WHERE ctid IN (SELECT at FROM restored)",
            keys = quote_list(&key, "k."),
            table = table.sql,
            unnested = self.key_table(2),
            image_equals = image_equals.join(" AND "),
            set = columns.join(", "),
            equals = self.key_equals("t", "p"),
        );
        self.with_keys(&sql, rows, updated).await.map(drop)
    }

    /// Runs a statement over the batch's number and the keys of rows.
    async fn with_keys(&self, sql: &str, rows: &SettleRows, which: &[u32]) -> Result<u64, Fault> {
        let arrays = self.key_arrays(&rows.keys, which);
        let mut parameters: Vec<&(dyn ToSql + Sync)> = vec![&rows.batch];
        parameters.extend(arrays.iter().map(|a| a as &(dyn ToSql + Sync)));
        self.execute(sql, &parameters).await
    }
}
