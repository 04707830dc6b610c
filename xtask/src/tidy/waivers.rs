//! Exceptions, each with its reason. One that is no longer needed is a problem itself.

use super::{Problem, Rule};
use std::collections::BTreeSet;

/// An exception from a rule for a file.
#[derive(Debug)]
pub struct Waiver {
    /// The file, from the root.
    pub file: &'static str,
    /// The rule.
    pub rule: Rule,
    /// Why this file is different.
    pub reason: &'static str,
}

/// All exceptions.
pub const WAIVERS: &[Waiver] = &[];

/// The problems that no waiver takes, and the waivers that take none.
pub fn apply(waivers: &[Waiver], known: &BTreeSet<&str>, problems: Vec<Problem>) -> Vec<Problem> {
    let takes =
        |waiver: &Waiver, problem: &Problem| waiver.file == problem.file && waiver.rule == problem.rule;
    let unused = waivers.iter().filter(|waiver| !problems.iter().any(|problem| takes(waiver, problem)));
    let unused: Vec<_> = unused
        .map(|waiver| {
            let what = if known.contains(waiver.file) { "needs no waiver" } else { "is not there" };
            let message =
                format!("{what} for {:?} any more (its reason was: {})", waiver.rule, waiver.reason);
            Problem { file: waiver.file.into(), line: None, rule: Rule::Waiver, message }
        })
        .collect();
    let open = problems.into_iter().filter(|problem| !waivers.iter().any(|waiver| takes(waiver, problem)));
    open.chain(unused).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(file: &str, rule: Rule) -> Problem {
        Problem { file: file.into(), line: Some(1), rule, message: String::new() }
    }

    #[test]
    fn a_waiver_takes_its_rule_in_its_file_and_must_be_needed() {
        let waivers = [
            Waiver { file: "a.rs", rule: Rule::Lines, reason: "one table" },
            Waiver { file: "b.rs", rule: Rule::Lines, reason: "was long" },
            Waiver { file: "gone.rs", rule: Rule::Columns, reason: "was wide" },
        ];
        let problems =
            vec![problem("a.rs", Rule::Lines), problem("a.rs", Rule::Header), problem("b.rs", Rule::Header)];
        let left = apply(&waivers, &BTreeSet::from(["a.rs", "b.rs"]), problems);
        let left: Vec<_> = left.iter().map(|p| (p.file.as_str(), p.rule)).collect();
        assert_eq!(
            left,
            [
                ("a.rs", Rule::Header),
                ("b.rs", Rule::Header),
                ("b.rs", Rule::Waiver),
                ("gone.rs", Rule::Waiver)
            ]
        );
    }

    #[test]
    fn every_waiver_has_a_reason() {
        assert!(WAIVERS.iter().all(|waiver| !waiver.reason.is_empty()));
    }
}
