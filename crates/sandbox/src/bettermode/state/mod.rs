//! What the service remembers.

mod chat;
mod event;
mod media;
mod member;
mod network;
mod post;
mod space;
mod wire;

pub(crate) use chat::{Chat, MESSAGES_OF_A_PAGE, Message, Participant};
pub(crate) use event::{
    Event, EventStatus, NotificationSettings, PhysicalLocation, Recurrence, Registration, VirtualLocation,
};
pub(crate) use media::Media;
pub(crate) use member::{
    CustomField, DELETED_NAME, EmailStatus, Invitation, Member, MemberStatus, Role, RoleType,
};
pub(crate) use network::{FieldType, MemberField, Network};
pub(crate) use post::{Mapping, MappingField, MappingType, Post, PostContext, PostStatus, PostType, Tag};
pub(crate) use space::{Address, Collection, Space, SpaceRole, SpaceRoleType, SpaceType};
pub(crate) use wire::signature;

use super::ids::Ids;
use super::moment::Moment;
use super::refusal::Refusal;
use super::scenario::{Members, Posts};
use super::sent::Sent;
use super::webhook::Happening;
use indexmap::IndexMap;
use std::collections::{HashMap, HashSet};

/// How guests are named instead of by an id of a member.
pub(crate) const GUEST: &str = "GUEST_";

/// What of the scenario decides about content.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    pub members: Members,
    pub posts: Posts,
    /// Whether the app may set owners, dates and external ids.
    pub may_import: bool,
}

/// A community. Records stay after a deletion, marked, so that it can be undone.
pub(crate) struct State {
    /// The moment of the request that is being answered.
    pub now: Moment,
    pub rules: Rules,
    pub ids: Ids,
    pub network: Network,
    pub roles: Vec<Role>,
    pub space_roles: [SpaceRole; 2],
    /// The account that the app acts as.
    pub bot_id: String,
    pub members: IndexMap<String, Member>,
    pub invitations: IndexMap<String, Invitation>,
    pub collections: IndexMap<String, Collection>,
    pub spaces: IndexMap<String, Space>,
    pub post_types: IndexMap<String, PostType>,
    pub posts: IndexMap<String, Post>,
    pub tags: IndexMap<String, Tag>,
    pub events: IndexMap<String, Event>,
    pub registrations: IndexMap<String, Registration>,
    pub chats: IndexMap<String, Chat>,
    pub media: IndexMap<String, Media>,
    pub sent: Sent,
    /// What happened and nobody was told yet.
    pub happened: Vec<Happening>,
    /// Whether what happens is not noted at all: a past that nobody will be told of.
    pub silent: bool,
    /// Slugs of posts, deleted ones too.
    pub slugs: HashSet<String>,
    /// Lower-case address to member.
    emails: HashMap<String, String>,
    /// Lower-case user name to member.
    usernames: HashMap<String, String>,
    /// External id to member.
    external_ids: HashMap<String, String>,
}

/// Takes a key out of an index, unless it is another member's by now.
fn forget(index: &mut HashMap<String, String>, key: Option<String>, member: &str) {
    if let Some(key) = key.filter(|key| index.get(key).is_some_and(|of| of == member)) {
        index.remove(&key);
    }
}

impl State {
    /// A community with nobody in it.
    pub fn new(rules: Rules, ids: Ids, network: Network, roles: Vec<Role>, now: Moment) -> Self {
        let mut ids = ids;
        let mut role =
            |name, kind| SpaceRole { id: ids.next(), name, kind, scopes: Vec::new(), description: None };
        let space_roles = [role("Admin", SpaceRoleType::Admin), role("Member", SpaceRoleType::Member)];
        Self {
            now,
            rules,
            ids,
            network,
            roles,
            space_roles,
            bot_id: String::new(),
            members: IndexMap::new(),
            invitations: IndexMap::new(),
            collections: IndexMap::new(),
            spaces: IndexMap::new(),
            post_types: IndexMap::new(),
            posts: IndexMap::new(),
            tags: IndexMap::new(),
            events: IndexMap::new(),
            registrations: IndexMap::new(),
            chats: IndexMap::new(),
            media: IndexMap::new(),
            sent: Sent::default(),
            happened: Vec::new(),
            silent: false,
            slugs: HashSet::new(),
            emails: HashMap::new(),
            usernames: HashMap::new(),
            external_ids: HashMap::new(),
        }
    }

