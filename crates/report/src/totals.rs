//! Sums that must agree, made here and nowhere else.

use crate::model::{Buckets, Compared, Entity, EntityVerification, REPORT_VERSION, Report, Verification};
use crate::words::number;
use indexmap::IndexMap;

/// Two counts that should be the same and are not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disagreement {
    /// The entity.
    pub entity: String,
    /// What was counted once: `source`, `skipped`, `rejected`, `compared`.
    pub what: &'static str,
    /// Its count.
    pub count: u64,
    /// What it should be the sum of.
    pub parts: &'static str,
    /// That sum.
    pub sum: u128,
}

impl Disagreement {
    /// How far apart they are.
    pub fn gap(&self) -> u128 {
        u128::from(self.count).abs_diff(self.sum)
    }
}

fn sum(counts: impl IntoIterator<Item = u64>) -> u128 {
    counts.into_iter().map(u128::from).sum()
}

impl Buckets {
    /// The five buckets together.
    pub fn sum(&self) -> u128 {
        sum([self.loaded, self.updated, self.unchanged, self.skipped, self.rejected])
    }

    /// Records that are in the destination.
    pub fn arrived(&self) -> u64 {
        self.loaded.saturating_add(self.updated).saturating_add(self.unchanged)
    }

    /// Records that are not decided yet.
    pub fn left(&self) -> u64 {
        u64::try_from(u128::from(self.source).saturating_sub(self.sum())).unwrap_or(u64::MAX)
    }

    fn add(&mut self, other: &Buckets) {
        for (mine, theirs) in [
            (&mut self.source, other.source),
            (&mut self.loaded, other.loaded),
            (&mut self.updated, other.updated),
            (&mut self.unchanged, other.unchanged),
            (&mut self.skipped, other.skipped),
            (&mut self.rejected, other.rejected),
        ] {
            *mine = mine.saturating_add(theirs);
        }
    }
}

impl Entity {
    /// Its five buckets.
    pub fn buckets(&self) -> Buckets {
        let Entity { source, loaded, updated, unchanged, skipped, rejected, .. } = *self;
        Buckets { source, loaded, updated, unchanged, skipped, rejected }
    }

    /// Whether `source = loaded + updated + unchanged + skipped + rejected`, and the reasons and codes add up
    /// too.
    pub fn accounted(&self) -> bool {
        u128::from(self.source) == self.buckets().sum() && self.reasons_agree()
    }

    fn reasons_agree(&self) -> bool {
        u128::from(self.skipped) == sum(self.skipped_by_reason.values().copied())
            && u128::from(self.rejected) == sum(self.rejected_by_code.values().copied())
    }

    /// What does not agree. Records that are merely not decided yet are no disagreement while the entity
    /// `may_have_more`.
    fn disagreements(&self, name: &str, may_have_more: bool, out: &mut Vec<Disagreement>) {
        let buckets = self.buckets();
        let total = buckets.sum();
        let open = may_have_more && !self.finished && total <= u128::from(self.source);
        let mut compare = |what, count, parts, sum| {
            if u128::from(count) != sum {
                out.push(Disagreement { entity: name.to_owned(), what, count, parts, sum });
            }
        };
        if !open {
            compare("source", self.source, "loaded + updated + unchanged + skipped + rejected", total);
        }
        compare("skipped", self.skipped, "its reasons", sum(self.skipped_by_reason.values().copied()));
        compare("rejected", self.rejected, "its codes", sum(self.rejected_by_code.values().copied()));
    }
}

impl Compared {
    fn add(&mut self, other: &Compared) {
        for (mine, theirs) in [
            (&mut self.compared, other.compared),
            (&mut self.equal, other.equal),
            (&mut self.differing, other.differing),
            (&mut self.missing, other.missing),
            (&mut self.extra, other.extra),
            (&mut self.foreign_rows, other.foreign_rows),
            (&mut self.excluded, other.excluded),
        ] {
            *mine = mine.saturating_add(theirs);
        }
    }

    /// Records and rows that are not as they should be.
    pub fn different(&self) -> u64 {
        self.differing.saturating_add(self.missing).saturating_add(self.extra)
    }

    fn outcomes(&self) -> u128 {
        sum([self.equal, self.differing, self.missing])
    }
}

impl Verification {
    /// Values of references that lead nowhere.
    pub fn orphans(&self) -> u64 {
        self.references().map(|reference| reference.orphans).fold(0, u64::saturating_add)
    }

    fn references(&self) -> impl Iterator<Item = &crate::ReferenceCheck> {
        self.entities.values().flat_map(|entity: &EntityVerification| &entity.references)
    }

