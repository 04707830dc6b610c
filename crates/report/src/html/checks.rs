//! Checks, findings and passwords.

use crate::html::bars::{Part, stacked};
use crate::html::text::clean;
use crate::model::{CheckStatus, Level, Report};
use crate::words::{count, number};

/// The section.
pub(super) struct Checks {
    pub lead: String,
    pub lines: Vec<Line>,
    pub findings: Vec<Line>,
}

/// A check or a finding.
pub(super) struct Line {
    pub name: String,
    pub state: &'static str,
    pub says: &'static str,
    pub entity: String,
    pub count: String,
    pub examples: Vec<String>,
    pub why: String,
}

impl Checks {
    pub(super) fn new(report: &Report) -> Self {
        let passed = report.checks.iter().filter(|check| check.status == CheckStatus::Passed).count() as u64;
        let all = report.checks.len() as u64;
        let lead = match (all, passed) {
            (0, _) if report.verification.is_none() => "No check has been run yet.".to_owned(),
            (0, _) => "The project declares no checks.".to_owned(),
            (1, 1) => "The one check passed.".to_owned(),
            (_, _) if all == passed => format!("All {} passed.", count(all, "check", "checks")),
            _ => format!("{} of {} passed.", number(passed), count(all, "check", "checks")),
        };
        let check = |check: &crate::Check| {
            let (state, says) = match (check.status, check.level) {
                (CheckStatus::Passed, _) => ("good", "passed"),
                (CheckStatus::Failed, Level::Error) => ("bad", "failed"),
                (CheckStatus::Failed, Level::Warn) => ("look", "warns"),
                (CheckStatus::CouldNotRun, Level::Error) => ("bad", "could not run"),
                (CheckStatus::CouldNotRun, Level::Warn) => ("look", "could not run"),
            };
            Line {
                name: clean(&check.name),
                state,
                says,
                entity: String::new(),
                count: match check.status {
                    CheckStatus::Failed => count(check.rows, "row", "rows"),
                    CheckStatus::Passed | CheckStatus::CouldNotRun => String::new(),
                },
                examples: check.examples.iter().map(|id| clean(id)).collect(),
                why: check.why.as_deref().map(clean).unwrap_or_default(),
            }
        };
        let finding = |finding: &crate::Finding| Line {
            name: clean(&finding.name),
            state: if finding.level == Level::Error { "bad" } else { "look" },
            says: if finding.level == Level::Error { "error" } else { "worth a look" },
            entity: finding.entity.as_deref().map(clean).unwrap_or_default(),
            count: count(finding.count, "record", "records"),
            examples: finding.examples.iter().map(|id| clean(id)).collect(),
            why: String::new(),
        };
        Self {
            lead,
            lines: report.checks.iter().map(check).collect(),
            findings: report.findings.iter().filter(|found| found.count > 0).map(finding).collect(),
        }
    }
}

/// What became of passwords.
pub(super) struct Passwords {
    pub parts: Vec<Part>,
    pub spoken: String,
    pub lines: Vec<Kind>,
    pub file: String,
    pub reasons: Vec<(String, String)>,
}

/// One of the three ends of a password.
pub(super) struct Kind {
    pub class: &'static str,
    pub figure: String,
    pub word: &'static str,
    pub meaning: &'static str,
}

impl Passwords {
    pub(super) fn new(report: &Report, found: &crate::Passwords) -> Self {
        let kinds = [
            ("loaded", found.kept, "kept", "The hash was taken as it is: these people sign in as before."),
            ("updated", found.hashed, "hashed", "The password was hashed: these people sign in as before."),
            (
                "rejected",
                found.unusable,
                "to be reset",
                "There is no usable password: these people get a reset mail.",
            ),
        ];
        let parts = kinds.map(|(class, n, word, _)| (class, n, format!("{} {word}", number(n))));
        let whole = kinds.iter().map(|(_, n, _, _)| *n).fold(0, u64::saturating_add);
        Self {
            spoken: parts.iter().map(|(_, _, title)| title.as_str()).collect::<Vec<_>>().join(", "),
            parts: stacked(&parts, whole),
            lines: kinds
                .into_iter()
                .map(|(class, n, word, meaning)| Kind { class, figure: number(n), word, meaning })
                .collect(),
            file: if found.unusable == 0 {
                String::new()
            } else {
                clean(&report.run.file_name("password_resets", "csv"))
            },
            reasons: found.by_reason.iter().map(|(reason, n)| (clean(reason), number(*n))).collect(),
        }
    }
}
