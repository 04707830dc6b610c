//! Who asks, in which version, when.

use super::check::At;
use super::check::Checked;
use super::id::Id;
use super::refusal::Refusal;

/// A version that is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    /// 2025-09-03: `archived`, and `after` when blocks are appended.
    September2025,
    /// 2026-03-11: `in_trash`, and `position`.
    March2026,
}

/// The newest version.
pub(super) const NEWEST: &str = "2026-03-11";
/// The one before.
pub(super) const OLDER: &str = "2025-09-03";

/// Who asks.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub token: String,
    /// The connection's user.
    pub user: Id,
    pub version: Version,
    /// Milliseconds since 1970.
    pub now: i64,
}

impl Caller {
    /// The key under which this version speaks of the trash.
    pub fn trash(&self) -> &'static str {
        match self.version {
            Version::September2025 => "archived",
            Version::March2026 => "in_trash",
        }
    }

    /// What a request says of the trash.
    pub fn wants_trash(&self, at: &At<'_>) -> Checked<Option<bool>> {
        at.key(self.trash()).map(|at| at.flag()).transpose()
    }
}

/// An id of a path.
pub(super) fn path_id(name: &str, text: &str) -> Checked<Id> {
    Id::parse(text).ok_or_else(|| {
        Refusal::Invalid(format!(
            "path failed validation: path.{name} should be a valid uuid, instead was `\"{text}\"`."
        ))
    })
}
