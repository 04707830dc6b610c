//! A runbook in its checked form.

use base::Fault;
use jiff::SignedDuration;
use sha2::{Digest, Sha256};
use std::ops::Range;

/// Hexadecimal digits of a step's id: 48 bits, far more than the steps of a runbook need.
const ID_DIGITS: usize = 12;

/// A checked runbook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runbook {
    /// Its title, or the first section's name when it has none.
    pub title: String,
    /// A digest of the whole document: another one means that somebody changed it.
    pub digest: String,
    /// What must be there before anything runs.
    pub needs: Vec<Need>,
    /// Its sections that have steps, in order.
    pub sections: Vec<Section>,
}

impl Runbook {
    /// All steps, in order.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.sections.iter().flat_map(|section| &section.steps)
    }

    /// The step that a person named: its number (`2.3`) or its id, or at least four digits of it.
    pub fn step(&self, named: &str) -> Result<&Step, Fault> {
        let short = named.len() >= 4 && !named.contains('.');
        let mut hits = self
            .steps()
            .filter(|step| step.number == named || step.id == named || (short && step.id.starts_with(named)));
        match (hits.next(), hits.next()) {
            (Some(step), None) => Ok(step),
            (Some(_), Some(_)) => {
                Err(Fault::usage(format!("several steps are called {named}")).hint("name it by its number"))
            }
            (None, _) => Err(Fault::usage(format!("the runbook has no step {named}"))
                .hint("landfall runbook run FILE --status lists the steps")),
        }
    }

    /// The place of the section with this name, capitals aside.
    pub fn section(&self, named: &str) -> Result<usize, Fault> {
        let found = self.sections.iter().position(|s| same_name(&s.name, named));
        found.ok_or_else(|| {
            let fault = Fault::usage(format!("the runbook has no section `{named}` with steps"));
            match base::names::nearest(named, self.sections.iter().map(|s| s.name.as_str())) {
                Some(near) => fault.hint(format!("did you mean `{near}`?")),
                None => fault,
            }
        })
    }
}

/// Whether two names of sections are the same to a reader.
pub(crate) fn same_name(a: &str, b: &str) -> bool {
    a.trim().to_lowercase() == b.trim().to_lowercase()
}

/// Something that must be there before anything runs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// A variable that is set and not empty.
    Variable(String),
    /// A program on the `PATH`.
    Program(String),
}

/// The steps below one heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// The heading.
    pub name: String,
    /// Its steps, in order; at least one.
    pub steps: Vec<Step>,
    /// Whether it is gone to on a failure: it takes no part when all goes well.
    pub on_failure_only: bool,
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Stable as long as section and text stay: the first digits of their digest.
    pub id: String,
    /// Its place for people: `2.3` is the third step of the second section.
    pub number: String,
    /// The name of its section.
    pub section: String,
    /// The item's first paragraph, without markup.
    pub text: String,
    /// What else the item says, one line a paragraph; often empty.
    pub details: String,
    /// What is to be done.
    pub kind: Kind,
    /// How long its command, and its check, may take each.
    pub timeout: SignedDuration,
    /// The section to go to when it fails.
    pub on_failure: Option<String>,
    /// Whether the end of its output is recorded.
    pub record_output: bool,
    /// A digest of what is to be done; another one under the same id means that this changed.
    pub digest: String,
    /// Bytes of the document.
    pub span: Range<usize>,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A command runs; it is done when it exits with 0, and the check does too.
    Command {
        /// What runs.
        command: Command,
        /// What decides.
        check: Option<Command>,
    },
    /// A person does it, and says so.
    ByHand {
        /// What decides whether it is done; without one the person's word does.
        check: Option<Command>,
    },
    /// A person agrees by name.
    Approval {
        /// Whose word is wanted, in the writer's words.
        role: Option<String>,
        /// Whether it must be somebody who did none of the steps before it.
        another: bool,
    },
}

impl Kind {
    /// Its word.
    pub fn word(&self) -> &'static str {
        match self {
            Kind::Command { .. } => "command",
            Kind::ByHand { .. } => "by hand",
            Kind::Approval { .. } => "approval",
        }
    }
    /// The command that runs.
    pub fn command(&self) -> Option<&Command> {
        match self {
            Kind::Command { command, .. } => Some(command),
            _ => None,
        }
    }
    /// The command that decides whether it is done.
    pub fn check(&self) -> Option<&Command> {
        match self {
            Kind::Command { check, .. } | Kind::ByHand { check } => check.as_ref(),
            Kind::Approval { .. } => None,
        }
    }
}

/// A command, as a shell reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Which shell.
    pub shell: Shell,
    /// Its lines.
    pub script: String,
}

/// A shell. Both stop at the first command that fails, and at a variable that is not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shell {
    /// `sh -eu`.
    Sh,
    /// `bash -eu -o pipefail`: a pipe fails with any of its parts, too.
    Bash,
}

impl Shell {
    /// The word of a fence, and the program.
    pub fn word(self) -> &'static str {
        match self {
            Shell::Sh => "sh",
            Shell::Bash => "bash",
        }
    }
    /// What stands before the script.
    pub(crate) fn options(self) -> &'static [&'static str] {
        match self {
            Shell::Sh => &["-eu", "-c"],
            Shell::Bash => &["-eu", "-o", "pipefail", "-c"],
        }
    }
}

/// The id of a step.
pub(crate) fn id(section: &str, text: &str) -> String {
    digest([section, text])[..ID_DIGITS].to_owned()
}

/// A digest of parts, in hexadecimal; where one part ends counts.
pub(crate) fn digest<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
