//! What a run over the export would do, counted without writing anything that lasts.
//!
//! The records go through the same mapping, references and batches as in a move, and the destination judges
//! their rows in a trial. Triggers do not fire, and nothing is hashed.

use crate::census;
use crate::chunks::Chunks;
use crate::circle::{self, CircleParents, Foresight};
use crate::defaults;
use crate::fates::Fates;
use crate::job::Job;
use crate::load::{self, Ready, Turns};
use crate::parents::{Known, Parents, as_parent};
use crate::prepare::{Entity, Prepared};
use crate::reading::{FileFacts, Reading, text};
use crate::rows::{BATCH_ROOM, RowBuilder};
use arrow::array::{Array, AsArray};
use async_trait::async_trait;
use base::ids::RunId;
use base::limits::MAP_ROWS;
use base::{Fault, RejectCode};
use connect::destination::{Batch, Loaded, Loader, TrialSpec, Turn};
use ledger::{Counts, EntityRun, Fate};
use plan::KeyKind;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use transform::ParentFate;

/// What would become of an entity.
#[derive(Debug, Clone, Serialize)]
pub struct EntityPlan {
    /// The entity.
    pub entity: String,
    /// Records of the export.
    pub source: u64,
    /// Their predicted fates.
    pub counts: Counts,
    /// Plain passwords that would be hashed.
    pub passwords_to_hash: u64,
    /// Mails and notices that its rows would cause; `None`: nobody can say.
    pub mails: Option<u64>,
}

/// What would become of all.
#[derive(Debug, Clone)]
pub struct Prediction {
    /// The entities, in the order of the load.
    pub entities: Vec<EntityPlan>,
    /// Whether the destination judged the rows. Not when its tables are still to be made inside the program,
    /// where one transaction at a time is served.
    pub tried: bool,
}

/// Predicts every bucket of every entity.
pub async fn predict(
    job: &Job,
    prepared: &Prepared,
    files: &BTreeMap<String, FileFacts>,
) -> Result<Prediction, Fault> {
    let names = crate::prepare::in_database(job);
    let script = match job.destination.tables(&names).await?.iter().any(Option::is_some) {
        true => None,
        false => crate::run::schema_script(job)?.map(|(_, sql)| sql),
    };
    let tried = script.is_none() || !job.destination.info().embedded;
    let mut predictor =
        Predictor { job, prepared, script, tried, seed: crate::run::seed(), known: Known::new() };
    let mut entities = Vec::new();
    for step in &prepared.order {
        let mut members = Vec::new();
        for name in &step.entities {
            if let (Some(entity), Some(file)) = (prepared.entities.get(name), files.get(name)) {
                members.push(predictor.ready(entity, file).await?);
            }
        }
        entities.extend(match step.cyclic {
            true => predictor.circle(&members).await?,
            false => predictor.alone(&members).await?,
        });
    }
    Ok(Prediction { entities, tried })
}

struct Predictor<'a> {
    job: &'a Job,
    prepared: &'a Prepared,
    script: Option<String>,
    tried: bool,
    seed: u64,
    /// The fates of the entities so far.
    known: Known,
}

