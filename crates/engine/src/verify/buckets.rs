//! Sums of row hashes by key: equal sums and counts, equal rows, whatever their order.

use crate::job::Job;
use crate::prepare::Entity;
use base::Fault;
use connect::destination::{RowSink, Table};
use std::sync::Arc;
use tokio::task::JoinSet;
use values::PgType;
use xxhash_rust::xxh3::{xxh3_64_with_seed, xxh3_128_with_seed};

/// Buckets of a comparison: a differing row makes its bucket's rows (1 in 65,536) be walked again.
const BUCKETS: usize = 1 << 16;

/// The rows of one side.
pub(super) struct Buckets {
    sums: Vec<u128>,
    counts: Vec<u64>,
    suspects: Vec<bool>,
}

impl Buckets {
    pub(super) fn new() -> Self {
        Self { sums: vec![0; BUCKETS], counts: vec![0; BUCKETS], suspects: vec![false; BUCKETS] }
    }

    pub(super) fn add(&mut self, key: u64, hash: u128) {
        let bucket = bucket(key);
        self.sums[bucket] = self.sums[bucket].wrapping_add(hash);
        self.counts[bucket] += 1;
    }

    /// Marks a bucket that must be looked at whatever its sum.
    pub(super) fn suspect(&mut self, key: u64) {
        self.suspects[bucket(key)] = true;
    }

    /// The buckets that differ from another side's, or are suspect.
    pub(super) fn differing(&self, other: &Buckets) -> Suspicious {
        let flags = (0..BUCKETS)
            .map(|i| self.suspects[i] || self.sums[i] != other.sums[i] || self.counts[i] != other.counts[i])
            .collect();
        Suspicious(flags)
    }
}

fn bucket(key: u64) -> usize {
    (key as usize) & (BUCKETS - 1)
}

/// The buckets whose rows are walked again.
pub(super) struct Suspicious(Vec<bool>);

impl Suspicious {
    pub(super) fn any(&self) -> bool {
        self.0.iter().any(|s| *s)
    }

    pub(super) fn holds(&self, key: u64) -> bool {
        self.0[bucket(key)]
    }
}

/// How rows of an entity are hashed: the same on both sides.
#[derive(Clone)]
pub(super) struct Shape {
    /// The columns compared, the key's first; a password's is not among them.
    pub(super) columns: Vec<String>,
    /// Their types.
    pub(super) types: Vec<PgType>,
    /// Positions among the mapping's columns.
    pub(super) positions: Vec<usize>,
    /// How many of them are the key.
    pub(super) key: usize,
    /// Whether wire bytes can be hashed as they are.
    canonical: bool,
    seed: u64,
}

impl Shape {
    pub(super) fn of(entity: &Entity, seed: u64) -> Self {
        let mapping = entity.mapper.mapping();
        let key = mapping.key_positions();
        let rest = (0..mapping.columns.len()).filter(|i| !key.contains(i) && !mapping.columns[*i].password);
        let positions: Vec<usize> = key.iter().copied().chain(rest).collect();
        let types: Vec<PgType> = positions.iter().map(|i| mapping.columns[*i].ty.clone()).collect();
        Self {
            columns: positions.iter().map(|i| mapping.columns[*i].column.clone()).collect(),
            canonical: types.iter().all(PgType::bytes_are_canonical),
            types,
            positions,
            key: key.len(),
            seed,
        }
    }

    /// The hash of a row's key, and of the row, from its binary COPY form.
    pub(super) fn hash(&self, row: &[u8], scratch: &mut Vec<u8>) -> Result<(u64, u128), Fault> {
        let bytes = if self.canonical {
            row
        } else {
            self.canonical_row(row, scratch)?;
            scratch.as_slice()
        };
        let key = self.key_bytes(bytes)?;
        Ok((xxh3_64_with_seed(key, self.seed), xxh3_128_with_seed(bytes, self.seed)))
    }

