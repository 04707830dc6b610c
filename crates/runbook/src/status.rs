//! The steps of a runbook and how each stands, for people and machines.

use crate::model::Runbook;
use crate::next::{Standing, way};
use crate::progress::{Heard, Progress};
use jiff::Timestamp;
use serde::Serialize;

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Its number.
    pub number: String,
    /// Its id.
    pub id: String,
    /// Its section.
    pub section: String,
    /// Its words.
    pub text: String,
    /// `command`, `by hand`, `approval`.
    pub kind: &'static str,
    /// Its command; absent: none runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// Its check.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
    /// Seconds that each may take.
    pub timeout_seconds: i64,
    /// How it stands: [`Standing::word`].
    pub state: &'static str,
    /// Whether a run would come to it.
    pub on_the_way: bool,
    /// When something was last heard of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// Who sat at the keyboard then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Who agreed, or why it was left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// All steps; `only`: the place of the one section that is wanted.
pub fn lines(book: &Runbook, progress: &Progress, only: Option<usize>) -> Vec<Line> {
    let sections: Vec<usize> = way(book, progress, only).map(|(place, _)| place).collect();
    let mut lines = Vec::new();
    for (place, section) in book.sections.iter().enumerate() {
        for step in &section.steps {
            let heard = progress.steps.get(&step.id);
            lines.push(Line {
                number: step.number.clone(),
                id: step.id.clone(),
                section: section.name.clone(),
                text: step.text.clone(),
                kind: step.kind.word(),
                command: step.kind.command().map(|c| c.script.clone()),
                check: step.kind.check().map(|c| c.script.clone()),
                timeout_seconds: step.timeout.as_secs(),
                state: Standing::of(step, progress).word(),
                on_the_way: sections.contains(&place),
                at: heard.map(|h| h.at),
                by: heard.map(|h| h.by.clone()),
                note: heard.and_then(|h| match &h.what {
                    Heard::Approved(name) => Some(name.clone()),
                    Heard::Skipped(reason) => Some(reason.clone()),
                    _ => None,
                }),
            });
        }
    }
    lines
}
