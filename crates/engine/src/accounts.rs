//! The records of an export beside what became of them: the file and the ledger's fates, in step.

use crate::job::Job;
use crate::reading::{FileFacts, Reading};
use arrow::array::RecordBatch;
use base::Fault;
use base::ids::record_id;
use base::limits::MAP_ROWS;
use ledger::{Fates, Run};

/// Records of the export, and the fate of each.
pub struct Accounted {
    /// The wanted fields of the records.
    pub records: RecordBatch,
    /// A fate for each record.
    pub fates: Fates,
}

/// Walks an entity's file and the ledger's fates side by side, as far as the run has come.
pub struct Accounts<'a> {
    job: &'a Job,
    entity: &'a str,
    reading: Reading,
    fates: FateStream<'a>,
}

impl<'a> Accounts<'a> {
    /// From the file's first record, with these fields.
    pub fn open(
        job: &'a Job,
        run: &'a Run,
        entity: &'a str,
        file: &FileFacts,
        fields: &[String],
    ) -> Result<Self, Fault> {
        let reading = Reading::open(file, fields)?;
        Ok(Self { job, entity, reading, fates: FateStream::new(job, run, entity) })
    }

    /// The next records; `None` where the run or the file ends.
    pub async fn next(&mut self) -> Result<Option<Accounted>, Fault> {
        self.job.cancel.check()?;
        let fates = self.fates.next(MAP_ROWS).await?;
        if fates.is_empty() {
            return Ok(None);
        }
        match self.reading.next(fates.len())? {
            Some(records) if records.num_rows() == fates.len() => Ok(Some(Accounted { records, fates })),
            _ => Err(Fault::stop(format!(
                "{}: the export has fewer records than the ledger accounts for",
                self.entity
            ))
            .hint("was it replaced? `landfall move --fresh` begins a new run over it")),
        }
    }
}

/// The ledger's fates of an entity in export order, in pieces of any size.
pub struct FateStream<'a> {
    job: &'a Job,
    run: &'a Run,
    entity: &'a str,
    held: Vec<u8>,
    at: usize,
    next: u64,
}

impl<'a> FateStream<'a> {
    /// From the first record.
    pub fn new(job: &'a Job, run: &'a Run, entity: &'a str) -> Self {
        Self { job, run, entity, held: Vec::new(), at: 0, next: 0 }
    }

    /// The next fates: `count`, or fewer where the run ends.
    pub async fn next(&mut self, count: usize) -> Result<Fates, Fault> {
        while self.held.len() - self.at < count {
            let page = self.job.destination.ledger().batches(self.run.id, self.entity, self.next).await?;
            if page.is_empty() {
                break;
            }
            self.held.drain(..self.at);
            self.at = 0;
            for batch in page {
                self.next = batch.first_record + batch.fates.len() as u64;
                self.held.extend_from_slice(&batch.fates.0);
            }
        }
        let end = self.held.len().min(self.at + count);
        let piece = self.held[self.at..end].to_vec();
        self.at = end;
        Ok(Fates(piece))
    }
}

/// The keys, as text, of the rows that records of the entity have in the destination: what the id map says,
/// else as derived ids are made.
pub async fn keys(job: &Job, entity: &str, source_ids: &[String]) -> Result<Vec<String>, Fault> {
    let mapped = job.destination.mapped_ids(entity, source_ids).await?;
    let derived = |id: &String| record_id(&job.namespace, entity, id).to_string();
    Ok(mapped.into_iter().zip(source_ids).map(|(key, id)| key.unwrap_or_else(|| derived(id))).collect())
}
