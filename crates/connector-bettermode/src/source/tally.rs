//! What a walk has seen, and whether that is everything: decisions without I/O.
//!
//! A connection is walked by cursors whose meaning nobody knows, in an order that may shift, so one walk
//! proves nothing by itself. A *sweep* proves that it saw everything when the service declares the same
//! number before and after it, and the sweep saw as many different ids. Else there is another sweep, of which
//! only the news are handed on.
//!
//! A walk that was interrupted no longer knows which ids it saw before. Of those its checkpoint holds the
//! count and a sum of hashes: when the ids that are there now, less those seen since, have the same count and
//! sum, they are the same ids.

use connect::{Checkpoint, Completeness};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap, HashSet};

/// Sweeps of one walk at most.
pub(crate) const SWEEPS_MAX: u32 = 3;

/// Ids that are remembered, at some 50 bytes each with their overhead; a community that has more members or
/// posts is exported without proof.
pub(crate) const SEEN_MAX: usize = 1_000_000;

/// Records that are remembered because what is below them does not fit: one is enough to have no proof.
const ODD_MAX: usize = 1_000;

/// The form of the checkpoint. A checkpoint of another form is refused.
const FORM: u8 = 1;

/// What a walk has seen.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    /// What survives an interruption.
    pub kept: Kept,
    /// What this process has seen: id to version, and the sweep that it was last seen in.
    seen: HashMap<u64, (u64, u32)>,
    /// Of those, how many in this sweep.
    in_sweep: u64,
    /// This sweep was begun by an earlier process.
    resumed: bool,
    /// There are more than [`SEEN_MAX`].
    overflow: bool,
    appeared: u64,
    changed: u64,
}

/// The part of a tally that stands in a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Kept {
    form: u8,
    /// Where the sweep goes on; `None`: at its start, or it is over.
    pub after: Option<String>,
    /// The sweep is over, and only its proof is wanting.
    pub swept: bool,
    /// Which sweep this is, from 1.
    sweep: u32,
    /// What the service declared when the walk began.
    before: Option<u64>,
    /// What the service declared when this sweep began.
    sweep_before: Option<u64>,
    /// How many different ids were handed on in this sweep, and the sum of their hashes.
    count: u64,
    sum: u64,
    /// Ids of the page at `after` that are done: of streams whose records are below others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub done: Vec<String>,
    /// Records that do not have as many below them as they say; at most [`ODD_MAX`].
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    odd: BTreeSet<u64>,
    /// Records below others that were declared in the first sweep.
    #[serde(default)]
    pub declared: u64,
}

/// What comes after a sweep.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Next {
    /// The walk is over.
    Over(Completeness),
    /// The ids that are there now have to be looked at: [`Tally::compare`].
    Compare,
    /// Another sweep.
    Sweep,
}

impl Tally {
    /// A walk that begins.
    pub fn new() -> Self {
        let kept = Kept { form: FORM, sweep: 1, ..Kept::default() };
        Self { kept, ..Self::default() }
    }

    /// A walk that goes on; `None`: the checkpoint is of something else.
    pub fn resume(checkpoint: Checkpoint) -> Option<Self> {
        let kept: Kept = serde_json::from_value(checkpoint).ok().filter(|kept: &Kept| kept.form == FORM)?;
        Some(Self { kept, resumed: true, ..Self::default() })
    }

    /// Where the walk goes on after what was handed on so far.
    pub fn checkpoint(&self) -> Checkpoint {
        serde_json::to_value(&self.kept).unwrap_or_default()
    }

    /// A page says how many there are.
    pub fn declare(&mut self, total: Option<u64>) {
        self.kept.before = self.kept.before.or(total);
        self.kept.sweep_before = self.kept.sweep_before.or(total);
    }

    /// A record says how many are below it.
    pub fn declare_below(&mut self, below: u64) {
        if self.kept.sweep == 1 {
            self.kept.declared += below;
        }
    }

    /// Whether a record has as many below it as it says.
    pub fn fits(&mut self, id: u64, fits: bool) {
        if fits {
            self.kept.odd.remove(&id);
        } else if self.kept.odd.len() < ODD_MAX {
            self.kept.odd.insert(id);
        }
    }

    /// How many records do not have as many below them as they say.
    pub fn odd(&self) -> usize {
        self.kept.odd.len()
    }

    /// How many there are, for the progress bar.
    pub fn expected(&self) -> Option<u64> {
        self.kept.before
    }