    /// The part of a row that holds the key.
    pub(super) fn key_bytes<'a>(&self, row: &'a [u8]) -> Result<&'a [u8], Fault> {
        let mut at = 2;
        for _ in 0..self.key {
            let length = row.get(at..at + 4).ok_or_else(malformed)?;
            let length = i32::from_be_bytes(length.try_into().map_err(|_| malformed())?);
            at += 4 + usize::try_from(length).unwrap_or(0);
        }
        row.get(2..at).ok_or_else(malformed)
    }

    fn canonical_row(&self, row: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
        out.clear();
        out.extend_from_slice(&row[..2]);
        for (ty, field) in self.types.iter().zip(fields(row)?) {
            let start = out.len();
            out.extend_from_slice(&(-1i32).to_be_bytes());
            if let Some(bytes) = field {
                ty.canonical(bytes, out).map_err(|_| malformed())?;
                let length = i32::try_from(out.len() - start - 4).map_err(|_| malformed())?;
                out[start..start + 4].copy_from_slice(&length.to_be_bytes());
            }
        }
        Ok(())
    }
}

/// The fields of a row in binary COPY form.
pub(crate) fn fields(row: &[u8]) -> Result<Vec<Option<&[u8]>>, Fault> {
    let mut fields = Vec::new();
    let mut rest = row.get(2..).ok_or_else(malformed)?;
    while !rest.is_empty() {
        let (head, tail) = rest.split_first_chunk::<4>().ok_or_else(malformed)?;
        match usize::try_from(i32::from_be_bytes(*head)) {
            Err(_) => {
                fields.push(None);
                rest = tail;
            }
            Ok(length) => {
                fields.push(Some(tail.get(..length).ok_or_else(malformed)?));
                rest = &tail[length..];
            }
        }
    }
    Ok(fields)
}

pub(super) fn malformed() -> Fault {
    Fault::fail("a row that is not in binary COPY form")
}

/// Hashes rows as they stream out of the destination.
pub(super) struct Scan<F> {
    pub(super) shape: Shape,
    pub(super) scratch: Vec<u8>,
    pub(super) take: F,
}

impl<F> Scan<F> {
    pub(super) fn new(shape: &Shape, take: F) -> Self {
        Self { shape: shape.clone(), scratch: Vec::new(), take }
    }
}

impl<F: FnMut(u64, u128, &[u8]) -> Result<(), Fault> + Send> RowSink for Scan<F> {
    fn row(&mut self, row: &[u8]) -> Result<(), Fault> {
        let (key, hash) = self.shape.hash(row, &mut self.scratch)?;
        (self.take)(key, hash, row)
    }
}

/// The destination's side of a comparison, on a task of its own while the export is walked. Given up when it
/// is dropped.
pub(super) struct OtherSide<T>(JoinSet<Result<T, Fault>>);

impl<T: Send + 'static> OtherSide<T> {
    /// Begins to stream the table's rows into `gathered`.
    pub(super) fn begin(
        job: &Job,
        table: &Arc<Table>,
        shape: &Shape,
        mut gathered: T,
        mut take: impl FnMut(&mut T, u64, u128) -> Result<(), Fault> + Send + 'static,
    ) -> Self {
        let (destination, table, shape) = (Arc::clone(&job.destination), Arc::clone(table), shape.clone());
        let mut task = JoinSet::new();
        task.spawn(async move {
            let mut scan = Scan::new(&shape, |key, hash, _: &[u8]| take(&mut gathered, key, hash));
            destination.scan(&table, &shape.columns, &mut scan).await?;
            Ok(gathered)
        });
        Self(task)
    }

    /// Waits for the last row.
    pub(super) async fn end(mut self) -> Result<T, Fault> {
        match self.0.join_next().await {
            Some(Ok(gathered)) => gathered,
            _ => Err(Fault::bug("a task that reads the destination panicked")),
        }
    }
}
