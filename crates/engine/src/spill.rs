//! Pairs of 64-bit hash and payload that may be more than memory holds: they are spread over files by the
//! hash's first bits and looked at one file at a time.

use base::Fault;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, Write};

/// Entries kept in memory before the first file is opened: 32 MiB of 32 bytes each.
pub const MEMORY_ENTRIES_MAX: usize = 1 << 20;

/// Files that entries are spread over; each then holds a share that fits into memory.
const FILES: usize = 64;

/// Bytes of an entry: a hash to sort by, and two numbers.
const ENTRY: usize = 32;

/// Buffer of each file.
const BUFFER: usize = 16 * 1024;

/// A hash and what belongs to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// The hash; entries of one hash come out together.
    pub hash: u64,
    /// The order within a hash.
    pub order: u64,
    /// What belongs to it.
    pub payload: u128,
}

/// A set of entries, in memory or in files.
pub struct Spill {
    memory: Vec<Entry>,
    files: Vec<BufWriter<File>>,
}

impl Default for Spill {
    fn default() -> Self {
        Self::new()
    }
}

impl Spill {
    /// An empty set.
    pub fn new() -> Self {
        Self { memory: Vec::new(), files: Vec::new() }
    }

    /// Adds an entry.
    pub fn add(&mut self, entry: Entry) -> Result<(), Fault> {
        if self.files.is_empty() {
            if self.memory.len() < MEMORY_ENTRIES_MAX {
                self.memory.push(entry);
                return Ok(());
            }
            self.files = (0..FILES).map(|_| file()).collect::<Result<_, _>>()?;
            for held in std::mem::take(&mut self.memory) {
                write(&mut self.files, held)?;
            }
        }
        write(&mut self.files, entry)
    }

    /// Hands out all entries in groups of ascending hash ranges, each group sorted; the number of groups is
    /// the same for every set that has spilled, and 1 for one that has not.
    pub fn groups(mut self) -> Result<Groups, Fault> {
        for file in &mut self.files {
            file.flush().map_err(|e| io(&e))?;
        }
        let mut files = Vec::new();
        for file in self.files {
            files.push(file.into_inner().map_err(|e| io(e.error()))?);
        }
        Ok(Groups { memory: self.memory, files })
    }
}

/// The entries of a set, group by group.
pub struct Groups {
    memory: Vec<Entry>,
    files: Vec<File>,
}

impl Groups {
    /// How many groups there are at least for both sets to be walked together.
    pub fn count(&self) -> usize {
        if self.files.is_empty() { 1 } else { FILES }
    }

    /// The entries of group `number` of `count`, sorted.
    pub fn group(&mut self, number: usize, count: usize) -> Result<Vec<Entry>, Fault> {
        let mut entries = if self.files.is_empty() {
            if count == 1 {
                std::mem::take(&mut self.memory)
            } else {
                self.memory.iter().filter(|e| part(e.hash) == number).copied().collect()
            }
        } else {
            read(&mut self.files[number])?
        };
        entries.sort_unstable();
        Ok(entries)
    }
}

fn part(hash: u64) -> usize {
    (hash >> (u64::BITS - FILES.ilog2())) as usize
}

fn file() -> Result<BufWriter<File>, Fault> {
    Ok(BufWriter::with_capacity(BUFFER, tempfile::tempfile().map_err(|e| io(&e))?))
}

fn write(files: &mut [BufWriter<File>], entry: Entry) -> Result<(), Fault> {
    let mut bytes = [0u8; ENTRY];
    bytes[..8].copy_from_slice(&entry.hash.to_le_bytes());
    bytes[8..16].copy_from_slice(&entry.order.to_le_bytes());
    bytes[16..].copy_from_slice(&entry.payload.to_le_bytes());
    files[part(entry.hash)].write_all(&bytes).map_err(|e| io(&e))
}

fn read(file: &mut File) -> Result<Vec<Entry>, Fault> {
    file.rewind().map_err(|e| io(&e))?;
    let mut reader = BufReader::with_capacity(1 << 16, file);
    let mut entries = Vec::new();
    let mut bytes = [0u8; ENTRY];
    loop {
        match reader.read_exact(&mut bytes) {
            Ok(()) => {
                let (hash, rest) = bytes.split_at(8);
                let (order, payload) = rest.split_at(8);
                entries.push(Entry {
                    hash: u64::from_le_bytes(hash.try_into().unwrap_or_default()),
                    order: u64::from_le_bytes(order.try_into().unwrap_or_default()),
                    payload: u128::from_le_bytes(payload.try_into().unwrap_or_default()),
                });
            }
            Err(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(entries),
            Err(e) => return Err(io(&e)),
        }
    }
}

pub(crate) fn io(error: &std::io::Error) -> Fault {
    Fault::stop(format!("cannot use a temporary file: {error}"))
        .hint("free some space where temporary files go (TMPDIR), then run the same command again")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost_on_the_way_to_the_files_and_back() {
        let mut small = Spill::new();
        let mut large = Spill::new();
        let entry =
            |i: u64| Entry { hash: i.wrapping_mul(0x9E37_79B9_7F4A_7C15), order: i, payload: u128::from(i) };
        for i in 0..1_000 {
            small.add(entry(i)).unwrap();
        }
        let many = MEMORY_ENTRIES_MAX as u64 + 5_000;
        for i in 0..many {
            large.add(entry(i)).unwrap();
        }
        let (mut small, mut large) = (small.groups().unwrap(), large.groups().unwrap());
        let count = small.count().max(large.count());
        let (mut from_small, mut from_large) = (0, 0);
        for number in 0..count {
            let few = small.group(number, count).unwrap();
            let group = large.group(number, count).unwrap();
            assert!(group.is_sorted());
            assert!(few.iter().all(|e| group.binary_search(e).is_ok()));
            from_small += few.len() as u64;
            from_large += group.len() as u64;
        }
        assert_eq!((from_small, from_large), (1_000, many));
    }
}
