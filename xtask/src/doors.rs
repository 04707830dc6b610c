//! The doors to the terminal and the environment.

use std::ffi::OsString;
use std::fmt::Display;
use std::io::Write as _;

/// A line for the person at the terminal, on stderr.
pub fn say(line: impl Display) {
    // A terminal that has gone cannot be told so.
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// A variable of the environment.
pub fn variable(name: &str) -> Option<OsString> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the door: cargo and the shell speak through the environment"
    )]
    std::env::var_os(name)
}
