//! The events that are told to whoever listens.

/// An event: its name, noun, verb, the words for people, and the scope that a listener needs.
pub(crate) struct EventName {
    pub name: &'static str,
    pub noun: &'static str,
    pub verb: &'static str,
    pub words: &'static str,
    pub scope: &'static str,
}

const fn event(
    name: &'static str,
    noun: &'static str,
    verb: &'static str,
    words: &'static str,
    scope: &'static str,
) -> EventName {
    EventName { name, noun, verb, words, scope }
}

/// All of them. The names of reactions, tags, events, registrations and messages, and `post.updated`, are
/// supposed; the others are known.
pub(crate) const EVENTS: &[EventName] = &[
    event("member.created", "MEMBER", "CREATED", "Create Member", "member:view"),
    event("member.verified", "MEMBER", "VERIFIED", "Verify Member", "member:view"),
    event("member.updated", "MEMBER", "UPDATED", "Update Member", "member:view"),
    event("member.deleted", "MEMBER", "DELETED", "Delete Member", "member:view"),
    event("member.suspended", "MEMBER", "SUSPENDED", "Suspend Member", "member:view"),
    event("member.unsuspended", "MEMBER", "UNSUSPENDED", "Unsuspend Member", "member:view"),
    event(
        "member_invitation.created",
        "MEMBER_INVITATION",
        "CREATED",
        "Create Member Invitation",
        "invitation:view",
    ),
    event(
        "member_invitation.accepted",
        "MEMBER_INVITATION",
        "ACCEPTED",
        "Accept Member Invitation",
        "invitation:view",
    ),
    event("space.created", "SPACE", "CREATED", "Create Space", "space:view"),
    event("space.deleted", "SPACE", "DELETED", "Delete Space", "space:view"),
    event("space_membership.created", "SPACE_MEMBERSHIP", "CREATED", "Create Space Membership", "space:view"),
    event("space_membership.deleted", "SPACE_MEMBERSHIP", "DELETED", "Delete Space Membership", "space:view"),
    event("post.created", "POST", "CREATED", "Create Post", "post:view"),
    event("post.published", "POST", "PUBLISHED", "Publish Post", "post:view"),
    event("post.unpublished", "POST", "UNPUBLISHED", "Unpublish Post", "post:view"),
    event("post.updated", "POST", "UPDATED", "Update Post", "post:view"),
    event("post.deleted", "POST", "DELETED", "Delete Post", "post:view"),
    event("post.blocked", "POST", "BLOCKED", "Block Post", "post:view"),
    event("post.unblocked", "POST", "UNBLOCKED", "Unblock Post", "post:view"),
    event("post.hidden", "POST", "HIDDEN", "Hide Post", "post:view"),
    event("post.unhidden", "POST", "UNHIDDEN", "Unhide Post", "post:view"),
    event("moderation.created", "MODERATION", "CREATED", "Create Moderation", "moderation:view"),
    event("moderation.accepted", "MODERATION", "ACCEPTED", "Accept Moderation", "moderation:view"),
    event("moderation.rejected", "MODERATION", "REJECTED", "Reject Moderation", "moderation:view"),
    event("reaction.added", "REACTION", "ADDED", "Add Reaction", "post:view"),
    event("reaction.removed", "REACTION", "REMOVED", "Remove Reaction", "post:view"),
    event("tag.created", "TAG", "CREATED", "Create Tag", "tag:view"),
    event("event.created", "EVENT", "CREATED", "Create Event", "event:view"),
    event("event.updated", "EVENT", "UPDATED", "Update Event", "event:view"),
    event("event.deleted", "EVENT", "DELETED", "Delete Event", "event:view"),
    event(
        "event_registration.created",
        "EVENT_REGISTRATION",
        "REGISTERED",
        "Register For Event",
        "event:view",
    ),
    event(
        "event_registration.deleted",
        "EVENT_REGISTRATION",
        "CANCELED",
        "Cancel Event Registration",
        "event:view",
    ),
    event("message.sent", "MESSAGE", "SENT", "Send Message", "chat:view"),
];

/// The event of that name.
pub(crate) fn named(name: &str) -> Option<&'static EventName> {
    EVENTS.iter().find(|event| event.name == name)
}
