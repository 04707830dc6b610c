//! From a Circle `.env` to a BetterMode one. Lines stay as they are and where they are; what is new stands
//! at the end.

use super::names::{CIRCLE, CIRCLE_WEBHOOK_TOKEN, ENABLE_BETTERMODE, ENABLE_CIRCLE, NEW, RENAMED, switch};
use crate::dotenv::{self, DotenvEntry, DotenvProblem, NEVER_CLOSED};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// Above Circle's lines while they are read.
const KEPT: &str =
    "# Circle: read by landfall move, and while INTEGRATION_ENABLE_CIRCLE=true; obsolete after that.";

/// Above Circle's lines when they are not.
const OBSOLETE: &str =
    "# Circle: obsolete since the change to BetterMode; nothing reads these names any more.";

/// Above what is new.
const ADDED: &str = "# Added by landfall env migrate.";

/// What stands for a value.
const MASK: &str = "***";

/// A migrated file.
#[derive(Clone, PartialEq, Eq)]
pub struct Migrated {
    /// The new text. It holds the values: it goes into the file and nowhere else.
    pub text: String,
    /// What was changed, in order; none: the file is as it should be.
    pub changes: Vec<Change>,
    /// What is odd in the old text; with a quote that is never closed nothing is changed.
    pub problems: Vec<DotenvProblem>,
    /// The lines that differ, `-` or `+` in front, with `***` for values.
    pub diff: Vec<String>,
}

/// A change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A variable was added, with the value that is given here or none.
    Added {
        /// Which.
        name: &'static str,
        /// Its value: a switch.
        value: &'static str,
    },
    /// A variable was added with the value of an older name.
    Copied {
        /// The older name; it stays.
        from: &'static str,
        /// Which.
        to: &'static str,
    },
    /// A variable of Circle was made a comment.
    CommentedOut {
        /// Which.
        name: String,
    },
    /// A comment was put above Circle's variables, or taken away.
    Noted,
}

/// The new `.env` of an old one. Migrating the result changes nothing.
pub fn migrate(old: &str) -> Migrated {
    let (found, problems) = dotenv::parse(old);
    if problems.iter().any(|p| p.message.ends_with(NEVER_CLOSED)) {
        return Migrated { text: old.to_owned(), changes: Vec::new(), problems, diff: Vec::new() };
    }
    let has_circle = found.keys().any(|name| is_circle(name));
    // Unset in a file of Circle's: it is Circle that the server talks to, and the move has yet to come.
    let keeps_circle = found.get(ENABLE_CIRCLE).map_or(has_circle, |value| switch(value) != Some(false));
    let mut writer = Writer::new(old);
    let note = if keeps_circle { KEPT } else { OBSOLETE };
    let entries = dotenv::entries(old);
    let mut noted = entries.iter().any(|e| e.text.trim() == note);
    for entry in &entries {
        match entry.name {
            _ if entry.text.trim() == KEPT && !keeps_circle => writer.drop_note(entry),
            Some(name) if is_circle(name) => {
                // The one that is added while both run stands among what is new.
                let ours = keeps_circle && name == CIRCLE_WEBHOOK_TOKEN;
                if !noted && !ours {
                    writer.note(note);
                    noted = true;
                }
                if keeps_circle {
                    writer.keep(entry);
                } else {
                    writer.comment_out(entry, name);
                }
            }
            _ => writer.keep(entry),
        }
    }
    let known = names_in(&entries);
    for (from, to) in RENAMED {
        if let Some(entry) = entries.iter().rev().find(|e| e.name == Some(from))
            && !known.contains(to)
        {
            writer.copy(entry, from, to);
        }
    }
    for new in NEW {
        let copied = RENAMED.iter().any(|(from, to)| *to == new.name && found.contains_key(*from));
        if known.contains(new.name) || copied || (new.name == CIRCLE_WEBHOOK_TOKEN && !keeps_circle) {
            continue;
        }
        let value = match new.name {
            ENABLE_BETTERMODE => "true",
            ENABLE_CIRCLE if keeps_circle => "true",
            ENABLE_CIRCLE => "false",
            _ => "",
        };
        writer.add(new.name, new.about, value);
    }
    writer.finish(problems)
}

