//! The exit statuses of the program: part of its contract, scripts rely on them.

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// Done, everything accounted for, every check passed.
    Done = 0,
    /// It failed, and nothing more specific applies.
    Failed = 1,
    /// Wrong use: flags, project file, variables, order of steps, what `check` refuses.
    Usage = 2,
    /// It finished, and there is something to look at.
    Findings = 3,
    /// Stopped part-way; the same command continues.
    Resumable = 4,
    /// A bug in landfall.
    Bug = 70,
    /// Ctrl-C; resumable.
    Interrupted = 130,
    /// SIGTERM; resumable.
    Terminated = 143,
}

impl Exit {
    /// The number that the operating system is told.
    pub fn code(self) -> u8 {
        self as u8
    }
}
