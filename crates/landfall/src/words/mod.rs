//! From facts to words for people: the one place that makes sentences, hints and colours.

mod problems;
pub mod runbook;
mod tables;

pub use problems::problems;
pub use tables::table;

use crate::face::Face;
use crate::level::Level;
use anstyle::{AnsiColor, Style};
use base::{Class, Fault};

const BAD: Style = AnsiColor::Red.on_default().bold();
const WARN: Style = AnsiColor::Yellow.on_default().bold();
const GOOD: Style = AnsiColor::Green.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default();

/// Why a command ended, and the three lines that every failure ends with.
#[derive(Debug)]
pub struct Failure {
    /// What happened.
    pub fault: Fault,
    /// What is saved.
    pub saved: String,
    /// What is pending.
    pub pending: String,
    /// How to continue.
    pub go_on: String,
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        let go_on = match fault.class {
            Class::Usage => "mend what is said above, then run the command again",
            Class::Bug => "please report it with the lines above; `landfall runs` shows what was done before",
            _ => "run the same command again",
        };
        Self {
            fault,
            saved: "nothing was changed by this command".into(),
            pending: "all of it".into(),
            go_on: go_on.into(),
        }
    }
}

/// Says a failure; its exit status.
pub fn failure(face: &Face, failure: &Failure) -> u8 {
    let asked = face.cancel().asked().filter(|_| failure.fault.class == Class::Interrupt);
    let exit = asked.unwrap_or_else(|| failure.fault.exit().code());
    face.log(Level::Error, &failure.fault.what);
    for line in [&failure.saved, &failure.pending, &failure.go_on] {
        face.log(Level::Info, line);
    }
    if face.json() {
        face.data(
            serde_json::json!({
                "error": failure.fault.what,
                "hints": failure.fault.hints,
                "saved": failure.saved,
                "pending": failure.pending,
                "how_to_go_on": failure.go_on,
                "exit": exit,
            })
            .to_string(),
        );
    }
    face.error(format!("{BAD}error:{BAD:#} {}", failure.fault.what));
    for hint in &failure.fault.hints {
        face.error(format!("{HINT} hint:{HINT:#} {hint}"));
    }
    face.error(format!("  saved:    {}", failure.saved));
    face.error(format!("  pending:  {}", failure.pending));
    face.error(format!("  continue: {}", failure.go_on));
    exit
}

/// The word in front of a warning.
pub fn warning_word() -> String {
    format!("{WARN}warning:{WARN:#}")
}

/// A word that says that something is right.
pub fn good(text: &str) -> String {
    format!("{GOOD}{text}{GOOD:#}")
}

/// A word that says that something is wrong.
pub fn bad(text: &str) -> String {
    format!("{BAD}{text}{BAD:#}")
}

/// A word that wants attention.
pub fn attention(text: &str) -> String {
    format!("{WARN}{text}{WARN:#}")
}

/// `1 reject`, `2 rejects`.
pub fn plural(n: u64, word: &str) -> String {
    if n == 1 { format!("1 {word}") } else { format!("{} {word}s", grouped(n)) }
}

/// Digits in groups of three.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
