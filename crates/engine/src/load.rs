//! Moving one entity: read, resolve, map, batch, load.
//!
//! One task reads and maps, as many as there are connections load. Batches are committed in the order of the
//! export, so that of records that collide the first one wins with any number of connections.

use crate::census::{self, Census};
use crate::chunks::Chunks;
use crate::defaults;
use crate::job::{Event, Job};
use crate::parents::{Known, Parents};
use crate::prepare::{Entity, Prepared};
use crate::reading::FileFacts;
use crate::rows::{BATCH_ROOM, RowBuilder};
use base::ids::RunId;
use base::limits::{MAP_ROWS, MAX_REJECTS_FROM};
use base::{Fault, SkipReason};
use connect::destination::{Batch, LoadSpec, Loaded, Loader, Turn};
use ledger::{Counts, EntityRun, Fate, Progress, Run};
use plan::KeyKind;
use project::MaxRejects;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::{Mutex, mpsc, oneshot};
use values::Context;
use xxhash_rust::xxh3::xxh3_128;

/// What moving an entity came to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EntityOutcome {
    /// The counts of all its batches.
    pub counts: Counts,
    /// Seconds that this command spent on it.
    pub seconds: f64,
    /// Records that this command moved.
    pub records: u64,
}

/// What stands still while an entity is moved.
pub struct Move<'a> {
    /// The job.
    pub job: &'a Job,
    /// The run.
    pub run: &'a Run,
    /// The prepared entities.
    pub prepared: &'a Prepared,
    /// The files of the export.
    pub files: &'a BTreeMap<String, FileFacts>,
}

/// An entity whose records can be moved: begun in the run, its defaults known.
pub struct Ready<'a> {
    /// The entity.
    pub entity: Entity,
    /// Its file.
    pub file: &'a FileFacts,
    /// What stands in the file more than once.
    pub census: Census,
    /// As the run began with it.
    pub begun: EntityRun,
}

impl Ready<'_> {
    /// The entity's name.
    pub fn name(&self) -> &str {
        &self.entity.config.name
    }

    /// The fate of a record that other rules than the mapping decide.
    pub fn decided(&self, job: &Job, record: u64) -> Option<Fate> {
        let limits = [job.project.move_.max_records, self.entity.config.max_records];
        let limit = limits.into_iter().flatten().min();
        limit
            .is_some_and(|limit| record >= limit)
            .then_some(Fate::Skipped(SkipReason::Limit))
            .or_else(|| self.census.fates.get(&record).copied())
    }
}

impl<'a> Move<'a> {
    /// Moves an entity, or goes on with it.
    pub async fn entity(&self, name: &str) -> Result<EntityOutcome, Fault> {
        let ready = self.ready(name).await?;
        let mut outcome = self.rows(&ready, &Known::new()).await?;
        if !ready.begun.loaded {
            outcome.counts = self.finish(&ready).await?;
        }
        Ok(outcome)
    }

