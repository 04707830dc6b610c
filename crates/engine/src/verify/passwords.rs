//! Passwords: kept hashes byte for byte, those made at load by their marks, some against bcrypt itself.

use super::Compared;
use super::buckets::{Shape, fields};
use super::expected::{Walker, Wanted};
use crate::load::Move;
use crate::passwords::{self, Found};
use crate::prepare::Entity;
use crate::rows::{MARK, mark, marks_key};
use arrow::array::Array;
use base::Fault;
use connect::destination::RowSink;
use ledger::{Batch, Fate};
use std::collections::HashMap;
use values::Cells;

/// Passwords that are tried against bcrypt: each takes a quarter of a second.
const TRIED_MAX: u64 = 4;

/// What a row should hold.
enum Expected {
    /// This hash, byte for byte.
    Kept(Vec<u8>),
    /// A hash with this mark; with the plain text that it was made of, where the export has it.
    Marked([u8; MARK], Option<String>),
}

/// Compares the passwords of the records that this run loaded, batch by batch: memory holds those of one.
pub(super) async fn compare(
    step: &Move<'_>,
    entity: &Entity,
    walker: &mut Walker<'_>,
    result: &mut Compared,
) -> Result<(), Fault> {
    let mapping = entity.mapper.mapping();
    let Some(position) = mapping.password_position() else { return Ok(()) };
    let column = &mapping.columns[position].column;
    let ledger = step.job.destination.ledger();
    let mut from = 0;
    loop {
        let page = ledger.batches(step.run.id, &entity.config.name, from).await?;
        if page.is_empty() {
            return Ok(());
        }
        for batch in page {
            from = batch.first_record + batch.fates.len() as u64;
            of_batch(step, entity, walker, &batch, column, result).await?;
        }
    }
}

async fn of_batch(
    step: &Move<'_>,
    entity: &Entity,
    walker: &mut Walker<'_>,
    batch: &Batch,
    column: &str,
    result: &mut Compared,
) -> Result<(), Fault> {
    let marks = marks(batch);
    if marks.is_empty() {
        return Ok(());
    }
    let exported = step.files.get(&entity.config.name).is_some_and(|f| f.pristine || f.edited);
    let shape = walker.shape.clone();
    let records: Vec<u64> = marks.iter().map(|(record, _)| *record).collect();
    let mut marks = marks.into_iter().peekable();
    let mut wanted: Vec<(Vec<u8>, Expected)> = Vec::with_capacity(records.len());
    let mut keys = vec![Cells::new(); shape.key];
    walker
        .walk(Wanted::Records(&records), |row| {
            while marks.next_if(|(record, _)| *record < row.record).is_some() {}
            let Some((_, mark)) = marks.next_if(|(record, _)| *record == row.record) else { return Ok(()) };
            let text = row.chunk.passwords.as_ref().filter(|t| t.is_valid(row.row)).map(|t| t.value(row.row));
            let expected = match passwords::look(text, exported) {
                Found::Hash(hash) if mark == [0; MARK] => Expected::Kept(hash.as_bytes().to_vec()),
                Found::Plain(plain) => Expected::Marked(mark, Some(plain.to_owned())),
                _ => Expected::Marked(mark, None),
            };
            for (cells, field) in keys.iter_mut().zip(fields(row.wire)?) {
                match field {
                    Some(bytes) => cells.push(bytes),
                    None => cells.push_null(),
                }
            }
            wanted.push((shape.key_bytes(row.wire)?.to_vec(), expected));
            Ok(())
        })
        .await?;
    let key = &shape.columns[..shape.key];
    let columns: Vec<String> = key.iter().cloned().chain([column.to_owned()]).collect();
    let mut hashes = Hashes { shape: &shape, by_key: HashMap::with_capacity(wanted.len()) };
    step.job.destination.fetch(&entity.table, key, &keys, &columns, &mut hashes).await?;
    let marks_key = marks_key(step.run.seed);
    for (key, expected) in &wanted {
        // A missing row is counted by the comparison of rows.
        let Some(written) = hashes.by_key.get(key) else { continue };
        let agrees = match expected {
            Expected::Kept(hash) => hash == written,
            Expected::Marked(expected, plain) => {
                mark(&marks_key, written) == *expected && opens(plain.as_deref(), written, result)
            }
        };
        result.passwords_differing += u64::from(!agrees);
    }
    Ok(())
}

/// The marks of the records that a batch loaded: record → mark (all zero: a kept hash).
fn marks(batch: &Batch) -> Vec<(u64, [u8; MARK])> {
    let marks = batch.marks.iter().flat_map(|bytes| bytes.chunks_exact(MARK)).enumerate();
    marks
        .filter(|(i, _)| batch.fates.get(*i) == Some(Fate::Loaded))
        .map(|(i, mark)| (batch.first_record + i as u64, mark.try_into().unwrap_or_default()))
        .collect()
}

/// Tries a password against its hash, until enough were tried; what is not tried passes.
fn opens(plain: Option<&str>, hash: &[u8], result: &mut Compared) -> bool {
    let (Some(plain), Ok(hash)) = (plain, std::str::from_utf8(hash)) else { return true };
    if result.passwords_tried == TRIED_MAX {
        return true;
    }
    let opens = passwords::fits(plain, hash);
    result.passwords_tried += 1;
    result.passwords_matched += u64::from(opens);
    opens
}

/// The hashes of fetched rows, by the framed bytes of their keys.
struct Hashes<'a> {
    shape: &'a Shape,
    by_key: HashMap<Vec<u8>, Vec<u8>>,
}

impl RowSink for Hashes<'_> {
    fn row(&mut self, row: &[u8]) -> Result<(), Fault> {
        if let Some(hash) = fields(row)?.last().copied().flatten() {
            self.by_key.insert(self.shape.key_bytes(row)?.to_vec(), hash.to_vec());
        }
        Ok(())
    }
}