    /// A record is there: whether it is to be handed on.
    pub fn take(&mut self, id: u64, version: u64) -> bool {
        let sweep = self.kept.sweep;
        if let Some(known) = self.seen.get_mut(&id) {
            self.in_sweep += u64::from(known.1 != sweep);
            let is_new = known.0 != version;
            *known = (version, sweep);
            self.changed += u64::from(is_new);
            return is_new;
        }
        if self.seen.len() >= SEEN_MAX {
            self.overflow = true;
            return true;
        }
        self.seen.insert(id, (version, sweep));
        self.in_sweep += 1;
        self.kept.count += 1;
        self.kept.sum = self.kept.sum.wrapping_add(id);
        self.appeared += u64::from(sweep > 1);
        true
    }

    /// The sweep is over, and the service now declares `after`.
    pub fn judge(&self, after: Option<u64>) -> Next {
        if self.overflow {
            return self.unproven(after, format!("there are more than {SEEN_MAX} records"));
        }
        let (Some(before), Some(now)) = (self.kept.sweep_before, after) else {
            return self.unproven(after, "the service does not say how many there are".into());
        };
        if self.resumed {
            return Next::Compare;
        }
        if before == now && self.in_sweep == now {
            return Next::Over(self.proven(after));
        }
        if self.kept.sweep >= SWEEPS_MAX {
            let seen = self.in_sweep;
            return self.unproven(
                after,
                format!("{SWEEPS_MAX} times the service declared {before}, then {now}, and showed {seen}"),
            );
        }
        Next::Sweep
    }

    /// The ids that are there now, of a sweep that an earlier process began.
    pub fn compare(&self, ids: &[u64], after: Option<u64>) -> Next {
        let earlier: HashSet<u64> = ids.iter().copied().filter(|id| !self.seen.contains_key(id)).collect();
        let (mut count, mut sum) = (self.kept.count, self.kept.sum);
        // What this process handed on is in the sums, too.
        for id in self.seen.keys() {
            count -= 1;
            sum = sum.wrapping_sub(*id);
        }
        let now: HashSet<u64> = ids.iter().copied().collect();
        let same = earlier.len() as u64 == count
            && earlier.iter().fold(0u64, |sum, id| sum.wrapping_add(*id)) == sum
            && self.seen.keys().all(|id| now.contains(id));
        if same && after == Some(now.len() as u64) {
            return Next::Over(self.proven(after));
        }
        Next::Sweep
    }

    /// Begins another sweep, from the start. What an earlier process saw is forgotten: it comes again.
    pub fn sweep_again(&mut self) {
        let sum = self.seen.keys().fold(0u64, |sum, id| sum.wrapping_add(*id));
        self.kept = Kept {
            form: FORM,
            sweep: if self.resumed { self.kept.sweep } else { self.kept.sweep + 1 },
            before: self.kept.before,
            count: self.seen.len() as u64,
            sum,
            // Those that did not change are not looked at again.
            odd: std::mem::take(&mut self.kept.odd),
            declared: self.kept.declared,
            ..Kept::default()
        };
        // Ids that the resumed part saw are not those of this sweep.
        for known in self.seen.values_mut() {
            known.1 = 0;
        }
        (self.in_sweep, self.resumed) = (0, false);
    }

    fn proven(&self, after: Option<u64>) -> Completeness {
        let vanished = if self.resumed { 0 } else { self.seen.len() as u64 - self.in_sweep };
        let grown = after.unwrap_or(0).saturating_sub(self.kept.before.unwrap_or(0));
        Completeness {
            declared_before: self.kept.before,
            declared_after: after,
            appeared: self.appeared.max(grown),
            changed: self.changed,
            vanished,
            complete: true,
            remarks: Vec::new(),
        }
    }

