//! Rows that the server refuses, named at a bounded cost.
//!
//! The rows go out in pieces of [`PIECE`] rows, each behind a savepoint. When a piece fails, COPY's context
//! names the row: the rows before it are sent again, it becomes a reject, and the rest goes on. Where no row
//! is named (foreign keys and triggers are checked at the end of the statement) the piece is halved.

use super::{Attempt, Ended, PgLoader, copy, record, refused};
use crate::connect::fault;
use crate::wire::{CellArray, fields};
use base::{Fault, RejectCode};
use connect::destination::Batch;
use ledger::{Fate, Reject};
use tokio_postgres::Error;
use tokio_postgres::types::ToSql;

/// Rows between two savepoints: smaller pieces pay more savepoints, larger ones send more rows twice.
const PIECE: usize = 256;

impl PgLoader {
    /// Inserts rows, refused ones becoming rejects.
    pub(super) async fn insert_piecewise(
        &mut self,
        batch: &Batch,
        open: &copy::Rows<'_>,
        attempt: &mut Attempt,
        rows: &[u32],
    ) -> Result<(), Ended> {
        let mut inserted: Vec<u32> = Vec::with_capacity(rows.len());
        for piece in rows.chunks(PIECE) {
            // A stack of ranges that are still to be written; what stands in front of another goes first.
            let mut todo = vec![0..piece.len()];
            while let Some(range) = todo.pop() {
                if range.is_empty() {
                    continue;
                }
                self.savepoint().await?;
                let error = match self.copy_rows(open, &piece[range.clone()]).await {
                    Ok(()) => {
                        self.release().await?;
                        inserted.extend_from_slice(&piece[range]);
                        continue;
                    }
                    Err(error) if refused::is_about_a_row(&error) => error,
                    Err(error) => return Err(fault(&error, "load a batch").at(&self.spec.entity).into()),
                };
                self.back_to_savepoint().await?;
                match refused::line(&error).filter(|line| *line < range.len()) {
                    Some(line) => {
                        let at = range.start + line;
                        todo.push(at + 1..range.end);
                        todo.push(range.start..at);
                        self.refuse(batch, attempt, piece[at], &error).await?;
                    }
                    None if range.len() == 1 => {
                        self.refuse(batch, attempt, piece[range.start], &error).await?
                    }
                    None => {
                        let middle = range.start + range.len() / 2;
                        todo.push(middle..range.end);
                        todo.push(range.start..middle);
                    }
                }
            }
        }
        for row in &inserted {
            attempt.fates.decide(record(batch, *row), Fate::Loaded);
        }
        self.note_xids(batch, attempt, &inserted).await?;
        attempt.inserted.extend(inserted);
        Ok(())
    }

    pub(super) async fn savepoint(&self) -> Result<(), Fault> {
        self.session.batch_execute("SAVEPOINT landfall").await.map_err(|e| fault(&e, "load a batch"))
    }

    pub(super) async fn release(&self) -> Result<(), Fault> {
        self.session.batch_execute("RELEASE landfall").await.map_err(|e| fault(&e, "load a batch"))
    }

    pub(super) async fn back_to_savepoint(&self) -> Result<(), Fault> {
        self.session
            .batch_execute("ROLLBACK TO landfall; RELEASE landfall")
            .await
            .map_err(|e| fault(&e, "load a batch"))
    }

    /// Rows behind savepoints carry the numbers of those; the undo record must know them.
    pub(super) async fn note_xids(
        &self,
        batch: &Batch,
        attempt: &mut Attempt,
        rows: &[u32],
    ) -> Result<(), Fault> {
        if rows.is_empty() {
            return Ok(());
        }
        let sql = format!(
            "SELECT DISTINCT t.xmin::text::bigint FROM {} AS t JOIN {} ON {}",
            self.spec.table.sql,
            self.key_table(1),
            self.key_equals("t", "k")
        );
        let arrays = self.key_arrays(batch, Some(rows));
        let parameters: Vec<&(dyn ToSql + Sync)> = arrays.iter().map(|a| a as _).collect();
        let found = self.session.query(&sql, &parameters).await.map_err(|e| fault(&e, "load a batch"))?;
        attempt.xids.extend(found.iter().map(|r| r.get::<_, i64>(0)));
        Ok(())
    }

    /// The keys of rows, an array parameter for each column of the key.
    pub(super) fn key_arrays<'a>(&self, batch: &'a Batch, rows: Option<&'a [u32]>) -> Vec<CellArray<'a>> {
        let positions = self.spec.key.iter();
        batch
            .keys
            .iter()
            .zip(positions)
            .map(|(cells, position)| CellArray { cells, rows, element: self.types[*position].oid })
            .collect()
    }

    /// A reject for one row that the server refused.
    pub(super) async fn refuse(
        &mut self,
        batch: &Batch,
        attempt: &mut Attempt,
        row: u32,
        error: &Error,
    ) -> Result<(), Fault> {
        let code = refused::code(error).unwrap_or(RejectCode::BadValue);
        let server = error.as_db_error();
        let mut reason = refused::reason(error, code);
        let mut column = server.and_then(|e| e.column()).map(String::from);
        if let Some(name) = server.and_then(|e| e.constraint()) {
            let over = self.refusals.over(&self.session, &self.spec.table.sql, name).await?;
            if code == RejectCode::Unique
                && let Some(holder) = self.holder(batch, row, &over.keys).await?
            {
                reason = format!("{reason} by the row {holder}");
            }
            if let [only] = over.columns.as_slice() {
                column = Some(only.clone());
            }
        }
        let position = column.as_ref().and_then(|name| self.spec.columns.iter().position(|c| c == name));
        let value = position.and_then(|p| {
            let bytes = fields(batch.row(row as usize)).nth(p)??;
            self.types[p].show(bytes).ok()
        });
        attempt.fates.decide(record(batch, row), Fate::Rejected(code));
        attempt.rejects.push(Reject {
            entity: self.spec.entity.clone(),
            record: (batch.first_record + u64::from(batch.records[row as usize])).cast_signed(),
            source_id: source_id(batch, row),
            field: column.unwrap_or_default(),
            value,
            code,
            reason,
        });
        Ok(())
    }

    /// The key of the row that holds a unique key which `row` wants.
    async fn holder(&self, batch: &Batch, row: u32, keys: &[String]) -> Result<Option<String>, Fault> {
        if keys.is_empty() || self.spec.key.is_empty() {
            return Ok(None);
        }
        self.stage(batch, &[row]).await?;
        let list = keys.join(", ");
        let key = crate::catalogue::quote_list(&self.key_names(), "t.");
        let sql = format!(
            "SELECT concat_ws(',', {key}) FROM {} AS t WHERE ({list}) = (SELECT {list} FROM \
            pg_temp.landfall_stage) LIMIT 1",
            self.spec.table.sql
        );
        let found =
            self.session.query_opt(&sql, &[]).await.map_err(|e| fault(&e, "find the row in the way"))?;
        Ok(found.map(|r| r.get(0)))
    }
}

/// The source's id of a row.
pub(super) fn source_id(batch: &Batch, row: u32) -> String {
    batch.source_ids.get(row as usize).map(|b| String::from_utf8_lossy(b).into_owned()).unwrap_or_default()
}
