//! What a journal says about how far a runbook is. Pure.

use crate::journal::{Entry, Happened, Part, StepRef};
use crate::model::Runbook;
use crate::ports::How;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// How far the newest pass is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// The newest pass; 0: none was begun.
    pub pass: u32,
    /// The document's digest when it was last opened.
    pub document: String,
    /// The steps that it had then: id → digest of what each does.
    pub known: BTreeMap<String, String>,
    /// What was last heard of steps of this pass, by id.
    pub steps: BTreeMap<String, StepState>,
    /// The section that the pass was sent to.
    pub went_to: Option<String>,
    /// When it was through.
    pub closed: Option<Timestamp>,
    /// Everybody who did a step of it.
    pub hands: BTreeSet<String>,
}

/// What was last heard of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepState {
    /// When.
    pub at: Timestamp,
    /// Who sat at the keyboard.
    pub by: String,
    /// The digest of what it did.
    pub does: String,
    /// What.
    pub what: Heard,
}

/// What was heard of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// It was begun, and nobody knows how it ended.
    Begun,
    /// It failed.
    Failed(Part, How),
    /// It is done: its command ran, or it was found done.
    Done,
    /// A person did it.
    Ticked,
    /// Somebody agreed: their name.
    Approved(String),
    /// It was left out: why.
    Skipped(String),
}

/// How the document differs from the one that was last opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Numbers of steps that are new, or are worded anew.
    pub new: Vec<String>,
    /// Numbers of steps that do something else now.
    pub changed: Vec<String>,
    /// How many steps are gone.
    pub gone: usize,
}

impl Progress {
    /// What the journal says.
    pub fn of(entries: &[Entry]) -> Self {
        let mut progress = Self::default();
        for entry in entries {
            progress.hear(entry);
        }
        progress
    }

    fn hear(&mut self, entry: &Entry) {
        match &entry.what {
            Happened::Opened { pass, document, steps, .. } => {
                if *pass != self.pass {
                    *self = Self { pass: *pass, ..Self::default() };
                }
                self.document.clone_from(document);
                self.known.clone_from(steps);
            }
            Happened::Begun { step } => self.step(entry, step, Heard::Begun),
            Happened::Ended { step, done, part, exit, signal, timed_out, .. } => {
                let how = match (timed_out, exit, signal) {
                    (true, _, _) => How::TimedOut,
                    (false, Some(exit), _) => How::Exited(*exit),
                    (false, None, signal) => How::Killed(signal.unwrap_or_default()),
                };
                self.step(entry, step, if *done { Heard::Done } else { Heard::Failed(*part, how) });
            }
            Happened::Ticked { step } => self.step(entry, step, Heard::Ticked),
            Happened::Found { step } => self.step(entry, step, Heard::Done),
            Happened::Approved { step, name } => self.step(entry, step, Heard::Approved(name.clone())),
            Happened::Skipped { step, reason } => self.step(entry, step, Heard::Skipped(reason.clone())),
            Happened::WentTo { section } => self.went_to = Some(section.clone()),
            Happened::Closed => self.closed = Some(entry.at),
        }
    }

    fn step(&mut self, entry: &Entry, step: &StepRef, what: Heard) {
        if !matches!(what, Heard::Approved(_)) {
            self.hands.insert(entry.by.to_lowercase());
        }
        let state = StepState { at: entry.at, by: entry.by.clone(), does: step.does.clone(), what };
        self.steps.insert(step.step.clone(), state);
    }

    /// How the document differs from the one that was last opened; `None`: it does not, or none was.
    pub fn difference(&self, book: &Runbook) -> Option<Difference> {
        if self.pass == 0 || self.document == book.digest {
            return None;
        }
        let number = |wanted: &dyn Fn(Option<&String>, &String) -> bool| {
            let hits = book.steps().filter(|s| wanted(self.known.get(&s.id), &s.digest));
            hits.map(|s| s.number.clone()).collect()
        };
        let there: BTreeSet<&str> = book.steps().map(|s| s.id.as_str()).collect();
        Some(Difference {
            new: number(&|known, _| known.is_none()),
            changed: number(&|known, now| known.is_some_and(|known| known != now)),
            gone: self.known.keys().filter(|id| !there.contains(id.as_str())).count(),
        })
    }
}
