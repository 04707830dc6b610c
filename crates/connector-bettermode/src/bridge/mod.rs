//! What the bridge needs of BetterMode: who tells it what happens ([`BettermodeSender`]), and whom it talks
//! to ([`BettermodeCommunity`]).
//!
//! The traits are the crate `bridge`'s, which is written `::bridge` here.

mod community;
mod sender;
mod told;

pub use community::{BettermodeCommunity, CALL_TIME_MAX};
pub use sender::{BettermodeSender, SenderSettings};
