//! Late columns, written where their rows stand.

use super::{Done, PgSettler};
use crate::catalogue::{quote, quote_list};
use crate::load::refused;
use crate::wire::put_field;
use base::{Fault, RejectCode};
use bytes::{BufMut, Bytes};
use connect::settle::SettleRows;
use futures::SinkExt;
use ledger::{Fate, Reject};
use std::ops::Range;
use tokio_postgres::Error;
use values::Cells;
use values::copy::{HEADER, TRAILER};

impl PgSettler {
    /// Links the rows of a batch; how many the destination refused.
    pub(super) async fn link_batch(&mut self, rows: &SettleRows, cells: &[Cells]) -> Result<u64, Fault> {
        let mut done = self.begin().await?;
        done.linked = true;
        if rows.records.is_empty() {
            self.end(rows, &done).await?;
            return Ok(0);
        }
        self.stage(rows, cells).await?;
        let write = self.write_sql(rows.batch);
        match self.session.batch_execute(&write(0..rows.records.len())).await {
            Ok(()) => {}
            Err(error) if refused::is_about_a_row(&error) => {
                self.rollback().await;
                done = self.begin().await?;
                done.linked = true;
                self.stage(rows, cells).await?;
                self.link_piecewise(rows, cells, &write, &mut done).await?;
            }
            Err(error) => return Err(self.told(&error)),
        }
        let refused = done.fates.len() as u64;
        if refused > 0 {
            let which: Vec<usize> = done.fates.iter().map(|(row, _)| *row).collect();
            self.take_rows_back(rows, &which, &mut done).await?;
        }
        self.end(rows, &done).await?;
        Ok(refused)
    }

    /// `pg_temp.landfall_late`: the key and the late columns of each row, and its position.
    async fn stage(&self, rows: &SettleRows, cells: &[Cells]) -> Result<(), Fault> {
        let mut columns = self.key();
        columns.extend(self.late());
        let listed = quote_list(&columns, "");
        let make = format!(
            "CREATE TEMP TABLE IF NOT EXISTS landfall_late ON COMMIT DROP AS \
             SELECT 0 AS landfall_row, {listed} FROM {} WITH NO DATA; TRUNCATE pg_temp.landfall_late",
            self.spec.load.table.sql
        );
        self.session.batch_execute(&make).await.map_err(|e| self.told(&e))?;
        let sql = format!("COPY pg_temp.landfall_late (landfall_row, {listed}) FROM STDIN (FORMAT binary)");
        let sink = self.session.copy_in::<_, Bytes>(sql.as_str()).await.map_err(|e| self.told(&e))?;
        let mut sink = std::pin::pin!(sink);
        let too_many = |_| Fault::bug("a row that COPY cannot carry");
        let mut out = HEADER.to_vec();
        for row in 0..rows.records.len() {
            out.put_i16(i16::try_from(columns.len() + 1).map_err(too_many)?);
            let number = i32::try_from(row).map_err(too_many)?.to_be_bytes();
            put_field(&mut out, Some(&number)).map_err(too_many)?;
            for column in rows.keys.iter().chain(cells) {
                put_field(&mut out, column.get(row)).map_err(too_many)?;
            }
        }
        out.extend_from_slice(&TRAILER);
        sink.send(Bytes::from(out)).await.map_err(|e| self.told(&e))?;
        sink.finish().await.map(drop).map_err(|e| self.told(&e))
    }

    fn late(&self) -> Vec<String> {
        self.spec.load.late.iter().map(|l| self.spec.load.columns[l.column].clone()).collect()
    }

    /// Of the staged rows `s` and those of the table `t`: which differ, and were written by the batch last.
    /// Text tells all types apart, also those without an operator `=`.
    fn to_write(&self, batch: i64) -> String {
        let differs = |c: &String| format!("t.{0}::text IS DISTINCT FROM s.{0}::text", quote(c));
        let differs: Vec<String> = self.late().iter().map(differs).collect();
        format!(
            "{} AND ({}) AND t.xmin::text::bigint = ANY (ARRAY(SELECT unnest(b.xids) \
                FROM landfall.batches AS b WHERE b.id = {batch}))",
            self.key_equals("t", "s"),
            differs.join(" OR "),
        )
    }

