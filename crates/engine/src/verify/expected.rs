//! What the destination should hold: the export through the mapping, with the fates of the ledger.

use super::buckets::Shape;
use crate::chunks::fill_keys;
use crate::load::{Move, context};
use crate::parents::{Known, Parents};
use crate::prepare::Entity;
use crate::reading::Reading;
use base::Fault;
use base::limits::MAP_ROWS;
use ledger::{EntityRun, Fates};
use transform::Mapped;
use values::{Cells, Context};

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
    context: Context,
    pub(super) shape: Shape,
}

impl<'a> Walker<'a> {
    pub(super) async fn new(
        step: &'a Move<'a>,
        entity: &'a Entity,
        begun: &EntityRun,
    ) -> Result<Self, Fault> {
        // Where a fallback stands in for a record that is not there, the ids alone do not tell the value.
        let falls_back = entity.mapper.references().iter().any(|r| r.optional);
        let parents = match falls_back {
            true => Parents::of(step, entity, &Known::new()).await?,
            false => Parents::ids_only(step.prepared, entity)?,
        };
        Ok(Self {
            step,
            entity,
            begun: begun.clone(),
            falls_back,
            parents,
            context: context(step.job, &entity.config.name)?,
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
        let mut reading = Reading::open(file, &self.entity.fields)?;
        let mut fates = FateStream::new(self.step, name);
        let mut first = 0u64;
        let (mut wire, mut scratch) = (Vec::new(), Vec::new());
        while let Some(records) = reading.next(MAP_ROWS)? {
            job.cancel.check()?;
            let count = records.num_rows();
            let here = fates.next(count).await?;
            let range = first..first + count as u64;
            first = range.end;
            if let Wanted::Records(list) = wanted {
                let from = list.partition_point(|r| *r < range.start);
                match list.get(from) {
                    None => break,
                    Some(next) if *next >= range.end => continue,
                    Some(_) => {}
                }
            }
            let mut answers = Vec::new();
            for (reference, ids) in
                self.entity.mapper.references().iter().zip(self.entity.mapper.asked(&records)?)
            {
                answers.push(match self.falls_back {
                    true => self.parents.resolve(job, &reference.entity, &ids).await?,
                    false => self.parents.ids(job, &reference.entity, &ids).await?,
                });
            }
            let mut mapped = self.entity.mapper.map(&records, &answers, &job.namespace, &self.context)?;
            fill_keys(job, self.entity, self.begun.key_base, &mut mapped, range.start).await?;
            let columns: Vec<&Cells> = self.shape.positions.iter().map(|i| &mapped.columns[*i]).collect();
            for row in 0..count {
                let record = range.start + row as u64;
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
}

/// The ledger's fates of an entity, in pieces of any size.
struct FateStream<'a> {
    step: &'a Move<'a>,
    name: &'a str,
    held: Vec<u8>,
    at: usize,
    next: u64,
}

impl<'a> FateStream<'a> {
    fn new(step: &'a Move<'a>, name: &'a str) -> Self {
        Self { step, name, held: Vec::new(), at: 0, next: 0 }
    }

    async fn next(&mut self, count: usize) -> Result<Fates, Fault> {
        while self.held.len() - self.at < count {
            let page =
                self.step.job.destination.ledger().batches(self.step.run.id, self.name, self.next).await?;
            if page.is_empty() {
                return Err(Fault::usage(format!(
                    "{}: the export has more records than run {} accounts for",
                    self.name, self.step.run.name
                ))
                .hint("was it made anew? `landfall move --fresh --skip-export` begins a run over it"));
            }
            self.held.drain(..self.at);
            self.at = 0;
            for batch in page {
                self.next = batch.first_record + batch.fates.len() as u64;
                self.held.extend_from_slice(&batch.fates.0);
            }
        }
        let piece = self.held[self.at..self.at + count].to_vec();
        self.at += count;
        Ok(Fates(piece))
    }
}
