//! Who refers to whom inside a circle: pairs of keys, in memory or in a temporary file.

use crate::fates::Fates;
use crate::spill::{MEMORY_ENTRIES_MAX, io};
use base::Fault;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use transform::ParentFate;

/// A record and one that it cannot do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Edge {
    /// The number of the child's entity in its circle, and its key among that entity's [`Fates`].
    pub(super) child: (u32, u64),
    /// The same of the parent.
    pub(super) parent: (u32, u64),
}

/// Bytes of an edge in a file.
const EDGE: usize = 24;

/// Edges that are read at a time.
const BLOCK: usize = 8_192;

/// All edges of a circle, in the order of its files.
pub(super) struct Edges {
    memory: Vec<Edge>,
    memory_max: usize,
    file: Option<File>,
    /// Edges in the file.
    filed: u64,
}

impl Edges {
    pub(super) fn new() -> Self {
        Self::with_memory(MEMORY_ENTRIES_MAX)
    }

    fn with_memory(memory_max: usize) -> Self {
        Self { memory: Vec::new(), memory_max, file: None, filed: 0 }
    }

    pub(super) fn add(&mut self, edge: Edge) -> Result<(), Fault> {
        self.memory.push(edge);
        if self.memory.len() < self.memory_max {
            return Ok(());
        }
        let file = match &self.file {
            Some(file) => file,
            None => self.file.insert(tempfile::tempfile().map_err(|e| io(&e))?),
        };
        let bytes: Vec<u8> = self.memory.iter().flat_map(|e| bytes(*e)).collect();
        file.write_all_at(&bytes, self.filed * EDGE as u64).map_err(|e| io(&e))?;
        self.filed += self.memory.len() as u64;
        self.memory.clear();
        Ok(())
    }

    /// Makes the fate of each record at least as bad as those of its parents; `fates`: those of the circle's
    /// entities by their numbers.
    ///
    /// Sweeps go to and fro, so that a chain of records in the order of the files, or against it, takes one.
    /// A chain in no order takes about one for every two of its records; each sweep costs some nanoseconds an
    /// edge.
    pub(super) fn spread(&self, fates: &[Arc<Fates>]) -> Result<(), Fault> {
        let blocks = self.filed.div_ceil(BLOCK as u64);
        let mut forward = true;
        loop {
            let mut changed = false;
            for n in 0..=blocks {
                let mut block = self.block(if forward { n } else { blocks - n })?;
                if !forward {
                    block.reverse();
                }
                for edge in block {
                    let (parent, key) = edge.parent;
                    let fate = fates[parent as usize].of(key)?;
                    let follows = match fate {
                        Some(ParentFate::Rejected) => ParentFate::Rejected,
                        Some(ParentFate::Skipped | ParentFate::BeyondLimit) => ParentFate::Skipped,
                        Some(ParentFate::There | ParentFate::Missing) | None => continue,
                    };
                    let (child, key) = edge.child;
                    changed |= fates[child as usize].worsen(key, follows)?;
                }
            }
            if !changed {
                return Ok(());
            }
            forward = !forward;
        }
    }

    /// A block of the file; the one behind the last is what is in memory.
    fn block(&self, number: u64) -> Result<Vec<Edge>, Fault> {
        let first = number * BLOCK as u64;
        let Some(file) = self.file.as_ref().filter(|_| first < self.filed) else {
            return Ok(self.memory.clone());
        };
        let count = usize::try_from(self.filed - first).unwrap_or(BLOCK).min(BLOCK);
        let mut bytes = vec![0u8; count * EDGE];
        file.read_exact_at(&mut bytes, first * EDGE as u64).map_err(|e| io(&e))?;
        Ok(bytes.as_chunks::<EDGE>().0.iter().map(edge).collect())
    }
}

fn bytes(edge: Edge) -> [u8; EDGE] {
    let mut out = [0u8; EDGE];
    out[..4].copy_from_slice(&edge.child.0.to_le_bytes());
    out[4..12].copy_from_slice(&edge.child.1.to_le_bytes());
    out[12..16].copy_from_slice(&edge.parent.0.to_le_bytes());
    out[16..].copy_from_slice(&edge.parent.1.to_le_bytes());
    out
}

fn edge(bytes: &[u8; EDGE]) -> Edge {
    let number = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap_or_default());
    let key = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap_or_default());
    Edge { child: (number(0), key(4)), parent: (number(12), key(16)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A chain of `count` records, each referring to the next in `order`; the last one is rejected.
    fn spread(order: &[usize], memory_max: usize) -> usize {
        let fates = Arc::new(Fates::new(3, 0).unwrap());
        let mut edges = Edges::with_memory(memory_max);
        let key = |i: usize| fates.key(&i.to_string());
        for i in order {
            fates.put(&i.to_string(), ParentFate::There).unwrap();
        }
        for child in order.iter().filter(|i| **i > 0) {
            edges.add(Edge { child: (0, key(*child)), parent: (0, key(child - 1)) }).unwrap();
        }
        fates.worsen(key(0), ParentFate::Rejected).unwrap();
        edges.spread(std::slice::from_ref(&fates)).unwrap();
        order.iter().filter(|i| fates.get(&i.to_string()).unwrap() == Some(ParentFate::Rejected)).count()
    }

    #[test]
    fn a_reject_reaches_the_end_of_a_chain_in_any_order() {
        let count = 40_000;
        let forward: Vec<usize> = (0..count).collect();
        let backward: Vec<usize> = (0..count).rev().collect();
        let zigzag: Vec<usize> = (0..300).map(|i| i * 7 % 300).collect();
        for memory_max in [1 << 20, 1_000] {
            assert_eq!(spread(&forward, memory_max), count);
            assert_eq!(spread(&backward, memory_max), count);
            assert_eq!(spread(&zigzag, memory_max), 300);
        }
    }
}