    /// Begins with an entity.
    pub async fn ready(&self, name: &str) -> Result<Ready<'a>, Fault> {
        let mut entity = self
            .prepared
            .entities
            .get(name)
            .ok_or_else(|| Fault::bug(format!("{name} is not prepared")))?
            .clone();
        let file = self.files.get(name).ok_or_else(|| {
            Fault::usage(format!("there is no export of {name}")).hint("landfall move --step export")
        })?;
        let moved = self.prepared.id_files.get(name).map(|f| &**f);
        let census = census::take(self.job, &entity, file, self.run.seed, moved)?;
        let begun = self.begin(&entity, &census).await?;
        defaults::apply(&mut entity, &begun)?;
        Ok(Ready { entity, file, census, begun })
    }

    /// Moves the records whose fates are not decided yet; `circle`: what is known of the records of the
    /// entity's own circle.
    pub async fn rows(&self, ready: &Ready<'_>, circle: &Known) -> Result<EntityOutcome, Fault> {
        let began = Instant::now();
        let (job, total) = (self.job, ready.census.records);
        let progress = job.destination.ledger().progress(self.run.id, ready.name()).await?;
        job.tell(Event::Began { phase: "load", name: ready.name().into(), total: Some(total) });
        let mut counts = progress.counts.clone();
        if !ready.begun.loaded {
            counts = self.load(ready, &progress, circle).await?;
            ledger::invariants::sums_agree(ready.name(), total, &counts)?;
        }
        let records = total - progress.records;
        let seconds = began.elapsed().as_secs_f64();
        job.tell(Event::Ended {
            phase: "load",
            name: ready.name().into(),
            done: records,
            seconds,
            outcome: format!(
                "{} loaded, {} updated, {} unchanged, {} skipped, {} rejected",
                counts.loaded,
                counts.updated,
                counts.unchanged,
                counts.skipped_total(),
                counts.rejected_total()
            ),
        });
        Ok(EntityOutcome { counts, seconds, records })
    }

    /// Ends with an entity whose records are all accounted for; its counts.
    pub async fn finish(&self, ready: &Ready<'_>) -> Result<Counts, Fault> {
        let ledger = self.job.destination.ledger();
        let counts = ledger.progress(self.run.id, ready.name()).await?.counts;
        ledger::invariants::sums_agree(ready.name(), ready.census.records, &counts)?;
        ledger.entity_loaded(self.run.id, ready.name()).await?;
        Ok(counts)
    }

    /// The entity's record in the ledger: made now, or found and compared.
    async fn begin(&self, entity: &Entity, census: &Census) -> Result<EntityRun, Fault> {
        let job = self.job;
        let mapping = entity.mapper.mapping();
        let plan = format!("{:032x}", xxh3_128(mapping.fingerprint_text().as_bytes()));
        let ledger = job.destination.ledger();
        let known = ledger.entities(self.run.id).await?.into_iter().find(|e| e.entity == entity.config.name);
        if let Some(known) = known {
            let committed = ledger.progress(self.run.id, &known.entity).await?.records > 0;
            if known.plan != plan && committed {
                return Err(Fault::usage(format!(
                    "{}: the mapping or the table's types changed after batches of this run were committed",
                    known.entity
                ))
                .hint("landfall rollback, then move again; or landfall move --fresh"));
            }
            if known.source != census.records {
                return Err(Fault::usage(format!(
                    "{}: the run began over {} records, the export now has {}",
                    known.entity, known.source, census.records
                ))
                .hint("landfall move --fresh --skip-export begins a new run over it"));
            }
            return Ok(known);
        }
        let key_base = match mapping.key.kind {
            KeyKind::Numbered => Some(
                job.destination.reserve_keys(&entity.table, &mapping.key.columns[0], census.records).await?,
            ),
            _ => None,
        };
        let new = EntityRun {
            entity: entity.config.name.clone(),
            table: entity.table.sql.clone(),
            key: mapping.key.columns.clone(),
            plan,
            began_empty: job.destination.is_empty(&entity.table).await?,
            defaults: defaults::evaluated(job, entity).await?,
            key_base,
            source: census.records,
            columns: match entity.table.given_key {
                true => names_compared(job, entity),
                false => Vec::new(),
            },
            service: entity.table.given_key.then(|| entity.table.destination.clone()),
            loaded: false,
        };
        ledger.begin_entity(self.run.id, &new).await
    }

    async fn load(&self, ready: &Ready<'_>, progress: &Progress, circle: &Known) -> Result<Counts, Fault> {
        let (job, entity) = (self.job, &ready.entity);
        let parents = Parents::of(self, entity, circle).await?;
        let spec = self.spec(entity, &ready.begun);
        let bounds = job.destination.bounds(&entity.table);
        let asked = job.project.move_.connections.max(1);
        let connections = bounds.connections.map_or(asked, |most| asked.min(most.max(1)));
        // A batch for each connection and one that is being filled: mapping and loading overlap, and memory
        // stays flat, because what was loaded comes back to be filled again.
        let (send, receive) = mpsc::channel::<(Batch, Turn)>(connections);
        let (give_back, spare) = mpsc::channel::<Batch>(connections);
        for _ in 0..connections {
            let _ = give_back.try_send(Batch::empty(spec.key.len(), BATCH_ROOM));
        }
        let receive = Arc::new(Mutex::new(receive));
        let tally =
            Arc::new(Mutex::new(Tally { counts: progress.counts.clone(), records: progress.records }));
        let mut loaders = tokio::task::JoinSet::new();
        for _ in 0..connections {
            let loader = job.destination.loader(&spec).await?;
            let observe = Observe {
                job_observer: Arc::clone(&job.observer),
                name: spec.entity.clone(),
                total: ready.census.records,
            };
            let batches = (Arc::clone(&receive), give_back.clone());
            loaders.spawn(write(loader, batches, Arc::clone(&tally), observe));
        }
        drop((receive, give_back));
        let out = Out { send, spare };
        let mapped = self.map(ready, progress, &parents, &tally, out).await;
        // The loaders end when the channel closes, or with the first fault; that one says why mapping ended
        // early.
        let mut first = None;
        while let Some(ended) = loaders.join_next().await {
            let outcome = ended.unwrap_or_else(|_| Err(Fault::bug("a task that loads panicked")));
            if let Err(fault) = outcome
                && (first.is_none() || !is_follow_up(&fault))
            {
                first = Some(fault);
            }
        }
        match (first, mapped) {
            (Some(fault), _) => return Err(fault),
            (None, Err(fault)) => return Err(fault),
            (None, Ok(())) => {}
        }
        let tally = tally.lock().await;
        self.too_many_rejects(entity, tally.counts.rejected_total(), tally.records, true)?;
        Ok(tally.counts.clone())
    }

    /// How the loaders write.
    pub fn spec(&self, entity: &Entity, begun: &EntityRun) -> LoadSpec {
        spec(self.job, self.run.id, entity, begun)
    }

    /// Reads and maps, and sends batches until the file or the receivers end.
    async fn map(
        &self,
        ready: &Ready<'_>,
        progress: &Progress,
        parents: &Parents,
        tally: &Mutex<Tally>,
        mut out: Out,
    ) -> Result<(), Fault> {
        let (job, entity, file) = (self.job, &ready.entity, ready.file);
        let mut chunks = Chunks::open(job, entity, file, parents)?;
        chunks.seek(progress.next_byte, progress.records)?;
        let mut builder =
            RowBuilder::new(entity, file.pristine || file.edited, self.run.seed, ready.begun.key_base);
        builder.start_at(progress.records);
        let most = job.destination.bounds(&entity.table).rows;
        let rows_max = most.map_or(job.project.move_.load_rows_max, |most| most.max(1));
        let mut turns = Turns::new();
        loop {
            let room = rows_max.saturating_sub(builder.records()).clamp(1, MAP_ROWS);
            let Some(chunk) = chunks.next(room).await? else { break };
            tokio::task::block_in_place(|| builder.push(chunk.mapped, |record| ready.decided(job, record)))?;
            if builder.is_full(rows_max) {
                let batch = builder.take(chunks.byte(), out.spare().await?);
                self.send(entity, batch, tally, &mut turns, &out).await?;
            }
        }
        if builder.records() > 0 {
            let batch = builder.take(chunks.byte(), Batch::empty(0, 0));
            self.send(entity, batch, tally, &mut turns, &out).await?;
        }
        Ok(())
    }

    async fn send(
        &self,
        entity: &Entity,
        batch: Batch,
        tally: &Mutex<Tally>,
        turns: &mut Turns,
        out: &Out,
    ) -> Result<(), Fault> {
        let refused =
            batch.fates.0.iter().filter(|b| matches!(Fate::from_byte(**b), Some(Fate::Rejected(_)))).count();
        let rejected = tally.lock().await.counts.rejected_total() + refused as u64;
        let records = batch.first_record + batch.fates.len() as u64;
        self.too_many_rejects(entity, rejected, records, false)?;
        out.send.send((batch, turns.next())).await.map_err(|_| ended_early())
    }

    fn too_many_rejects(
        &self,
        entity: &Entity,
        rejected: u64,
        records: u64,
        at_end: bool,
    ) -> Result<(), Fault> {
        let Some(max) = &self.job.project.move_.max_rejects else { return Ok(()) };
        if records < MAX_REJECTS_FROM && !at_end {
            return Ok(());
        }
        let (over, said) = match max {
            MaxRejects::Count(n) => (rejected > *n, n.to_string()),
            MaxRejects::Share(share) => {
                (rejected as f64 > share * records as f64, format!("{}%", share * 100.0))
            }
        };
        if !over {
            return Ok(());
        }
        Err(Fault::stop(format!(
            "{}: {rejected} of {records} records are rejected, more than max_rejects = {said} allows",
            entity.config.name
        ))
        .hint("landfall rejects shows why; mend the mapping or the data, or raise max_rejects"))
    }
}

