//! What comes next. Pure.

use crate::model::{Need, Runbook, Section, Step};
use crate::progress::{Heard, Progress};

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next<'a> {
    /// This step, which stands like this.
    Step(&'a Step, Standing),
    /// Nothing: all steps of the way are done or skipped.
    Nothing,
}

/// How a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nobody has begun it.
    Pending,
    /// It was begun, and nobody knows how it ended.
    Begun,
    /// It failed.
    Failed,
    /// It was done, and does something else now.
    Changed,
    /// It is done.
    Done,
    /// It was left out.
    Skipped,
}

impl Standing {
    /// How this step stands.
    pub fn of(step: &Step, progress: &Progress) -> Self {
        let Some(state) = progress.steps.get(&step.id) else { return Standing::Pending };
        match state.what {
            Heard::Begun => Standing::Begun,
            Heard::Failed(..) => Standing::Failed,
            Heard::Skipped(_) => Standing::Skipped,
            Heard::Done | Heard::Ticked | Heard::Approved(_) if state.does != step.digest => {
                Standing::Changed
            }
            Heard::Done | Heard::Ticked | Heard::Approved(_) => Standing::Done,
        }
    }

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Standing::Pending => "pending",
            Standing::Begun => "begun",
            Standing::Failed => "failed",
            Standing::Changed => "changed",
            Standing::Done => "done",
            Standing::Skipped => "skipped",
        }
    }

    fn through(self) -> bool {
        matches!(self, Standing::Done | Standing::Skipped)
    }
}

/// The sections on the way: the one that the pass was sent to; else the one that is wanted; else all that
/// are not only for failures.
pub(crate) fn way<'a>(
    book: &'a Runbook,
    progress: &'a Progress,
    only: Option<usize>,
) -> impl Iterator<Item = (usize, &'a Section)> {
    book.sections.iter().enumerate().filter(move |(place, section)| match (&progress.went_to, only) {
        (Some(target), _) => section.name == *target,
        (None, Some(only)) => *place == only,
        (None, None) => !section.on_failure_only,
    })
}

/// What comes next; `only`: the place of the one section that is wanted.
pub fn next<'a>(book: &'a Runbook, progress: &'a Progress, only: Option<usize>) -> Next<'a> {
    let mut steps = way(book, progress, only).flat_map(|(_, section)| &section.steps);
    let found = steps.find_map(|step| {
        let standing = Standing::of(step, progress);
        (!standing.through()).then_some(Next::Step(step, standing))
    });
    found.unwrap_or(Next::Nothing)
}

/// What the runbook needs and is not there: `variable` says whether one is set and not empty, `program`
/// whether one can be run.
pub fn missing(
    book: &Runbook,
    variable: impl Fn(&str) -> bool,
    program: impl Fn(&str) -> bool,
) -> Vec<&Need> {
    book.needs
        .iter()
        .filter(|need| match need {
            Need::Variable(name) => !variable(name),
            Need::Program(name) => !program(name),
        })
        .collect()
}
