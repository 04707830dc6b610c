//! The service's closed lists of words. It adds to them without notice, and writes the same word in different
//! cases in different places, so each list has an arm for the words that nobody knew.

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$arm_doc:meta])* $arm:ident = $word:literal),+ $(,)? })+) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$arm_doc])* $arm,)+
            /// A word that is not known yet, as it came.
            Other(String),
        }

        impl $name {
            /// All the words that are known.
            pub const KNOWN: &'static [$name] = &[$($name::$arm),+];

            /// The word as the service writes it.
            pub fn word(&self) -> &str {
                match self {
                    $($name::$arm => $word,)+
                    $name::Other(word) => word,
                }
            }
        }

        impl From<String> for $name {
            fn from(word: String) -> Self {
                match word.as_str() {
                    $(known if known.eq_ignore_ascii_case($word) => $name::$arm,)+
                    _ => $name::Other(word),
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer).map(Self::from)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.word())
            }
        }
    )+ };
}
pub(crate) use words;

words! {
    /// Whether a member may come in. `BLOCKED` and `REMOVED` are of 2021.
    MemberStatus {
        /// The address is proven.
        Verified = "VERIFIED",
        /// The address is not proven yet.
        Unverified = "UNVERIFIED",
        /// Locked out for a while.
        Suspended = "Suspended",
        /// Gone.
        Deleted = "DELETED",
        /// Locked out, in the words of 2021.
        Blocked = "BLOCKED",
        /// Gone, in the words of 2021.
        Removed = "REMOVED",
    }
    /// What became of the last mail to a member's address.
    EmailStatus {
        /// It came back.
        NotDelivered = "notDelivered",
        /// It was sent.
        Sent = "sent",
        /// It was called spam.
        Spammed = "spammed",
        /// The address is proven.
        Verified = "verified",
    }
    /// What a role may do, roughly.
    RoleType {
        /// Everything.
        Admin = "admin",
        /// Keep order.
        Moderator = "moderator",
        /// Take part.
        Member = "member",
        /// Look.
        Guest = "guest",
    }
    /// Where an invitation stands.
    InvitationStatus {
        /// The mail has not left.
        NotSent = "notSent",
        /// The mail has left.
        Sent = "sent",
        /// The mail arrived.
        Delivered = "delivered",
        /// The mail came back.
        NotDelivered = "notDelivered",
        /// The mail was called spam.
        Spammed = "spammed",
        /// The person came.
        Accepted = "accepted",
        /// The person will not come.
        Rejected = "rejected",
        /// It waits.
        Pending = "Pending",
        /// It is too old.
        Expired = "Expired",
        /// It was taken back.
        Revoked = "Revoked",
    }
    /// What a custom field of members holds.
    CustomFieldType {
        /// Text.
        Text = "text",
        /// Text with marks.
        RichText = "richText",
        /// A number.
        Number = "number",
        /// Yes or no.
        Boolean = "boolean",
        /// A date.
        Date = "date",
        /// A list.
        Array = "array",
        /// An object.
        Object = "object",
        /// Another record.
        Relation = "relation",
    }
    /// What a space is for.
    SpaceType {
        /// Everybody writes.
        Group = "Group",
        /// Few write.
        Broadcast = "Broadcast",
        /// A page.
        Page = "Page",
        /// Something else of the service's.
        Entity = "Entity",
        /// A conversation of the old kind.
        PrivateMessage = "PrivateMessage",
    }
    /// Where a post stands.
    PostStatus {
        /// Everybody sees it.
        Published = "PUBLISHED",
        /// Not published.
        Draft = "DRAFT",
        /// Not published, another word of it.
        Drafted = "DRAFTED",
        /// Held back by moderation.
        Blocked = "BLOCKED",
        /// Put away.
        Archived = "ARCHIVED",
        /// Gone.
        Deleted = "DELETED",
    }
    /// Whether a post type is for posts or for replies.
    PostTypeContext {
        /// For posts.
        Post = "post",
        /// For replies.
        Reply = "reply",
    }
    /// What a field of a post holds.
    MappingType {
        /// Text.
        Text = "text",
        /// HTML.
        Html = "html",
        /// A number.
        Number = "number",
        /// A date.
        Date = "date",
        /// Yes or no.
        Boolean = "boolean",
        /// The id of an image.
        Image = "image",
        /// Texts.
        TextArray = "textArray",
        /// Numbers.
        NumberArray = "numberArray",
    }
    /// What a mutation says that answers with nothing else.
    ActionStatus {
        /// It was done.
        Succeeded = "succeeded",
        /// It was not.
        Failed = "failed",
    }
    /// Where an event stands.
    EventStatus {
        /// Not announced.
        Draft = "draft",
        /// Announced.
        Published = "published",
        /// Gone.
        Deleted = "deleted",
    }
    /// Whether somebody comes.
    RegistrationStatus {
        /// They come.
        Registered = "registered",
        /// They do not come any more.
        Cancelled = "cancelled",
    }
    /// Who a chat is between.
    ChatType {
        /// Two members.
        Direct = "Direct",
        /// Several members.
        Group = "Group",
    }
    /// Whether a chat is in use.
    ChatStatus {
        /// In use.
        Active = "Active",
        /// Only its name is left.
        Tombstone = "Tombstone",
    }
    /// How a message is written.
    ContentType {
        /// HTML.
        Html = "Html",
        /// Text.
        Plain = "Plain",
        /// Written by the service itself.
        ChatLog = "ChatLog",
    }
    /// What a rate limit counts.
    ConsumableType {
        /// Requests.
        Request = "Request",
        /// Points of complexity.
        Complexity = "Complexity",
    }
    /// What an app is installed on, and what a token is for.
    PermissionContext {
        /// The whole community.
        Network = "NETWORK",
        /// A space.
        Space = "SPACE",
        /// A post.
        Post = "POST",
        /// A member.
        Member = "MEMBER",
        /// An event.
        Event = "EVENT",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_known_in_any_case_and_an_unknown_one_is_kept() {
        for (json, status) in [
            (r#""VERIFIED""#, MemberStatus::Verified),
            (r#""Verified""#, MemberStatus::Verified),
            (r#""SUSPENDED""#, MemberStatus::Suspended),
            (r#""Hibernating""#, MemberStatus::Other("Hibernating".into())),
            (r#""""#, MemberStatus::Other(String::new())),
        ] {
            assert_eq!(serde_json::from_str::<MemberStatus>(json).expect("a word"), status, "{json}");
        }
        let kept = MappingType::Other("geoPoint".into());
        assert_eq!(serde_json::to_string(&kept).expect("JSON"), r#""geoPoint""#);
        assert_eq!(serde_json::to_string(&MappingType::TextArray).expect("JSON"), r#""textArray""#);
    }

    #[test]
    fn every_word_comes_back_as_itself() {
        for status in InvitationStatus::KNOWN {
            assert_eq!(InvitationStatus::from(status.word().to_owned()), *status);
        }
        assert_eq!(InvitationStatus::KNOWN.len(), 10);
    }
}
