//! Keys that are not derived: those in the id map, and rows of the destination that a record adopts by
//! `match`.

use super::{Attempt, PgLoader, isolate::source_id, record};
use crate::catalogue::quote;
use crate::connect::fault;
use crate::wire::{Raw, fields, put_row};
use base::{Fault, RejectCode};
use connect::destination::Batch;
use ledger::{Fate, Reject};
use std::collections::BTreeMap;
use values::Cells;

impl PgLoader {
    /// Puts the keys that the id map holds in place of those that the run made, and notes rows that an
    /// earlier run adopted.
    pub(super) async fn take_mapped_keys(
        &self,
        batch: &mut Batch,
        attempt: &mut Attempt,
    ) -> Result<(), Fault> {
        let ids: Vec<String> = (0..batch.rows()).map(|row| source_id(batch, row as u32)).collect();
        let found = self
            .session
            .query(
                "SELECT source_id, key, adopted FROM landfall.id_map WHERE project = $1 AND entity = $2 AND \
                source_id = ANY($3)",
                &[&self.ledger.project_name(), &self.spec.entity.as_str(), &ids],
            )
            .await
            .map_err(|e| fault(&e, "read the id map"))?;
        let keys: BTreeMap<String, (String, bool)> =
            found.iter().map(|r| (r.get(0), (r.get(1), r.get(2)))).collect();
        let mut replaced = BTreeMap::new();
        for (row, id) in ids.iter().enumerate() {
            if let Some((key, adopted)) = keys.get(id) {
                if *adopted {
                    attempt.adopted_before.insert(row as u32);
                }
                let mut bytes = Vec::new();
                let ty = &self.types[self.spec.key[0]];
                ty.encode(key, &values::Context::default(), &mut bytes).map_err(|_| {
                    Fault::fail(format!(
                        "{}: the id map holds a key that is no {}",
                        self.spec.entity, ty.name
                    ))
                })?;
                replaced.insert(row as u32, bytes);
            }
        }
        self.replace_keys(batch, &replaced)
    }

    /// Finds the rows of the destination that records adopt; more than one is a reject.
    pub(super) async fn adopt(&self, batch: &mut Batch, attempt: &mut Attempt) -> Result<(), Fault> {
        let Some(expression) = &self.spec.match_by else { return Ok(()) };
        let rows: Vec<u32> = (0..batch.rows() as u32).collect();
        self.stage(batch, &rows).await?;
        let key = quote(&self.key_names()[0]);
        let sql = format!(
            "SELECT s.landfall_row, count(*), (array_agg(t.k))[1] \
             FROM (SELECT landfall_row, {key} AS k, ({expression}) AS m FROM pg_temp.landfall_stage) AS s \
             JOIN (SELECT {key} AS k, ({expression}) AS m FROM {}) AS t ON t.m = s.m AND t.k <> s.k \
             GROUP BY s.landfall_row ORDER BY s.landfall_row",
            self.spec.table.sql
        );
        let found = self
            .session
            .query(&sql, &[])
            .await
            .map_err(|e| fault(&e, "match records with rows that are there").at(&self.spec.entity))?;
        let mut replaced = BTreeMap::new();
        for hit in &found {
            let row = hit.get::<_, i32>(0).cast_unsigned();
            let hits: i64 = hit.get(1);
            if hits == 1 {
                let bytes = hit.get::<_, Raw<'_>>(2).0.unwrap_or_default();
                replaced.insert(row, bytes.to_vec());
                attempt.adopted.push(row);
                continue;
            }
            let at = record(batch, row);
            attempt.fates.decide(at, Fate::Rejected(RejectCode::MatchMany));
            attempt.rejects.push(Reject {
                entity: self.spec.entity.clone(),
                record: (batch.first_record + at as u64).cast_signed(),
                source_id: source_id(batch, row),
                field: String::new(),
                value: None,
                code: RejectCode::MatchMany,
                reason: format!("match finds {hits} rows"),
            });
        }
        self.replace_keys(batch, &replaced)
    }

    /// Writes other keys into rows: row → the key's wire bytes.
    fn replace_keys(&self, batch: &mut Batch, replaced: &BTreeMap<u32, Vec<u8>>) -> Result<(), Fault> {
        if replaced.is_empty() {
            return Ok(());
        }
        let position = self.spec.key[0];
        let mut wire = Vec::with_capacity(batch.wire.len());
        let mut ends = Vec::with_capacity(batch.ends.len());
        let mut keys = Cells::with_capacity(batch.rows(), batch.keys[0].byte_len());
        for row in 0..batch.rows() {
            let mut row_fields: Vec<_> = fields(batch.row(row)).collect();
            if let Some(key) = replaced.get(&(row as u32)) {
                row_fields[position] = Some(key);
            }
            match row_fields[position] {
                Some(key) => keys.push(key),
                None => keys.push_null(),
            }
            put_row(&mut wire, &row_fields).map_err(|_| Fault::bug("a row that COPY cannot carry"))?;
            ends.push(wire.len());
        }
        (batch.wire, batch.ends, batch.keys[0]) = (wire, ends, keys);
        Ok(())
    }
}
