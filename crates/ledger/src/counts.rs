//! How many records met which fate; the sum that must agree.

use crate::fate::{Fate, Fates};
use base::{RejectCode, SkipReason};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The five buckets of an entity, with the reasons of the last two.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Rows inserted.
    pub loaded: u64,
    /// Rows written over.
    pub updated: u64,
    /// Rows that were there, equal.
    pub unchanged: u64,
    /// Left out on purpose, by reason.
    pub skipped: BTreeMap<SkipReason, u64>,
    /// Not carried, by code.
    pub rejected: BTreeMap<RejectCode, u64>,
}

impl Counts {
    /// Adds a record.
    pub fn add(&mut self, fate: Fate) {
        self.add_many(fate, 1);
    }

    /// Adds `n` records of one fate.
    pub fn add_many(&mut self, fate: Fate, n: u64) {
        match fate {
            Fate::Loaded => self.loaded += n,
            Fate::Updated => self.updated += n,
            Fate::Unchanged => self.unchanged += n,
            Fate::Skipped(reason) => *self.skipped.entry(reason).or_default() += n,
            Fate::Rejected(code) => *self.rejected.entry(code).or_default() += n,
        }
    }

    /// Counts a batch; `None` when a record is undecided or its byte means nothing.
    pub fn of(fates: &Fates) -> Option<Self> {
        let mut by_byte = [0u64; 256];
        for byte in &fates.0 {
            by_byte[usize::from(*byte)] += 1;
        }
        let mut counts = Self::default();
        for (byte, n) in by_byte.iter().enumerate().filter(|(_, n)| **n > 0) {
            counts.add_many(Fate::from_byte(u8::try_from(byte).ok()?)?, *n);
        }
        Some(counts)
    }

    /// Adds another count.
    pub fn merge(&mut self, other: &Counts) {
        self.loaded += other.loaded;
        self.updated += other.updated;
        self.unchanged += other.unchanged;
        for (reason, n) in &other.skipped {
            *self.skipped.entry(*reason).or_default() += n;
        }
        for (code, n) in &other.rejected {
            *self.rejected.entry(*code).or_default() += n;
        }
    }

    /// All that were left out on purpose.
    pub fn skipped_total(&self) -> u64 {
        self.skipped.values().sum()
    }

    /// All that were not carried.
    pub fn rejected_total(&self) -> u64 {
        self.rejected.values().sum()
    }

    /// The sum that must equal the records of the export (invariant L-1).
    pub fn total(&self) -> u64 {
        self.loaded + self.updated + self.unchanged + self.skipped_total() + self.rejected_total()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_undecided_record_is_never_counted_away() {
        let mut fates = Fates::undecided(3);
        fates.decide(0, Fate::Loaded);
        fates.decide(1, Fate::Rejected(RejectCode::Unique));
        assert_eq!(Counts::of(&fates), None);
        fates.decide(2, Fate::Skipped(SkipReason::Limit));
        let counts = Counts::of(&fates).unwrap();
        assert_eq!((counts.total(), counts.loaded, counts.rejected_total()), (3, 1, 1));
    }
}
