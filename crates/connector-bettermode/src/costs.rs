//! What operations cost: by the documented rules, corrected by what the service reports.

use crate::queries::Operation;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How fast a cost that turned out lower is believed: an eighth of the way each time. One that turned out
/// higher is believed at once.
const DOWN: f64 = 1.0 / 8.0;

/// What was learned, by operation.
#[derive(Debug, Default)]
pub struct Costs {
    /// What is reported, as a multiple of what the rules say.
    factors: Mutex<HashMap<&'static str, f64>>,
}

impl Costs {
    /// What the operation will probably cost with this `limit`; at least 1, so that nothing is free.
    pub fn estimate(&self, operation: &Operation, limit: u64) -> u64 {
        let factor = self.factors().get(operation.name).copied().unwrap_or(1.0);
        scaled(operation.cost.at(limit), factor).max(1)
    }

    /// The largest page, of at most `wanted` records, that stays within so many points.
    pub fn page(&self, operation: &Operation, wanted: u64, points: u64) -> u64 {
        let fits = |limit: &u64| self.estimate(operation, *limit) <= points;
        (1..=wanted).rev().find(fits).unwrap_or(1)
    }

    /// The operation with this `limit` cost so much.
    pub fn learn(&self, operation: &Operation, limit: u64, reported: u64) {
        let computed = operation.cost.at(limit).max(1);
        #[expect(clippy::cast_precision_loss, reason = "costs are small")]
        let seen = reported as f64 / computed as f64;
        let mut factors = self.factors();
        let known = factors.entry(operation.name).or_insert(seen);
        *known = if seen > *known { seen } else { *known - (*known - seen) * DOWN };
    }

    fn factors(&self) -> MutexGuard<'_, HashMap<&'static str, f64>> {
        // Each factor is written whole.
        self.factors.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "costs are small and not negative"
)]
fn scaled(points: u64, factor: f64) -> u64 {
    (points as f64 * factor).ceil() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queries::{DELETE_POST, MEMBERS, POSTS};

    #[test]
    fn the_documented_example_costs_what_the_document_says() {
        assert_eq!(Costs::default().estimate(&MEMBERS, 50), 302);
    }

    #[test]
    fn a_higher_cost_is_believed_at_once_and_a_lower_one_slowly() {
        let costs = Costs::default();
        let estimate = || costs.estimate(&MEMBERS, 100);
        assert_eq!(estimate(), 602);
        costs.learn(&MEMBERS, 50, 604);
        assert_eq!(estimate(), 1204);
        costs.learn(&MEMBERS, 50, 302);
        assert_eq!(estimate(), 1129);
        for _ in 0..100 {
            costs.learn(&MEMBERS, 50, 151);
        }
        assert_eq!(estimate(), 302, "half of what the rules say");
        assert_eq!(costs.estimate(&POSTS, 1), 10, "another operation has learned nothing");
    }

    #[test]
    fn pages_shrink_to_what_fits() {
        let costs = Costs::default();
        for (wanted, points, page) in
            [(100, 1000, 100), (200, 1000, 124), (100, 400, 49), (100, 1, 1), (7, 1000, 7)]
        {
            assert_eq!(costs.page(&POSTS, wanted, points), page, "{wanted} {points}");
        }
        costs.learn(&POSTS, 100, 8020);
        assert_eq!(costs.page(&POSTS, 100, 1000), 12);
        costs.learn(&DELETE_POST, 0, 0);
        assert_eq!(costs.estimate(&DELETE_POST, 0), 1, "nothing is free");
    }
}