impl Predictor<'_> {
    /// An entity as a run would begin with it.
    async fn ready<'f>(&self, entity: &Entity, file: &'f FileFacts) -> Result<Ready<'f>, Fault> {
        let (job, name) = (self.job, &entity.config.name);
        let mut entity = entity.clone();
        let moved = self.prepared.id_files.get(name).map(|f| &**f);
        let census = census::take(job, &entity, file, self.seed, moved)?;
        let began_empty = job.destination.is_empty(&entity.table).await?;
        let key = &entity.mapper.mapping().key;
        let key_base = match key.kind {
            KeyKind::Numbered if began_empty => Some(0),
            KeyKind::Numbered => Some(self.highest(&entity, &key.columns[0]).await?),
            _ => None,
        };
        let begun = EntityRun {
            entity: name.clone(),
            table: entity.table.sql.clone(),
            key: key.columns.clone(),
            plan: String::new(),
            began_empty,
            defaults: defaults::evaluated(job, &entity).await?,
            key_base,
            source: census.records,
            columns: Vec::new(),
            service: None,
            loaded: false,
        };
        defaults::apply(&mut entity, &begun)?;
        Ok(Ready { entity, file, census, begun })
    }

    /// The highest number that the key's column holds.
    async fn highest(&self, entity: &Entity, column: &str) -> Result<i64, Fault> {
        let column = column.replace('"', "\"\"");
        let sql = format!("SELECT max(\"{column}\") FROM {}", entity.table.sql);
        let rows = self.job.destination.query_rows(&sql, 1).await?.rows;
        let highest = rows.into_iter().next().and_then(|row| row.into_iter().next().flatten());
        Ok(highest.and_then(|n| n.parse().ok()).unwrap_or(0))
    }

    async fn alone(&mut self, members: &[Ready<'_>]) -> Result<Vec<EntityPlan>, Fault> {
        let mut plans = Vec::new();
        for member in members {
            let known = self.known.clone();
            let parents = Parents::with(self.job, self.prepared, &member.entity, known).await?;
            let trial = self.entity(member, &parents, false).await?;
            self.known.insert(member.name().to_owned(), Arc::new(trial.fates));
            plans.push(trial.plan);
        }
        Ok(plans)
    }

    /// A circle, as it is loaded: entity by entity, each knowing what was refused before it; what turns out
    /// to have no parent is taken back in the end.
    async fn circle(&mut self, members: &[Ready<'_>]) -> Result<Vec<EntityPlan>, Fault> {
        let fates = circle::everything(self.job, members, self.seed)?;
        let mut known = self.known.clone();
        known.extend(fates.clone());
        let mut parents = CircleParents::new();
        for member in members {
            let of = Parents::with(self.job, self.prepared, &member.entity, known.clone()).await?;
            parents.insert(member.name().to_owned(), of);
        }
        let foresight = Foresight::new(self.job, members, parents, fates).await?;
        let mut trials = Vec::new();
        for member in members {
            let trial = self.entity(member, &foresight.parents[member.name()], true).await?;
            if foresight.learn(self.job, member, &trial.fates)? {
                foresight.spread()?;
            }
            trials.push(trial);
        }
        let mut plans = Vec::new();
        for (member, mut trial) in members.iter().zip(trials) {
            foresight.take_back(self.job, member, &mut trial.records)?;
            let counts = &mut trial.plan.counts;
            let unreadable = counts.rejected.remove(&RejectCode::BadText).unwrap_or_default();
            *counts = Counts::of(&trial.records).ok_or_else(undecided)?;
            if unreadable > 0 {
                counts.add_many(Fate::Rejected(RejectCode::BadText), unreadable);
            }
            plans.push(trial.plan);
        }
        self.known.extend(foresight.fates.clone());
        Ok(plans)
    }

    /// Tries the records of an entity.
    async fn entity(&self, member: &Ready<'_>, parents: &Parents, in_circle: bool) -> Result<Trial, Fault> {
        let job = self.job;
        let unreadable = crate::extract::unreadable(job, member.name())?;
        let mut tally = Tally::new(member, self.seed, in_circle)?;
        for reject in &unreadable {
            tally.counts.add(Fate::Rejected(RejectCode::BadText));
            tally.fates.put(&reject.source_id, ParentFate::Rejected)?;
        }
        let mut loader = self.loader(member).await?;
        let file = member.file;
        let mut builder =
            RowBuilder::new(&member.entity, file.pristine || file.edited, self.seed, member.begun.key_base)
                .without_hashing();
        let rows_max = job.project.move_.load_rows_max;
        let mut spare = Batch::empty(member.entity.mapper.mapping().key_positions().len(), BATCH_ROOM);
        let mut turns = Turns::new();
        let mut chunks = Chunks::open(job, &member.entity, file, parents)?;
        loop {
            let room = rows_max.saturating_sub(builder.records()).clamp(1, MAP_ROWS);
            let chunk = chunks.next(room).await?;
            let last = chunk.is_none();
            if let Some(chunk) = chunk {
                builder.push(chunk.mapped, |record| member.decided(job, record))?;
            }
            if builder.is_full(rows_max) || (last && builder.records() > 0) {
                let mut batch = builder.take(0, spare);
                tally.add(&loader.load(&mut batch, turns.next()).await?)?;
                spare = batch;
            }
            if last {
                break;
            }
        }
        let mails = job.destination.mails(&member.entity.table, tally.counts.loaded);
        let plan = EntityPlan {
            entity: member.name().to_owned(),
            mails,
            source: member.census.records + unreadable.len() as u64,
            counts: tally.counts,
            passwords_to_hash: builder.passwords.hashed,
        };
        Ok(Trial { plan, fates: tally.fates, records: tally.records })
    }

    async fn loader(&self, member: &Ready<'_>) -> Result<Box<dyn Loader>, Fault> {
        if !self.tried {
            return Ok(Box::new(Untried));
        }
        let moved = |table: &str| self.prepared.entities.values().any(|e| e.table.sql == table);
        let columns = member.entity.columns();
        let guarded = member
            .entity
            .table
            .foreign_keys
            .iter()
            .filter(|f| !moved(&f.to) && f.columns.iter().all(|c| columns.contains(c)))
            .cloned()
            .collect();
        let load = load::spec(self.job, RunId(0), &member.entity, &member.begun);
        let spec = TrialSpec { load, script: self.script.clone(), guarded };
        self.job.destination.trial(&spec).await
    }
}

/// What became of an entity's records.
struct Trial {
    plan: EntityPlan,
    /// By their ids.
    fates: Fates,
    /// By their numbers, of a circle's entity.
    records: ledger::Fates,
}

/// What batches came to, record by record.
struct Tally {
    counts: Counts,
    fates: Fates,
    /// A byte a record; kept for the entities of a circle only.
    records: ledger::Fates,
    in_circle: bool,
    /// The ids of the records, read beside the batches.
    ids: Reading,
}

impl Tally {
    fn new(member: &Ready<'_>, seed: u64, in_circle: bool) -> Result<Self, Fault> {
        let key = &member.entity.mapper.mapping().key_field;
        Ok(Self {
            counts: Counts::default(),
            fates: Fates::new(seed, member.census.records)?,
            records: ledger::Fates::default(),
            in_circle,
            ids: Reading::open(member.file, std::slice::from_ref(key))?,
        })
    }

    fn add(&mut self, loaded: &Loaded) -> Result<(), Fault> {
        self.counts.merge(&loaded.counts);
        if self.in_circle {
            self.records.0.extend_from_slice(&loaded.fates.0);
        }
        let mut at = 0;
        while at < loaded.fates.len() {
            let Some(ids) = self.ids.next(MAP_ROWS.min(loaded.fates.len() - at))? else { break };
            let ids = ids.column(0).as_string::<i32>();
            for (row, place) in (at..).zip(0..ids.len()) {
                let fate = loaded.fates.get(row).and_then(as_parent);
                if let (Some(id), Some(fate)) = (text(ids, place), fate) {
                    self.fates.put(id, fate)?;
                }
            }
            at += ids.len();
        }
        Ok(())
    }
}

fn undecided() -> Fault {
    Fault::bug("a record without a fate")
}

/// Takes every row for loaded: where nobody can judge it.
struct Untried;

#[async_trait]
impl Loader for Untried {
    async fn load(&mut self, batch: &mut Batch, _: Turn) -> Result<Loaded, Fault> {
        let mut fates = batch.fates.clone();
        for record in 0..fates.len() {
            fates.decide(record, Fate::Loaded);
        }
        let counts = Counts::of(&fates).ok_or_else(undecided)?;
        Ok(Loaded { reject_lines: 0, adopted: 0, fates, counts })
    }
}
