//! The records that others refer to: their ids in the destination, and what became of them.

use crate::accounts::Accounts;
use crate::fates::Fates;
use crate::id_file::IdFile;
use crate::id_memo::IdMemo;
use crate::job::Job;
use crate::load::Move;
use crate::prepare::{Entity, Prepared};
use crate::reading::{FileFacts, text};
use arrow::array::{Array, ArrayRef, AsArray, FixedSizeBinaryBuilder, StringArray};
use base::Fault;
use base::SkipReason;
use connect::destination::Table;
use ledger::Fate;
use plan::KeyKind;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use transform::{ParentFate, Resolved};
use values::{Cells, Context, Kind, PgType};

/// A number that no sequence gives: it stands for the key of a record of the same circle that has none yet,
/// so that a row which is there and refers to nothing is told from one that is to refer to that record.
const NOT_YET: &str = "0";

/// The fates of entities, by their names.
pub type Known = BTreeMap<String, Arc<Fates>>;

/// The fates of every entity that `entity` refers to, and the way to their ids.
pub struct Parents {
    fates: Known,
    ways: BTreeMap<String, Way>,
}

/// The way from a record's source id to its id in the destination.
struct Way {
    entity: String,
    table: Arc<Table>,
    /// The key's first column.
    key: String,
    ty: PgType,
    made: Made,
    /// Whether the id map may hold its keys.
    mapped: bool,
    /// Ids of records that were moved by other means.
    file: Option<Arc<IdFile>>,
    /// Whether its table holds no row, so that nothing needs to be looked up there.
    empty: bool,
    /// Whether it leads to records of the entity itself, in a service: each is made before those that refer
    /// to it, and its key is known only then.
    own: bool,
    memo: Mutex<IdMemo>,
}

/// How an id is made that stands in no map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Made {
    By(KeyKind),
    /// All records were moved by other means.
    Elsewhere,
}

impl Way {
    fn to(job: &Job, all: &Prepared, entity: &Entity, name: &str) -> Result<Self, Fault> {
        let memo = Mutex::new(IdMemo::new(job.namespace, name));
        let file = all.id_files.get(name).cloned();
        let missing = |table: &Table| Fault::bug(format!("{} has no key", table.sql));
        if let Some(table) = all.elsewhere.get(name) {
            let key = table.primary_key.first().ok_or_else(|| missing(table))?.clone();
            let ty = table.column(&key).ok_or_else(|| missing(table))?.ty.clone();
            let (table, made) = (Arc::clone(table), Made::Elsewhere);
            return Ok(Self {
                entity: name.into(),
                table,
                key,
                ty,
                made,
                mapped: false,
                file,
                empty: false,
                own: false,
                memo,
            });
        }
        let parent = prepared(all, entity, name)?;
        let mapping = parent.mapper.mapping();
        Ok(Self {
            entity: name.into(),
            table: Arc::clone(&parent.table),
            key: mapping.key.columns[0].clone(),
            ty: mapping.columns[0].ty.clone(),
            made: Made::By(mapping.key.kind),
            mapped: is_mapped(parent),
            file,
            empty: false,
            own: parent.table.given_key && name == entity.config.name,
            memo,
        })
    }

    /// The id that a file gives.
    fn in_file(&self, id: &str) -> Option<&str> {
        self.file.as_ref().and_then(|f| f.get(id))
    }
}

impl Parents {
    /// With the fates of a run: those of `circle`, the others from the ledger.
    pub async fn of(step: &Move<'_>, entity: &Entity, circle: &Known) -> Result<Self, Fault> {
        let job = step.job;
        let begun: BTreeMap<String, bool> = job
            .destination
            .ledger()
            .entities(step.run.id)
            .await?
            .into_iter()
            .map(|e| (e.entity, e.loaded))
            .collect();
        let mut known = circle.clone();
        for name in entity.parents() {
            let own = entity.table.given_key && name == entity.config.name;
            if own || circle.contains_key(&name) || step.prepared.elsewhere.contains_key(&name) {
                continue;
            }
            let parent = prepared(step.prepared, entity, &name)?;
            match step.files.get(&name) {
                Some(file) if begun.get(&name) == Some(&true) => {
                    known.insert(name, Arc::new(of_ledger(step, parent, file).await?));
                }
                _ if job.destination.is_empty(&parent.table).await? => {
                    return Err(Fault::usage(format!(
                        "{} needs the {name} in the destination, and there are none",
                        entity.config.name
                    ))
                    .hint(format!("landfall move --skip-export --step {}", parent.config.step())));
                }
                _ => {}
            }
        }
        Self::with(job, step.prepared, entity, known).await
    }

