//! The rules of the house that a program can check.
//!
//! Each rule is a pure function from text to problems; this file reads the repository and asks them all.

mod files;
mod layers;
mod links;
mod suites;
mod text;
mod waivers;

use crate::failure::Failure;
use crate::repository::{Repository, output};
use std::collections::BTreeSet;
use std::fmt;

/// What a rule is called in messages and waivers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// A crate depends on lower layers only.
    Layer,
    /// A heavy dependency stands behind one door.
    Confined,
    /// Files have one subject.
    Lines,
    /// Lines fit on a screen.
    Columns,
    /// Nothing unfinished stays.
    Leftover,
    /// No path of one machine.
    Machine,
    /// A link of a document leads somewhere.
    Link,
    /// Every test file is run, by one binary per crate.
    Suite,
    /// An exception from a lint has a reason.
    Reason,
    /// A file says what it is about.
    Header,
    /// A waiver is for something.
    Waiver,
}

/// One place that is not tidy.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file, from the root.
    pub file: String,
    /// The line, from 1; `None`: the file as a whole.
    pub line: Option<usize>,
    /// The rule.
    pub rule: Rule,
    /// What is wrong and what to do.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {} ({:?})", self.message, self.rule)
    }
}

/// Every problem of the repository that no waiver takes, by file and line.
pub fn problems(repository: &Repository) -> Result<Vec<Problem>, Failure> {
    let mut problems = Vec::new();
    let files = files::read(repository.root()).map_err(Failure::failed)?;
    for file in &files {
        problems.extend(text::problems(&file.path, &file.text));
    }
    problems.extend(suites::problems(&files));
    problems.extend(links::problems(repository.root(), &files));

    let mut cargo = repository.cargo();
    let metadata = output(cargo.args(["metadata", "--no-deps", "--offline", "--format-version", "1"]))?;
    let metadata = serde_json::from_slice(&metadata).map_err(Failure::failed)?;
    problems.extend(layers::problems(&layers::edges(&metadata)));

    let known: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let mut problems = waivers::apply(waivers::WAIVERS, &known, problems);
    problems.sort();
    Ok(problems)
}
