//! What can be written into a community, as one type each for making, reading and changing.

use crate::types::{
    Collection, Event, EventStatus, EventUpdate, Member, MemberStatus, MemberUpdate, Moment, NewCollection,
    NewEvent, NewMember, NewPost, NewSpace, Post, PostStatus, PostUpdate, Space,
};

/// The kinds of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Members.
    Member,
    /// Collections of spaces.
    Collection,
    /// Spaces.
    Space,
    /// Posts.
    Post,
    /// Replies to posts and to replies.
    Reply,
    /// Events.
    Event,
}

impl Kind {
    /// All of them, parents before their children.
    pub const ALL: &'static [Kind] =
        &[Kind::Member, Kind::Collection, Kind::Space, Kind::Post, Kind::Reply, Kind::Event];

    /// The kind in words.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Member => "member",
            Kind::Collection => "collection",
            Kind::Space => "space",
            Kind::Post => "post",
            Kind::Reply => "reply",
            Kind::Event => "event",
        }
    }
}

/// A record to be made.
#[derive(Debug, Clone, PartialEq)]
pub enum Record {
    /// A member, without a mail. What cannot be given when a member is made (role, custom fields, language)
    /// is given right afterwards.
    Member {
        /// What is given when the member is made.
        member: NewMember,
        /// What is given then.
        then: Box<MemberUpdate>,
    },
    /// A collection.
    Collection(NewCollection),
    /// A space.
    Space(NewSpace),
    /// A post.
    Post {
        /// The space.
        space_id: String,
        /// The post.
        post: NewPost,
    },
    /// A reply.
    Reply {
        /// The post or reply that it replies to.
        post_id: String,
        /// The reply.
        reply: NewPost,
    },
    /// An event.
    Event {
        /// The space.
        space_id: String,
        /// The event.
        event: NewEvent,
    },
}

impl Record {
    /// Its kind.
    pub fn kind(&self) -> Kind {
        match self {
            Record::Member { .. } => Kind::Member,
            Record::Collection(_) => Kind::Collection,
            Record::Space(_) => Kind::Space,
            Record::Post { .. } => Kind::Post,
            Record::Reply { .. } => Kind::Reply,
            Record::Event { .. } => Kind::Event,
        }
    }
}

/// A record that is there.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    /// A member.
    Member(Box<Member>),
    /// A collection.
    Collection(Collection),
    /// A space.
    Space(Space),
    /// A post or a reply.
    Post(Box<Post>),
    /// An event.
    Event(Box<Event>),
}

impl Entry {
    /// The service's id.
    pub fn id(&self) -> &str {
        match self {
            Entry::Member(member) => &member.id,
            Entry::Collection(collection) => &collection.id,
            Entry::Space(space) => &space.id,
            Entry::Post(post) => &post.id,
            Entry::Event(event) => &event.id,
        }
    }

    /// When it last changed: what tells whether somebody touched it since.
    pub fn updated_at(&self) -> Option<&Moment> {
        match self {
            Entry::Member(member) => member.updated_at.as_ref(),
            Entry::Collection(collection) => collection.updated_at.as_ref(),
            Entry::Space(space) => space.updated_at.as_ref(),
            Entry::Post(post) => post.updated_at.as_ref(),
            Entry::Event(event) => event.updated_at.as_ref(),
        }
    }

    /// Whether only its name is left: the service shows some records after they were deleted.
    pub fn is_gone(&self) -> bool {
        match self {
            Entry::Member(member) => {
                matches!(member.status, Some(MemberStatus::Deleted | MemberStatus::Removed))
            }
            Entry::Post(post) => post.status == Some(PostStatus::Deleted),
            Entry::Event(event) => event.status == Some(EventStatus::Deleted),
            Entry::Collection(_) | Entry::Space(_) => false,
        }
    }
}

/// What is to change. Collections and spaces cannot be changed (`NOTES.md`).
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Of a member.
    Member(MemberUpdate),
    /// Of a post or a reply.
    Post(PostUpdate),
    /// Of an event.
    Event(EventUpdate),
}
