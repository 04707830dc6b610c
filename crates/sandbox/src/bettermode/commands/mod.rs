//! What can be done to a community: by requests, and by the people of a test. Everything is checked before
//! anything is written, so a refusal leaves no trace.

mod chats;
mod events;
mod inputs;
mod mapping;
mod media;
mod members;
mod posts;
mod reactions;
mod spaces;
mod tell;

pub(crate) use inputs::*;
pub(crate) use media::IMAGE_MAX;
pub(crate) use posts::Place;

use super::refusal::Refusal;
use super::state::{RoleType, SpaceRoleType, State};

/// Who does it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Actor {
    /// The id of a member, or of a guest.
    pub member: String,
    /// Whether an app does it, as itself.
    pub app: bool,
}

impl Actor {
    /// A member with a browser.
    pub fn person(member: &str) -> Self {
        Self { member: member.to_owned(), app: false }
    }
}

/// What of a post a role of a space may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum May {
    Post,
    Reply,
    React,
}

impl State {
    /// Whether the actor has the powers of an admin.
    pub fn is_admin(&self, by: &Actor) -> bool {
        self.role_type(&by.member) == RoleType::Admin
    }

    /// Only an admin.
    pub(super) fn need_admin(&self, by: &Actor) -> Result<(), Refusal> {
        if self.is_admin(by) { Ok(()) } else { Err(Refusal::forbidden()) }
    }

    /// Only an admin, or the member concerned.
    pub(super) fn need_admin_or(&self, by: &Actor, member: &str) -> Result<(), Refusal> {
        if by.member == member { Ok(()) } else { self.need_admin(by) }
    }

    /// Setting what only an import sets: an admin, and of the apps only one that was allowed to.
    pub(super) fn need_importer(&self, by: &Actor) -> Result<(), Refusal> {
        self.need_admin(by)?;
        if by.app && !self.rules.may_import { Err(Refusal::forbidden()) } else { Ok(()) }
    }

    /// Whether the actor sees a space: everybody but those whom a private one leaves out.
    pub fn sees_space(&self, by: &Actor, space: &str) -> bool {
        let Some(space) = self.spaces.get(space) else { return false };
        !space.private || space.members.contains_key(&by.member) || self.is_admin(by)
    }

    /// Whether the actor may write in a space.
    pub(super) fn need_right(&self, by: &Actor, space: &str, what: May) -> Result<(), Refusal> {
        let space = self.space(space)?;
        if self.member(&by.member).is_err() {
            return Err(Refusal::forbidden());
        }
        if self.is_admin(by) {
            return Ok(());
        }
        if !self.sees_space(by, &space.id) {
            return Err(Refusal::not_found("Space"));
        }
        let allowed = match what {
            May::Post => &space.who_can_post,
            May::Reply => &space.who_can_reply,
            May::React => &space.who_can_react,
        };
        let role = space.members.get(&by.member).ok_or_else(Refusal::forbidden)?;
        match allowed {
            Some(roles) if !roles.contains(role) => Err(Refusal::forbidden()),
            _ => Ok(()),
        }
    }

    /// Whether the actor is an admin of a space.
    pub(super) fn is_space_admin(&self, by: &Actor, space: &str) -> bool {
        let role = self.spaces.get(space).and_then(|space| space.members.get(&by.member));
        self.is_admin(by) || role == Some(&self.space_role(SpaceRoleType::Admin).id)
    }
}

/// A name in an address: letters and digits of ASCII in lower case, dashes between; never empty.
pub(crate) fn slug_of(text: &str) -> String {
    let mut slug = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "x".to_owned() } else { slug.to_owned() }
}

/// The slug, or the slug with the first number that makes it free.
pub(super) fn free(slug: String, taken: impl Fn(&str) -> bool) -> String {
    if !taken(&slug) {
        return slug;
    }
    let numbered = (2u64..).map(|n| format!("{slug}-{n}")).find(|slug| !taken(slug));
    numbered.unwrap_or(slug)
}

/// A text that must hold something besides blanks.
pub(super) fn need_text(field: &str, text: &str) -> Result<(), Refusal> {
    if text.trim().is_empty() { Err(Refusal::missing(field)) } else { Ok(()) }
}
