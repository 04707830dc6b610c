//! What became of the records of an entity, by source id: a table that leaves memory when it grows.
//!
//! Open addressing over 64-bit words: 61 bits of a keyed hash of the id, 3 bits of fate. A wrong answer needs
//! two ids with equal 61 bits under a seed that is new in each run. Beyond [`MEMORY_ENTRIES_MAX`] ids the
//! words stand in a temporary file, read and written one at a time: the page cache holds what is asked often,
//! and the program's own memory stays flat for any number of records.

use crate::spill::{MEMORY_ENTRIES_MAX, io};
use base::Fault;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use transform::ParentFate;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Slots of a new table.
const SLOTS_MIN: u64 = 1024;

/// Bytes of a slot.
const SLOT: u64 = 8;

/// Slots that are moved at a time when a file grows.
const MOVED: usize = 8192;

/// How many bits of a word, the lowest, hold the fate.
const FATE_BITS: u32 = 3;

/// Those bits; all 0: the slot is free.
const FATE: u64 = (1 << FATE_BITS) - 1;

/// The fates of one entity's records.
pub struct Fates {
    seed: u64,
    table: Mutex<Table>,
}

impl Fates {
    /// An empty table for about `expected` records, its hashes keyed by `seed`.
    pub fn new(seed: u64, expected: u64) -> Result<Self, Fault> {
        Self::with_memory(seed, expected, MEMORY_ENTRIES_MAX as u64)
    }

    fn with_memory(seed: u64, expected: u64, memory_max: u64) -> Result<Self, Fault> {
        let table = Table { slots: Slots::of(expected, memory_max)?, held: 0, memory_max };
        Ok(Self { seed, table: Mutex::new(table) })
    }

    /// Adds a record. Of two records of one id the one that is there counts, then the one that was left out.
    pub fn put(&self, id: &str, fate: ParentFate) -> Result<(), Fault> {
        let new = bits(fate);
        self.table().write(self.key(id), |before| match before {
            0 => new,
            before if before == bits(ParentFate::Rejected) || new == bits(ParentFate::There) => new,
            before => before,
        })?;
        Ok(())
    }

    /// What became of a record; `None`: the table does not know the id.
    pub fn get(&self, id: &str) -> Result<Option<ParentFate>, Fault> {
        self.of(self.key(id))
    }

    /// What the table knows an id by; the same in all tables of one seed.
    pub fn key(&self, id: &str) -> u64 {
        xxh3_64_with_seed(id.as_bytes(), self.seed) << FATE_BITS
    }

    /// What became of the record of a key.
    pub fn of(&self, key: u64) -> Result<Option<ParentFate>, Fault> {
        let (_, word) = self.table().slots.find(key)?;
        Ok(match word & FATE {
            1 => Some(ParentFate::There),
            2 => Some(ParentFate::Rejected),
            3 => Some(ParentFate::Skipped),
            4 => Some(ParentFate::BeyondLimit),
            _ => None,
        })
    }

    /// Notes a fate for the record of a key if it is worse than the one that is known (there, rejected, left
    /// out); whether it is.
    pub fn worsen(&self, key: u64, fate: ParentFate) -> Result<bool, Fault> {
        let before = self.of(key)?.map_or(0, bits);
        if bits(fate) <= before {
            return Ok(false);
        }
        self.table().write(key, |_| bits(fate)).map(|_| true)
    }

    /// A panic while the lock is held leaves at worst a slot that was not written.
    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Greater is worse.
fn bits(fate: ParentFate) -> u64 {
    match fate {
        ParentFate::There => 1,
        ParentFate::Rejected | ParentFate::Missing => 2,
        ParentFate::Skipped => 3,
        ParentFate::BeyondLimit => 4,
    }
}

struct Table {
    slots: Slots,
    held: u64,
    memory_max: u64,
}

impl Table {
    /// Writes the fate of a word's hash, given the one before; returns that.
    fn write(&mut self, hash: u64, fate: impl Fn(u64) -> u64) -> Result<u64, Fault> {
        if (self.held + 1) * 2 > self.slots.count() {
            self.grow()?;
        }
        let (slot, word) = self.slots.find(hash)?;
        let before = word & FATE;
        if before == 0 {
            self.held += 1;
        }
        self.slots.set(slot, hash | fate(before))?;
        Ok(before)
    }

