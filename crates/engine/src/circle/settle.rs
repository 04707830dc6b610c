//! The second pass: rows whose parents were refused are taken back, the others are linked.

use super::{Circle, spread};
use crate::chunks::{Chunk, Chunks, fill_keys};
use crate::job::Event;
use crate::load::Ready;
use base::limits::MAP_ROWS;
use base::{Fault, RejectCode, SkipReason};
use connect::destination::StandIn;
use connect::settle::{Referring, SettleRows, SettleSpec, Settler};
use ledger::{Batch, Fate, Reject};
use std::time::Instant;
use transform::{BadCell, Mapped, Verdict};
use values::Cells;

impl Circle<'_> {
    /// Brings the rows of the circle to what the mapping says, batch by batch; `refused`: the destination has
    /// refused records that the mapping carries.
    pub(super) async fn settle(&self, mut refused: bool) -> Result<(), Fault> {
        loop {
            if refused {
                // Rows that cannot be open refer to rows of entities in front of theirs.
                for member in self.members.iter().rev() {
                    self.take_back(member).await?;
                }
            }
            let mut found = 0;
            for member in self.members.iter().filter(|m| !m.entity.late.is_empty()) {
                found += self.link(member).await?;
            }
            if found == 0 {
                return Ok(());
            }
            refused = self.learn(self.members).await?;
        }
    }

    /// Takes back the rows of records that are rejected or left out by what the circle knows now.
    async fn take_back(&self, member: &Ready<'_>) -> Result<(), Fault> {
        let mut settler = self.settler(member).await?;
        let mut walk = Walk::open(self, member)?;
        while let Some((batch, pieces)) = walk.next(|_| true).await? {
            let mut rows = Rows::of(&batch);
            let (mut fates, mut rejects) = (Vec::new(), Vec::new());
            for Piece { at, chunk } in &pieces {
                for (row, verdict) in chunk.mapped.verdicts.iter().enumerate() {
                    let now = match verdict {
                        Verdict::Carry => continue,
                        Verdict::Reject(code) => Fate::Rejected(*code),
                        Verdict::Skip(reason) => Fate::Skipped(*reason),
                    };
                    if member.decided(self.step.job, chunk.first + row as u64).is_some()
                        || !batch.fates.get(at + row).is_some_and(is_carried)
                    {
                        continue;
                    }
                    rows.push(member, &chunk.mapped, row, at + row);
                    fates.push(now);
                    let bad = chunk.mapped.bad.iter().filter(|b| b.record == row);
                    rejects.extend(bad.map(|bad| reject(member, chunk, bad)));
                }
            }
            if !fates.is_empty() {
                settler.take_back(rows.0, fates, rejects).await?;
            }
        }
        Ok(())
    }

    /// Writes the late columns of rows that are not linked yet; how many the destination refused.
    async fn link(&self, member: &Ready<'_>) -> Result<u64, Fault> {
        let (job, began) = (self.step.job, Instant::now());
        let late: Vec<usize> = member.entity.late.iter().map(|l| l.column).collect();
        job.tell(Event::Began { phase: "link", name: member.name().into(), total: None });
        let mut settler = self.settler(member).await?;
        let mut walk = Walk::open(self, member)?;
        let (mut done, mut refused) = (0, 0);
        while let Some((batch, pieces)) = walk.next(|batch| !batch.linked).await? {
            let mut rows = Rows::of(&batch);
            let mut cells = vec![Cells::new(); late.len()];
            for Piece { at, chunk } in &pieces {
                for row in 0..chunk.mapped.verdicts.len() {
                    if !matches!(batch.fates.get(at + row), Some(Fate::Loaded | Fate::Updated)) {
                        continue;
                    }
                    rows.push(member, &chunk.mapped, row, at + row);
                    for (cells, column) in cells.iter_mut().zip(&late) {
                        push(cells, chunk.mapped.columns[*column].get(row));
                    }
                }
            }
            done += rows.0.records.len() as u64;
            refused += settler.link(rows.0, cells).await?;
            job.tell(Event::Progress { phase: "link", name: member.name().into(), done, total: None });
        }
        job.tell(Event::Ended {
            phase: "link",
            name: member.name().into(),
            done,
            seconds: began.elapsed().as_secs_f64(),
            outcome: format!("{} linked, {refused} refused", done - refused),
        });
        Ok(refused)
    }

    async fn settler(&self, member: &Ready<'_>) -> Result<Box<dyn Settler>, Fault> {
        let table = &member.entity.table;
        let mut referring = Vec::new();
        for other in self.members {
            for late in &other.entity.late {
                let column = other.entity.mapper.mapping().columns[late.column].column.clone();
                let leads_here = |f: &&connect::destination::ForeignKey| {
                    f.to == table.sql && f.columns == std::slice::from_ref(&column)
                };
                let Some(key) = other.entity.table.foreign_keys.iter().find(leads_here) else { continue };
                referring.push(Referring {
                    entity: other.name().to_owned(),
                    table: other.entity.table.sql.clone(),
                    own_key: (late.stand_in == StandIn::OwnKey).then(|| key.to_columns[0].clone()),
                    column,
                });
            }
        }
        let load = self.step.spec(&member.entity, &member.begun);
        self.step.job.destination.settler(&SettleSpec { load, referring }).await
    }
}

