//! What the service's answers hold and what it is given. Whatever may be null is an `Option`, and every list
//! of words has an arm for the unknown: the schema has drifted for years and will go on.

mod chat;
mod event;
mod json_text;
mod lenient;
mod member;
mod moment;
mod network;
mod post;
mod space;
mod words;
pub(crate) use words::words;

pub use chat::{Chat, ChatPage, ChatPageInfo, Message, MessageAddress, NewMessage};
pub use event::{Event, EventRegistration, EventUpdate, NewEvent, NotificationSettings, VirtualLocation};
pub use json_text::JsonText;
pub use member::{FieldInfo, Invitee, Member, MemberField, MemberInvitation, MemberUpdate, NewMember, Role};
pub use moment::Moment;
pub(crate) use network::SignedUrl;
pub use network::{EventType, Image, Network, RateLimit, Session};
pub use post::{
    Comment, MappingField, NewPost, Post, PostType, PostTypeField, PostTypeRef, PostUpdate, Reaction,
    ReactionParticipant, Tag,
};
pub use space::{Collection, NewCollection, NewSpace, NewSpaceMember, Space, SpaceMember};
pub use words::{
    ActionStatus, ChatStatus, ChatType, ConsumableType, ContentType, CustomFieldType, EmailStatus,
    EventStatus, InvitationStatus, MappingType, MemberStatus, PermissionContext, PostStatus, PostTypeContext,
    RegistrationStatus, RoleType, SpaceType,
};
