//! The ledger's record of a batch, in the transaction of its rows.

use super::{Attempt, PgLoader, record};
use crate::connect::fault;
use crate::ledger::{counts_json, insert_rejects};
use base::Fault;
use connect::destination::Batch;
use ledger::Fate;
use ledger::store::PAGE;
use tokio_postgres::types::{ToSql, Type};
use values::{Cells, Kind, PgType};

impl PgLoader {
    /// Writes batch, keys, id map and rejects.
    pub(super) async fn write_record(&self, batch: &Batch, attempt: &Attempt) -> Result<(), Fault> {
        let counts = ledger::invariants::all_decided(&self.spec.entity, batch.first_record, &attempt.fates)?;
        ledger::invariants::keys_recorded(&self.spec.entity, counts.loaded, attempt.inserted.len() as u64)?;
        let doing = |e: tokio_postgres::Error| fault(&e, "write the ledger").at(&self.spec.entity);
        let client: &tokio_postgres::Client = &self.session;
        let xids: Vec<i64> = attempt.xids.iter().copied().collect();
        client
            .execute(
                "INSERT INTO landfall.batches (id, run, entity, first_record, records, next_byte, fates, \
                marks, loaded, \
                                               updated, adopted, xids, defaults_taken, linked) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13::text::jsonb, $14)",
                &[
                    &attempt.id,
                    &self.spec.run.0,
                    &self.spec.entity,
                    &batch.first_record.cast_signed(),
                    &int(attempt.fates.len())?,
                    &batch.next_byte.cast_signed(),
                    &attempt.fates.0,
                    &batch.marks,
                    &int(attempt.inserted.len())?,
                    &int(usize::try_from(counts.updated).unwrap_or(usize::MAX))?,
                    &int(attempt.adopted.len())?,
                    &xids,
                    &counts_json(&batch.defaults_taken),
                    &self.spec.late.is_empty(),
                ],
            )
            .await
            .map_err(doing)?;
        if !attempt.inserted.is_empty() {
            for (position, cells) in batch.keys.iter().enumerate() {
                self.write_keys(batch, attempt, position, cells).await.map_err(doing)?;
            }
        }
        if self.spec.id_map || !attempt.adopted.is_empty() {
            self.write_id_map(batch, attempt).await?;
        }
        for page in batch.rejects.chunks(PAGE).chain(attempt.rejects.chunks(PAGE)) {
            insert_rejects(client, self.spec.run, page).await.map_err(doing)?;
        }
        Ok(())
    }

    /// The keys of inserted rows, in the narrowest of the three forms.
    async fn write_keys(
        &self,
        batch: &Batch,
        attempt: &Attempt,
        position: usize,
        cells: &Cells,
    ) -> Result<(), tokio_postgres::Error> {
        let ty = &self.types[self.spec.key[position]];
        let (column, element) = match ty.kind {
            Kind::Uuid => ("uuids", Type::UUID.oid()),
            Kind::Int2 | Kind::Int4 | Kind::Int8 => ("ints", Type::INT8.oid()),
            _ => ("texts", Type::TEXT.oid()),
        };
        let converted = converted(ty, cells, &attempt.inserted);
        let array = match &converted {
            Some(cells) => crate::wire::CellArray { cells, rows: None, element },
            None => {
                // Rows inserted are all rows of the batch, most often; then no list of them is needed.
                let all = attempt.inserted.len() == batch.rows();
                crate::wire::CellArray { cells, rows: (!all).then_some(attempt.inserted.as_slice()), element }
            }
        };
        let sql = format!("INSERT INTO landfall.batch_keys (batch, position, {column}) VALUES ($1, $2, $3)");
        let position = i32::try_from(position).unwrap_or(i32::MAX);
        let parameters: [&(dyn ToSql + Sync); 3] = [&attempt.id, &position, &array];
        self.session.execute(&sql, &parameters).await.map(drop)
    }

    async fn write_id_map(&self, batch: &Batch, attempt: &Attempt) -> Result<(), Fault> {
        let mut ids = Vec::new();
        let mut keys = Vec::new();
        let mut adopted = Vec::new();
        let rows = if self.spec.id_map { attempt.inserted.as_slice() } else { &[] };
        for (row, was_there) in
            rows.iter().map(|r| (*r, false)).chain(attempt.adopted.iter().map(|r| (*r, true)))
        {
            if matches!(attempt.fates.get(record(batch, row)), Some(Fate::Rejected(_)) | None) {
                continue;
            }
            ids.push(super::isolate::source_id(batch, row));
            keys.push(self.key_text(batch, row));
            adopted.push(was_there);
        }
        self.session
            .execute(
                "INSERT INTO landfall.id_map (project, entity, source_id, key, adopted, batch) \
                 SELECT $1, $2, s, k, a, $6 FROM unnest($3::text[], $4::text[], $5::bool[]) AS x(s, k, a) \
                 ON CONFLICT (project, entity, source_id) DO UPDATE SET key = excluded.key, \
                    adopted = excluded.adopted, batch = excluded.batch",
                &[
                    &self.ledger.project_name(),
                    &self.spec.entity.as_str(),
                    &ids,
                    &keys,
                    &adopted,
                    &attempt.id,
                ],
            )
            .await
            .map(drop)
            .map_err(|e| fault(&e, "write the id map"))
    }
}

/// Key cells in the form of the ledger's arrays; `None`: they are in it already.
fn converted(ty: &PgType, cells: &Cells, rows: &[u32]) -> Option<Cells> {
    let mut out = Cells::new();
    for row in rows {
        let bytes = cells.get(*row as usize).unwrap_or_default();
        match ty.kind {
            Kind::Uuid | Kind::Int8 => return None,
            Kind::Int2 => {
                out.push(&i64::from(i16::from_be_bytes(bytes.try_into().unwrap_or_default())).to_be_bytes());
            }
            Kind::Int4 => {
                out.push(&i64::from(i32::from_be_bytes(bytes.try_into().unwrap_or_default())).to_be_bytes());
            }
            _ => out.push(ty.show(bytes).unwrap_or_default().as_bytes()),
        }
    }
    Some(out)
}

fn int(n: usize) -> Result<i32, Fault> {
    i32::try_from(n).map_err(|_| Fault::bug("a batch with too many records"))
}