/// Whether a record was carried in the first pass, whatever the destination held.
pub(super) fn is_carried(fate: Fate) -> bool {
    fate.is_there() || fate == Fate::Skipped(SkipReason::Exists)
}

fn reject(member: &Ready<'_>, chunk: &Chunk, bad: &BadCell) -> Reject {
    let columns = &member.entity.mapper.mapping().columns;
    let code: RejectCode = bad.code;
    Reject {
        entity: member.name().to_owned(),
        record: (chunk.first + bad.record as u64).cast_signed(),
        source_id: chunk.mapped.source_ids.value(bad.record).to_owned(),
        field: bad.column.map(|c| columns[c].column.clone()).unwrap_or_default(),
        value: bad.value.clone(),
        code,
        reason: bad.reason.clone(),
    }
}

fn push(cells: &mut Cells, field: Option<&[u8]>) {
    match field {
        Some(bytes) => cells.push(bytes),
        None => cells.push_null(),
    }
}

/// The rows of a batch that are to be settled.
struct Rows(SettleRows);

impl Rows {
    fn of(batch: &Batch) -> Self {
        Self(SettleRows {
            batch: batch.id,
            first_record: batch.first_record,
            fates: batch.fates.clone(),
            ..SettleRows::default()
        })
    }

    /// Adds row `row` of a chunk, which is record `record` of the batch.
    fn push(&mut self, member: &Ready<'_>, mapped: &Mapped, row: usize, record: usize) {
        let key = member.entity.mapper.mapping().key_positions();
        self.0.keys.resize(key.len(), Cells::new());
        self.0.records.push(u32::try_from(record).unwrap_or(u32::MAX));
        self.0.source_ids.push(mapped.source_ids.value(row).to_owned());
        for (cells, position) in self.0.keys.iter_mut().zip(key) {
            push(cells, mapped.columns[position].get(row));
        }
    }
}

/// Records of a batch that were mapped together.
struct Piece {
    /// The first one, counted from the batch's first.
    at: usize,
    chunk: Chunk,
}

/// The ledger's batches of an entity and its file's records, side by side.
struct Walk<'a> {
    circle: &'a Circle<'a>,
    member: &'a Ready<'a>,
    chunks: Chunks<'a>,
    held: std::collections::VecDeque<Batch>,
    next: u64,
}

impl<'a> Walk<'a> {
    fn open(circle: &'a Circle<'a>, member: &'a Ready<'a>) -> Result<Self, Fault> {
        let parents = spread::of(&circle.foresight.parents, member)?;
        let chunks = Chunks::open(circle.step.job, &member.entity, member.file, parents)?;
        Ok(Self { circle, member, chunks, held: std::collections::VecDeque::new(), next: 0 })
    }

    /// The next batch that is wanted, with its records mapped and their keys filled in.
    async fn next(&mut self, wanted: impl Fn(&Batch) -> bool) -> Result<Option<(Batch, Vec<Piece>)>, Fault> {
        let (job, run) = (self.circle.step.job, self.circle.step.run.id);
        loop {
            let Some(batch) = self.held.pop_front() else {
                let page = job.destination.ledger().batches(run, self.member.name(), self.next).await?;
                self.held.extend(page);
                if self.held.is_empty() {
                    return Ok(None);
                }
                continue;
            };
            self.next = batch.first_record + batch.fates.len() as u64;
            let take = wanted(&batch);
            let mut pieces = Vec::new();
            let mut at = 0;
            while at < batch.fates.len() {
                let rows = MAP_ROWS.min(batch.fates.len() - at);
                if !take {
                    at += self.chunks.skip(rows)?;
                    continue;
                }
                let Some(mut chunk) = self.chunks.next(rows).await? else {
                    return Err(Fault::stop(format!(
                        "{}: the export has fewer records than the ledger accounts for",
                        self.member.name()
                    )));
                };
                let key_base = self.member.begun.key_base;
                fill_keys(job, &self.member.entity, key_base, &mut chunk.mapped, chunk.first).await?;
                let count = chunk.mapped.verdicts.len();
                pieces.push(Piece { at, chunk });
                at += count;
            }
            if take {
                return Ok(Some((batch, pieces)));
            }
        }
    }
}
