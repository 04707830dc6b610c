//! From a document to a checked runbook, with all problems and their places.

mod build;
mod fence;
mod outline;
mod settings;

use crate::RUNBOOK_BYTES_MAX;
use crate::model::Runbook;
use base::{Problem, Severity};

/// What a document says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    /// The runbook; `None`: a problem of [`Severity::Error`] is among the problems.
    pub runbook: Option<Runbook>,
    /// All problems, in the order of the document.
    pub problems: Vec<Problem>,
}

/// Reads a document.
pub fn parse(text: &str) -> Parsed {
    if text.len() > RUNBOOK_BYTES_MAX {
        let what = format!("the document is larger than {} KiB", RUNBOOK_BYTES_MAX / 1024);
        return Parsed { runbook: None, problems: vec![Problem::error(what)] };
    }
    let mut problems = Vec::new();
    let outline = outline::outline(text, &mut problems);
    let runbook = build::build(text, outline, &mut problems);
    problems.sort_by_key(|p| p.span.as_ref().map_or(0, |span| span.start));
    let stopped = problems.iter().any(|p| p.severity == Severity::Error);
    Parsed { runbook: (!stopped).then_some(runbook), problems }
}
