//! What a whole walk has counted, and whether that proves that nothing was left behind.
//!
//! A walk has three kinds of sweep, each in order of creation:
//!
//! 1. *first*: all records;
//! 2. *changes*: records changed since shortly before the walk began. Those beyond the frontier (the last row
//!    seen by any sweep) are new; the others came before, and come again in their newest version;
//! 3. *again*: all records once more, only when the counts do not agree; a *changes* sweep follows.
//!
//! `seen` counts distinct records: a row counts when it lies beyond the frontier, which never goes back.
//! `gone` counts rows that a request had to show again and did not. With `total` asked for after the last
//! sweep, without conditions and unsorted:
//!
//! * `seen - gone == total`: complete; `gone` records vanished.
//! * `seen - gone < total`: records came after the sweep had passed; another *changes* sweep finds them.
//! * `seen - gone > total`: records that were seen have vanished since. The sweep *again* counts what is
//!   there: `again - again_gone == total` is complete. If it still showed more than there are now, they went
//!   while it ran: every record that is left was shown by it, and by the arithmetic `seen - total` records
//!   vanished.
//! * less than `total` even after *again*: there are records that no sweep was shown. Incomplete.

use crate::paging::{CHECKPOINT_IDS_MAX, Position};
use crate::wire::RowKey;
use connect::Completeness;
use serde::{Deserialize, Serialize};

/// The version of a checkpoint's form.
const FORM: u32 = 1;

/// *Changes* sweeps in a row, while more records come than are found: an application that is written to
/// faster than it can be read gets no proof.
pub const CHANGES_SWEEPS_MAX: u32 = 3;

/// What is being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// All records.
    First,
    /// What changed since the walk began.
    Changes,
    /// All records once more.
    Again,
}

/// A walk, as kept in its checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    form: u32,
    /// What is being read.
    pub phase: Phase,
    /// Where that stands.
    pub position: Position,
    /// The last row that any sweep has seen; while the first sweep goes on, `position` is it.
    #[serde(default)]
    frontier: Position,
    /// How many records there were at the beginning.
    pub before: Option<u64>,
    /// The newest time of change at the beginning: what is later came or changed while the walk went on.
    /// `None`: there was no record.
    pub mark: Option<i64>,
    /// *Changes* sweeps ask for what is later than this.
    pub bound: Option<i64>,
    seen: u64,
    gone: u64,
    appeared: u64,
    changed: u64,
    /// *Changes* sweeps since the last sweep over all records.
    sweeps: u32,
    /// Records that the sweep *again* has seen, and those of them that are gone.
    again: Option<(u64, u64)>,
}

/// What to do when a sweep is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Sweep again over what changed.
    Changes,
    /// Sweep again over everything.
    Again,
    /// The walk is over.
    Over(Completeness),
}

impl Tally {
    /// A walk that begins.
    pub fn new(before: Option<u64>, mark: Option<i64>, bound: Option<i64>) -> Self {
        Self {
            form: FORM,
            phase: Phase::First,
            position: Position::default(),
            frontier: Position::default(),
            before,
            mark,
            bound,
            seen: 0,
            gone: 0,
            appeared: 0,
            changed: 0,
            sweeps: 0,
            again: None,
        }
    }

    /// A walk from its checkpoint; `None`: it is not one of ours.
    pub fn resume(checkpoint: serde_json::Value) -> Option<Self> {
        let mut tally: Self = serde_json::from_value(checkpoint).ok()?;
        if tally.phase == Phase::First {
            tally.frontier = tally.position.clone();
        }
        (tally.form == FORM).then_some(tally)
    }

    /// The checkpoint: small, whatever the walk has seen.
    pub fn checkpoint(&self) -> serde_json::Value {
        let mut kept = self.clone();
        let crowd = kept.position.at.len();
        if crowd > CHECKPOINT_IDS_MAX {
            kept.forget(crowd as u64);
        }
        if kept.phase == Phase::First {
            kept.frontier = Position::default();
        } else if kept.frontier.at.len() > CHECKPOINT_IDS_MAX {
            kept.frontier.close();
        }
        serde_json::to_value(&kept).unwrap_or_default()
    }

    /// Goes back to before the crowd of rows at the position, which will be read again.
    fn forget(&mut self, crowd: u64) {
        self.position.at.clear();
        match self.phase {
            Phase::First => {
                self.seen = self.seen.saturating_sub(crowd);
                let ms = self.position.floor.map(|floor| floor + 1);
                if ms > self.mark {
                    self.appeared = self.appeared.saturating_sub(crowd);
                }
            }
            Phase::Again => {
                self.again = self.again.map(|(seen, gone)| (seen.saturating_sub(crowd), gone));
            }
            Phase::Changes => {}
        }
    }

