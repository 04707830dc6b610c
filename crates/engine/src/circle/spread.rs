//! What becomes of the records of a circle, spread from each to those that refer to it.

use super::CircleParents;
use super::edges::{Edge, Edges};
use crate::chunks::Chunks;
use crate::fates::Fates;
use crate::job::Job;
use crate::load::Ready;
use crate::parents::{Known, as_parent};
use crate::reading::{Reading, text};
use arrow::array::AsArray;
use base::limits::MAP_ROWS;
use base::{Fault, RejectCode};
use ledger::Fate;
use std::collections::BTreeMap;
use std::sync::Arc;
use transform::{Fallback, ParentFate, Verdict};

/// Every record of a circle, as if nothing kept the mapping from carrying it.
pub fn everything(job: &Job, members: &[Ready<'_>], seed: u64) -> Result<Known, Fault> {
    let mut known = Known::new();
    for member in members {
        let fates = Fates::new(seed, member.census.records)?;
        for unreadable in crate::extract::unreadable(job, member.name())? {
            fates.put(&unreadable.source_id, ParentFate::Rejected)?;
        }
        each_id(job, member, |id, record| {
            let decided = member.decided(job, record);
            match decided.map_or(Some(ParentFate::There), as_parent) {
                Some(fate) => fates.put(id, fate),
                None => Ok(()),
            }
        })?;
        known.insert(member.name().to_owned(), Arc::new(fates));
    }
    Ok(known)
}

/// Walks the ids of a file with the numbers of their records.
pub(super) fn each_id(
    job: &Job,
    member: &Ready<'_>,
    mut take: impl FnMut(&str, u64) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let key = &member.entity.mapper.mapping().key_field;
    let mut reading = Reading::open(member.file, std::slice::from_ref(key))?;
    let mut record = 0u64;
    while let Some(batch) = reading.next(MAP_ROWS)? {
        job.cancel.check()?;
        for id in batch.column(0).as_string::<i32>() {
            if let Some(id) = id {
                take(id, record)?;
            }
            record += 1;
        }
    }
    Ok(())
}

/// Maps the circle once, notes what that decides, and finds out who cannot do without whom.
///
/// The fate of a record can only get worse (there, rejected, left out), and follows from its own mapping and
/// the fates of its parents, the worst of which counts. So what [`Edges::spread`] comes to is the same
/// whatever the order of records and entities.
pub(super) async fn edges(
    job: &Job,
    members: &[Ready<'_>],
    parents: &CircleParents,
    known: &Known,
) -> Result<Edges, Fault> {
    let mut edges = Edges::new();
    for (number, member) in (0u32..).zip(members) {
        let fates = of(known, member)?;
        let references = member.entity.mapper.references();
        let places: Vec<Option<u32>> = references
            .iter()
            .map(|r| follows(r.fallback).then(|| place(members, &r.entity)).flatten())
            .collect();
        let mut chunks = Chunks::open(job, &member.entity, member.file, of(parents, member)?)?;
        while let Some(chunk) = chunks.next(MAP_ROWS).await? {
            for (row, verdict) in chunk.mapped.verdicts.iter().enumerate() {
                let Some(id) = text(&chunk.mapped.source_ids, row) else { continue };
                if member.decided(job, chunk.first + row as u64).is_some() {
                    continue;
                }
                let key = fates.key(id);
                if let Some(fate) = fate_of(*verdict) {
                    fates.worsen(key, fate)?;
                }
                if !follows_parents(*verdict) {
                    continue;
                }
                for (ids, parent) in chunk.asked.iter().zip(&places) {
                    if let (Some(parent), Some(id)) = (parent, text(ids, row)) {
                        edges.add(Edge { child: (number, key), parent: (*parent, fates.key(id)) })?;
                    }
                }
            }
        }
    }
    Ok(edges)
}

/// The number of an entity in its circle.
fn place(members: &[Ready<'_>], entity: &str) -> Option<u32> {
    (0..).zip(members).find(|(_, m)| m.name() == entity).map(|(n, _)| n)
}

fn fate_of(verdict: Verdict) -> Option<ParentFate> {
    match verdict {
        Verdict::Carry => None,
        Verdict::Skip(reason) => as_parent(Fate::Skipped(reason)),
        Verdict::Reject(code) => as_parent(Fate::Rejected(code)),
    }
}

/// Whether the fate of a parent decides one that refers to it so.
fn follows(fallback: Fallback) -> bool {
    fallback.leaves(ParentFate::Rejected)
}

/// Whether a worse parent changes the verdict: not of records that their own fields decide.
fn follows_parents(verdict: Verdict) -> bool {
    match verdict {
        Verdict::Carry => true,
        Verdict::Skip(_) => false,
        Verdict::Reject(code) => !matches!(code, RejectCode::NoKey | RejectCode::WhereUnknown),
    }
}

/// What a circle knows by the names of its entities.
pub(super) fn of<'a, T>(all: &'a BTreeMap<String, T>, member: &Ready<'_>) -> Result<&'a T, Fault> {
    all.get(member.name()).ok_or_else(|| Fault::bug(format!("{} is not in its circle", member.name())))
}
