//! An entity's file through its mapping, chunk by chunk.

use crate::job::Job;
use crate::load::context;
use crate::parents::Parents;
use crate::prepare::Entity;
use crate::reading::{FileFacts, Reading};
use crate::rows::RowBuilder;
use arrow::array::StringArray;
use base::Fault;
use plan::KeyKind;
use transform::{Mapped, Resolved};
use values::{Cells, Context};

/// Reads a file and maps it; its references are answered with what became of the records that they lead to.
pub struct Chunks<'a> {
    job: &'a Job,
    entity: &'a Entity,
    parents: &'a Parents,
    reading: Reading,
    context: Context,
    next: u64,
    ids_only: bool,
}

/// Records that were mapped together.
pub struct Chunk {
    /// The number of the first one in the export.
    pub first: u64,
    /// What the mapping made of them.
    pub mapped: Mapped,
    /// The source ids that they refer to, a column for each reference of the mapping.
    pub asked: Vec<StringArray>,
}

impl<'a> Chunks<'a> {
    /// From the file's first record.
    pub fn open(
        job: &'a Job,
        entity: &'a Entity,
        file: &FileFacts,
        parents: &'a Parents,
    ) -> Result<Self, Fault> {
        Ok(Self {
            job,
            entity,
            parents,
            reading: Reading::open(file, &entity.fields)?,
            context: context(job, &entity.config.name)?,
            next: 0,
            ids_only: false,
        })
    }

    /// Answers references with ids as if every record were there: the caller knows what became of them.
    pub fn ids_only(&mut self) {
        self.ids_only = true;
    }

    /// Goes to the byte at which a record begins; 0 is the first record.
    pub fn seek(&mut self, byte: u64, record: u64) -> Result<(), Fault> {
        self.next = record;
        self.reading.seek(byte, record)
    }

    /// Where the next record begins.
    pub fn byte(&self) -> u64 {
        self.reading.byte()
    }

    /// The number of the next record in the export.
    pub fn record(&self) -> u64 {
        self.next
    }

    /// Up to `rows` records; `None` at the end.
    pub async fn next(&mut self, rows: usize) -> Result<Option<Chunk>, Fault> {
        let (job, mapper) = (self.job, &self.entity.mapper);
        job.cancel.check()?;
        let Some(records) = self.reading.next(rows)? else { return Ok(None) };
        let mut answers: Vec<Resolved> = Vec::new();
        let asked = mapper.asked(&records)?;
        for (reference, ids) in mapper.references().iter().zip(&asked) {
            answers.push(match self.ids_only {
                true => self.parents.ids(job, &reference.entity, ids).await?,
                false => self.parents.resolve(job, &reference.entity, ids).await?,
            });
        }
        // Mapping is work for a core, not for the thread that drives the connections.
        let mapped =
            tokio::task::block_in_place(|| mapper.map(&records, &answers, &job.namespace, &self.context))?;
        let first = self.next;
        self.next += records.num_rows() as u64;
        Ok(Some(Chunk { first, mapped, asked }))
    }

    /// Goes over `rows` records without mapping them.
    pub fn skip(&mut self, rows: usize) -> Result<usize, Fault> {
        let skipped = self.reading.next(rows)?.map_or(0, |records| records.num_rows());
        if skipped == 0 {
            let name = &self.entity.config.name;
            return Err(Fault::stop(format!("{name}: the export ends before its last batch")));
        }
        self.next += skipped as u64;
        Ok(skipped)
    }
}

/// Puts the keys of rows where the mapping has none or another one: numbers of the run's block, then what
/// the id map holds (adopted rows, numbers of earlier runs).
pub async fn fill_keys(
    job: &Job,
    entity: &Entity,
    key_base: Option<i64>,
    mapped: &mut Mapped,
    first: u64,
) -> Result<(), Fault> {
    let mapping = entity.mapper.mapping();
    RowBuilder::number_keys(mapped, &entity.mapper, key_base, first);
    let in_map = matches!(mapping.key.kind, KeyKind::Numbered | KeyKind::Given);
    if entity.config.match_.is_none() && !in_map {
        return Ok(());
    }
    let ids: Vec<String> = mapped.source_ids.iter().map(|id| id.unwrap_or_default().to_owned()).collect();
    let keys = job.destination.mapped_ids(&entity.config.name, &ids).await?;
    let position = mapping.key_positions()[0];
    let mut cells = Cells::new();
    for (row, key) in keys.iter().enumerate() {
        match key {
            Some(key) => cells
                .push_with(|out| mapping.columns[position].ty.encode(key, &Context::default(), out))
                .map_err(|_| {
                    Fault::fail(format!("{}: a key of the id map has another type", mapping.entity))
                })?,
            // A number that nobody has reserved yet has no cell.
            None => match (row < mapped.columns[position].len()).then(|| mapped.columns[position].get(row)) {
                Some(Some(bytes)) => cells.push(bytes),
                _ => cells.push_null(),
            },
        }
    }
    mapped.columns[position] = cells;
    Ok(())
}
