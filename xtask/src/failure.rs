//! How a chore fails.

use std::fmt::Display;
use std::process::ExitStatus;

/// Why a chore failed.
#[derive(Debug)]
pub enum Failure {
    /// Called wrongly.
    Usage(String),
    /// It failed; the words say what.
    Failed(String),
    /// A program that it ran failed with this status and has said why.
    Status(u8),
}

impl Failure {
    /// Called wrongly.
    pub fn usage(words: impl Into<String>) -> Self {
        Self::Usage(words.into())
    }

    /// It failed.
    pub fn failed(words: impl Display) -> Self {
        Self::Failed(words.to_string())
    }

    /// The failure of a program that ended so; `None` when it did not fail. A signal counts as 1.
    pub fn of(status: ExitStatus) -> Option<Self> {
        if status.success() {
            return None;
        }
        Some(Self::Status(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)))
    }

    /// The exit status.
    pub fn code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Failed(_) => 1,
            Self::Status(code) => *code,
        }
    }

    /// What remains to be said.
    pub fn words(&self) -> Option<&str> {
        match self {
            Self::Usage(words) | Self::Failed(words) => Some(words),
            Self::Status(_) => None,
        }
    }
}
