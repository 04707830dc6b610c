//! Runbooks: Markdown documents whose steps are commands, run one after another, with a journal of what was
//! done.
//!
//! ```text
//! cut-over.md ──parse──▶ Runbook ─┐
//!                                 ├─ next (pure) ──▶ conduct ──▶ Runner   the commands
//! NAME.ndjson ─────▶ Progress ────┘                     ├──────▶ Person   questions, approvals
//!      ▲                                                │
//!      └─────────── Journal: one line per event ◀───────┘
//! ```
//!
//! The form is explained to its writers in `docs/guide/runbooks.md`. Parsing and deciding are pure; the
//! edge is `process.rs` (the only place that starts a process) and `file.rs` (the only one that touches the
//! disk).
//!
//! An event is durable before what it announces happens: a step that the journal shows as begun and not
//! ended may have happened, and is never repeated without asking.

mod conduct;
mod decided;
mod file;
mod journal;
mod model;
mod next;
mod parse;
mod ports;
mod process;
mod progress;
mod status;
mod tail;

pub use conduct::{Options, Outcome, Ports, StoppedAt, conduct};
pub use decided::{Decided, Decisions};
pub use file::{FileJournal, journal_name, read_runbook};
pub use journal::{Entry, Happened, Part, StepRef, VERSION, read_entries};
pub use model::{Command, Kind, Need, Runbook, Section, Shell, Step};
pub use next::{Next, Standing, missing, next};
pub use parse::{Parsed, parse};
pub use ports::{Answer, Call, Ended, How, Journal, News, Person, Question, Runner};
pub use process::{Look, Output, ProcessRunner, Surroundings, on_path};
pub use progress::{Difference, Heard, Progress, StepState};
pub use status::{Line, lines};

/// Bytes of a runbook at most: hundreds of pages; a larger file is a mistake.
pub const RUNBOOK_BYTES_MAX: usize = 1024 * 1024;

/// Steps of a runbook at most: nobody goes through more in one go.
pub const STEPS_MAX: usize = 500;

/// Bytes of a command at most: it is handed to the shell as one argument, which Linux limits to 128 KiB.
pub const SCRIPT_BYTES_MAX: usize = 64 * 1024;

/// Seconds that a command may take unless the runbook says otherwise: long enough for most, short enough to
/// notice one that hangs.
pub const TIMEOUT_SECONDS: i64 = 600;

/// Seconds that a runbook may allow a command: a day; what takes longer is no step.
pub const TIMEOUT_SECONDS_MAX: i64 = 86_400;

/// Bytes of a journal at most: some hundred thousand events.
pub const JOURNAL_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Characters of a name or reason that somebody types: one line.
pub const WORDS_CHARS_MAX: usize = 500;
