//! What goes wrong on purpose: which fault strikes which request.

use super::scenario::{Fault, FaultKind};
use std::sync::Mutex;
use std::time::Duration;

/// The faults in force, each with its count.
#[derive(Default)]
pub(crate) struct Faults(Mutex<Vec<Armed>>);

struct Armed {
    fault: Fault,
    seen: u64,
    fired: u64,
}

impl Armed {
    /// Counts a matching request, and says whether the fault strikes it.
    fn strikes(&mut self) -> bool {
        self.seen += 1;
        let (n, fault) = (self.seen, &self.fault);
        let always = fault.at.is_empty() && fault.every.is_none();
        let due = always || fault.at.contains(&n) || fault.every.is_some_and(|every| n.is_multiple_of(every));
        due && fault.times.is_none_or(|times| self.fired < times)
    }
}

impl Faults {
    pub fn new(faults: &[Fault]) -> Self {
        let all = Self::default();
        faults.iter().for_each(|fault| all.arm(fault.clone()));
        all
    }

    /// Adds a fault; it counts from now on.
    pub fn arm(&self, fault: Fault) {
        let mut all = self.0.lock().unwrap_or_else(|e| e.into_inner());
        all.push(Armed { fault, seen: 0, fired: 0 });
    }

    /// Ends all faults.
    pub fn disarm(&self) {
        self.0.lock().unwrap_or_else(|e| e.into_inner()).clear();
    }

    /// What happens to a request for those fields: the first fault that strikes. `actions` says whether one
    /// of them gives an `Action`, which only `failed` asks.
    pub fn strike(&self, fields: &[String], actions: bool) -> Option<(FaultKind, Duration)> {
        let mut struck = None;
        for armed in self.0.lock().unwrap_or_else(|e| e.into_inner()).iter_mut() {
            let fault = &armed.fault;
            let named = fault.fields.is_empty() || fault.fields.iter().any(|field| fields.contains(field));
            if !named || (fault.kind == FaultKind::Failed && !actions) {
                continue;
            }
            if armed.strikes() && struck.is_none() {
                armed.fired += 1;
                struck = Some((armed.fault.kind, Duration::from_millis(armed.fault.milliseconds)));
            }
        }
        struck
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_strikes_the_requests_it_names() {
        let fault = || Fault { times: None, ..Fault::next(FaultKind::Dropped, "createPost") };
        let cases = [
            (Fault { at: vec![2, 5], ..fault() }, "010010"),
            (Fault { every: Some(3), ..fault() }, "001001"),
            (Fault { every: Some(2), times: Some(2), ..fault() }, "010100"),
            (Fault { times: Some(3), ..fault() }, "111000"),
            (Fault { fields: Vec::new(), ..fault() }, "111111"),
            (Fault { fields: vec!["posts".to_owned()], ..fault() }, "000000"),
            (Fault { kind: FaultKind::Failed, ..fault() }, "000000"),
        ];
        for (fault, expected) in cases {
            let faults = Faults::new(std::slice::from_ref(&fault));
            let fields = ["createPost".to_owned()];
            let struck: String =
                (0..6).map(|_| if faults.strike(&fields, false).is_some() { '1' } else { '0' }).collect();
            assert_eq!(struck, expected, "{fault:?}");
        }
    }

    #[test]
    fn of_two_faults_that_strike_the_first_one_wins_and_the_other_is_still_to_come() {
        let faults =
            Faults::new(&[Fault::next(FaultKind::Dropped, "posts"), Fault::next(FaultKind::Broken, "posts")]);
        let fields = ["posts".to_owned()];
        let kind = || faults.strike(&fields, false).map(|(kind, _)| kind);
        assert_eq!([kind(), kind(), kind()], [Some(FaultKind::Dropped), Some(FaultKind::Broken), None]);
    }
}