    /// Writes a range of the staged rows.
    fn write_sql(&self, batch: i64) -> impl Fn(Range<usize>) -> String + use<> {
        let set: Vec<String> = self.late().iter().map(|c| format!("{0} = s.{0}", quote(c))).collect();
        let sql = format!(
            "UPDATE {} AS t SET {} FROM pg_temp.landfall_late AS s WHERE {}",
            self.spec.load.table.sql,
            set.join(", "),
            self.to_write(batch),
        );
        move |rows| format!("{sql} AND s.landfall_row >= {} AND s.landfall_row < {}", rows.start, rows.end)
    }

    /// Locks the rows, and drops from the stage those that are not to be written: what is left is written by
    /// this transaction or refused, and no one else gets in between.
    async fn narrow(&self, batch: i64) -> Result<(), Fault> {
        let table = &self.spec.load.table.sql;
        let sql = format!(
            "SELECT count(*) FROM (SELECT 1 FROM {table} AS t JOIN pg_temp.landfall_late AS s ON {} \
                FOR UPDATE OF t) AS locked; \
             DELETE FROM pg_temp.landfall_late WHERE landfall_row NOT IN (SELECT s.landfall_row \
                FROM {table} AS t JOIN pg_temp.landfall_late AS s ON {})",
            self.key_equals("t", "s"),
            self.to_write(batch),
        );
        self.simple(&sql).await
    }

    /// Halves what is refused until the rows at fault stand alone: foreign keys are checked at the end of a
    /// statement, and no row is named.
    async fn link_piecewise(
        &mut self,
        rows: &SettleRows,
        cells: &[Cells],
        write: &impl Fn(Range<usize>) -> String,
        done: &mut Done,
    ) -> Result<(), Fault> {
        self.narrow(rows.batch).await?;
        #[expect(clippy::single_range_in_vec_init, reason = "a stack of ranges")]
        let mut todo = vec![0..rows.records.len()];
        while let Some(range) = todo.pop() {
            self.simple("SAVEPOINT landfall").await?;
            match self.session.batch_execute(&write(range.clone())).await {
                Ok(()) => self.simple("RELEASE landfall").await?,
                Err(error) if refused::is_about_a_row(&error) => {
                    self.simple("ROLLBACK TO landfall; RELEASE landfall").await?;
                    if range.len() == 1 {
                        self.refuse(rows, cells, range.start, &error, done).await?;
                        continue;
                    }
                    let middle = range.start + range.len() / 2;
                    todo.push(middle..range.end);
                    todo.push(range.start..middle);
                }
                Err(error) => return Err(self.told(&error)),
            }
        }
        self.note_xids(done).await
    }

    async fn simple(&self, sql: &str) -> Result<(), Fault> {
        self.session.batch_execute(sql).await.map_err(|e| self.told(&e))
    }

    /// Rows behind savepoints carry the numbers of those.
    async fn note_xids(&self, done: &mut Done) -> Result<(), Fault> {
        let sql = format!(
            "SELECT DISTINCT t.xmin::text::bigint FROM {} AS t JOIN pg_temp.landfall_late AS s ON {}",
            self.spec.load.table.sql,
            self.key_equals("t", "s")
        );
        let found = self.session.query(&sql, &[]).await.map_err(|e| self.told(&e))?;
        done.xids.extend(found.iter().map(|r| r.get::<_, i64>(0)));
        Ok(())
    }

    /// A reject for one row whose late columns the server refused.
    async fn refuse(
        &mut self,
        rows: &SettleRows,
        cells: &[Cells],
        row: usize,
        error: &Error,
        done: &mut Done,
    ) -> Result<(), Fault> {
        let load = &self.spec.load;
        let code = refused::code(error).unwrap_or(RejectCode::BadValue);
        let server = error.as_db_error();
        let mut column = server.and_then(|e| e.column()).map(String::from);
        if let Some(name) = server.and_then(|e| e.constraint()) {
            let over = self.refusals.over(&self.session, &load.table.sql, name).await?;
            if let [only] = over.columns.as_slice() {
                column = Some(only.clone());
            }
        }
        let late = self.late();
        let place = column.as_ref().and_then(|name| late.iter().position(|c| c == name));
        let value = place.and_then(|i| {
            let ty = &self.types[self.spec.load.late[i].column];
            ty.show(cells[i].get(row)?).ok()
        });
        done.fates.push((row, Fate::Rejected(code)));
        done.rejects.push(Reject {
            entity: self.spec.load.entity.clone(),
            record: (rows.first_record + u64::from(rows.records[row])).cast_signed(),
            source_id: rows.source_ids[row].clone(),
            field: column.unwrap_or_default(),
            value,
            code,
            reason: refused::reason(error, code),
        });
        Ok(())
    }
}
