//! What every other crate may know: ids, clock, secrets, problems, classes of fault, exit codes, templates.
//!
//! Nothing here touches the outside world, except [`clock::SystemClock`], which is the one door to the time.

pub mod clock;
pub mod codes;
pub mod exit;
pub mod fault;
pub mod ids;
pub mod limits;
pub mod names;
pub mod problem;
pub mod secret;
pub mod template;

pub use clock::{Clock, SystemClock};
pub use codes::{RejectCode, SkipReason};
pub use exit::Exit;
pub use fault::{Class, Fault};
pub use problem::{Problem, Severity};
pub use secret::Secret;
pub use template::Template;