    /// The bound on changes of the present sweep.
    pub fn sweep_bound(&self) -> Option<i64> {
        self.bound.filter(|_| self.phase == Phase::Changes)
    }

    /// Counts a row that the present sweep sees for the first time.
    pub fn count(&mut self, row: &RowKey) {
        // A page with a row without it is refused as a whole.
        let Some(created) = row.created else { return };
        let fresh = !self.frontier.has_passed(created, &row.id);
        if fresh {
            self.frontier.pass(created, &row.id);
            self.seen += 1;
            self.appeared += u64::from(Some(created) > self.mark);
        } else if self.phase == Phase::Changes && Some(created) <= self.mark && row.modified > self.mark {
            self.changed += 1;
        }
        if fresh || self.phase == Phase::Again {
            self.again = self.again.map(|(seen, gone)| (seen + 1, gone));
        }
        self.position.pass(created, &row.id);
    }

    /// Counts rows that should have come again and did not.
    pub fn lost(&mut self, gone: u64) {
        self.gone += gone;
        self.again = self.again.map(|(seen, before)| (seen, before + gone));
    }

    /// The sweep over all records is over.
    pub fn begin_changes(&mut self) {
        self.phase = Phase::Changes;
        self.position = Position::default();
        self.changed = 0;
        self.sweeps += 1;
    }

    fn begin_again(&mut self) {
        self.phase = Phase::Again;
        self.position = Position::default();
        self.sweeps = 0;
        self.again = Some((0, 0));
    }

    /// A *changes* sweep is over, and the service says that there are `total` records now.
    pub fn judge(&mut self, total: Option<u64>) -> Verdict {
        let (seen, gone) = self.again.unwrap_or((self.seen, self.gone));
        let there = seen.saturating_sub(gone);
        let Some(total) = total else {
            return self.over(
                None,
                false,
                self.gone,
                &["the service does not say how many records there are".into()],
            );
        };
        if there < total && self.sweeps < CHANGES_SWEEPS_MAX {
            self.begin_changes();
            return Verdict::Changes;
        }
        if there != total && self.again.is_none() {
            self.begin_again();
            return Verdict::Again;
        }
        let most = self.seen.max(seen);
        let mut remarks = Vec::new();
        if self.again.is_some() {
            remarks.push(
                "the counts did not agree after the first sweep, so all records were read again".into(),
            );
            // Records that the first sweep was not shown, though they lie before its end.
            self.appeared += seen.saturating_sub(self.seen);
        }
        if there < total {
            remarks.push(format!(
                "{there} records were shown, and the service says that there are {total}; export again when \
                 the application is at rest"
            ));
            return self.over(Some(total), false, self.gone, &remarks);
        }
        if there > total {
            remarks.push(format!("{} records went while all were read again", there - total));
        }
        self.over(Some(total), true, most.saturating_sub(total), &remarks)
    }

