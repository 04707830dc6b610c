//! What a webhook can tell of.

macro_rules! names {
    ($($(#[$doc:meta])* $arm:ident = $name:literal => $route:expr,)+) => {
        /// The name of an event. Which there are is documented in part only; the service has more.
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub enum EventName {
            $($(#[$doc])* $arm,)+
            /// A name that is not known, as it came.
            Other(String),
        }

        impl EventName {
            /// All names that are known.
            pub const KNOWN: &'static [EventName] = &[$(EventName::$arm),+];

            /// The name as the service writes it.
            pub fn as_str(&self) -> &str {
                match self {
                    $(EventName::$arm => $name,)+
                    EventName::Other(name) => name,
                }
            }

            fn known_route(&self) -> Option<Option<Route>> {
                match self {
                    $(EventName::$arm => Some($route),)+
                    EventName::Other(_) => None,
                }
            }
        }

        impl From<&str> for EventName {
            fn from(name: &str) -> Self {
                match name {
                    $($name => EventName::$arm,)+
                    other => EventName::Other(other.to_owned()),
                }
            }
        }
    };
}

/// Which of the receiver's routes an event belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Route {
    /// People come, change, go.
    Member,
    /// People write and react.
    Activity,
    /// Something will take place.
    Event,
}

impl Route {
    /// The last part of the route's path.
    pub fn word(self) -> &'static str {
        match self {
            Route::Member => "member",
            Route::Activity => "activity",
            Route::Event => "event",
        }
    }
}

const MEMBER: Option<Route> = Some(Route::Member);
const ACTIVITY: Option<Route> = Some(Route::Activity);
const EVENT: Option<Route> = Some(Route::Event);

names! {
    /// Somebody came.
    MemberCreated = "member.created" => MEMBER,
    /// Somebody's address was proven.
    MemberVerified = "member.verified" => MEMBER,
    /// Somebody changed.
    MemberUpdated = "member.updated" => MEMBER,
    /// Somebody is gone.
    MemberDeleted = "member.deleted" => MEMBER,
    /// Somebody was locked out.
    MemberSuspended = "member.suspended" => MEMBER,
    /// Somebody was let in again.
    MemberUnsuspended = "member.unsuspended" => MEMBER,
    /// Somebody's single sign-on ended.
    SsoMembershipDeleted = "sso_membership.deleted" => MEMBER,
    /// Somebody was invited.
    InvitationCreated = "member_invitation.created" => MEMBER,
    /// Somebody accepted.
    InvitationAccepted = "member_invitation.accepted" => MEMBER,
    /// Somebody declined.
    InvitationRejected = "member_invitation.rejected" => MEMBER,
    /// Somebody joined a space.
    SpaceMembershipCreated = "space_membership.created" => MEMBER,
    /// Somebody left a space.
    SpaceMembershipDeleted = "space_membership.deleted" => MEMBER,
    /// Somebody asks to join a space.
    JoinRequestCreated = "space_join_request.created" => MEMBER,
    /// Somebody may join a space.
    JoinRequestAccepted = "space_join_request.accepted" => MEMBER,
    /// Somebody may not join a space.
    JoinRequestRejected = "space_join_request.rejected" => MEMBER,
    /// A space was made.
    SpaceCreated = "space.created" => None,
    /// A space changed.
    SpaceUpdated = "space.updated" => None,
    /// A space is gone.
    SpaceDeleted = "space.deleted" => None,
    /// A post or reply was made; `post.published` follows unless it is held back.
    PostCreated = "post.created" => ACTIVITY,
    /// A post or reply is seen by everybody: this is when it counts.
    PostPublished = "post.published" => ACTIVITY,
    /// A post or reply is gone.
    PostDeleted = "post.deleted" => ACTIVITY,
    /// A post or reply is held back.
    PostBlocked = "post.blocked" => ACTIVITY,
    /// A post or reply is no longer held back.
    PostUnblocked = "post.unblocked" => ACTIVITY,
    /// A post or reply was taken back.
    PostUnpublished = "post.unpublished" => ACTIVITY,
    /// A post was put on top.
    PostPinned = "post.pinned" => ACTIVITY,
    /// A post is no longer on top.
    PostUnpinned = "post.unpinned" => ACTIVITY,
    /// A post or reply was hidden.
    PostHidden = "post.hidden" => ACTIVITY,
    /// A post or reply is no longer hidden.
    PostUnhidden = "post.unhidden" => ACTIVITY,
    /// A post or reply changed.
    PostUpdated = "post.updated" => ACTIVITY,
    /// Somebody has to look at something.
    ModerationCreated = "moderation.created" => ACTIVITY,
    /// The objection was accepted: what was looked at is gone.
    ModerationAccepted = "moderation.accepted" => ACTIVITY,
    /// The objection was rejected: what was looked at stays.
    ModerationRejected = "moderation.rejected" => ACTIVITY,
    /// Somebody reacted.
    ReactionAdded = "reaction.added" => ACTIVITY,
    /// Somebody took a reaction back.
    ReactionRemoved = "reaction.removed" => ACTIVITY,
    /// A badge was made.
    BadgeCreated = "badge.created" => None,
    /// A badge changed.
    BadgeUpdated = "badge.updated" => None,
    /// A badge is gone.
    BadgeDeleted = "badge.deleted" => None,
    /// An event was made. Names of events about events were never seen; these follow the others.
    EventCreated = "event.created" => EVENT,
    /// An event changed.
    EventUpdated = "event.updated" => EVENT,
    /// An event is off.
    EventDeleted = "event.deleted" => EVENT,
}

impl EventName {
    /// The route that it belongs to; `None`: none of them. A name that is not known goes by what it is about:
    /// the part before its point.
    pub fn route(&self) -> Option<Route> {
        if let Some(route) = self.known_route() {
            return route;
        }
        match self.noun() {
            "member" | "member_invitation" | "sso_membership" | "space_membership" | "space_join_request" => {
                MEMBER
            }
            "post" | "reply" | "reaction" | "moderation" => ACTIVITY,
            noun if noun == "event" || noun.starts_with("event_") => EVENT,
            _ => None,
        }
    }

    /// What it is about: `post` of `post.published`.
    pub fn noun(&self) -> &str {
        self.as_str().split('.').next().unwrap_or_default()
    }
}

impl serde::Serialize for EventName {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_comes_back_as_itself() {
        for name in EventName::KNOWN {
            assert_eq!(EventName::from(name.as_str()), *name);
            assert!(!matches!(EventName::from(name.as_str()), EventName::Other(_)));
        }
        assert_eq!(EventName::from("post.sung"), EventName::Other("post.sung".into()));
        assert_eq!(EventName::KNOWN.len(), 40);
    }

    #[test]
    fn names_find_their_route_also_when_they_are_new() {
        for (name, route) in [
            ("member.created", MEMBER),
            ("sso_membership.deleted", MEMBER),
            ("space_membership.created", MEMBER),
            ("member.renamed", MEMBER),
            ("post.published", ACTIVITY),
            ("reaction.added", ACTIVITY),
            ("reaction.created", ACTIVITY),
            ("moderation.accepted", ACTIVITY),
            ("event.updated", EVENT),
            ("event.cancelled", EVENT),
            ("event_registration.created", EVENT),
            ("eventful.created", None),
            ("space.created", None),
            ("badge.deleted", None),
            ("network.updated", None),
            ("", None),
        ] {
            assert_eq!(EventName::from(name).route(), route, "{name}");
        }
        assert_eq!(Route::Activity.word(), "activity");
    }
}
