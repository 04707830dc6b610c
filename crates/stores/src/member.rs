//! What every cache of members has in common: which ones it takes, and for how long.
//!
//! A member is kept *as of* a moment, that of the event that told it. The newest moment known of a member
//! outlives the member itself: whatever is older is refused, also after a drop and after the member's own
//! time is over. At one and the same moment a drop wins over a member, because a member that is missing is
//! asked for again, and one that is wrong is not.

use base::Fault;
use bridge::ports::Member;
use std::time::Duration;

/// How long a member is served without having been told again, when nothing else is set.
pub const FRESH: Duration = Duration::from_secs(600);

/// How long the newest moment of a member is remembered at least: longer than the retries of any sender that
/// waits for its answer. What comes later still is judged by the bridge's own newest moments.
pub const REMEMBERED_MIN: Duration = Duration::from_secs(24 * 3600);

/// A larger one is not kept: ten thousand of them must fit into memory.
pub const MEMBER_BYTES_MAX: usize = 16 * 1024;

/// An id longer than this is no member's that we know of; nothing is kept of it.
pub const ID_BYTES_MAX: usize = 256;

/// Whether anything is kept of a member of this id.
pub(crate) fn takes(id: &str) -> bool {
    !id.is_empty() && id.len() <= ID_BYTES_MAX
}

/// The JSON of a member; `None`: it is too large to be kept.
pub(crate) fn text(member: &Member) -> Result<Option<String>, Fault> {
    let text = serde_json::to_string(member).map_err(|_| Fault::bug("a member that is no JSON"))?;
    Ok((text.len() <= MEMBER_BYTES_MAX).then_some(text))
}

/// The member that a cache holds; `None`: it is none that we wrote, which is as good as none at all.
pub(crate) fn read(text: &[u8]) -> Option<Member> {
    serde_json::from_slice(text).ok()
}