    /// A member who is there.
    pub fn member(&self, id: &str) -> Result<&Member, Refusal> {
        let found = self.members.get(id).filter(|member| member.is_there());
        found.ok_or_else(|| Refusal::not_found("Member"))
    }

    /// The member of that address, in any case of letters.
    pub fn member_of_email(&self, email: &str) -> Option<&Member> {
        self.members.get(self.emails.get(&email.to_lowercase())?)
    }

    /// The member of that user name, in any case of letters.
    pub fn member_of_username(&self, username: &str) -> Option<&Member> {
        self.members.get(self.usernames.get(&username.to_lowercase())?)
    }

    /// The member of that external id.
    pub fn member_of_external_id(&self, id: &str) -> Option<&Member> {
        self.members.get(self.external_ids.get(id)?)
    }

    /// Adds a member, or writes a changed one; the indexes follow.
    pub fn put_member(&mut self, member: Member) {
        let keys = |member: &Member| {
            let email = member.email.as_ref().map(|email| email.to_lowercase());
            (email, member.username.to_lowercase(), member.external_id.clone())
        };
        if let Some((email, username, external)) = self.members.get(&member.id).map(keys) {
            forget(&mut self.emails, email, &member.id);
            forget(&mut self.usernames, Some(username), &member.id);
            forget(&mut self.external_ids, external, &member.id);
        }
        let (email, username, external) = keys(&member);
        let id = || member.id.clone();
        if member.is_there() || self.rules.members.deleted_keep_email {
            self.emails.extend(email.map(|email| (email, id())));
            self.usernames.insert(username, id());
        }
        if member.is_there() {
            self.external_ids.extend(external.map(|external| (external, id())));
        }
        self.members.insert(member.id.clone(), member);
    }

    /// The role of that kind.
    pub fn role_of(&self, kind: RoleType) -> &Role {
        // Every community is made with one of each; the first is the admin's.
        self.roles.iter().find(|role| role.kind == kind).unwrap_or(&self.roles[0])
    }

    /// The kind of a member's role; of a guest too.
    pub fn role_type(&self, member: &str) -> RoleType {
        let Some(member) = self.members.get(member) else { return RoleType::Guest };
        self.roles.iter().find(|role| role.id == member.role_id).map_or(RoleType::Guest, |role| role.kind)
    }

    /// The space role of that kind.
    pub fn space_role(&self, kind: SpaceRoleType) -> &SpaceRole {
        &self.space_roles[usize::from(kind == SpaceRoleType::Member)]
    }

    /// A space.
    pub fn space(&self, id: &str) -> Result<&Space, Refusal> {
        self.spaces.get(id).ok_or_else(|| Refusal::not_found("Space"))
    }

    /// A post or reply that is there, published or not.
    pub fn post(&self, id: &str) -> Result<&Post, Refusal> {
        self.posts.get(id).filter(|post| post.is_there()).ok_or_else(|| Refusal::not_found("Post"))
    }

    /// The same, to change it.
    pub fn post_mut(&mut self, id: &str) -> Result<&mut Post, Refusal> {
        self.posts.get_mut(id).filter(|post| post.is_there()).ok_or_else(|| Refusal::not_found("Post"))
    }

    /// An event that is there.
    pub fn event(&self, id: &str) -> Result<&Event, Refusal> {
        let there = |event: &&Event| event.status != EventStatus::Deleted;
        self.events.get(id).filter(there).ok_or_else(|| Refusal::not_found("Event"))
    }

    /// A chat, for somebody who is in it.
    pub fn chat(&self, id: &str, member: &str) -> Result<&Chat, Refusal> {
        let inside = |chat: &&Chat| chat.active(member).is_some();
        self.chats.get(id).filter(inside).ok_or_else(|| Refusal::not_found("Chat"))
    }

    /// How many members come to an event.
    pub fn registered(&self, event: &str) -> usize {
        self.registrations.values().filter(|r| r.event_id == event && r.stands()).count()
    }

    /// How many published replies hang from a post: direct ones, and all.
    pub fn replies_of(&self, post: &Post) -> (usize, usize) {
        let (mut direct, mut all) = (0, 0);
        for reply in post.replies.iter().filter_map(|id| self.posts.get(id)).filter(|r| r.is_published()) {
            direct += 1;
            all += 1 + self.replies_of(reply).1;
        }
        (direct, all)
    }
}
