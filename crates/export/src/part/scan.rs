//! The first pass over a part: which records came late, which showings are repeats.

use super::bits::Bits;
use super::finish::{Input, Repeats};
use super::order::{number, put_instant, put_key, put_number, put_version};
use super::{order, rejects};
use crate::folder::{ExportFolder, FolderError};
use crate::sort::{Sorted, Sorter};
use xxhash_rust::xxh3::xxh3_128_with_seed;

/// Bytes of a key's hash. With 128 bits, and a seed that depends on every byte of the part, two keys share
/// one by chance less often than memory loses a bit, and nobody can aim at it.
const HASH_BYTES: usize = 16;

/// Marks of what an entry of the search for repeats stands for.
const RECORD: u8 = 0;
const REJECT: u8 = 1;

/// What the first pass found.
pub(super) struct Scan<'f> {
    /// Records, by number, of which a newer showing is there.
    pub dropped: Bits,
    /// Lines of the rejects, by number, of which a newer showing is there.
    pub dropped_rejects: Bits,
    /// Records, by number, that came after one that follows them in the final order.
    pub late: Bits,
    /// Those records in order: key as [`sort_key`] makes it, rest as they are written.
    pub late_sorted: Sorted<'f>,
    /// Whether every record has all columns.
    pub full: bool,
    /// Showings that are left out.
    pub repeats: u64,
    /// Unreadable records that stay.
    pub unreadable: u64,
    /// Whether no two records that stay have the same key.
    pub unique_keys: bool,
}

/// The place of a record in the final order.
pub(super) fn sort_key(out: &mut Vec<u8>, created: Option<&[u8]>, key: Option<&[u8]>, number: u64) {
    out.clear();
    put_instant(out, created.and_then(order::instant));
    put_key(out, key);
    put_number(out, number);
}

/// Reads part and rejects once.
pub(super) fn scan<'f>(
    input: &Input<'_>,
    folder: &'f ExportFolder,
    repeats: Repeats,
    chunk_bytes: usize,
) -> Result<Scan<'f>, FolderError> {
    let mut late = Bits::default();
    let mut late_sorter = Sorter::new(folder, chunk_bytes);
    let mut showings = Sorter::new(folder, chunk_bytes);
    let mut full = true;
    let (mut highest, mut place, mut showing) = (Vec::new(), Vec::new(), Vec::new());
    let (mut key_scratch, mut scratch) = (Vec::new(), Vec::new());

    let mut records = input.records()?;
    let mut ordinal = 0;
    while records.advance()? {
        let raw = records.raw();
        full = full && raw.spans().len() == input.columns;
        let key = input.key.and_then(|column| raw.value(column, &mut key_scratch));
        let created = input.created.and_then(|column| raw.value(column, &mut scratch));
        sort_key(&mut place, created, key, ordinal);
        if place > highest {
            std::mem::swap(&mut place, &mut highest);
        } else {
            late.set(ordinal);
            late_sorter.push(&place, raw.text())?;
        }
        if let Some(key) = key {
            put_hash(&mut showing, key, input.seed);
            showing.push(RECORD);
            put_version(&mut showing, input.version.and_then(|column| raw.value(column, &mut scratch)));
            put_number(&mut showing, ordinal);
            showings.push(&showing, &[])?;
        }
        ordinal += 1;
    }

    let mut without_id = 0;
    input.each_reject(|line_number, line| {
        if line.reject.id.is_empty() || repeats == Repeats::Keep {
            without_id += 1;
            return Ok(());
        }
        put_hash(&mut showing, line.reject.id.as_bytes(), input.seed);
        showing.push(REJECT);
        put_number(&mut showing, line.page);
        put_number(&mut showing, line_number);
        showings.push(&showing, &line.after.to_be_bytes())
    })?;

    let mut groups = Groups::default();
    let mut sorted = showings.finish()?;
    while let Some((key, rest)) = sorted.next()? {
        groups.take(key, rest);
    }
    drop(sorted);
    groups.end();
    let unique_keys = repeats == Repeats::Newest || groups.dropped.count() == 0;
    if repeats == Repeats::Keep {
        (groups.dropped, groups.repeats) = (Bits::default(), 0);
    }
    Ok(Scan {
        dropped: groups.dropped,
        dropped_rejects: groups.dropped_rejects,
        late,
        late_sorted: late_sorter.finish()?,
        full,
        repeats: groups.repeats,
        unreadable: groups.unreadable + without_id,
        unique_keys,
    })
}

fn put_hash(out: &mut Vec<u8>, key: &[u8], seed: u64) {
    out.clear();
    out.extend_from_slice(&xxh3_128_with_seed(key, seed).to_be_bytes());
}

/// Decides, key by key, which showing stays. Showings of a key come together: records by version and time,
/// then rejects by time.
#[derive(Default)]
struct Groups {
    hash: [u8; HASH_BYTES],
    /// The newest record of this key.
    record: Option<u64>,
    /// The record of this key that was shown last.
    last_record: u64,
    /// The last page on which the key was unreadable: page, records before it, lines.
    reject: Option<(u64, u64, Vec<u64>)>,
    dropped: Bits,
    dropped_rejects: Bits,
    repeats: u64,
    unreadable: u64,
}

impl Groups {
    fn take(&mut self, key: &[u8], rest: &[u8]) {
        let (hash, detail) = key.split_at(HASH_BYTES.min(key.len()));
        if hash != self.hash {
            self.end();
            self.hash.copy_from_slice(hash);
        }
        if detail.first() == Some(&RECORD) {
            let ordinal = number(detail);
            if let Some(older) = self.record.replace(ordinal) {
                self.dropped.set(older);
                self.repeats += 1;
            }
            self.last_record = self.last_record.max(ordinal);
        } else {
            let (page, line) = (number(&detail[..detail.len() - 8]), number(detail));
            match &mut self.reject {
                Some((last, _, lines)) if *last == page => lines.push(line),
                _ => {
                    self.drop_reject();
                    self.reject = Some((page, number(rest), vec![line]));
                }
            }
        }
    }

    /// The reject of this key so far is a repeat.
    fn drop_reject(&mut self) {
        if let Some((_, _, lines)) = self.reject.take() {
            lines.iter().for_each(|line| self.dropped_rejects.set(*line));
            self.repeats += 1;
        }
    }

    /// The key's showings are complete: between the newest record and the last reject, what was shown last
    /// stays.
    fn end(&mut self) {
        match (self.record, &self.reject) {
            (Some(_), Some((_, after, _))) if *after <= self.last_record => self.drop_reject(),
            (Some(record), Some(_)) => {
                self.dropped.set(record);
                self.repeats += 1;
            }
            _ => {}
        }
        if self.reject.take().is_some() {
            self.unreadable += 1;
        }
        (self.record, self.last_record) = (None, 0);
    }
}

/// Walks the rejects of an input.
impl Input<'_> {
    pub(super) fn each_reject(
        &self,
        visit: impl FnMut(u64, rejects::RejectLine) -> Result<(), FolderError>,
    ) -> Result<(), FolderError> {
        match self.rejects {
            Some((file, path, len)) => rejects::each(file, path, len, visit),
            None => Ok(()),
        }
    }
}
