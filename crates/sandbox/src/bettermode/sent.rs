//! What the service would send to people: nothing leaves, everything is counted.

use std::collections::BTreeMap;

/// Sendings that are kept to be told; a load test must not fill the memory.
const KEPT_MAX: usize = 100_000;

/// What is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum SentKind {
    /// A mail: an invitation.
    InvitationMail,
    /// A mail: the code that proves an address.
    VerificationMail,
    /// A mail: welcome, for a member that an app made.
    WelcomeMail,
    /// A notice: a new post in a space.
    PostNotice,
    /// A notice: a reply to what the receiver wrote.
    ReplyNotice,
    /// A notice: a reaction to what the receiver wrote.
    ReactionNotice,
    /// A notice: the receiver was put into a space.
    SpaceNotice,
    /// A notice: an event was made, changed, called off, or somebody comes.
    EventNotice,
    /// A direct message.
    Message,
}

impl SentKind {
    /// Whether it goes out by mail.
    pub fn is_mail(self) -> bool {
        matches!(self, Self::InvitationMail | Self::VerificationMail | Self::WelcomeMail)
    }

    /// Whether it is a notice.
    pub fn is_notice(self) -> bool {
        !self.is_mail() && self != Self::Message
    }
}

/// One thing that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sending {
    /// What.
    pub kind: SentKind,
    /// To whom: an id of a member, or an address when there is no member yet.
    pub to: String,
}

/// Everything that was sent.
#[derive(Debug, Default)]
pub(crate) struct Sent {
    counts: BTreeMap<SentKind, u64>,
    kept: Vec<Sending>,
}

impl Sent {
    /// Counts a sending.
    pub fn note(&mut self, kind: SentKind, to: &str) {
        *self.counts.entry(kind).or_default() += 1;
        if self.kept.len() < KEPT_MAX {
            self.kept.push(Sending { kind, to: to.to_owned() });
        }
    }

    /// How many of each kind.
    pub fn counts(&self) -> &BTreeMap<SentKind, u64> {
        &self.counts
    }

    /// The first of them, in order.
    pub fn kept(&self) -> &[Sending] {
        &self.kept
    }

    /// Forgets all: what a community's past sent is nobody's concern.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}