    fn unproven(&self, after: Option<u64>, remark: String) -> Next {
        Next::Over(Completeness {
            declared_before: self.kept.before,
            declared_after: after,
            appeared: self.appeared,
            changed: self.changed,
            vanished: 0,
            complete: false,
            remarks: vec![remark],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sweep over these ids; all have version 0.
    fn sweep(tally: &mut Tally, ids: &[u64], before: u64) -> usize {
        tally.declare(Some(before));
        ids.iter().filter(|id| tally.take(**id, 0)).count()
    }

    fn over(next: Next) -> Completeness {
        match next {
            Next::Over(completeness) => completeness,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_sweep_proves_itself_by_the_same_number_three_times() {
        for (ids, before, after, proven) in [
            (&[1, 2, 3][..], 3, 3, true),
            (&[], 0, 0, true),
            (&[1, 2, 2, 3, 1], 3, 3, true),
            (&[1, 2], 3, 3, false),
            (&[1, 2, 3], 3, 4, false),
            (&[1, 2, 3], 4, 3, false),
            (&[1, 2, 3, 4], 3, 3, false),
        ] {
            let mut tally = Tally::new();
            sweep(&mut tally, ids, before);
            match tally.judge(Some(after)) {
                Next::Over(completeness) => assert!(proven && completeness.complete, "{ids:?}"),
                next => assert_eq!((next, proven), (Next::Sweep, false), "{ids:?}"),
            }
        }
    }

    #[test]
    fn what_shifted_is_found_in_another_sweep_and_handed_on_once() {
        let mut tally = Tally::new();
        // 1 is deleted while the first sweep goes on, so that 3 slips to a page that was shown already.
        assert_eq!(sweep(&mut tally, &[1, 2, 4], 4), 3);
        assert_eq!(tally.judge(Some(3)), Next::Sweep);
        tally.sweep_again();
        assert_eq!(sweep(&mut tally, &[2, 3, 4], 3), 1, "only 3 is new");
        let proof = over(tally.judge(Some(3)));
        assert!(proof.complete);
        assert_eq!((proof.declared_before, proof.declared_after), (Some(4), Some(3)));
        assert_eq!((proof.appeared, proof.changed, proof.vanished), (1, 0, 1));
    }

    #[test]
    fn what_did_not_fit_is_remembered_until_it_does() {
        let mut tally = Tally::new();
        sweep(&mut tally, &[1, 2], 3);
        tally.fits(1, false);
        tally.fits(2, false);
        tally.sweep_again();
        assert_eq!(tally.odd(), 2, "another sweep does not look at them again");
        tally.fits(2, true);
        assert_eq!(Tally::resume(tally.checkpoint()).expect("ours").odd(), 1);
        (0..2_000).for_each(|id| tally.fits(id, false));
        assert_eq!(tally.odd(), ODD_MAX);
    }

    #[test]
    fn a_record_that_changed_is_handed_on_again() {
        let mut tally = Tally::new();
        sweep(&mut tally, &[1], 1);
        assert!(tally.take(1, 7) && !tally.take(1, 7));
        assert_eq!(over(tally.judge(Some(1))).changed, 1);
    }

    #[test]
    fn without_proof_there_is_a_reason() {
        let mut tally = Tally::new();
        sweep(&mut tally, &[1], 2);
        for _ in 1..SWEEPS_MAX {
            assert_eq!(tally.judge(Some(2)), Next::Sweep);
            tally.sweep_again();
            sweep(&mut tally, &[1], 2);
        }
        let proof = over(tally.judge(Some(2)));
        assert!(!proof.complete && proof.remarks[0].contains("declared 2, then 2, and showed 1"));
        let mut tally = Tally::new();
        tally.take(1, 0);
        let proof = over(tally.judge(Some(1)));
        assert!(!proof.complete && proof.remarks[0].contains("does not say"));
    }

    #[test]
    fn an_interrupted_walk_proves_itself_by_the_ids_that_are_there() {
        let begun = || {
            let mut tally = Tally::new();
            sweep(&mut tally, &[10, 20, 30], 5);
            tally.kept.after = Some("c".into());
            let mut tally = Tally::resume(tally.checkpoint()).expect("our checkpoint");
            assert_eq!(tally.kept.after.as_deref(), Some("c"));
            sweep(&mut tally, &[40, 50], 5);
            assert_eq!(tally.judge(Some(5)), Next::Compare);
            tally
        };
        for (ids, after, proven) in [
            (&[10, 20, 30, 40, 50][..], 5, true),
            (&[50, 40, 30, 20, 10, 10], 5, true),
            (&[10, 20, 30, 40, 50], 6, false),
            (&[10, 20, 40, 50], 4, false),
            (&[10, 20, 30, 40], 4, false),
            (&[10, 20, 31, 40, 50], 5, false),
            (&[10, 20, 30, 40, 50, 60], 6, false),
        ] {
            match begun().compare(ids, Some(after)) {
                Next::Over(proof) => assert!(proven && proof.complete, "{ids:?}"),
                next => assert_eq!((next, proven), (Next::Sweep, false), "{ids:?}"),
            }
        }
        // Not proven: everything is swept again, and handed on where this process has not seen it.
        let mut tally = begun();
        tally.sweep_again();
        assert_eq!(sweep(&mut tally, &[10, 20, 40, 50], 4), 2);
        assert!(over(tally.judge(Some(4))).complete);
    }

    #[test]
    fn a_checkpoint_of_something_else_is_none() {
        for other in
            ["{}", r#"{"page":3}"#, "null", r#"{"form":2,"swept":false,"sweep":1,"count":0,"sum":0}"#]
        {
            assert!(Tally::resume(serde_json::from_str(other).expect("JSON")).is_none(), "{other}");
        }
        let tally = Tally::new();
        assert_eq!(Tally::resume(tally.checkpoint()).expect("ours").kept, tally.kept);
    }
}
