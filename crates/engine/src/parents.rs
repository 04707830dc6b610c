//! What became of the records that others refer to.

use crate::job::Job;
use crate::prepare::{Entity, Prepared};
use crate::reading::{FileFacts, Reading, text};
use crate::spill::MEMORY_ENTRIES_MAX;
use arrow::array::{Array, ArrayRef, AsArray, FixedSizeBinaryBuilder, StringArray};
use base::ids::{RunId, record_id};
use base::limits::MAP_ROWS;
use base::{Fault, RejectCode, SkipReason};
use ledger::Fate;
use plan::KeyKind;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use transform::{ParentFate, Resolved};
use values::{Cells, Context};
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Parents whose fates are kept in memory at most, 8 bytes each at a load of half: 64 MiB. Beyond it the
/// destination and the ledger are asked, batch by batch.
pub const FATES_MAX: usize = 4 * MEMORY_ENTRIES_MAX;

/// The fates of one entity's records, by a keyed hash of the source id.
///
/// Open addressing over 64-bit words: 62 bits of hash, 2 bits of fate. A wrong answer needs two ids with
/// equal 62 bits under a seed that is new in each run.
pub struct Fates {
    seed: u64,
    slots: Vec<u64>,
    held: usize,
}

const THERE: u64 = 1;
const REJECTED: u64 = 2;
const SKIPPED: u64 = 3;

impl Fates {
    fn new(seed: u64) -> Self {
        Self { seed, slots: vec![0; 1024], held: 0 }
    }

    fn word(&self, id: &str, fate: u64) -> u64 {
        (xxh3_64_with_seed(id.as_bytes(), self.seed) << 2) | fate
    }

    fn slot(&self, word: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = (word >> 2) as usize & mask;
        while self.slots[slot] != 0 && self.slots[slot] >> 2 != word >> 2 {
            slot = (slot + 1) & mask;
        }
        slot
    }

    /// Of two records of one key the one that is there counts, then the one that was left out.
    fn put(&mut self, id: &str, fate: u64) {
        if self.held * 2 >= self.slots.len() {
            let old = std::mem::take(&mut self.slots);
            self.slots = vec![0; old.len() * 2];
            for word in old.into_iter().filter(|w| *w != 0) {
                let slot = self.slot(word);
                self.slots[slot] = word;
            }
        }
        let word = self.word(id, fate);
        let slot = self.slot(word);
        let before = self.slots[slot] & 3;
        if before == 0 {
            self.held += 1;
        }
        if before == 0 || before == REJECTED || fate == THERE {
            self.slots[slot] = word;
        }
    }

    fn get(&self, id: &str) -> Option<ParentFate> {
        match self.slots[self.slot(self.word(id, 0))] & 3 {
            THERE => Some(ParentFate::There),
            REJECTED => Some(ParentFate::Rejected),
            SKIPPED => Some(ParentFate::Skipped),
            _ => None,
        }
    }
}

/// The fates of every entity that `entity` refers to, and the way to their ids.
pub struct Parents {
    fates: BTreeMap<String, Option<Fates>>,
    kinds: BTreeMap<String, (Entity, bool)>,
}

impl Parents {
    /// Reads the fates of the entities that `entity` refers to, as far as the run has decided them.
    pub async fn of(
        job: &Job,
        run: RunId,
        prepared: &Prepared,
        files: &BTreeMap<String, FileFacts>,
        entity: &Entity,
        seed: u64,
    ) -> Result<Self, Fault> {
        let begun: BTreeMap<String, bool> =
            job.destination.ledger().entities(run).await?.into_iter().map(|e| (e.entity, e.loaded)).collect();
        let mut parents = Self { fates: BTreeMap::new(), kinds: BTreeMap::new() };
        for name in entity.parents() {
            let Some(parent) = prepared.entities.get(&name) else {
                return Err(Fault::usage(format!(
                    "{} refers to {name}, which has no export",
                    entity.config.name
                ))
                .hint("landfall move --step export"));
            };
            parents.kinds.insert(name.clone(), (parent.clone(), is_mapped(parent)));
            let decided = begun.get(&name) == Some(&true);
            let fates = match files.get(&name) {
                Some(file) if decided && name != entity.config.name => {
                    read_fates(job, run, parent, file, seed).await?
                }
                _ => {
                    if name != entity.config.name && job.destination.is_empty(&parent.table).await? {
                        return Err(Fault::usage(format!(
                            "{} needs the {name} in the destination, and there are none",
                            entity.config.name
                        ))
                        .hint(format!("landfall move --skip-export --step {}", parent.config.step())));
                    }
                    None
                }
            };
            parents.fates.insert(name, fates);
        }
        Ok(parents)
    }