    fn over(&self, after: Option<u64>, complete: bool, vanished: u64, remarks: &[String]) -> Verdict {
        Verdict::Over(Completeness {
            declared_before: self.before,
            declared_after: after,
            appeared: self.appeared,
            changed: self.changed,
            vanished,
            complete,
            remarks: remarks.to_vec(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed(tally: &mut Tally, rows: &str) {
        for word in rows.split_whitespace() {
            let mut parts = word.split(':').map(|part| part.parse::<i64>().expect("a number"));
            let (created, modified) = (parts.next(), parts.next());
            tally.count(&RowKey { id: format!("{created:?}"), created, modified });
        }
    }

    /// Sweeps of `created:modified`, each followed by how many the service says there are (changes sweeps
    /// only) or by nothing; the mark is 50.
    fn walk(sweeps: &[(&str, u64, Option<u64>)]) -> String {
        let mut tally = Tally::new(Some(3), Some(50), Some(40));
        let mut out = Vec::new();
        for (rows, gone, total) in sweeps {
            // What a checkpoint keeps is all that a walk needs.
            tally = Tally::resume(tally.checkpoint()).expect("a checkpoint");
            feed(&mut tally, rows);
            tally.lost(*gone);
            if tally.phase != Phase::Changes {
                tally.begin_changes();
                continue;
            }
            out.push(match tally.judge(*total) {
                Verdict::Changes => "changes".into(),
                Verdict::Again => "again".into(),
                Verdict::Over(c) => {
                    let word = if c.complete { "complete" } else { "incomplete" };
                    format!("{word} +{} ~{} -{} ({})", c.appeared, c.changed, c.vanished, c.remarks.len())
                }
            });
        }
        out.join(", ")
    }

    #[test]
    fn counts_decide_whether_a_walk_is_complete() {
        let all = "1:1 2:2 3:50";
        for (name, sweeps, expected) in [
            ("at rest", vec![(all, 0, None), ("3:50", 0, Some(3))], "complete +0 ~0 -0 (0)"),
            ("came late", vec![(all, 0, None), ("3:50 60:60", 0, Some(4))], "complete +1 ~0 -0 (0)"),
            (
                "came in the first",
                vec![("1:1 2:2 3:50 60:60", 0, None), ("60:60", 0, Some(4))],
                "complete +1 ~0 -0 (0)",
            ),
            ("changed", vec![(all, 0, None), ("1:70 3:50", 0, Some(3))], "complete +0 ~1 -0 (0)"),
            ("came and changed", vec![(all, 0, None), ("60:70", 0, Some(4))], "complete +1 ~0 -0 (0)"),
            ("gone, seen so", vec![(all, 1, None), ("", 0, Some(2))], "complete +0 ~0 -1 (0)"),
            (
                "came after the sweep",
                vec![(all, 0, None), ("", 0, Some(4)), ("60:60", 0, Some(4))],
                "changes, complete +1 ~0 -0 (0)",
            ),
            (
                "changed once, seen twice",
                vec![(all, 0, None), ("1:70", 0, Some(4)), ("1:70 60:60", 0, Some(4))],
                "changes, complete +1 ~1 -0 (0)",
            ),
            (
                "gone unseen",
                vec![(all, 0, None), ("", 0, Some(2)), ("1:1 3:50", 0, None), ("", 0, Some(2))],
                "again, complete +0 ~0 -1 (1)",
            ),
            (
                "gone while again",
                vec![(all, 0, None), ("", 0, Some(2)), ("1:1 3:50", 0, None), ("", 0, Some(1))],
                "again, complete +0 ~0 -2 (2)",
            ),
            (
                "gone while again, seen so",
                vec![(all, 0, None), ("", 0, Some(2)), ("1:1 3:50", 1, None), ("", 0, Some(1))],
                "again, complete +0 ~0 -2 (1)",
            ),
            (
                "not shown at first",
                vec![
                    ("1:1 3:50", 0, None),
                    ("", 0, Some(3)),
                    ("", 0, Some(3)),
                    ("", 0, Some(3)),
                    (all, 0, None),
                    ("", 0, Some(3)),
                ],
                "changes, changes, again, complete +1 ~0 -0 (1)",
            ),
            (
                "never shown",
                vec![
                    ("1:1 3:50", 0, None),
                    ("", 0, Some(3)),
                    ("", 0, Some(3)),
                    ("", 0, Some(3)),
                    ("1:1 3:50", 0, None),
                    ("", 0, Some(3)),
                    ("", 0, Some(3)),
                    ("", 0, Some(3)),
                ],
                "changes, changes, again, changes, changes, incomplete +0 ~0 -0 (2)",
            ),
            ("no count", vec![(all, 0, None), ("", 0, None)], "incomplete +0 ~0 -0 (1)"),
        ] {
            assert_eq!(walk(&sweeps), expected, "{name}");
        }
    }

    #[test]
    fn a_checkpoint_stays_small_and_counts_a_crowd_again() {
        let mut tally = Tally::new(Some(5000), None, None);
        let row = |n: i64| RowKey { id: format!("{n:05}"), created: Some(7), modified: Some(7) };
        tally.count(&RowKey { id: "first".into(), created: Some(6), modified: None });
        (0..5000).for_each(|n| tally.count(&row(n)));
        let kept = tally.checkpoint();
        assert!(kept.to_string().len() < 1000);
        let mut resumed = Tally::resume(kept).expect("a checkpoint");
        assert_eq!((resumed.seen, resumed.appeared), (1, 1));
        (0..5000).for_each(|n| resumed.count(&row(n)));
        assert_eq!(resumed, tally);
    }

    #[test]
    fn a_foreign_checkpoint_is_not_taken() {
        let mut other = Tally::new(None, None, None).checkpoint();
        other["form"] = 2.into();
        assert_eq!(Tally::resume(other), None);
        assert_eq!(Tally::resume(serde_json::json!({"page": 7})), None);
    }
}
