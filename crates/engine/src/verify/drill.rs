//! The rows of buckets that differ, walked again by key and hash.

use super::buckets::{OtherSide, Suspicious};
use super::expected::{Walker, Wanted};
use crate::load::Move;
use crate::prepare::Entity;
use crate::spill::{Entry, Spill};
use base::Fault;
use std::collections::HashSet;
use std::sync::Arc;

/// What differs, by record of the export or by key.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Records whose row has other content, in ascending order: the first ones.
    pub(super) changed: Vec<u64>,
    /// All of them.
    pub(super) changed_total: u64,
    /// Records without a row: the first ones.
    pub(super) missing: Vec<u64>,
    /// All of them.
    pub(super) missing_total: u64,
    /// Keys (hashed) of rows without a record: some of them.
    pub(super) extra: HashSet<u64>,
    /// All of them.
    pub(super) extra_total: u64,
}

/// Keys (hashed) that are accounted for without being compared.
#[derive(Debug, Default)]
pub(super) struct Excluded(HashSet<u64>);

impl Excluded {
    pub(super) fn add(&mut self, key: u64) {
        self.0.insert(key);
    }
    pub(super) fn len(&self) -> u64 {
        self.0.len() as u64
    }
}

/// Differences remembered for naming: more than anybody reads, so that the first ones in export order are
/// among them.
const REMEMBERED: usize = 1 << 20;

/// Walks the rows of suspicious buckets on both sides.
pub(super) async fn rows(
    step: &Move<'_>,
    entity: &Entity,
    walker: &mut Walker<'_>,
    suspicious: Suspicious,
    excluded: Excluded,
) -> Result<Found, Fault> {
    let suspicious = Arc::new(suspicious);
    let here = Arc::clone(&suspicious);
    let other_side = OtherSide::begin(
        step.job,
        &entity.table,
        &walker.shape,
        Spill::new(),
        move |there: &mut Spill, key, hash| {
            if suspicious.holds(key) && !excluded.0.contains(&key) {
                there.add(Entry { hash: key, order: 0, payload: hash })?;
            }
            Ok(())
        },
    );
    let mut source = Spill::new();
    walker
        .walk(Wanted::All, |row| {
            if here.holds(row.key_hash) && !row.held_by_another_content {
                source.add(Entry { hash: row.key_hash, order: row.record, payload: row.hash })?;
            }
            Ok(())
        })
        .await?;
    let there = other_side.end().await?;
    let (mut source, mut there) = (source.groups()?, there.groups()?);
    let count = source.count().max(there.count());
    let mut found = Found::default();
    for number in 0..count {
        compare(&source.group(number, count)?, &there.group(number, count)?, &mut found);
    }
    found.changed.sort_unstable();
    found.missing.sort_unstable();
    Ok(found)
}

/// Merges two sorted lists by key.
fn compare(source: &[Entry], there: &[Entry], found: &mut Found) {
    let mut rows = there.iter().peekable();
    let remember = |list: &mut Vec<u64>, record: u64| {
        if list.len() < REMEMBERED {
            list.push(record);
        }
    };
    let extra = |found: &mut Found, key: u64| {
        found.extra_total += 1;
        if found.extra.len() < REMEMBERED {
            found.extra.insert(key);
        }
    };
    for record in source {
        while let Some(row) = rows.next_if(|row| row.hash < record.hash) {
            extra(found, row.hash);
        }
        match rows.next_if(|row| row.hash == record.hash) {
            None => {
                found.missing_total += 1;
                remember(&mut found.missing, record.order);
            }
            Some(row) if row.payload != record.payload => {
                found.changed_total += 1;
                remember(&mut found.changed, record.order);
            }
            Some(_) => {}
        }
    }
    for row in rows {
        extra(found, row.hash);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(list: &[(u64, u128)]) -> Vec<Entry> {
        list.iter()
            .enumerate()
            .map(|(i, (hash, payload))| Entry { hash: *hash, order: i as u64, payload: *payload })
            .collect()
    }

    #[test]
    fn every_kind_of_difference_is_counted_once() {
        let mut found = Found::default();
        let source = entries(&[(1, 10), (3, 30), (5, 50), (7, 70)]);
        let there = entries(&[(0, 1), (1, 10), (3, 31), (6, 60), (7, 70), (9, 90)]);
        compare(&source, &there, &mut found);
        assert_eq!((found.changed_total, found.missing_total, found.extra_total), (1, 1, 3));
        assert_eq!((found.changed, found.missing), (vec![1], vec![2]));
        assert_eq!(found.extra, HashSet::from([0, 6, 9]));
    }
}