    /// With fates that are known; of entities that are not among them the destination is asked.
    pub async fn with(job: &Job, all: &Prepared, entity: &Entity, fates: Known) -> Result<Self, Fault> {
        let mut parents = Self::ids_only(job, all, entity)?;
        for way in parents.ways.values_mut() {
            way.empty = job.destination.is_empty(&way.table).await?;
        }
        Ok(Self { fates, ..parents })
    }

    /// Only the way to the ids: for a comparison, where the ledger says which records are there.
    pub fn ids_only(job: &Job, all: &Prepared, entity: &Entity) -> Result<Self, Fault> {
        let mut ways = BTreeMap::new();
        for name in entity.parents() {
            let way = Way::to(job, all, entity, &name)?;
            ways.insert(name, way);
        }
        Ok(Self { fates: Known::new(), ways })
    }

    fn way(&self, entity: &str) -> Result<&Way, Fault> {
        self.ways.get(entity).ok_or_else(|| Fault::bug("a reference to an unknown entity"))
    }

    /// The new ids of one reference of a batch, as if every record were there.
    pub async fn ids(&self, job: &Job, entity: &str, ids: &StringArray) -> Result<Resolved, Fault> {
        let keys = self.keys(job, self.way(entity)?, ids).await?;
        Ok(Resolved { ids: keys, fates: vec![ParentFate::There; ids.len()] })
    }

    /// Answers one reference of a batch.
    pub async fn resolve(&self, job: &Job, entity: &str, ids: &StringArray) -> Result<Resolved, Fault> {
        let way = self.way(entity)?;
        let known = self.fates.get(entity);
        let mut fates = vec![ParentFate::There; ids.len()];
        let mut unknown: BTreeSet<&str> = BTreeSet::new();
        for (row, id) in ids.iter().enumerate() {
            let Some(id) = id else { continue };
            // Only the destination knows whether a record is there that was moved by other means.
            let moved = way.in_file(id).is_some();
            match known.filter(|_| !moved).map(|k| k.get(id)).transpose()?.flatten() {
                Some(fate) => fates[row] = fate,
                None if way.own => {}
                None => {
                    unknown.insert(id);
                }
            }
        }
        let keys = self.keys(job, way, ids).await?;
        if !unknown.is_empty() {
            let there = self.look_up(job, way, &unknown).await?;
            for (row, id) in ids.iter().enumerate() {
                if let Some(id) = id
                    && unknown.contains(id)
                    && !there.contains(id)
                {
                    fates[row] = ParentFate::Missing;
                }
            }
        }
        Ok(Resolved { ids: only_there(&keys, &fates)?, fates })
    }

    /// The new ids: from the file, from the id map, or as the entity's keys are made. NULL: there is none.
    async fn keys(&self, job: &Job, way: &Way, ids: &StringArray) -> Result<ArrayRef, Fault> {
        let stored = if way.mapped { stored_ids(job, &way.entity, ids).await? } else { HashMap::new() };
        let in_map = |id: &str| way.in_file(id).or_else(|| stored.get(id).map(String::as_str));
        if way.ty.kind == Kind::Uuid {
            let mut memo = way.memo.lock().unwrap_or_else(PoisonError::into_inner);
            let mut out = FixedSizeBinaryBuilder::with_capacity(ids.len(), 16);
            for id in ids {
                let key = id.and_then(|id| match (in_map(id), way.made) {
                    (Some(key), _) => key.parse().ok(),
                    (None, Made::By(KeyKind::Derived)) => Some(memo.id(id)),
                    // A mapped key is the source's own id.
                    (None, Made::By(KeyKind::Mapped)) => id.parse().ok(),
                    (None, Made::By(KeyKind::Numbered | KeyKind::Given) | Made::Elsewhere) => None,
                });
                match key {
                    Some(key) => out.append_value(key.as_bytes()).map_err(|e| Fault::bug(e.to_string()))?,
                    None => out.append_null(),
                }
            }
            return Ok(Arc::new(out.finish()));
        }
        let loading = self.fates.contains_key(&way.entity);
        let key = |id: &str| match (in_map(id), way.made) {
            (Some(key), _) => Some(key.to_owned()),
            (None, Made::By(KeyKind::Mapped)) => Some(id.to_owned()),
            (None, Made::By(KeyKind::Numbered)) => loading.then(|| NOT_YET.to_owned()),
            (None, Made::By(KeyKind::Given)) => way.own.then(|| connect::service::own_reference(id)),
            (None, Made::By(KeyKind::Derived) | Made::Elsewhere) => None,
        };
        let texts: StringArray = ids.iter().map(|id| id.and_then(key)).collect();
        Ok(Arc::new(texts))
    }

