//! Every operation that is ever sent, as constant text.
//!
//! Only the fields that are needed are asked for, because the schema drifts and each costs; every connection
//! has its `limit`. A test checks the texts against a small schema of our own and computes their costs anew.
//! Names of input types, and arguments that nobody has seen, are guesses listed in `NOTES.md`.

mod chats;
mod events;
mod members;
mod network;
mod posts;
mod spaces;

pub use chats::*;
pub use events::*;
pub use members::*;
pub use network::*;
pub use posts::*;
pub use spaces::*;

/// One operation.
#[derive(Debug, PartialEq, Eq)]
pub struct Operation {
    /// Its name, which is also that of the operation in `text`.
    pub name: &'static str,
    /// The field of `data` that holds the answer.
    pub root: &'static str,
    /// What is asked.
    pub text: &'static str,
    /// Fragments that the text refers to.
    pub fragments: &'static [&'static str],
    /// Whether sending it twice does what sending it once does.
    pub repeatable: bool,
    /// What it costs by the documented rules.
    pub cost: Cost,
}

impl Operation {
    /// The whole document.
    pub fn document(&self) -> String {
        let parts = std::iter::once(&self.text).chain(self.fragments).copied();
        parts.collect::<Vec<_>>().join("\n")
    }
}

/// An operation that only asks.
const fn read(
    name: &'static str,
    root: &'static str,
    cost: Cost,
    text: &'static str,
    fragments: &'static [&'static str],
) -> Operation {
    Operation { name, root, text, fragments, repeatable: true, cost }
}

/// An operation that changes something.
const fn write(
    name: &'static str,
    root: &'static str,
    cost: Cost,
    text: &'static str,
    fragments: &'static [&'static str],
) -> Operation {
    Operation { repeatable: false, ..read(name, root, cost, text, fragments) }
}

/// The complexity of an operation by the service's documented rules: a scalar costs 0, an object 1, a list of
/// scalars 1, a list of objects five times its type, a page 2 and as often its node as its `limit` says. What
/// stands beside the nodes of a page costs nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Whatever the page size.
    pub fixed: u64,
    /// For each record of the page that is asked for.
    pub per_record: u64,
}

impl Cost {
    /// The cost of something that is no page.
    pub const fn of(fixed: u64) -> Self {
        Self { fixed, per_record: 0 }
    }

    /// The cost of a page whose nodes cost so much each.
    pub const fn page(node: u64) -> Self {
        Self { fixed: 2, per_record: node }
    }

    /// The cost with this `limit`.
    pub fn at(self, limit: u64) -> u64 {
        self.fixed + self.per_record * limit
    }
}

/// All of them.
pub const ALL: &[&Operation] = &[
    &MEMBER,
    &MEMBERS,
    &MEMBER_IDS,
    &MEMBERS_BY_IDS,
    &JOIN_NETWORK,
    &INVITE_MEMBERS,
    &UPDATE_MEMBER,
    &DELETE_MEMBER,
    &SUSPEND_MEMBER,
    &UNSUSPEND_MEMBER,
    &ROLES,
    &MEMBER_FIELDS,
    &COLLECTIONS,
    &CREATE_COLLECTION,
    &DELETE_COLLECTION,
    &SPACE,
    &SPACES,
    &SPACE_IDS,
    &CREATE_SPACE,
    &DELETE_SPACE,
    &SPACE_MEMBERS,
    &ADD_SPACE_MEMBERS,
    &REMOVE_SPACE_MEMBERS,
    &POST_TYPES,
    &POST,
    &POSTS,
    &POST_IDS,
    &POSTS_SCAN,
    &POSTS_BY_IDS,
    &REPLIES,
    &REPLIES_SCAN,
    &MEMBER_POSTS,
    &CREATE_POST,
    &CREATE_REPLY,
    &UPDATE_POST,
    &DELETE_POST,
    &ADD_REACTION,
    &REMOVE_REACTION,
    &REACTION_PARTICIPANTS,
    &TAGS,
    &CREATE_TAG,
    &EVENT,
    &EVENTS,
    &EVENT_IDS,
    &CREATE_EVENT,
    &UPDATE_EVENT,
    &DELETE_EVENT,
    &EVENT_REGISTRATIONS,
    &REGISTER_FOR_EVENT,
    &CANCEL_REGISTRATION,
    &CONTACTABILITY,
    &SEND_MESSAGE,
    &CHATS,
    &CHATS_BY_CURSOR,
    &CHAT,
    &CHAT_WITH_MEMBER,
    &MESSAGES,
    &MESSAGES_BY_CURSOR,
    &NETWORK,
    &RATE_LIMITS,
    &EVENT_TYPES,
    &CREATE_IMAGES,
    &LIMITED_TOKEN,
    &GUEST_TOKEN,
    &LOGIN,
];