/// The way of batches to the connections and back.
struct Out {
    send: mpsc::Sender<(Batch, Turn)>,
    spare: mpsc::Receiver<Batch>,
}

impl Out {
    /// A batch that is through, once there is one.
    async fn spare(&mut self) -> Result<Batch, Fault> {
        self.spare.recv().await.ok_or_else(ended_early)
    }
}

fn ended_early() -> Fault {
    Fault::stop("the load ended early")
}

/// The columns by which a row's content is told: all but, unless they are loaded again, passwords.
fn compared(job: &Job, entity: &Entity) -> Vec<usize> {
    let keep_passwords = !job.project.move_.update_passwords;
    let columns = entity.mapper.mapping().columns.iter().enumerate();
    columns.filter(|(_, c)| !(c.password && keep_passwords)).map(|(i, _)| i).collect()
}

/// The names of these columns but the key's.
fn names_compared(job: &Job, entity: &Entity) -> Vec<String> {
    let mapping = entity.mapper.mapping();
    let names = compared(job, entity).into_iter().map(|i| mapping.columns[i].column.clone());
    names.filter(|name| !mapping.key.columns.contains(name)).collect()
}

/// The columns that refer to records of the entity itself.
fn own_references(entity: &Entity) -> Vec<usize> {
    let references = entity.mapper.references().iter();
    references.filter(|r| r.entity == entity.config.name).map(|r| r.column).collect()
}

