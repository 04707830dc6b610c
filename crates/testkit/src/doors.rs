//! The doors to the environment and to waiting; nothing else here goes around the lints.

use std::ffi::OsString;
use std::time::Duration;

/// A variable of the environment.
pub(crate) fn variable(name: &str) -> Option<OsString> {
    #[expect(clippy::disallowed_methods, reason = "the door: the test runner speaks through the environment")]
    std::env::var_os(name)
}

/// Lets time pass.
pub(crate) fn pause(duration: Duration) {
    #[expect(clippy::disallowed_methods, reason = "the door: polling, and delays that a test asks for")]
    std::thread::sleep(duration);
}
