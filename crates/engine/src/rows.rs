//! From mapped chunks to batches of rows in wire form.

use crate::passwords::{self, Found, PasswordCounts};
use crate::prepare::Entity;
use arrow::array::{Array, StringArray};
use base::Fault;
use connect::destination::Batch;
use hmac::{Hmac, KeyInit, Mac};
use ledger::{Fate, Reject};
use plan::KeyKind;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use sha2::Sha256;
use transform::{Mapped, Mapper, Verdict};
use values::copy::append_row;
use values::{Cells, Kind};

/// Bytes of a mark.
pub const MARK: usize = 16;

/// Bytes of rows in one commit: keeps memory flat where rows are large.
pub const BATCH_BYTES_MAX: usize = 16 << 20;

/// Room for the rows of a batch: the last chunk may lead beyond the limit. Memory that no row reaches is
/// never touched.
pub const BATCH_ROOM: usize = BATCH_BYTES_MAX + BATCH_BYTES_MAX / 8;

/// Collects mapped chunks into batches.
pub struct RowBuilder {
    entity: String,
    columns: Vec<String>,
    key: Vec<usize>,
    password: Option<usize>,
    exported_passwords: bool,
    hashing: bool,
    marks_key: [u8; 32],
    key_base: Option<i64>,
    mapper: Mapper,
    batch: Batch,
    /// What became of passwords so far.
    pub passwords: PasswordCounts,
}

impl RowBuilder {
    /// A builder for an entity; `exported_passwords`: the file is an export whose passwords are hashed.
    pub fn new(entity: &Entity, exported_passwords: bool, seed: u64, key_base: Option<i64>) -> Self {
        let mapping = entity.mapper.mapping();
        let key = mapping.key_positions();
        Self {
            entity: entity.config.name.clone(),
            columns: entity.columns(),
            password: mapping.password_position(),
            exported_passwords,
            hashing: true,
            marks_key: marks_key(seed),
            key_base,
            mapper: entity.mapper.clone(),
            batch: Batch {
                marks: mapping.password_position().map(|_| Vec::new()),
                ..Batch::empty(key.len(), BATCH_ROOM)
            },
            key,
            passwords: PasswordCounts::default(),
        }
    }

    /// For a trial: plain passwords are counted and not hashed.
    pub fn without_hashing(mut self) -> Self {
        self.hashing = false;
        self
    }

    /// Records in the batch so far.
    pub fn records(&self) -> usize {
        self.batch.fates.len()
    }

    /// Whether the batch should be sent before more is added.
    pub fn is_full(&self, rows_max: usize) -> bool {
        self.records() >= rows_max || self.batch.wire.len() >= BATCH_BYTES_MAX
    }

    /// Sends the batch on its way and begins the next one in the memory of a batch that is through.
    pub fn take(&mut self, next_byte: u64, mut spare: Batch) -> Batch {
        spare.begin(self.batch.first_record + self.records() as u64);
        spare.marks = self.password.map(|_| Vec::new());
        let mut batch = std::mem::replace(&mut self.batch, spare);
        batch.next_byte = next_byte;
        batch
    }

    /// Goes on behind records that are accounted for already.
    pub fn start_at(&mut self, record: u64) {
        self.batch.first_record = record;
    }

    /// Adds a chunk; `decided` gives the fate of records that other rules than the mapping have decided.
    pub fn push(&mut self, mut mapped: Mapped, decided: impl Fn(u64) -> Option<Fate>) -> Result<(), Fault> {
        let offset = self.records();
        let count = mapped.verdicts.len();
        let first = self.batch.first_record + offset as u64;
        let fates: Vec<Option<Fate>> = (0..count)
            .map(|i| {
                decided(first + i as u64).or(match mapped.verdicts[i] {
                    Verdict::Carry => None,
                    Verdict::Skip(reason) => Some(Fate::Skipped(reason)),
                    Verdict::Reject(code) => Some(Fate::Rejected(code)),
                })
            })
            .collect();
        self.rejects(&mapped, &fates, first);
        let marks = self.fill_passwords(&mut mapped, &fates)?;
        Self::number_keys(&mut mapped, &self.mapper, self.key_base, first);
        for (position, rows) in mapped.defaulted.iter().enumerate() {
            let taken = rows.iter().filter(|row| fates[**row as usize].is_none()).count() as u64;
            if taken > 0 {
                *self.batch.defaults_taken.entry(self.columns[position].clone()).or_default() += taken;
            }
        }
        let columns: Vec<&Cells> = mapped.columns.iter().collect();
        for (i, fate) in fates.iter().enumerate() {
            self.batch.fates.0.push(fate.map_or(ledger::fate::UNDECIDED, Fate::byte));
            if let (Some(all), Some(marks)) = (&mut self.batch.marks, &marks) {
                all.extend_from_slice(&marks[i]);
            }
            if fate.is_some() {
                continue;
            }
            append_row(&mut self.batch.wire, &columns, i);
            self.batch.ends.push(self.batch.wire.len());
            self.batch.records.push(u32::try_from(offset + i).unwrap_or(u32::MAX));
            self.batch.source_ids.push(mapped.source_ids.value(i).as_bytes());
            for (cells, position) in self.batch.keys.iter_mut().zip(&self.key) {
                match columns[*position].get(i) {
                    Some(bytes) => cells.push(bytes),
                    None => cells.push_null(),
                }
            }
        }
        Ok(())
    }

