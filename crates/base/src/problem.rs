//! A problem in something that a person wrote, with the place of it.

use std::ops::Range;

/// Whether a problem stops the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Probably wrong, or will be; the command goes on.
    Warning,
    /// The command cannot go on.
    Error,
}

/// One problem; a command collects all of them before it speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Whether it stops the command.
    pub severity: Severity,
    /// What is wrong, one sentence without a full stop.
    pub message: String,
    /// Bytes of the file that it is about; `None`: not about the file.
    pub span: Option<Range<usize>>,
    /// What to write or do instead.
    pub hint: Option<String>,
}

impl Problem {
    /// A problem that stops the command.
    pub fn error(message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, message: message.into(), span: None, hint: None }
    }
    /// A problem that does not.
    pub fn warning(message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(message) }
    }
    /// Worth knowing.
    pub fn note(message: impl Into<String>) -> Self {
        Self { severity: Severity::Note, ..Self::error(message) }
    }
    /// Where it stands.
    #[must_use]
    pub fn span(mut self, span: Option<Range<usize>>) -> Self {
        self.span = span;
        self
    }
    /// What to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