/// The name of the copy that is kept of a file: `.env.backup-20261121_220000`.
pub fn backup_name(file: &str, at: Timestamp) -> String {
    format!("{file}.backup-{}", base::clock::stamp(at))
}

fn is_circle(name: &str) -> bool {
    name.starts_with(CIRCLE)
}

/// The names that a file sets, also those in a comment (`# NAME=…`): somebody has decided about them.
fn names_in<'a>(entries: &[DotenvEntry<'a>]) -> BTreeSet<&'a str> {
    let commented = |entry: &DotenvEntry<'a>| {
        let words = entry.text.trim().strip_prefix('#')?.trim_start_matches(['#', ' ', '\t']);
        Some(words.split_once('=')?.0.trim())
    };
    entries.iter().filter_map(|entry| entry.name.or_else(|| commented(entry))).collect()
}

/// Builds the new text and says what was done.
struct Writer {
    /// How lines end in this file.
    line_end: &'static str,
    text: String,
    added: String,
    changes: Vec<Change>,
    diff: Vec<String>,
}

impl Writer {
    fn new(old: &str) -> Self {
        let line_end = if old.contains("\r\n") { "\r\n" } else { "\n" };
        Self { line_end, text: String::new(), added: String::new(), changes: Vec::new(), diff: Vec::new() }
    }

    fn keep(&mut self, entry: &DotenvEntry<'_>) {
        self.text.push_str(entry.text);
    }

    fn note(&mut self, note: &str) {
        self.text.push_str(note);
        self.text.push_str(self.line_end);
        self.diff.push(format!("+{note}"));
        self.changes.push(Change::Noted);
    }

    fn drop_note(&mut self, entry: &DotenvEntry<'_>) {
        self.diff.push(format!("-{}", entry.text.trim()));
        self.changes.push(Change::Noted);
    }

    fn comment_out(&mut self, entry: &DotenvEntry<'_>, name: &str) {
        for line in entry.text.split_inclusive('\n') {
            self.text.push_str("# ");
            self.text.push_str(line);
        }
        let value = if entry.value.is_empty() { "" } else { MASK };
        self.diff.push(format!("-{name}={value}"));
        self.diff.push(format!("+# {name}={value}"));
        self.changes.push(Change::CommentedOut { name: name.to_owned() });
    }

    /// The value as it stands in the file, quotes and all.
    fn copy(&mut self, entry: &DotenvEntry<'_>, from: &'static str, to: &'static str) {
        let raw = entry.text.split_once('=').map_or("", |(_, raw)| raw.trim());
        self.line(&format!("# In place of {from}."));
        self.added.push_str(&format!("{to}={raw}{}", self.line_end));
        self.diff.push(format!("+{to}={MASK}"));
        self.changes.push(Change::Copied { from, to });
    }

    fn add(&mut self, name: &'static str, about: &str, value: &'static str) {
        self.line(&format!("# {about}"));
        self.line(&format!("{name}={value}"));
        self.changes.push(Change::Added { name, value });
    }

    /// A line of ours at the end: it holds no value of theirs.
    fn line(&mut self, line: &str) {
        if self.added.is_empty() && line != ADDED {
            self.line(ADDED);
        }
        self.added.push_str(line);
        self.added.push_str(self.line_end);
        self.diff.push(format!("+{line}"));
    }

    fn finish(mut self, problems: Vec<DotenvProblem>) -> Migrated {
        if !self.added.is_empty() {
            if !self.text.is_empty() {
                if !self.text.ends_with('\n') {
                    self.text.push_str(self.line_end);
                }
                self.text.push_str(self.line_end);
            }
            self.text.push_str(&self.added);
        }
        Migrated { text: self.text, changes: self.changes, problems, diff: self.diff }
    }
}

/// Without the text: it holds values.
impl std::fmt::Debug for Migrated {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { text: _, changes, problems, diff } = self;
        f.debug_struct("Migrated")
            .field("changes", changes)
            .field("problems", problems)
            .field("diff", diff)
            .finish_non_exhaustive()
    }
}