    fn rejects(&mut self, mapped: &Mapped, fates: &[Option<Fate>], first: u64) {
        let id = |i: usize| {
            if mapped.source_ids.is_null(i) { String::new() } else { mapped.source_ids.value(i).to_owned() }
        };
        for bad in &mapped.bad {
            let Verdict::Reject(code) = mapped.verdicts[bad.record] else { continue };
            if fates[bad.record] != Some(Fate::Rejected(code)) {
                continue;
            }
            self.batch.rejects.push(Reject {
                entity: self.entity.clone(),
                record: (first + bad.record as u64).cast_signed(),
                source_id: id(bad.record),
                field: bad.column.map(|c| self.columns[c].clone()).unwrap_or_default(),
                value: bad.value.clone(),
                code: bad.code,
                reason: bad.reason.clone(),
            });
        }
        for (i, fate) in fates.iter().enumerate() {
            if let Some(Fate::Rejected(code)) = fate
                && *code == base::RejectCode::KeyTwice
            {
                self.batch.rejects.push(Reject {
                    entity: self.entity.clone(),
                    record: (first + i as u64).cast_signed(),
                    source_id: id(i),
                    field: String::new(),
                    value: None,
                    code: *code,
                    reason: "records of this id differ, and nothing says which is the newest".into(),
                });
            }
        }
    }

    /// Hashes the passwords of records that are carried; the marks of those that are not the same in another
    /// run.
    fn fill_passwords(
        &mut self,
        mapped: &mut Mapped,
        fates: &[Option<Fate>],
    ) -> Result<Option<Vec<[u8; MARK]>>, Fault> {
        let (Some(position), Some(texts)) = (self.password, mapped.passwords.take()) else { return Ok(None) };
        let found: Vec<Found<'_>> =
            (0..texts.len()).map(|i| look(&texts, i, self.exported_passwords)).collect();
        let plain: Vec<&str> = found
            .iter()
            .zip(fates)
            .filter_map(|(f, fate)| match f {
                Found::Plain(text) if fate.is_none() && self.hashing => Some(*text),
                _ => None,
            })
            .collect();
        let mut hashes = passwords::hash_all(&plain)?.into_iter();
        let mut random = ChaCha20Rng::from_os_rng();
        let mut marks = vec![[0u8; MARK]; found.len()];
        let mut cells = Cells::with_capacity(found.len(), found.len() * 60);
        for (i, (found, fate)) in found.iter().zip(fates).enumerate() {
            if fate.is_some() {
                cells.push_null();
                continue;
            }
            self.passwords.add(*found);
            let written = match found {
                Found::Hash(hash) => {
                    cells.push(hash.as_bytes());
                    continue;
                }
                Found::Plain(_) if self.hashing => {
                    hashes.next().ok_or_else(|| Fault::bug("a password was not hashed"))?
                }
                Found::Plain(_) | Found::None(_) => passwords::unusable(&mut random),
            };
            marks[i] = mark(&self.marks_key, written.as_bytes());
            cells.push(written.as_bytes());
        }
        mapped.columns[position] = cells;
        Ok(Some(marks))
    }

    /// Numbered keys: the block's next numbers, a place for each record so that a resumed run gives the same.
    pub fn number_keys(mapped: &mut Mapped, mapper: &Mapper, key_base: Option<i64>, first: u64) {
        let Some(position) = mapper.mapping().key_positions().first().copied() else { return };
        if mapper.mapping().key.kind == KeyKind::Given {
            // The service tells it when the thing is made.
            let cells = &mut mapped.columns[position];
            cells.clear();
            (0..mapped.verdicts.len()).for_each(|_| cells.push_null());
            return;
        }
        let Some(base) = key_base else { return };
        let kind = &mapper.mapping().columns[position].ty.kind;
        let count = mapped.verdicts.len() as u64;
        let cells = &mut mapped.columns[position];
        cells.clear();
        for record in first..first + count {
            let number = base + 1 + record.cast_signed();
            match kind {
                Kind::Int2 => cells.push(&i16::try_from(number).unwrap_or(i16::MAX).to_be_bytes()),
                Kind::Int4 => cells.push(&i32::try_from(number).unwrap_or(i32::MAX).to_be_bytes()),
                _ => cells.push(&number.to_be_bytes()),
            }
        }
    }
}

fn look(texts: &StringArray, row: usize, exported: bool) -> Found<'_> {
    passwords::look(texts.is_valid(row).then(|| texts.value(row)), exported)
}

/// The key of a run's marks.
pub fn marks_key(seed: u64) -> [u8; 32] {
    use sha2::Digest;
    Sha256::digest([b"landfall marks".as_slice(), &seed.to_be_bytes()].concat()).into()
}

/// The mark of a written hash: an HMAC-SHA-256 of it, cut to 16 bytes.
pub fn mark(key: &[u8; 32], written: &[u8]) -> [u8; MARK] {
    // HMAC takes a key of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return [0xFF; MARK] };
    mac.update(written);
    let full: [u8; 32] = mac.finalize().into_bytes().into();
    let mut short = [0u8; MARK];
    short.copy_from_slice(&full[..MARK]);
    short
}