    fn grow(&mut self) -> Result<(), Fault> {
        let old = std::mem::replace(&mut self.slots, Slots::Memory(Vec::new()));
        self.slots = Slots::of(old.count(), self.memory_max)?;
        old.each(|word| {
            let (slot, _) = self.slots.find(word)?;
            self.slots.set(slot, word)
        })
    }
}

/// A power of two of words.
enum Slots {
    Memory(Vec<u64>),
    File { file: File, count: u64 },
}

impl Slots {
    /// Room for so many words at a load of half.
    fn of(words: u64, memory_max: u64) -> Result<Self, Fault> {
        let count = (words * 2).next_power_of_two().max(SLOTS_MIN);
        if count <= memory_max * 2 {
            return Ok(Slots::Memory(vec![0; usize::try_from(count).unwrap_or_default()]));
        }
        let file = tempfile::tempfile().map_err(|e| io(&e))?;
        file.set_len(count * SLOT).map_err(|e| io(&e))?;
        Ok(Slots::File { file, count })
    }

    fn count(&self) -> u64 {
        match self {
            Slots::Memory(words) => words.len() as u64,
            Slots::File { count, .. } => *count,
        }
    }

    fn get(&self, slot: u64) -> Result<u64, Fault> {
        match self {
            Slots::Memory(words) => Ok(words[slot as usize]),
            Slots::File { file, .. } => {
                let mut bytes = [0u8; SLOT as usize];
                file.read_exact_at(&mut bytes, slot * SLOT).map_err(|e| io(&e))?;
                Ok(u64::from_le_bytes(bytes))
            }
        }
    }

    fn set(&mut self, slot: u64, word: u64) -> Result<(), Fault> {
        match self {
            Slots::Memory(words) => words[slot as usize] = word,
            Slots::File { file, .. } => {
                file.write_all_at(&word.to_le_bytes(), slot * SLOT).map_err(|e| io(&e))?;
            }
        }
        Ok(())
    }

    /// The slot of a word's hash and what stands there; a free one (0) where the hash is not held.
    fn find(&self, word: u64) -> Result<(u64, u64), Fault> {
        let mask = self.count() - 1;
        let mut slot = (word >> FATE_BITS) & mask;
        loop {
            let there = self.get(slot)?;
            if there == 0 || there >> FATE_BITS == word >> FATE_BITS {
                return Ok((slot, there));
            }
            slot = (slot + 1) & mask;
        }
    }

    fn each(&self, mut take: impl FnMut(u64) -> Result<(), Fault>) -> Result<(), Fault> {
        match self {
            Slots::Memory(words) => words.iter().filter(|w| **w != 0).try_for_each(|w| take(*w)),
            Slots::File { file, count } => {
                let mut bytes = vec![0u8; MOVED * SLOT as usize];
                let mut slot = 0;
                while slot < *count {
                    let here = usize::try_from(count - slot).unwrap_or(MOVED).min(MOVED);
                    let piece = &mut bytes[..here * SLOT as usize];
                    file.read_exact_at(piece, slot * SLOT).map_err(|e| io(&e))?;
                    for word in piece.as_chunks::<{ SLOT as usize }>().0 {
                        let word = u64::from_le_bytes(*word);
                        if word != 0 {
                            take(word)?;
                        }
                    }
                    slot += here as u64;
                }
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ParentFate::{BeyondLimit, Rejected, Skipped, There};

    #[test]
    fn every_fate_is_found_again_in_memory_and_in_a_file() {
        for (memory_max, expected) in [(1 << 20, 0), (1 << 10, 0), (1 << 10, 50_000)] {
            let fates = Fates::with_memory(7, expected, memory_max).unwrap();
            for i in 0..50_000usize {
                fates.put(&format!("id-{i}"), [There, Rejected, Skipped, BeyondLimit][i % 4]).unwrap();
            }
            let in_file = matches!(fates.table().slots, Slots::File { .. });
            assert_eq!(in_file, memory_max < 50_000, "memory for {memory_max}");
            for i in 0..50_000usize {
                let expected = Some([There, Rejected, Skipped, BeyondLimit][i % 4]);
                assert_eq!(fates.get(&format!("id-{i}")).unwrap(), expected, "{i}");
            }
            assert_eq!(fates.get("id-50000").unwrap(), None);
        }
    }

    #[test]
    fn a_duplicate_does_not_hide_the_record_that_is_there() {
        let fates = Fates::new(7, 0).unwrap();
        for (id, fate) in [("a", There), ("a", Skipped), ("b", Skipped), ("b", There), ("c", Rejected)] {
            fates.put(id, fate).unwrap();
        }
        for (id, expected) in [("a", There), ("b", There), ("c", Rejected)] {
            assert_eq!(fates.get(id).unwrap(), Some(expected), "{id}");
        }
    }

    #[test]
    fn a_fate_only_gets_worse_and_says_so_once() {
        let fates = Fates::new(7, 0).unwrap();
        fates.put("a", There).unwrap();
        let key = fates.key("a");
        for (fate, worse) in
            [(There, false), (Rejected, true), (Rejected, false), (Skipped, true), (There, false)]
        {
            assert_eq!(fates.worsen(key, fate).unwrap(), worse, "{fate:?}");
        }
        assert_eq!(fates.get("a").unwrap(), Some(Skipped));
    }
}
