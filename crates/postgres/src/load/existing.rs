//! Rows that are there already: same, other, changed by somebody.

use super::{Attempt, PgLoader, isolate::source_id, record, writes_over};
use crate::catalogue::quote_list;
use crate::connect::{Session, fault};
use crate::ledger::PgLedger;
use crate::wire::{Raw, fields};
use base::{Fault, RejectCode, SkipReason};
use connect::destination::{Batch, LoadSpec, Mode};
use futures::TryStreamExt;
use ledger::{Fate, Reject};
use std::collections::{BTreeSet, HashMap};
use tokio_postgres::types::ToSql;

/// What a look at the destination says of a batch's rows.
#[derive(Default)]
pub(super) struct Found {
    /// Rows that are not there.
    pub(super) absent: Vec<u32>,
    /// Rows to write over.
    pub(super) update: Vec<u32>,
}

impl PgLoader {
    /// Looks the rows up by their keys and decides those that are there.
    pub(super) async fn classify(
        &self,
        batch: &Batch,
        attempt: &mut Attempt,
        rows: &[u32],
    ) -> Result<Found, Fault> {
        self.prefer_index().await?;
        let keys = self.framed_keys(batch, rows);
        let by_key: HashMap<&[u8], u32> = keys.iter().zip(rows).map(|(key, row)| (key, *row)).collect();
        let compared: Vec<bool> =
            (0..self.spec.columns.len()).map(|i| self.spec.compared.contains(&i)).collect();
        let sql = format!(
            "SELECT t.xmin::text::bigint, {} FROM {} AS t JOIN {} ON {}",
            quote_list(&self.spec.columns, "t."),
            self.spec.table.sql,
            self.key_table(1),
            self.key_equals("t", "k")
        );
        let arrays = self.key_arrays(batch, Some(rows));
        let parameters: Vec<&(dyn ToSql + Sync)> = arrays.iter().map(|a| a as _).collect();
        let doing = |e: tokio_postgres::Error| fault(&e, "look up rows that are there").at(&self.spec.entity);
        let stream = self.session.query_raw(&sql, parameters).await.map_err(doing)?;
        let mut stream = std::pin::pin!(stream);
        let mut there = vec![false; batch.rows()];
        let mut other: Vec<(u32, i64)> = Vec::new();
        let mut key = Vec::new();
        while let Some(found) = stream.try_next().await.map_err(doing)? {
            let field = |i: usize| found.get::<_, Raw<'_>>(i + 1).0;
            key.clear();
            self.spec.key.iter().for_each(|position| append_key(&mut key, field(*position)));
            let Some(row) = by_key.get(key.as_slice()).copied() else { continue };
            there[row as usize] = true;
            let same = fields(batch.row(row as usize)).enumerate().all(|(i, wanted)| {
                !compared[i]
                    || match (wanted, field(i)) {
                        (None, None) => true,
                        (Some(a), Some(b)) => a == b || self.types[i].equal(a, b),
                        _ => false,
                    }
            });
            if same {
                attempt.fates.decide(record(batch, row), Fate::Unchanged);
            } else {
                other.push((row, found.get(0)));
            }
        }
        let absent = rows.iter().copied().filter(|row| !there[*row as usize]).collect();
        let update = self.decide_other(batch, attempt, other).await?;
        Ok(Found { absent, update })
    }

    /// Keeps the planner from hashing the whole table for each batch: the rows that it looks for stand side
    /// by side, as their batch was loaded, so that following the index is cheap. For the rest of the
    /// transaction, and only where the key has an index.
    async fn prefer_index(&self) -> Result<(), Fault> {
        let mut settings = "SET LOCAL jit = off".to_owned();
        if self.spec.table.primary_key == self.key_names() {
            settings += "; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off";
        }
        self.session.batch_execute(&settings).await.map_err(|e| fault(&e, "look up rows that are there"))
    }

    /// Rows that are there with other content: which are written over.
    async fn decide_other(
        &self,
        batch: &Batch,
        attempt: &mut Attempt,
        mut other: Vec<(u32, i64)>,
    ) -> Result<Vec<u32>, Fault> {
        other.sort_unstable();
        let adopted: BTreeSet<u32> = attempt.adopted.iter().chain(&attempt.adopted_before).copied().collect();
        let foreign: Vec<u32> =
            other.iter().filter(|(_, xmin)| !self.our_xids.contains(xmin)).map(|(row, _)| *row).collect();
        let written_by_a_run = if writes_over(self.spec.mode) && !foreign.is_empty() {
            self.written_by_a_run(batch, &foreign, &adopted).await?
        } else {
            BTreeSet::new()
        };
        let mut update = Vec::new();
        for (row, _) in other {
            let at = record(batch, row);
            match self.spec.mode {
                Mode::Skip => attempt.fates.decide(at, Fate::Skipped(SkipReason::Exists)),
                Mode::Insert if adopted.contains(&row) => {
                    attempt.fates.decide(at, Fate::Skipped(SkipReason::Exists));
                }
                Mode::Update if !written_by_a_run.contains(&row) => update.push(row),
                Mode::Insert | Mode::Update => {
                    let reason = match self.spec.mode {
                        Mode::Update => "somebody changed the row since a run wrote it",
                        _ => "the destination holds a row of this id with other content",
                    };
                    attempt.fates.decide(at, Fate::Rejected(RejectCode::ExistsDifferent));
                    attempt.rejects.push(Reject {
                        entity: self.spec.entity.clone(),
                        record: (batch.first_record + at as u64).cast_signed(),
                        source_id: source_id(batch, row),
                        field: String::new(),
                        value: None,
                        code: RejectCode::ExistsDifferent,
                        reason: format!("{reason}: {}", self.key_text(batch, row)),
                    });
                }
            }
        }
        Ok(update)
    }

