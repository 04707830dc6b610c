//! Keys that stand in a file more than once. An export that landfall wrote and nobody changed has none; other
//! files are walked once before they are loaded.

use crate::id_file::IdFile;
use crate::job::Job;
use crate::prepare::Entity;
use crate::reading::{FileFacts, Reading, text};
use crate::spill::{Entry, Spill};
use arrow::array::AsArray;
use base::limits::MAP_ROWS;
use base::{Fault, RejectCode, SkipReason};
use ledger::Fate;
use std::collections::BTreeMap;
use xxhash_rust::xxh3::{Xxh3, xxh3_64_with_seed};

/// What a walk over a file found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Census {
    /// Records in the file.
    pub records: u64,
    /// Records whose fate is decided by other records of their key.
    pub fates: BTreeMap<u64, Fate>,
}

/// Walks a file; a pristine export is believed. Records that `moved` knows are in the destination already.
pub fn take(
    job: &Job,
    entity: &Entity,
    file: &FileFacts,
    seed: u64,
    moved: Option<&IdFile>,
) -> Result<Census, Fault> {
    let mut census = of_keys(job, entity, file, seed)?;
    let Some(moved) = moved else { return Ok(census) };
    let key = entity.mapper.mapping().key_field.clone();
    let mut reading = Reading::open(file, std::slice::from_ref(&key))?;
    let mut record = 0u64;
    while let Some(batch) = reading.next(MAP_ROWS)? {
        job.cancel.check()?;
        for id in batch.column(0).as_string::<i32>() {
            if id.is_some_and(|id| moved.get(id).is_some()) {
                census.fates.entry(record).or_insert(Fate::Skipped(SkipReason::Exists));
            }
            record += 1;
        }
    }
    Ok(census)
}

fn of_keys(job: &Job, entity: &Entity, file: &FileFacts, seed: u64) -> Result<Census, Fault> {
    if let Some(records) = file.records {
        return Ok(Census { records, fates: BTreeMap::new() });
    }
    let mut fields = vec![entity.mapper.mapping().key_field.clone()];
    fields.extend(entity.config.version.iter().map(|v| v.value.clone()));
    let mut all = fields.clone();
    all.extend(file.columns.iter().filter(|c| !fields.contains(c)).cloned());
    let mut reading = Reading::open(file, &all)?;
    let mut spill = Spill::new();
    let mut record = 0u64;
    while let Some(batch) = reading.next(MAP_ROWS)? {
        job.cancel.check()?;
        let keys = batch.column(0).as_string::<i32>();
        let columns: Vec<_> = batch.columns().iter().map(|c| c.as_string::<i32>()).collect();
        for row in 0..batch.num_rows() {
            let at = record + row as u64;
            let Some(key) = text(keys, row) else { continue };
            let mut content = Xxh3::with_seed(seed);
            for column in &columns {
                match text(column, row) {
                    None => content.update(&[0]),
                    Some(value) => {
                        content.update(&[1]);
                        content.update(&(value.len() as u64).to_le_bytes());
                        content.update(value.as_bytes());
                    }
                }
            }
            let version = entity.config.version.as_ref().and_then(|_| text(columns[1], row)).map_or(0, rank);
            let payload = u128::from(version) << 64 | u128::from(content.digest());
            spill.add(Entry { hash: xxh3_64_with_seed(key.as_bytes(), seed), order: at, payload })?;
        }
        record += batch.num_rows() as u64;
    }
    let mut fates = BTreeMap::new();
    let mut groups = spill.groups()?;
    let count = groups.count();
    for number in 0..count {
        let entries = groups.group(number, count)?;
        for same in entries.chunk_by(|a, b| a.hash == b.hash).filter(|same| same.len() > 1) {
            decide(same, &mut fates);
        }
    }
    Ok(Census { records: record, fates })
}

/// Decides records of one key, given in file order.
fn decide(same: &[Entry], fates: &mut BTreeMap<u64, Fate>) {
    let mut distinct: Vec<&Entry> = Vec::new();
    for entry in same {
        if distinct.iter().any(|d| d.payload as u64 == entry.payload as u64) {
            fates.insert(entry.order, Fate::Skipped(SkipReason::Duplicate));
        } else {
            distinct.push(entry);
        }
    }
    if distinct.len() == 1 {
        return;
    }
    let version = |e: &Entry| (e.payload >> 64) as u64;
    let newest = distinct.iter().map(|e| version(e)).max().unwrap_or_default();
    let newest_stands_alone = newest > 0 && distinct.iter().filter(|e| version(e) == newest).count() == 1;
    for entry in distinct {
        if !newest_stands_alone {
            fates.insert(entry.order, Fate::Rejected(RejectCode::KeyTwice));
        } else if version(entry) != newest {
            fates.insert(entry.order, Fate::Skipped(SkipReason::Superseded));
        }
    }
}

/// A number that grows with a version: an instant in microseconds, or a whole number; 0: neither.
fn rank(text: &str) -> u64 {
    if let Ok(instant) = text.parse::<jiff::Timestamp>() {
        return (instant.as_microsecond() as i128 - i128::from(i64::MIN)) as u64;
    }
    text.parse::<i64>().map_or(0, |n| (i128::from(n) - i128::from(i64::MIN)) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Records of one key as `version/content`; the fates as letters: `.` nothing, d duplicate, s superseded,
    /// K key_twice.
    fn decided(records: &[(u64, u64)]) -> String {
        let entries: Vec<Entry> = records
            .iter()
            .enumerate()
            .map(|(i, (v, c))| Entry {
                hash: 1,
                order: i as u64,
                payload: u128::from(*v) << 64 | u128::from(*c),
            })
            .collect();
        let mut fates = BTreeMap::new();
        decide(&entries, &mut fates);
        (0..records.len() as u64)
            .map(|i| match fates.get(&i) {
                None => '.',
                Some(Fate::Skipped(SkipReason::Duplicate)) => 'd',
                Some(Fate::Skipped(SkipReason::Superseded)) => 's',
                Some(Fate::Rejected(RejectCode::KeyTwice)) => 'K',
                Some(_) => '?',
            })
            .collect()
    }

    #[test]
    fn of_records_of_one_key_the_right_one_is_carried() {
        for (records, expected) in [
            (vec![(0, 1), (0, 1)], ".d"),
            (vec![(0, 1), (0, 2)], "KK"),
            (vec![(5, 1), (7, 2)], "s."),
            (vec![(7, 1), (5, 2), (7, 1)], ".sd"),
            (vec![(7, 1), (7, 2)], "KK"),
            (vec![(7, 1), (7, 2), (5, 3)], "KKK"),
            (vec![(0, 1), (0, 2), (0, 1)], "KKd"),
        ] {
            assert_eq!(decided(&records), expected, "{records:?}");
        }
    }

    #[test]
    fn versions_rank_by_time_and_by_number() {
        assert!(rank("2025-01-02T00:00:00Z") > rank("2025-01-01T23:59:59.999Z"));
        assert!(rank("10") > rank("9") && rank("9") > rank("-1"));
        assert_eq!(rank("new"), 0);
    }
}