    /// Of ids whose fate nobody knows: those whose row the destination has.
    async fn look_up<'a>(
        &self,
        job: &Job,
        way: &Way,
        ids: &BTreeSet<&'a str>,
    ) -> Result<BTreeSet<&'a str>, Fault> {
        if way.empty {
            return Ok(BTreeSet::new());
        }
        let list: Vec<&str> = ids.iter().copied().collect();
        let keys = self.keys(job, way, &StringArray::from(list.clone())).await?;
        let mut cells = Cells::new();
        let mut asked = Vec::new();
        for (row, id) in list.iter().enumerate() {
            if keys.is_null(row) {
                continue;
            }
            let encoded = match keys.as_fixed_size_binary_opt() {
                Some(binary) => {
                    cells.push(binary.value(row));
                    true
                }
                None => cells
                    .push_with(|out| {
                        way.ty.encode(keys.as_string::<i32>().value(row), &Context::default(), out)
                    })
                    .is_ok(),
            };
            if encoded {
                asked.push(*id);
            }
        }
        if cells.is_empty() {
            return Ok(BTreeSet::new());
        }
        let key = std::slice::from_ref(&way.key);
        let there = job.destination.exist(&way.table, key, &[cells]).await?;
        Ok(asked.into_iter().zip(there).filter(|(_, there)| *there).map(|(id, _)| id).collect())
    }
}

/// The entity that `entity` refers to.
fn prepared<'a>(all: &'a Prepared, entity: &Entity, name: &str) -> Result<&'a Entity, Fault> {
    all.entities.get(name).ok_or_else(|| {
        Fault::usage(format!("{} refers to {name}, which has no export", entity.config.name))
            .hint("landfall move --step export")
    })
}

/// Ids with NULL in place of those of records that are not there, which is where `ref_or` falls back.
fn only_there(ids: &ArrayRef, fates: &[ParentFate]) -> Result<ArrayRef, Fault> {
    if fates.iter().all(|f| *f == ParentFate::There) {
        return Ok(Arc::clone(ids));
    }
    let gone: arrow::array::BooleanArray = fates.iter().map(|f| Some(*f != ParentFate::There)).collect();
    arrow::compute::nullif(ids.as_ref(), &gone).map_err(|e| Fault::bug(e.to_string()))
}

/// Whether the id map may hold keys of the entity.
fn is_mapped(entity: &Entity) -> bool {
    entity.config.match_.is_some() || entity.mapper.mapping().key.kind != KeyKind::Derived
}

async fn stored_ids(job: &Job, entity: &str, ids: &StringArray) -> Result<HashMap<String, String>, Fault> {
    let distinct: BTreeSet<&str> = ids.iter().flatten().collect();
    let list: Vec<String> = distinct.into_iter().map(String::from).collect();
    if list.is_empty() {
        return Ok(HashMap::new());
    }
    let keys = job.destination.mapped_ids(entity, &list).await?;
    Ok(list.into_iter().zip(keys).filter_map(|(id, key)| key.map(|k| (id, k))).collect())
}

/// The fates of an entity that the run has moved.
async fn of_ledger(step: &Move<'_>, entity: &Entity, file: &FileFacts) -> Result<Fates, Fault> {
    let fates = Fates::new(step.run.seed, file.records.unwrap_or_default())?;
    for unreadable in crate::extract::unreadable(step.job, &entity.config.name)? {
        fates.put(&unreadable.source_id, ParentFate::Rejected)?;
    }
    each_fate(step, entity, file, |id, fate| fates.put(id, fate)).await?;
    Ok(fates)
}

/// Walks the export's keys and the ledger's fates side by side, as far as the run has come.
pub async fn each_fate(
    step: &Move<'_>,
    entity: &Entity,
    file: &FileFacts,
    mut take: impl FnMut(&str, ParentFate) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let key_field = entity.mapper.mapping().key_field.clone();
    let fields = std::slice::from_ref(&key_field);
    let mut accounts = Accounts::open(step.job, step.run, &entity.config.name, file, fields)?;
    while let Some(here) = accounts.next().await? {
        let ids = here.records.column(0).as_string::<i32>();
        for row in 0..here.fates.len() {
            let fate = here.fates.get(row).and_then(as_parent);
            if let (Some(id), Some(fate)) = (text(ids, row), fate) {
                take(id, fate)?;
            }
        }
    }
    Ok(())
}

/// What a fate means for records that refer to the record; `None`: another record of its id says that.
pub fn as_parent(fate: Fate) -> Option<ParentFate> {
    match fate {
        Fate::Loaded | Fate::Updated | Fate::Unchanged | Fate::Skipped(SkipReason::Exists) => {
            Some(ParentFate::There)
        }
        Fate::Skipped(SkipReason::Duplicate | SkipReason::Superseded) => None,
        Fate::Skipped(SkipReason::Where | SkipReason::ParentSkipped) => Some(ParentFate::Skipped),
        Fate::Skipped(SkipReason::Limit) => Some(ParentFate::BeyondLimit),
        Fate::Rejected(_) => Some(ParentFate::Rejected),
    }
}
