//! What the destination should hold: the export through the mapping, with the fates of the ledger.

use super::buckets::Shape;
use crate::accounts::FateStream;
use crate::chunks::{Chunk, Chunks, fill_keys};
use crate::load::Move;
use crate::parents::{Known, Parents};
use crate::prepare::Entity;
use arrow::array::Array;
use base::Fault;
use base::limits::MAP_ROWS;
use ledger::{EntityRun, Fates};
use transform::{Fallback, Mapped};
use values::Cells;

/// The records that a walk is about.
pub(super) enum Wanted<'a> {
    /// All.
    All,
    /// These, in ascending order.
    Records(&'a [u64]),
}

/// A record that the destination should hold.
pub(super) struct ExpectedRow<'a> {
    /// Its number in the export.
    pub(super) record: u64,
    /// The hash of its key.
    pub(super) key_hash: u64,
    /// The hash of its row.
    pub(super) hash: u128,
    /// The row in binary COPY form, the columns of the shape.
    pub(super) wire: &'a [u8],
    /// The source's id.
    pub(super) source_id: &'a str,
    /// The destination has another content under its key, and the ledger says so.
    pub(super) held_by_another_content: bool,
    /// The chunk that it came with, and its place in it.
    pub(super) chunk: &'a Mapped,
    /// Its place in the chunk.
    pub(super) row: usize,
}

/// Walks the export as often as needed.
pub(super) struct Walker<'a> {
    step: &'a Move<'a>,
    entity: &'a Entity,
    begun: EntityRun,
    falls_back: bool,
    parents: Parents,
    pub(super) shape: Shape,
}

impl<'a> Walker<'a> {
    pub(super) async fn new(
        step: &'a Move<'a>,
        entity: &'a Entity,
        begun: &EntityRun,
    ) -> Result<Self, Fault> {
        // Where a fallback stands in for a record that is not there, the ids alone do not tell the value.
        let falls_back = entity.mapper.references().iter().any(|r| r.fallback != Fallback::None);
        let parents = match falls_back {
            true => Parents::of(step, entity, &Known::new()).await?,
            false => Parents::ids_only(step.job, step.prepared, entity)?,
        };
        Ok(Self {
            step,
            entity,
            begun: begun.clone(),
            falls_back,
            parents,
            shape: Shape::of(entity, step.run.seed),
        })
    }

    /// Hands out the wanted records that the destination should hold, in export order.
    pub(super) async fn walk(
        &mut self,
        wanted: Wanted<'_>,
        mut take: impl FnMut(&ExpectedRow<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let job = self.step.job;
        let name = &self.entity.config.name;
        let file = self.step.files.get(name).ok_or_else(|| {
            Fault::usage(format!("there is no export of {name} to compare with"))
                .hint("landfall move --step export")
        })?;
        let mut chunks = Chunks::open(job, self.entity, file, &self.parents)?;
        if !self.falls_back {
            chunks.ids_only();
        }
        let mut fates = FateStream::new(job, self.step.run, name);
        let (mut wire, mut scratch) = (Vec::new(), Vec::new());
        loop {
            if let Wanted::Records(list) = wanted {
                let Some(next) = list.get(list.partition_point(|r| *r < chunks.record())) else { break };
                if next - chunks.record() >= MAP_ROWS as u64 {
                    let skipped = chunks.skip(MAP_ROWS)?;
                    self.accounted(&mut fates, skipped).await?;
                    continue;
                }
            }
            let Some(Chunk { first, mut mapped, .. }) = chunks.next(MAP_ROWS).await? else { break };
            let count = mapped.source_ids.len();
            let here = self.accounted(&mut fates, count).await?;
            fill_keys(job, self.entity, self.begun.key_base, &mut mapped, first).await?;
            let columns: Vec<&Cells> = self.shape.positions.iter().map(|i| &mapped.columns[*i]).collect();
            for row in 0..count {
                let record = first + row as u64;
                if let Wanted::Records(list) = wanted
                    && list.binary_search(&record).is_err()
                {
                    continue;
                }
                let Some(fate) = here.get(row) else { continue };
                if !fate.is_there() && !fate.is_held_by_another_content() {
                    continue;
                }
                wire.clear();
                values::copy::append_row(&mut wire, &columns, row);
                let (key_hash, hash) = self.shape.hash(&wire, &mut scratch)?;
                take(&ExpectedRow {
                    record,
                    key_hash,
                    hash,
                    wire: &wire,
                    source_id: mapped.source_ids.value(row),
                    held_by_another_content: fate.is_held_by_another_content(),
                    chunk: &mapped,
                    row,
                })?;
            }
        }
        Ok(())
    }

    /// The fates of the next records; the run accounts for all.
    async fn accounted(&self, fates: &mut FateStream<'_>, count: usize) -> Result<Fates, Fault> {
        let here = fates.next(count).await?;
        if here.len() == count {
            return Ok(here);
        }
        Err(Fault::usage(format!(
            "{}: the export has more records than run {} accounts for",
            self.entity.config.name, self.step.run.name
        ))
        .hint("was it made anew? `landfall move --fresh --skip-export` begins a run over it"))
    }
}
