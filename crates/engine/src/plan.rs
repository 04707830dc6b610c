//! What a run over the export would do, counted without writing.
//!
//! Rows that are there are told apart by their keys and content, as the load does it; constraints that only
//! the destination can judge (unique keys, checks) are not tried.

use crate::census;
use crate::job::Job;
use crate::load::{apply_defaults, context, defaults};
use crate::parents::Parents;
use crate::passwords::{self, Found};
use crate::prepare::{Entity, Prepared};
use crate::reading::{FileFacts, Reading};
use arrow::array::Array;
use base::limits::MAP_ROWS;
use base::{Fault, RejectCode, SkipReason};
use connect::destination::{Mode, RowSink};
use ledger::{Counts, EntityRun, Fate};
use plan::KeyKind;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use transform::{ParentFate, Resolved, Verdict};
use values::Cells;

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
}

/// Fates of records by source id, as far as others may refer to them.
type Known = BTreeMap<String, HashMap<String, ParentFate>>;

/// Predicts every bucket of every entity.
pub async fn predict(
    job: &Job,
    prepared: &Prepared,
    files: &BTreeMap<String, FileFacts>,
) -> Result<Vec<EntityPlan>, Fault> {
    let mut known = Known::new();
    let mut plans = Vec::new();
    for name in prepared.order.iter().flat_map(|s| &s.entities) {
        let (Some(entity), Some(file)) = (prepared.entities.get(name), files.get(name)) else { continue };
        plans.push(one(job, prepared, entity, file, &mut known).await?);
    }
    Ok(plans)
}

async fn one(
    job: &Job,
    prepared: &Prepared,
    entity: &Entity,
    file: &FileFacts,
    known: &mut Known,
) -> Result<EntityPlan, Fault> {
    let name = &entity.config.name;
    let census = census::take(job, entity, file, 0)?;
    let mut entity = entity.clone();
    let begun = EntityRun {
        entity: name.clone(),
        table: String::new(),
        key: Vec::new(),
        plan: String::new(),
        began_empty: job.destination.is_empty(&entity.table).await?,
        defaults: defaults(job, &entity).await?,
        key_base: None,
        source: census.records,
        loaded: false,
    };
    apply_defaults(&mut entity, &begun)?;
    let parents = Parents::ids_only(prepared, &entity)?;
    let context = context(job, name)?;
    let limit = job.project.move_.max_records.unwrap_or(u64::MAX);
    let unreadable = crate::extract::unreadable(job, name)?;
    let mut plan = EntityPlan {
        entity: name.clone(),
        source: census.records + unreadable.len() as u64,
        counts: Counts::default(),
        passwords_to_hash: 0,
    };
    let referred_to = prepared.entities.values().any(|e| e.parents().contains(name));
    let mut fates: HashMap<String, ParentFate> = HashMap::new();
    for reject in &unreadable {
        plan.counts.add(Fate::Rejected(RejectCode::BadText));
        fates.insert(reject.source_id.clone(), ParentFate::Rejected);
    }
    let mut reading = Reading::open(file, &entity.fields)?;
    let mut first = 0u64;
    while let Some(records) = reading.next(MAP_ROWS)? {
        job.cancel.check()?;
        let mut answers: Vec<Resolved> = Vec::new();
        for (reference, ids) in entity.mapper.references().iter().zip(entity.mapper.asked(&records)?) {
            let mut answer = parents.ids(job, &reference.entity, &ids).await?;
            if let Some(of) = known.get(&reference.entity) {
                for (fate, id) in answer.fates.iter_mut().zip(&ids) {
                    if let Some(id) = id {
                        *fate = of.get(id).copied().unwrap_or(ParentFate::Missing);
                    }
                }
            }
            answers.push(answer);
        }
        let mapped = entity.mapper.map(&records, &answers, &job.namespace, &context)?;
        let there = if begun.began_empty {
            HashMap::new()
        } else {
            rows_there(job, &entity, &mapped.columns).await?
        };
        for row in 0..records.num_rows() {
            let record = first + row as u64;
            let fate = if record >= limit {
                Fate::Skipped(SkipReason::Limit)
            } else if let Some(fate) = census.fates.get(&record) {
                *fate
            } else {
                match mapped.verdicts[row] {
                    Verdict::Skip(reason) => Fate::Skipped(reason),
                    Verdict::Reject(code) => Fate::Rejected(code),
                    Verdict::Carry => of_row(&entity, &mapped.columns, row, &there),
                }
            };
            if let (Fate::Loaded, Some(texts)) = (fate, &mapped.passwords)
                && let Found::Plain(_) = passwords::look(
                    texts.is_valid(row).then(|| texts.value(row)),
                    file.pristine || file.edited,
                )
            {
                plan.passwords_to_hash += 1;
            }
            plan.counts.add(fate);
            if referred_to && mapped.source_ids.is_valid(row) {
                let parent = match fate {
                    Fate::Loaded | Fate::Updated | Fate::Unchanged | Fate::Skipped(SkipReason::Exists) => {
                        ParentFate::There
                    }
                    Fate::Skipped(_) => ParentFate::Skipped,
                    Fate::Rejected(_) => ParentFate::Rejected,
                };
                let id = mapped.source_ids.value(row).to_owned();
                if fates.get(&id) != Some(&ParentFate::There) {
                    fates.insert(id, parent);
                }
            }
        }
        first += records.num_rows() as u64;
    }
    known.insert(name.clone(), fates);
    Ok(plan)
}

/// The rows that are there, by key bytes.
async fn rows_there(
    job: &Job,
    entity: &Entity,
    columns: &[Cells],
) -> Result<HashMap<Vec<u8>, Vec<u8>>, Fault> {
    let mapping = entity.mapper.mapping();
    if mapping.key.kind == KeyKind::Numbered {
        return Ok(HashMap::new());
    }
    let keys: Vec<Cells> = mapping.key_positions().iter().map(|i| columns[*i].clone()).collect();
    let mut rows = Rows { keys: keys.len(), rows: HashMap::new() };
    job.destination.fetch(&entity.table, &mapping.key.columns, &keys, &entity.columns(), &mut rows).await?;
    Ok(rows.rows)
}

struct Rows {
    keys: usize,
    rows: HashMap<Vec<u8>, Vec<u8>>,
}

impl RowSink for Rows {
    fn row(&mut self, row: &[u8]) -> Result<(), Fault> {
        let key =
            crate::verify::fields(row)?.into_iter().take(self.keys).flatten().flatten().copied().collect();
        self.rows.insert(key, row.to_vec());
        Ok(())
    }
}

fn of_row(entity: &Entity, columns: &[Cells], row: usize, there: &HashMap<Vec<u8>, Vec<u8>>) -> Fate {
    let mapping = entity.mapper.mapping();
    let key: Vec<u8> =
        mapping.key_positions().iter().filter_map(|i| columns[*i].get(row)).flatten().copied().collect();
    let Some(found) = there.get(&key) else { return Fate::Loaded };
    let Ok(found) = crate::verify::fields(found) else { return Fate::Loaded };
    let same = mapping.columns.iter().enumerate().filter(|(_, c)| !c.password).all(|(i, c)| {
        match (columns[i].get(row), found[i]) {
            (None, None) => true,
            (Some(a), Some(b)) => c.ty.equal(a, b),
            _ => false,
        }
    });
    match (same, entity.mode()) {
        (true, _) => Fate::Unchanged,
        (false, Mode::Update) => Fate::Updated,
        (false, Mode::Skip) => Fate::Skipped(SkipReason::Exists),
        (false, Mode::Insert) => Fate::Rejected(RejectCode::ExistsDifferent),
    }
}
