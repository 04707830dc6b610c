//! Classes of fault, and the fault that crosses a port.

use crate::exit::Exit;

/// What can be done about a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Trying again may help: a connection lost, a service busy.
    Retry,
    /// Wrong use; a person has to mend settings, rights or files first.
    Usage,
    /// The run stops here and can be resumed when the cause is gone.
    Stop,
    /// Asked to stop, by Ctrl-C or SIGTERM.
    Interrupt,
    /// It failed for good.
    Fail,
    /// Our own mistake.
    Bug,
}

/// A fault as it crosses a port: what happened, where, and what to do. Facts only; it holds no secret and no
/// value of a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct Fault {
    /// What can be done about it.
    pub class: Class,
    /// What happened and where, one sentence without a full stop.
    pub what: String,
    /// What to do, sentences or commands that can be pasted, most helpful first.
    pub hints: Vec<String>,
}

impl Fault {
    /// A fault of `class`.
    pub fn new(class: Class, what: impl Into<String>) -> Self {
        Self { class, what: what.into(), hints: Vec::new() }
    }
    /// Trying again may help.
    pub fn retry(what: impl Into<String>) -> Self {
        Self::new(Class::Retry, what)
    }
    /// Wrong use.
    pub fn usage(what: impl Into<String>) -> Self {
        Self::new(Class::Usage, what)
    }
    /// Stopped part-way.
    pub fn stop(what: impl Into<String>) -> Self {
        Self::new(Class::Stop, what)
    }
    /// Failed for good.
    pub fn fail(what: impl Into<String>) -> Self {
        Self::new(Class::Fail, what)
    }
    /// A bug of ours.
    pub fn bug(what: impl Into<String>) -> Self {
        Self::new(Class::Bug, what)
    }
    /// Adds a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
    /// Says in front of what happened where it happened: `users: …`.
    #[must_use]
    pub fn at(mut self, place: impl std::fmt::Display) -> Self {
        self.what = format!("{place}: {}", self.what);
        self
    }
    /// The exit status of a command that ends with this fault.
    pub fn exit(&self) -> Exit {
        match self.class {
            Class::Retry | Class::Stop => Exit::Resumable,
            Class::Usage => Exit::Usage,
            Class::Interrupt => Exit::Interrupted,
            Class::Fail => Exit::Failed,
            Class::Bug => Exit::Bug,
        }
    }
}