    /// The samples in words, those of one seed together:
    /// `users 100 of 100, bookings 97 of 100 equal (seed 7)`.
    pub(crate) fn samples(&self) -> Vec<String> {
        let mut by_seed: IndexMap<u64, Vec<String>> = IndexMap::new();
        for (name, sample) in self.entities.iter().filter_map(|(name, found)| Some((name, found.sample?))) {
            let words = format!("{name} {} of {}", number(sample.equal), number(sample.compared));
            by_seed.entry(sample.seed).or_default().push(words);
        }
        by_seed.into_iter().map(|(seed, parts)| format!("{} equal (seed {seed})", parts.join(", "))).collect()
    }

    /// Values of references that were followed.
    pub fn references_checked(&self) -> u64 {
        self.references().map(|reference| reference.checked).fold(0, u64::saturating_add)
    }
}

impl Report {
    /// Everything that should agree and does not, in the order of the entities.
    pub fn disagreements(&self) -> Vec<Disagreement> {
        let mut out = Vec::new();
        for (name, entity) in &self.entities {
            entity.disagreements(name, self.status.may_have_more(), &mut out);
        }
        for (name, found) in self.verification.iter().flat_map(|verification| &verification.entities) {
            let Compared { compared, .. } = found.counts;
            let outcomes = found.counts.outcomes();
            if u128::from(compared) != outcomes {
                out.push(Disagreement {
                    entity: name.clone(),
                    what: "compared",
                    count: compared,
                    parts: "equal + differing + missing",
                    sum: outcomes,
                });
            }
        }
        out
    }

    /// Records that are in the destination and that verify neither compared nor left out for a reason.
    pub fn not_compared(&self) -> u64 {
        let Some(verification) = &self.verification else { return self.buckets().arrived() };
        let unseen = |(name, entity): (&String, &Entity)| {
            let seen = verification.entities.get(name).map(|found| found.counts).unwrap_or_default();
            entity.buckets().arrived().saturating_sub(seen.compared.saturating_add(seen.excluded))
        };
        self.entities.iter().map(unseen).fold(0, u64::saturating_add)
    }

    /// The buckets of all entities together.
    pub fn buckets(&self) -> Buckets {
        let mut totals = Buckets::default();
        for entity in self.entities.values() {
            totals.add(&entity.buckets());
        }
        totals
    }

    /// The report with every computed field made anew: totals, rates, whether the counts agree. Seconds that
    /// are no number become 0. Every function that shows a report does this first.
    #[must_use]
    pub fn seal(mut self) -> Self {
        self.version = REPORT_VERSION;
        self.totals = self.buckets();
        for entity in self.entities.values_mut() {
            entity.accounted = entity.accounted();
            entity.seconds = tidy(entity.seconds);
            let decided = entity.buckets().sum();
            #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
            let rate = if entity.seconds > 0.0 { decided as f64 / entity.seconds } else { 0.0 };
            entity.rows_per_second = tidy(rate);
        }
        for phase in &mut self.phases {
            phase.seconds = tidy(phase.seconds);
        }
        if let Some(verification) = &mut self.verification {
            verification.totals = Compared::default();
            for found in verification.entities.values() {
                verification.totals.add(&found.counts);
            }
        }
        self.seal_export();
        self.accounted = self.disagreements().is_empty() && self.buckets().left() == 0;
        self
    }

    fn seal_export(&mut self) {
        let export = &mut self.export;
        (export.appeared, export.changed, export.vanished) = (0, 0, 0);
        (export.declared_before, export.declared_after) = (None, None);
        if !self.entities.is_empty() {
            (export.declared_before, export.declared_after) = (Some(0), Some(0));
        }
        let add = |total: Option<u64>, part: Option<u64>| Some(total?.saturating_add(part?));
        for entity in self.entities.values() {
            let seen = entity.completeness.clone().unwrap_or_default();
            export.declared_before = add(export.declared_before, seen.declared_before);
            export.declared_after = add(export.declared_after, seen.declared_after);
            export.appeared = export.appeared.saturating_add(seen.appeared);
            export.changed = export.changed.saturating_add(seen.changed);
            export.vanished = export.vanished.saturating_add(seen.vanished);
        }
    }

    /// Whether it is proven that the export holds everything.
    pub fn export_proven(&self) -> bool {
        let proven = |entity: &Entity| entity.completeness.as_ref().is_some_and(|evidence| evidence.complete);
        self.export.complete && !self.export.without_manifest && self.entities.values().all(proven)
    }
}

/// Milliseconds are enough, and a number that is none becomes 0.
fn tidy(number: f64) -> f64 {
    if number.is_finite() && number > 0.0 { (number * 1000.0).round() / 1000.0 } else { 0.0 }
}
