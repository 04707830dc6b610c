//! What must always hold in the ledger: each with an id, asserted before a write and after a read.

use crate::counts::Counts;
use crate::fate::Fates;
use base::Fault;

/// All of them, for the reference: id, what must hold, where it is asserted.
pub const ALL: &[(&str, &str, &str)] = &[
    (
        "L-1",
        "the five buckets of an entity sum to the records of its export",
        "when the last batch of an entity is written",
    ),
    (
        "L-2",
        "the fate of every record of a batch is decided",
        "before the batch is written, and when it is read",
    ),
    (
        "L-3",
        "the batches of an entity cover its export without a gap and without an overlap",
        "when the batches are read",
    ),
    ("L-4", "as many keys are recorded for a batch as rows were loaded in it", "before the batch commits"),
];

/// L-1: the five buckets of an entity sum to the records of its export.
pub fn sums_agree(entity: &str, source: u64, counts: &Counts) -> Result<(), Fault> {
    if counts.total() == source {
        return Ok(());
    }
    Err(Fault::bug(format!(
        "L-1: {entity}: {source} records in the export, but {} accounted for ({} loaded, {} updated, {} \
        unchanged, \
         {} skipped, {} rejected)",
        counts.total(),
        counts.loaded,
        counts.updated,
        counts.unchanged,
        counts.skipped_total(),
        counts.rejected_total()
    )))
}

/// L-2: a batch is written only when the fate of each of its records is decided.
pub fn all_decided(entity: &str, first_record: u64, fates: &Fates) -> Result<Counts, Fault> {
    Counts::of(fates).ok_or_else(|| {
        Fault::bug(format!(
            "L-2: {entity}: the batch from record {first_record} holds a record whose fate is undecided"
        ))
    })
}

/// L-3: the batches of an entity cover its export without a gap and without an overlap.
pub fn follows(entity: &str, expected: u64, first_record: u64) -> Result<(), Fault> {
    if expected == first_record {
        return Ok(());
    }
    Err(Fault::bug(format!("L-3: {entity}: a batch begins at record {first_record}, expected {expected}")))
}

/// L-4: as many keys are recorded for a batch as rows were loaded in it.
pub fn keys_recorded(entity: &str, loaded: u64, keys: u64) -> Result<(), Fault> {
    if loaded == keys {
        return Ok(());
    }
    Err(Fault::bug(format!("L-4: {entity}: {loaded} rows loaded in a batch, but {keys} keys recorded")))
}
