//! Entities that refer to each other in a circle, and entities that refer to themselves.
//!
//! No order of tables or rows satisfies the foreign keys of a circle, so its rows are written in two passes.
//! What the mapping says of all records is known first ([`spread`]) and what follows from it ([`edges`]): a
//! record whose parent is rejected is rejected with it, wherever the two stand. Then the rows
//! are loaded with the columns that would wait for each other left open ([`late`]). Then those are written;
//! rows whose parent the destination has refused in the meantime are taken back ([`settle`]).
//!
//! Each batch stays together with its ledger record in both passes, so that a run that is interrupted goes on
//! where it stopped.

mod edges;
mod late;
mod settle;
mod spread;

pub use late::order;
pub use spread::everything;

use crate::fates::Fates;
use crate::job::{Event, Job};
use crate::load::{EntityOutcome, Move, Ready};
use crate::parents::{self, Known, Parents};
use base::{Fault, RejectCode, SkipReason};
use edges::Edges;
use ledger::Fate;
use std::collections::BTreeMap;
use std::sync::Arc;
use transform::ParentFate;

/// The references of each entity of a circle.
pub type CircleParents = BTreeMap<String, Parents>;

/// Moves the entities of a circle, or goes on with them.
pub async fn load(step: &Move<'_>, names: &[String]) -> Result<BTreeMap<String, EntityOutcome>, Fault> {
    let mut members = Vec::with_capacity(names.len());
    for name in names {
        members.push(step.ready(name).await?);
    }
    let mut outcomes = BTreeMap::new();
    if members.iter().all(|m| m.begun.loaded) {
        for member in &members {
            outcomes.insert(member.name().to_owned(), step.rows(member, &Known::new()).await?);
        }
        return Ok(outcomes);
    }
    step.job.tell(Event::Note(format!(
        "{} refer to each other: their rows are written first, those references then",
        names.join(", ")
    )));
    let fates = everything(step.job, &members, step.run.seed)?;
    let parents = parents(step, &members, &fates).await?;
    let foresight = Foresight::new(step.job, &members, parents, fates).await?;
    let circle = Circle { step, members: &members, foresight };
    let mut refused = false;
    for member in &members {
        outcomes.insert(member.name().to_owned(), step.rows(member, &circle.foresight.fates).await?);
        refused |= circle.learn(std::slice::from_ref(member)).await?;
    }
    circle.settle(refused).await?;
    for member in &members {
        let counts = step.finish(member).await?;
        if let Some(outcome) = outcomes.get_mut(member.name()) {
            outcome.counts = counts;
        }
    }
    Ok(outcomes)
}

/// What is known of the records of a circle before their rows are written, and what follows from it.
pub struct Foresight {
    /// The references of its entities.
    pub parents: CircleParents,
    /// The fates of its records.
    pub fates: Known,
    edges: Edges,
    /// The fates in the order of the entities.
    in_order: Vec<Arc<Fates>>,
}

impl Foresight {
    /// Maps every record once; `fates` is what [`everything`] gave.
    pub async fn new(
        job: &Job,
        members: &[Ready<'_>],
        parents: CircleParents,
        fates: Known,
    ) -> Result<Self, Fault> {
        let edges = spread::edges(job, members, &parents, &fates).await?;
        let in_order =
            members.iter().map(|m| spread::of(&fates, m).map(Arc::clone)).collect::<Result<_, _>>()?;
        let foresight = Self { parents, fates, edges, in_order };
        foresight.spread()?;
        Ok(foresight)
    }

    /// Takes over what a trial of an entity found; whether anything is worse than known.
    pub fn learn(&self, job: &Job, member: &Ready<'_>, found: &Fates) -> Result<bool, Fault> {
        let fates = spread::of(&self.fates, member)?;
        let mut learned = false;
        spread::each_id(job, member, |id, _| {
            if let Some(fate) = found.get(id)? {
                learned |= fates.worsen(fates.key(id), fate)?;
            }
            Ok(())
        })?;
        Ok(learned)
    }

    /// Overrules the fates of records, by their numbers, that were carried and whose parents were not.
    pub fn take_back(&self, job: &Job, member: &Ready<'_>, records: &mut ledger::Fates) -> Result<(), Fault> {
        let fates = spread::of(&self.fates, member)?;
        spread::each_id(job, member, |id, record| {
            let record = usize::try_from(record).unwrap_or(usize::MAX);
            let carried = records.get(record).is_some_and(settle::is_carried);
            if carried && member.decided(job, record as u64).is_none() {
                match fates.get(id)? {
                    Some(ParentFate::Rejected) => {
                        records.overrule(record, Fate::Rejected(RejectCode::ParentRejected));
                    }
                    Some(ParentFate::Skipped) => {
                        records.overrule(record, Fate::Skipped(SkipReason::ParentSkipped));
                    }
                    _ => {}
                }
            }
            Ok(())
        })
    }

    /// Draws the conclusions from what became of records.
    pub fn spread(&self) -> Result<(), Fault> {
        self.edges.spread(&self.in_order)
    }
}

/// A circle on its way.
struct Circle<'a> {
    step: &'a Move<'a>,
    members: &'a [Ready<'a>],
    foresight: Foresight,
}

impl Circle<'_> {
    /// Learns from the ledger what the destination has refused, and what follows from it; whether anything
    /// did.
    async fn learn(&self, members: &[Ready<'_>]) -> Result<bool, Fault> {
        let mut learned = false;
        for member in members {
            let fates = spread::of(&self.foresight.fates, member)?;
            parents::each_fate(self.step, &member.entity, member.file, |id, fate| {
                learned |= fates.worsen(fates.key(id), fate)?;
                Ok(())
            })
            .await?;
        }
        if learned {
            self.foresight.spread()?;
        }
        Ok(learned)
    }
}

async fn parents(step: &Move<'_>, members: &[Ready<'_>], fates: &Known) -> Result<CircleParents, Fault> {
    let mut all = CircleParents::new();
    for member in members {
        all.insert(member.name().to_owned(), Parents::of(step, &member.entity, fates).await?);
    }
    Ok(all)
}