    /// Only the way to the ids: for a comparison, where the ledger says which records are there.
    pub fn ids_only(prepared: &Prepared, entity: &Entity) -> Result<Self, Fault> {
        let mut kinds = BTreeMap::new();
        for name in entity.parents() {
            let parent = prepared.entities.get(&name).ok_or_else(|| {
                Fault::usage(format!("{} refers to {name}, which has no export", entity.config.name))
                    .hint("landfall move --step export")
            })?;
            kinds.insert(name, (parent.clone(), is_mapped(parent)));
        }
        Ok(Self { fates: BTreeMap::new(), kinds })
    }

    /// The new ids of one reference of a batch, as if every record were there.
    pub async fn ids(&self, job: &Job, entity: &str, ids: &StringArray) -> Result<Resolved, Fault> {
        let (parent, mapped) =
            self.kinds.get(entity).ok_or_else(|| Fault::bug("a reference to an unknown entity"))?;
        Ok(Resolved {
            ids: self.keys(job, parent, *mapped, ids).await?,
            fates: vec![ParentFate::There; ids.len()],
        })
    }

    /// Answers one reference of a batch.
    pub async fn resolve(&self, job: &Job, entity: &str, ids: &StringArray) -> Result<Resolved, Fault> {
        let (parent, mapped) =
            self.kinds.get(entity).ok_or_else(|| Fault::bug("a reference to an unknown entity"))?;
        let known = self.fates.get(entity).and_then(Option::as_ref);
        let mut fates = vec![ParentFate::There; ids.len()];
        let mut unknown: BTreeSet<&str> = BTreeSet::new();
        for (row, id) in ids.iter().enumerate() {
            let Some(id) = id else { continue };
            match known.and_then(|k| k.get(id)) {
                Some(fate) => fates[row] = fate,
                None => {
                    unknown.insert(id);
                }
            }
        }
        let keys = self.keys(job, parent, *mapped, ids).await?;
        if !unknown.is_empty() {
            let there = self.look_up(job, parent, *mapped, &unknown).await?;
            for (row, id) in ids.iter().enumerate() {
                if let Some(id) = id
                    && unknown.contains(id)
                    && !there.contains(id)
                {
                    fates[row] = ParentFate::Missing;
                }
            }
        }
        Ok(Resolved { ids: keys, fates })
    }

    /// The new ids: derived, or from the id map.
    async fn keys(
        &self,
        job: &Job,
        parent: &Entity,
        mapped: bool,
        ids: &StringArray,
    ) -> Result<ArrayRef, Fault> {
        let name = &parent.config.name;
        let stored = if mapped { stored_ids(job, name, ids).await? } else { HashMap::new() };
        let mapping = parent.mapper.mapping();
        match mapping.key.kind {
            KeyKind::Derived => {
                let mut out = FixedSizeBinaryBuilder::with_capacity(ids.len(), 16);
                for id in ids {
                    let Some(id) = id else {
                        out.append_null();
                        continue;
                    };
                    let key = match stored.get(id).and_then(|k| k.parse().ok()) {
                        Some(adopted) => adopted,
                        None => record_id(&job.namespace, name, id),
                    };
                    out.append_value(key.as_bytes()).map_err(|e| Fault::bug(e.to_string()))?;
                }
                Ok(Arc::new(out.finish()))
            }
            KeyKind::Numbered => {
                let texts: StringArray =
                    ids.iter().map(|id| id.and_then(|id| stored.get(id).cloned())).collect();
                Ok(Arc::new(texts))
            }
            // A mapped key is the source's own id, as the mapping of the key's first column has it, or the id
            // itself.
            KeyKind::Mapped => {
                let texts: StringArray = ids
                    .iter()
                    .map(|id| id.map(|id| stored.get(id).cloned().unwrap_or_else(|| id.to_owned())))
                    .collect();
                Ok(Arc::new(texts))
            }
        }
    }

