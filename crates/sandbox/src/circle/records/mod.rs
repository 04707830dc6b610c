//! Records as the service writes them.

pub(super) mod comments;
pub(super) mod events;
pub(super) mod members;
pub(super) mod others;
pub(super) mod posts;
pub(super) mod spaces;
