//! The events of a journal, as they are written: one JSON object a line.
//!
//! `{"v":1,"at":"2026-11-21T22:00:00Z","by":"ann","event":"begun","step":"0f3c…", …}`. A field is added with
//! `#[serde(default)]` and never renamed; an event that an older program does not know is refused by it.

use crate::model::Step;
use base::Fault;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of the lines that are written.
pub const VERSION: u32 = 1;

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The version of its form.
    pub v: u32,
    /// When.
    pub at: Timestamp,
    /// Who sat at the keyboard.
    pub by: String,
    /// What.
    #[serde(flatten)]
    pub what: Happened,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Happened {
    /// Somebody began a pass, or went on with one after the document was changed.
    Opened {
        /// The pass: 1, 2, …
        pass: u32,
        /// The runbook's title.
        title: String,
        /// The document's digest.
        document: String,
        /// Step id → digest of what it does.
        steps: BTreeMap<String, String>,
    },
    /// A command is about to run.
    Begun {
        /// The step.
        #[serde(flatten)]
        step: StepRef,
    },
    /// It ended.
    Ended {
        /// The step.
        #[serde(flatten)]
        step: StepRef,
        /// Whether the step is done.
        done: bool,
        /// What decided: the command, or its check.
        part: Part,
        /// Its exit status.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        exit: Option<i32>,
        /// The signal that ended it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        signal: Option<i32>,
        /// Whether it was ended because its time was over.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        timed_out: bool,
        /// The end of its output, where the runbook asks for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        output: Option<String>,
    },
    /// Done by a person, by their word.
    Ticked {
        /// The step.
        #[serde(flatten)]
        step: StepRef,
    },
    /// Its check said that it is done, without its command having been run to its end.
    Found {
        /// The step.
        #[serde(flatten)]
        step: StepRef,
    },
    /// Somebody agreed.
    Approved {
        /// The step.
        #[serde(flatten)]
        step: StepRef,
        /// Their name.
        name: String,
    },
    /// Left out on purpose.
    Skipped {
        /// The step.
        #[serde(flatten)]
        step: StepRef,
        /// Why.
        reason: String,
    },
    /// A failure, or a person, sent the pass to a section; it does not come back.
    WentTo {
        /// The section's name.
        section: String,
    },
    /// The pass is through.
    Closed,
}

/// What decided how a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Its command.
    Command,
    /// Its check.
    Check,
}

/// A step, as it was when something happened to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepRef {
    /// Its id.
    pub step: String,
    /// Its section.
    pub section: String,
    /// Its words.
    pub text: String,
    /// The digest of what it does.
    pub does: String,
}

impl From<&Step> for StepRef {
    fn from(step: &Step) -> Self {
        Self {
            step: step.id.clone(),
            section: step.section.clone(),
            text: step.text.clone(),
            does: step.digest.clone(),
        }
    }
}

/// The events of a journal's text, and how many bytes of it they are: a last line without its end was never
/// finished, and what it would have announced never began.
pub fn read_entries(text: &str) -> Result<(Vec<Entry>, usize), Fault> {
    let whole = text.rfind('\n').map_or(0, |end| end + 1);
    let mut entries = Vec::new();
    for (number, line) in text[..whole].lines().enumerate() {
        let refuse = |why: &str| {
            Fault::stop(format!("line {} of the journal {why}", number + 1)).hint(
                "it is written by landfall only; put the original back, or move the file away to begin anew",
            )
        };
        let value: serde_json::Value = serde_json::from_str(line).map_err(|_| refuse("is not JSON"))?;
        if value["v"].as_u64().is_none_or(|v| v > u64::from(VERSION)) {
            return Err(refuse("is of a newer form than this program knows"));
        }
        entries.push(serde_json::from_value(value).map_err(|_| refuse("is no event"))?);
    }
    Ok((entries, whole))
}
