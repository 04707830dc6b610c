//! The comparison through the mapping: every record, every field.
//!
//! Both sides are streamed once, at the same time; each row is hashed (128 bits, keyed by the run's seed) and
//! summed into buckets by its key. Buckets that agree are equal. Only rows of buckets that differ are walked
//! again, by key and hash, and only the first of those that differ are fetched and compared field by field.
//! Memory is flat, whatever differs.

mod buckets;
mod details;
mod drill;
mod expected;
mod hints;
mod passwords;

use crate::defaults;
use crate::job::{Event, Job};
use crate::load::Move;
use crate::prepare::Entity;
use base::Fault;
use buckets::{Buckets, OtherSide};
use expected::{Walker, Wanted};
use ledger::{Difference, DifferenceKind, EntityRun, FieldDifference};
use std::collections::BTreeMap;
use std::time::Instant;

pub(crate) use buckets::fields;
pub use details::{Detail, DetailField};

/// Records of an entity that are shown side by side, unless somebody says otherwise.
pub const SAMPLE: usize = 10;

/// What comparing an entity came to.
#[derive(Debug, Clone, Default)]
pub struct Compared {
    /// Records compared.
    pub compared: u64,
    /// Records whose row is equal in every field.
    pub equal: u64,
    /// Records whose row differs.
    pub changed: u64,
    /// Records without a row.
    pub missing: u64,
    /// Rows that no record explains, where there should be none.
    pub extra: u64,
    /// Rows that no run wrote, in a table that held rows before or is in use.
    pub foreign: u64,
    /// Records whose key the destination holds with another content, which is accounted for.
    pub excluded: u64,
    /// The first differences, in the order of the export.
    pub differences: Vec<Difference>,
    /// How often each column differs among them.
    pub by_field: BTreeMap<String, u64>,
    /// Records side by side.
    pub sample: Vec<Detail>,
    /// Passwords that do not agree with what was written.
    pub passwords_differing: u64,
    /// Passwords of the sample that were tried against bcrypt.
    pub passwords_tried: u64,
    /// How many of those their hash accepted.
    pub passwords_matched: u64,
    /// Seconds that it took.
    pub seconds: f64,
}

impl Compared {
    /// Differences of any kind.
    pub fn differing(&self) -> u64 {
        self.changed + self.missing + self.extra
    }
}

/// How to compare.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Differences that are named.
    pub named_max: usize,
    /// Records side by side.
    pub sample: usize,
    /// The seed that chooses them.
    pub seed: u64,
    /// Whether rows that no record explains are differences, in a table that was empty when the run began.
    pub alone: bool,
}

/// Compares one entity.
pub async fn entity(step: &Move<'_>, name: &str, options: &Options) -> Result<Compared, Fault> {
    let began = Instant::now();
    let job = step.job;
    let begun = begun(job, step, name).await?;
    let mut entity = step
        .prepared
        .entities
        .get(name)
        .ok_or_else(|| Fault::bug(format!("{name} is not prepared")))?
        .clone();
    defaults::apply(&mut entity, &begun)?;
    job.tell(Event::Began { phase: "verify", name: name.into(), total: Some(begun.source) });
    let mut walker = Walker::new(step, &entity, &begun).await?;
    let shape = walker.shape.clone();
    let mut source = Buckets::new();
    let mut sample = details::Chooser::new(options.sample, options.seed);
    let mut result = Compared::default();
    let mut excluded = drill::Excluded::default();
    let other_side = OtherSide::begin(job, &entity.table, &shape, Buckets::new(), |there, key, hash| {
        there.add(key, hash);
        Ok(())
    });
    walker
        .walk(Wanted::All, |row| {
            if row.held_by_another_content {
                excluded.add(row.key_hash);
                source.suspect(row.key_hash);
            } else {
                source.add(row.key_hash, row.hash);
                sample.offer(row.record);
                result.compared += 1;
            }
            Ok(())
        })
        .await?;
    result.excluded = excluded.len();
    let there = other_side.end().await?;
    let suspicious = source.differing(&there);
    let found = if suspicious.any() {
        drill::rows(step, &entity, &mut walker, suspicious, excluded).await?
    } else {
        drill::Found::default()
    };
    result.changed = found.changed_total;
    result.missing = found.missing_total;
    result.equal = result.compared - result.changed - result.missing;
    if begun.began_empty && options.alone {
        result.extra = found.extra_total;
    } else {
        result.foreign = found.extra_total;
    }
    name_differences(step, &entity, &mut walker, found, options, &mut result).await?;
    result.sample = details::of(step, &entity, &mut walker, &sample.chosen()).await?;
    passwords::compare(step, &entity, &mut walker, &mut result).await?;
    result.seconds = began.elapsed().as_secs_f64();
    job.tell(Event::Ended {
        phase: "verify",
        name: name.into(),
        done: result.compared,
        seconds: result.seconds,
        outcome: format!(
            "{} equal, {} different",
            result.equal,
            result.differing() + result.passwords_differing
        ),
    });
    Ok(result)
}

async fn begun(job: &Job, step: &Move<'_>, name: &str) -> Result<EntityRun, Fault> {
    let entities = job.destination.ledger().entities(step.run.id).await?;
    entities.into_iter().find(|e| e.entity == name && e.loaded).ok_or_else(|| {
        Fault::usage(format!("{name} is not loaded in run {}", step.run.name)).hint("landfall move")
    })
}

/// Turns record numbers and key hashes into named differences with their fields.
async fn name_differences(
    step: &Move<'_>,
    entity: &Entity,
    walker: &mut Walker<'_>,
    found: drill::Found,
    options: &Options,
    result: &mut Compared,
) -> Result<(), Fault> {
    let mut records: Vec<u64> = found.changed.iter().chain(&found.missing).copied().collect();
    records.sort_unstable();
    records.truncate(options.named_max);
    let mut details = details::of(step, entity, walker, &records).await?;
    hints::name_swaps(&mut details);
    for detail in details {
        let kind = if detail.there { DifferenceKind::Changed } else { DifferenceKind::Missing };
        let fields: Vec<FieldDifference> = detail
            .fields
            .iter()
            .filter(|f| detail.there && !f.equal)
            .map(|f| FieldDifference { column: f.column.clone(), hint: f.hint.clone() })
            .collect();
        for field in &fields {
            *result.by_field.entry(field.column.clone()).or_default() += 1;
        }
        result.differences.push(Difference {
            entity: entity.config.name.clone(),
            kind,
            source_id: detail.source_id,
            key: detail.key,
            fields,
        });
    }
    let left = options.named_max.saturating_sub(result.differences.len());
    if result.extra > 0 && left > 0 {
        for key in details::keys_of_extra(step, entity, &walker.shape, &found.extra, left).await? {
            result.differences.push(Difference {
                entity: entity.config.name.clone(),
                kind: DifferenceKind::Extra,
                source_id: String::new(),
                key,
                fields: Vec::new(),
            });
        }
    }
    Ok(())
}