    /// Of rows whose last writer is no run: those that a run has written before, so that somebody changed
    /// them since. A row under a key that only a run can have made was; one that is adopted for the first
    /// time was not.
    async fn written_by_a_run(
        &self,
        batch: &Batch,
        rows: &[u32],
        adopted: &BTreeSet<u32>,
    ) -> Result<BTreeSet<u32>, Fault> {
        if !self.has_ledger {
            return Ok(BTreeSet::new());
        }
        if self.spec.keys_are_ours {
            let taken: Vec<u32> = rows.iter().copied().filter(|row| adopted.contains(row)).collect();
            let new = self.adopted_first(batch, &taken).await?;
            return Ok(rows.iter().copied().filter(|row| !new.contains(row)).collect());
        }
        // The keys of batches are arrays without an index, so the whole record of the entity is read: only
        // for mapped keys, and only for batches with such rows.
        let texts: Vec<String> = rows.iter().map(|row| self.key_text(batch, *row)).collect();
        let found = self
            .session
            .query(
                "WITH b AS (SELECT b.id FROM landfall.batches b JOIN landfall.runs r ON r.id = b.run \
                            WHERE r.project = $1 AND b.entity = $2 AND b.undone_at IS NULL), \
                      k AS (SELECT string_agg(x.k, ',' ORDER BY bk.position) AS key FROM \
                      landfall.batch_keys bk \
                            JOIN b ON b.id = bk.batch CROSS JOIN LATERAL unnest(coalesce(bk.texts, \
                            bk.uuids::text[], \
                            bk.ints::text[])) WITH ORDINALITY AS x(k, n) GROUP BY bk.batch, x.n) \
                 SELECT key FROM k WHERE key = ANY($3)",
                &[&self.ledger.project_name(), &self.spec.entity.as_str(), &texts],
            )
            .await
            .map_err(|e| fault(&e, "look up who wrote rows"))?;
        let ours: BTreeSet<String> = found.iter().map(|r| r.get(0)).collect();
        Ok(rows.iter().zip(&texts).filter(|(_, text)| ours.contains(*text)).map(|(row, _)| *row).collect())
    }

    /// Of adopted rows: those whose record no earlier run has put into the id map.
    async fn adopted_first(&self, batch: &Batch, rows: &[u32]) -> Result<BTreeSet<u32>, Fault> {
        if rows.is_empty() {
            return Ok(BTreeSet::new());
        }
        let ids: Vec<String> = rows.iter().map(|row| source_id(batch, *row)).collect();
        let known = self
            .session
            .query(
                "SELECT source_id FROM landfall.id_map WHERE project = $1 AND entity = $2 AND source_id = \
                ANY($3)",
                &[&self.ledger.project_name(), &self.spec.entity.as_str(), &ids],
            )
            .await
            .map_err(|e| fault(&e, "look up which rows were adopted before"))?;
        let known: BTreeSet<String> = known.iter().map(|r| r.get(0)).collect();
        Ok(rows.iter().zip(&ids).filter(|(_, id)| !known.contains(*id)).map(|(row, _)| *row).collect())
    }

    /// The keys' wire bytes, columns framed so that no two keys run together.
    fn framed_keys(&self, batch: &Batch, rows: &[u32]) -> FramedKeys {
        let mut keys = FramedKeys::default();
        for row in rows {
            for cells in &batch.keys {
                append_key(&mut keys.bytes, cells.get(*row as usize));
            }
            keys.ends.push(keys.bytes.len());
        }
        keys
    }

    /// The key as text, columns joined by a comma.
    pub(super) fn key_text(&self, batch: &Batch, row: u32) -> String {
        let texts: Vec<String> = batch
            .keys
            .iter()
            .zip(&self.spec.key)
            .map(|(cells, position)| {
                cells.get(row as usize).and_then(|b| self.types[*position].show(b).ok()).unwrap_or_default()
            })
            .collect();
        texts.join(",")
    }
}

/// Keys behind each other: one allocation for a batch's.
#[derive(Default)]
struct FramedKeys {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl FramedKeys {
    fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.bytes[start..*end])
    }
}

fn append_key(key: &mut Vec<u8>, field: Option<&[u8]>) {
    let bytes = field.unwrap_or_default();
    key.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
    key.extend_from_slice(bytes);
}

/// The transactions of this project's runs that have written rows of the entity.
pub(super) async fn xids_of_runs(
    session: &Session,
    ledger: &PgLedger,
    spec: &LoadSpec,
) -> Result<BTreeSet<i64>, Fault> {
    let rows = session
        .query(
            "SELECT DISTINCT x FROM landfall.batches b JOIN landfall.runs r ON r.id = b.run CROSS JOIN \
            unnest(b.xids) AS x \
             WHERE r.project = $1 AND b.entity = $2",
            &[&ledger.project_name(), &spec.entity.as_str()],
        )
        .await
        .map_err(|e| fault(&e, "read which transactions were ours"))?;
    Ok(rows.iter().map(|r| r.get(0)).collect())
}