    /// Of ids whose fate the run does not know: those whose row the destination has.
    async fn look_up<'a>(
        &self,
        job: &Job,
        parent: &Entity,
        mapped: bool,
        ids: &BTreeSet<&'a str>,
    ) -> Result<BTreeSet<&'a str>, Fault> {
        let list: Vec<&str> = ids.iter().copied().collect();
        let array = StringArray::from(list.clone());
        let keys = self.keys(job, parent, mapped, &array).await?;
        let mapping = parent.mapper.mapping();
        let column = &mapping.columns[0];
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
                        column.ty.encode(keys.as_string::<i32>().value(row), &Context::default(), out)
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
        let key = vec![mapping.key.columns[0].clone()];
        let there = job.destination.exist(&parent.table, &key, &[cells]).await?;
        Ok(asked.into_iter().zip(there).filter(|(_, there)| *there).map(|(id, _)| id).collect())
    }
}

/// Whether the id map may hold keys of the entity.
fn is_mapped(entity: &Entity) -> bool {
    entity.config.match_.is_some()
        || entity.config.id_map_from.is_some()
        || entity.mapper.mapping().key.kind != KeyKind::Derived
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

/// Walks the export's keys and the ledger's fates side by side. `None` when there are more than memory is
/// meant for.
async fn read_fates(
    job: &Job,
    run: RunId,
    parent: &Entity,
    file: &FileFacts,
    seed: u64,
) -> Result<Option<Fates>, Fault> {
    let key_field = parent.mapper.mapping().key_field.clone();
    let mut reading = Reading::open(file, std::slice::from_ref(&key_field))?;
    let mut fates = Fates::new(seed);
    for unreadable in crate::extract::unreadable(job, &parent.config.name)? {
        fates.put(&unreadable.source_id, REJECTED);
    }
    let mut record = 0u64;
    loop {
        let page = job.destination.ledger().batches(run, &parent.config.name, record).await?;
        if page.is_empty() {
            return Ok(Some(fates));
        }
        for batch in page {
            let mut at = 0;
            while at < batch.fates.len() {
                job.cancel.check()?;
                let rows = MAP_ROWS.min(batch.fates.len() - at);
                let Some(records) = reading.next(rows)? else {
                    return Err(Fault::stop(format!(
                        "{}: the export has fewer records than the ledger accounts for",
                        parent.config.name
                    ))
                    .hint("was it replaced? `landfall move --fresh` begins a new run over it"));
                };
                let ids = records.column(0).as_string::<i32>();
                for row in 0..records.num_rows() {
                    if let (Some(id), Some(fate)) = (text(ids, row), batch.fates.get(at + row)) {
                        fates.put(id, parent_fate(fate));
                    }
                }
                at += records.num_rows();
                record += records.num_rows() as u64;
                if fates.held > FATES_MAX {
                    return Err(Fault::usage(format!(
                        "{}: more than {FATES_MAX} records that others refer to",
                        parent.config.name
                    )));
                }
            }
        }
    }
}

fn parent_fate(fate: Fate) -> u64 {
    match fate {
        Fate::Loaded | Fate::Updated | Fate::Unchanged | Fate::Skipped(SkipReason::Exists) => THERE,
        Fate::Skipped(_) => SKIPPED,
        Fate::Rejected(RejectCode::NoKey | _) => REJECTED,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fate_is_found_again_and_an_unknown_id_has_none() {
        let mut fates = Fates::new(7);
        for i in 0..50_000u64 {
            fates.put(&format!("id-{i}"), 1 + i % 3);
        }
        for i in 0..50_000u64 {
            let expected = [ParentFate::There, ParentFate::Rejected, ParentFate::Skipped][(i % 3) as usize];
            assert_eq!(fates.get(&format!("id-{i}")), Some(expected), "{i}");
        }
        assert_eq!(fates.get("id-50000"), None);
    }

    #[test]
    fn a_duplicate_does_not_hide_the_record_that_is_there() {
        let mut fates = Fates::new(7);
        fates.put("a", THERE);
        fates.put("a", SKIPPED);
        fates.put("b", SKIPPED);
        fates.put("b", THERE);
        assert_eq!((fates.get("a"), fates.get("b")), (Some(ParentFate::There), Some(ParentFate::There)));
    }
}
