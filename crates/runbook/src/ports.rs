//! The ports: who runs commands, who is asked, where the journal is kept.

use crate::journal::{Entry, Part};
use crate::model::{Command, Step};
use crate::progress::Difference;
use async_trait::async_trait;
use base::Fault;
use jiff::SignedDuration;

/// A command that is to run.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// What.
    pub command: &'a Command,
    /// How long it may take; then it and what it started are ended.
    pub timeout: SignedDuration,
    /// Whether the end of its output is wanted.
    pub output: bool,
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// With this status.
    Exited(i32),
    /// By this signal.
    Killed(i32),
    /// Its time was over.
    TimedOut,
}

impl How {
    /// Whether all went well.
    pub fn good(self) -> bool {
        self == How::Exited(0)
    }
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// How.
    pub how: How,
    /// The end of its output without secrets, when it was wanted.
    pub output: Option<String>,
}

/// Runs commands. When the future is dropped the command is ended.
#[async_trait]
pub trait Runner: Send + Sync {
    /// Runs one to its end. A fault: it was not started.
    async fn run(&self, call: Call<'_>) -> Result<Ended, Fault>;
}

/// Keeps the journal. One at a time writes it.
pub trait Journal: Send {
    /// The events so far, oldest first.
    fn entries(&self) -> &[Entry];
    /// Adds an event; it has reached the disk when this returns. After a fault nothing more is done.
    fn append(&mut self, entry: Entry) -> Result<(), Fault>;
}

/// Something that only a person can say.
#[derive(Debug, Clone, Copy)]
pub enum Question<'a> {
    /// Whether this command may run now. `Go`, `Done`, `Skip` or `Stop`; the usual answer is `Go`.
    Begin(&'a Step),
    /// Whether this is done. `Done`, `Skip` or `Stop`; a check is asked after `Done`.
    ByHand(&'a Step),
    /// Who agrees. `Approve` or `Stop`.
    Approval(&'a Step),
    /// It was begun and nobody knows how it ended. `Again`, `Done`, `Skip` or `Stop`.
    Begun(&'a Step),
    /// It is done, and does something else now. `Again`, `Done` (it stays), `Skip` or `Stop`.
    Changed(&'a Step),
    /// It failed. `Again`, `Skip`, `GoTo` (where there is a section for it) or `Stop`.
    Failed(&'a Step, Part, How),
}

impl<'a> Question<'a> {
    /// The step that it is about.
    pub fn step(self) -> &'a Step {
        match self {
            Question::Begin(step)
            | Question::ByHand(step)
            | Question::Approval(step)
            | Question::Begun(step)
            | Question::Changed(step)
            | Question::Failed(step, _, _) => step,
        }
    }
}

/// What a person said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Run it.
    Go,
    /// It is done.
    Done,
    /// Run it again.
    Again,
    /// Leave it out, for this reason.
    Skip(String),
    /// This person agrees.
    Approve(String),
    /// Go to the section that the step names.
    GoTo,
    /// Stop here; it can be gone on with.
    Stop,
}

/// What is told while it happens.
#[derive(Debug, Clone, Copy)]
pub enum News<'a> {
    /// The document is not the one that was last opened.
    Document(&'a Difference),
    /// A command of a step, or its check, begins.
    Begins(&'a Step, Part),
    /// A check says that a step is done already.
    Found(&'a Step),
    /// A step is done.
    Done(&'a Step),
    /// A step was left out.
    Skipped(&'a Step),
    /// A step, or the check of what a person did, failed.
    Failed(&'a Step, Part, How),
    /// An answer was not taken: why.
    Refused(&'a Step, &'a str),
    /// The pass goes to this section.
    GoesTo(&'a str),
}

/// The person at the keyboard, or what stands for one.
#[async_trait]
pub trait Person: Send + Sync {
    /// Tells something.
    fn tell(&self, news: News<'_>);
    /// Asks. Who cannot answer says [`Answer::Stop`].
    async fn ask(&self, question: Question<'_>) -> Result<Answer, Fault>;
}