/// How rows of an entity are written.
pub fn spec(job: &Job, run: RunId, entity: &Entity, begun: &EntityRun) -> LoadSpec {
    let mapping = entity.mapper.mapping();
    let compared = compared(job, entity);
    let key = mapping.key_positions();
    let late = |i: &usize| entity.late.iter().any(|l| l.column == *i);
    let updated = compared.iter().copied().filter(|i| !key.contains(i) && !late(i)).collect();
    LoadSpec {
        run,
        entity: entity.config.name.clone(),
        table: Arc::clone(&entity.table),
        columns: entity.columns(),
        key,
        compared,
        updated,
        mode: entity.mode(),
        may_exist: !begun.began_empty,
        id_map: matches!(mapping.key.kind, KeyKind::Numbered | KeyKind::Given),
        keys_are_ours: mapping.key.kind == KeyKind::Derived,
        match_by: entity.config.match_.as_ref().map(|e| e.sql.clone()),
        own: match entity.table.given_key {
            true => own_references(entity),
            false => Vec::new(),
        },
        late: entity.late.clone(),
    }
}

/// What is committed so far.
struct Tally {
    counts: Counts,
    records: u64,
}

/// Makes the chain of turns in which batches are committed.
pub(crate) struct Turns {
    before: oneshot::Receiver<()>,
}

impl Turns {
    /// The first turn has nothing to wait for.
    pub(crate) fn new() -> Self {
        let (first, before) = oneshot::channel();
        let _ = first.send(());
        Self { before }
    }

    /// The next turn.
    pub(crate) fn next(&mut self) -> Turn {
        let (after, next_before) = oneshot::channel();
        Turn { before: std::mem::replace(&mut self.before, next_before), after }
    }
}

struct Observe {
    job_observer: Arc<dyn crate::job::Observer>,
    name: String,
    total: u64,
}

/// Loads batches as they come.
async fn write(
    mut loader: Box<dyn Loader>,
    (batches, give_back): (Arc<Mutex<mpsc::Receiver<(Batch, Turn)>>>, mpsc::Sender<Batch>),
    tally: Arc<Mutex<Tally>>,
    observe: Observe,
) -> Result<(), Fault> {
    loop {
        let next = batches.lock().await.recv().await;
        let Some((mut batch, turn)) = next else { return Ok(()) };
        let loaded: Loaded = match loader.load(&mut batch, turn).await {
            Ok(loaded) => loaded,
            Err(fault) => {
                // Nobody takes batches any more: whoever maps must hear of it.
                batches.lock().await.close();
                return Err(fault);
            }
        };
        // Nobody waits for it any more when the export is at its end.
        let _ = give_back.try_send(batch);
        let mut tally = tally.lock().await;
        tally.counts.merge(&loaded.counts);
        tally.records += loaded.fates.len() as u64;
        observe.job_observer.event(&Event::Progress {
            phase: "load",
            name: observe.name.clone(),
            done: tally.records,
            total: Some(observe.total),
        });
    }
}

/// A fault that only says that another one came first.
fn is_follow_up(fault: &Fault) -> bool {
    fault.what.ends_with("an earlier batch failed")
}

/// How date-times without zone are read.
pub fn context(job: &Job, entity: &str) -> Result<Context, Fault> {
    let zone = crate::reading::source_of(job, entity).and_then(|s| s.time_zone.as_ref());
    let time_zone = zone
        .map(|z| {
            jiff::tz::TimeZone::get(&z.value)
                .map_err(|_| Fault::usage(format!("{} is no time zone", z.value)))
        })
        .transpose()?;
    Ok(Context { time_zone })
}
