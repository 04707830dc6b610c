//! Records and their rows side by side, field by field.

use super::buckets::{Scan, Shape, fields};
use super::expected::{Walker, Wanted};
use super::hints;
use crate::load::Move;
use crate::prepare::Entity;
use base::Fault;
use base::limits::MAP_ROWS;
use connect::destination::RowSink;
use std::collections::{BinaryHeap, HashMap, HashSet};
use values::Cells;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// A record beside its row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// The source's id.
    pub source_id: String,
    /// The key as text, columns joined by a comma.
    pub key: String,
    /// Whether the row is there.
    pub there: bool,
    /// The columns.
    pub fields: Vec<DetailField>,
}

/// A column of it. Holds values: only for the HTML report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetailField {
    /// The column.
    pub column: String,
    /// The mapping's expression.
    pub expression: String,
    /// What the mapping gives, as the database would show it.
    pub expected: Option<String>,
    /// What the row holds.
    pub found: Option<String>,
    /// Whether they are equal by the column's own rules.
    pub equal: bool,
    /// How they differ, without the values.
    pub hint: String,
}

/// Chooses records for the sample: those with the smallest hashes of their number, so that the same seed
/// chooses the same ones in one pass.
pub(super) struct Chooser {
    size: usize,
    seed: u64,
    chosen: BinaryHeap<(u64, u64)>,
}

impl Chooser {
    pub(super) fn new(size: usize, seed: u64) -> Self {
        Self { size, seed, chosen: BinaryHeap::with_capacity(size + 1) }
    }

    pub(super) fn offer(&mut self, record: u64) {
        let rank = xxh3_64_with_seed(&record.to_le_bytes(), self.seed);
        if self.chosen.len() < self.size || self.chosen.peek().is_some_and(|(worst, _)| rank < *worst) {
            self.chosen.push((rank, record));
            if self.chosen.len() > self.size {
                self.chosen.pop();
            }
        }
    }

    pub(super) fn chosen(self) -> Vec<u64> {
        let mut records: Vec<u64> = self.chosen.into_iter().map(|(_, record)| record).collect();
        records.sort_unstable();
        records
    }
}

struct Expected {
    source_id: String,
    wire: Vec<u8>,
}

/// The records of these numbers (ascending) beside their rows, in pieces that fit into memory.
pub(super) async fn of(
    step: &Move<'_>,
    entity: &Entity,
    walker: &mut Walker<'_>,
    records: &[u64],
) -> Result<Vec<Detail>, Fault> {
    let mut details = Vec::with_capacity(records.len());
    if records.is_empty() {
        return Ok(details);
    }
    let shape = walker.shape.clone();
    let mut expected: Vec<Expected> = Vec::new();
    walker
        .walk(Wanted::Records(records), |row| {
            expected.push(Expected { source_id: row.source_id.to_owned(), wire: row.wire.to_vec() });
            Ok(())
        })
        .await?;
    for piece in expected.chunks(MAP_ROWS) {
        let mut keys = vec![Cells::new(); shape.key];
        for record in piece {
            for (cells, field) in keys.iter_mut().zip(fields(&record.wire)?) {
                match field {
                    Some(bytes) => cells.push(bytes),
                    None => cells.push_null(),
                }
            }
        }
        let mut rows = Rows { shape: &shape, by_key: HashMap::new() };
        let key = &shape.columns[..shape.key];
        step.job.destination.fetch(&entity.table, key, &keys, &shape.columns, &mut rows).await?;
        for record in piece {
            details.push(detail(entity, &shape, record, &rows)?);
        }
    }
    Ok(details)
}

struct Rows<'a> {
    shape: &'a Shape,
    by_key: HashMap<u64, Vec<u8>>,
}

impl RowSink for Rows<'_> {
    fn row(&mut self, row: &[u8]) -> Result<(), Fault> {
        let (key, _) = self.shape.hash(row, &mut Vec::new())?;
        self.by_key.insert(key, row.to_vec());
        Ok(())
    }
}

fn detail(entity: &Entity, shape: &Shape, record: &Expected, rows: &Rows<'_>) -> Result<Detail, Fault> {
    let (key_hash, _) = shape.hash(&record.wire, &mut Vec::new())?;
    let expected = fields(&record.wire)?;
    let row = rows.by_key.get(&key_hash);
    let found = match row {
        Some(row) => fields(row)?,
        None => vec![None; expected.len()],
    };
    let show = |i: usize, bytes: Option<&[u8]>| bytes.and_then(|b| shape.types[i].show(b).ok());
    let key = (0..shape.key).map(|i| show(i, expected[i]).unwrap_or_default()).collect::<Vec<_>>().join(",");
    let mapping = entity.mapper.mapping();
    let fields = (0..expected.len())
        .map(|i| {
            let equal = match (expected[i], found[i]) {
                (None, None) => true,
                (Some(a), Some(b)) => shape.types[i].equal(a, b),
                _ => false,
            };
            let (wanted, there) = (show(i, expected[i]), show(i, found[i]));
            DetailField {
                column: shape.columns[i].clone(),
                expression: mapping.columns[shape.positions[i]]
                    .origin
                    .as_ref()
                    .map_or_else(String::new, |o| o.sql.clone()),
                hint: if equal {
                    String::new()
                } else {
                    hints::hint(&shape.types[i], wanted.as_deref(), there.as_deref())
                },
                expected: wanted,
                found: there,
                equal,
            }
        })
        .collect();
    Ok(Detail { source_id: record.source_id.clone(), key, there: row.is_some(), fields })
}

/// The keys, as text, of rows that no record explains.
pub(super) async fn keys_of_extra(
    step: &Move<'_>,
    entity: &Entity,
    shape: &Shape,
    extra: &HashSet<u64>,
    most: usize,
) -> Result<Vec<String>, Fault> {
    let mut keys = Vec::new();
    let mut scan = Scan::new(shape, |key, _, row: &[u8]| {
        if keys.len() < most && extra.contains(&key) {
            let fields = fields(row)?;
            let texts = (0..shape.key)
                .map(|i| fields[i].and_then(|b| shape.types[i].show(b).ok()).unwrap_or_default());
            keys.push(texts.collect::<Vec<_>>().join(","));
        }
        Ok(())
    });
    step.job.destination.scan(&entity.table, &shape.columns, &mut scan).await?;
    keys.sort_unstable();
    Ok(keys)
}
