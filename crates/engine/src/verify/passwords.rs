//! Passwords: kept hashes byte for byte, those made at load by their marks, some against bcrypt itself.

use super::Compared;
use super::buckets::fields;
use super::expected::{Walker, Wanted};
use crate::load::Move;
use crate::passwords::{self, Found};
use crate::prepare::Entity;
use crate::rows::{MARK, mark, marks_key};
use arrow::array::Array;
use base::Fault;
use base::limits::MAP_ROWS;
use connect::destination::RowSink;
use std::collections::HashMap;
use values::Cells;

/// Passwords that are tried against bcrypt: each takes a quarter of a second.
const TRIED_MAX: u64 = 4;

struct Wanted1 {
    key: Vec<u8>,
    expected: Expected,
}

enum Expected {
    Kept(Vec<u8>),
    Marked([u8; MARK], Option<String>),
}

/// Compares the passwords of the records that this run loaded.
pub(super) async fn compare(
    step: &Move<'_>,
    entity: &Entity,
    walker: &mut Walker<'_>,
    result: &mut Compared,
    _seed: u64,
) -> Result<(), Fault> {
    let Some(position) = entity.mapper.mapping().password_position() else { return Ok(()) };
    let marks = walker.marks().await?;
    let records: Vec<u64> = marks.iter().map(|(record, _)| *record).collect();
    let exported = step.files.get(&entity.config.name).is_some_and(|f| f.pristine || f.edited);
    let marks_key = marks_key(step.run.seed);
    let shape = walker.shape.clone();
    let mut wanted = Vec::with_capacity(records.len());
    let mut each = marks.iter().peekable();
    walker
        .walk(Wanted::Records(&records), |row| {
            while each.next_if(|(record, _)| *record < row.record).is_some() {}
            let Some((_, mark)) = each.next_if(|(record, _)| *record == row.record) else { return Ok(()) };
            let text = row.chunk.passwords.as_ref().filter(|t| t.is_valid(row.row)).map(|t| t.value(row.row));
            let expected = match passwords::look(text, exported) {
                Found::Hash(hash) if *mark == [0; MARK] => Expected::Kept(hash.as_bytes().to_vec()),
                Found::Plain(plain) => Expected::Marked(*mark, Some(plain.to_owned())),
                _ => Expected::Marked(*mark, None),
            };
            let key = fields(row.wire)?.into_iter().take(shape.key).flatten().flatten().copied().collect();
            wanted.push(Wanted1 { key, expected });
            Ok(())
        })
        .await?;
    let column = entity.mapper.mapping().columns[position].column.clone();
    let key_columns = shape.columns[..shape.key].to_vec();
    let mut columns = key_columns.clone();
    columns.push(column);
    for piece in wanted.chunks(MAP_ROWS) {
        let mut keys = vec![Cells::new(); 1];
        for record in piece {
            keys[0].push(&record.key);
        }
        if shape.key != 1 {
            return Err(Fault::usage(format!(
                "{}: a password in a table with a key of several columns",
                entity.config.name
            )));
        }
        let mut found = Hashes(HashMap::new());
        step.job.destination.fetch(&entity.table, &key_columns, &keys, &columns, &mut found).await?;
        for record in piece {
            // A missing row is counted by the comparison of rows.
            let Some(written) = found.0.get(&record.key) else { continue };
            let agrees = match &record.expected {
                Expected::Kept(hash) => hash == written,
                Expected::Marked(expected, plain) => {
                    let agrees = mark(&marks_key, written) == *expected;
                    match (plain, std::str::from_utf8(written)) {
                        (Some(plain), Ok(hash)) if agrees && result.passwords_tried < TRIED_MAX => {
                            result.passwords_tried += 1;
                            passwords::fits(plain, hash)
                        }
                        _ => agrees,
                    }
                }
            };
            result.passwords_differing += u64::from(!agrees);
        }
    }
    Ok(())
}

struct Hashes(HashMap<Vec<u8>, Vec<u8>>);

impl RowSink for Hashes {
    fn row(&mut self, row: &[u8]) -> Result<(), Fault> {
        let fields = fields(row)?;
        if let [Some(key), Some(hash)] = fields.as_slice() {
            self.0.insert(key.to_vec(), hash.to_vec());
        }
        Ok(())
    }
}
