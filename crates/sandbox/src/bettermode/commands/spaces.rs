//! Collections, spaces and who is in them.

use super::{Actor, CollectionInput, SpaceInput, SpaceMemberInput, free, need_text, slug_of, tell::target};
use crate::bettermode::refusal::Refusal;
use crate::bettermode::sent::SentKind;
use crate::bettermode::state::{
    Address, Collection, EventStatus, PostStatus, Space, SpaceRoleType, SpaceType, State,
};
use indexmap::IndexMap;

impl State {
    /// A new collection.
    pub fn create_collection(&mut self, by: &Actor, input: CollectionInput) -> Result<String, Refusal> {
        self.need_admin(by)?;
        need_text("name", &input.name)?;
        if input.created_at.is_some() || input.updated_at.is_some() || input.external_id.is_some() {
            self.need_importer(by)?;
        }
        let taken = |slug: &str| self.collections.values().any(|other| other.slug == slug);
        let slug = free(slug_of(&input.name), taken);
        let id = self.ids.next();
        let created = input.created_at.unwrap_or(self.now);
        let collection = Collection {
            id: id.clone(),
            name: input.name,
            slug,
            description: input.description,
            external_id: input.external_id,
            custom_ordering_index: self.collections.len() as f64,
            created_at: created,
            updated_at: input.updated_at.unwrap_or(created),
            created_by_id: by.member.clone(),
        };
        self.collections.insert(id.clone(), collection);
        Ok(id)
    }

    /// Deletes a collection; its spaces stay, in none.
    pub fn delete_collection(&mut self, by: &Actor, id: &str) -> Result<bool, Refusal> {
        self.need_admin(by)?;
        self.collections.shift_remove(id).ok_or_else(|| Refusal::not_found("Collection"))?;
        let inside = self.spaces.values_mut().filter(|space| space.group_id.as_deref() == Some(id));
        inside.for_each(|space| space.group_id = None);
        Ok(true)
    }

    /// A new space; whoever makes it is its admin.
    pub fn create_space(&mut self, by: &Actor, input: SpaceInput) -> Result<String, Refusal> {
        self.need_admin(by)?;
        need_text("name", &input.name)?;
        let dated = input.created_at.is_some() || input.updated_at.is_some();
        if dated || input.external_id.is_some() || input.external_url.is_some() {
            self.need_importer(by)?;
        }
        let collection = input.collection_id.map(|id| id.0);
        if collection.as_ref().is_some_and(|id| !self.collections.contains_key(id)) {
            return Err(Refusal::invalid("collectionId", "There is no such collection"));
        }
        for media in input.image_id.iter().chain(&input.banner_id) {
            self.need_media(media)?;
        }
        let (admins, members) = (input.admin_ids.unwrap_or_default(), input.member_ids.unwrap_or_default());
        for member in admins.iter().chain(&members) {
            self.member(member)?;
        }
        let taken = |slug: &str| self.spaces.values().any(|other| other.slug == slug);
        let slug = match input.slug {
            Some(slug) if taken(&slug) => return Err(Refusal::invalid("slug", "The slug is already taken")),
            Some(slug) => slug,
            None => free(slug_of(&input.name), taken),
        };
        let address = match input.address {
            Some(given) => {
                Address { path: given.path, exact: given.exact, editable: given.editable.unwrap_or(true) }
            }
            None => Address { path: slug.clone(), exact: false, editable: true },
        };
        if self.spaces.values().any(|other| other.address.path == address.path) {
            return Err(Refusal::invalid("address", "The path is already taken"));
        }
        let roles = |kinds: Option<Vec<SpaceRoleType>>| -> Option<Vec<String>> {
            Some(kinds?.into_iter().map(|kind| self.space_role(kind).id.clone()).collect())
        };
        let kind = input.kind.unwrap_or(SpaceType::Group);
        // In a broadcast only admins speak, unless somebody says otherwise.
        let speak = input.who_can_post.or((kind == SpaceType::Broadcast).then(|| vec![SpaceRoleType::Admin]));
        let whos = (roles(speak), roles(input.who_can_reply), roles(input.who_can_react));
        let created = input.created_at.unwrap_or(self.now);
        let order = self.spaces.values().filter(|space| space.group_id == collection).count();
        let id = self.ids.next();
        let space = Space {
            id: id.clone(),
            name: input.name,
            slug,
            description: input.description,
            kind,
            layout: input.layout.unwrap_or_else(|| "default".to_owned()),
            private: input.private.unwrap_or(false),
            hidden: input.hidden.unwrap_or(false),
            invite_only: input.invite_only.unwrap_or(false),
            non_admins_can_invite: input.non_admins_can_invite.unwrap_or(false),
            external_id: input.external_id,
            external_url: input.external_url,
            address,
            group_id: collection,
            custom_ordering_index_in_group: order as f64,
            created_by_id: by.member.clone(),
            created_at: created,
            updated_at: input.updated_at.unwrap_or(created),
            image_id: input.image_id,
            banner_id: input.banner_id,
            who_can_post: whos.0,
            who_can_reply: whos.1,
            who_can_react: whos.2,
            members: IndexMap::new(),
        };
        let object = self.space_wire(&space);
        self.spaces.insert(id.clone(), space);
        self.tell("space.created", by, object, None, target(&[("spaceId", &id)]));
        let role = |kind| self.space_role(kind).id.clone();
        let (admin, member) = (role(SpaceRoleType::Admin), role(SpaceRoleType::Member));
        self.enter_space(by, &id, &by.member.clone(), &admin);
        for (list, role) in [(admins, &admin), (members, &member)] {
            for member in list {
                self.enter_space(by, &id, &member, role);
            }
        }
        Ok(id)
    }

    /// Deletes a space with all that is in it; there is no way back.
    pub fn delete_space(&mut self, by: &Actor, id: &str) -> Result<bool, Refusal> {
        self.space(id)?;
        if !self.is_space_admin(by, id) {
            return Err(Refusal::forbidden());
        }
        let Some(space) = self.spaces.get(id) else { return Ok(false) };
        let object = self.space_wire(space);
        self.spaces.shift_remove(id);
        for post in self.posts.values_mut().filter(|post| post.space_id == id) {
            (post.status, post.deleted_with) = (PostStatus::Deleted, None);
        }
        for event in self.events.values_mut().filter(|event| event.space_id == id) {
            event.status = EventStatus::Deleted;
        }
        self.tell("space.deleted", by, object, None, target(&[("spaceId", id)]));
        Ok(true)
    }

    /// Puts somebody into a space, unless they are there; notices whoever did not come by themselves.
    pub(super) fn enter_space(&mut self, by: &Actor, space: &str, member: &str, role: &str) {
        let Some(found) = self.spaces.get_mut(space) else { return };
        if found.members.contains_key(member) {
            return;
        }
        found.members.insert(member.to_owned(), role.to_owned());
        if by.member != member {
            self.sent.note(SentKind::SpaceNotice, member);
        }
        self.tell_membership("space_membership.created", by, space, member);
    }

    /// Puts members into a space: all of them, or nobody. Who is there already is a refusal.
    pub fn add_space_members(
        &mut self,
        by: &Actor,
        space: &str,
        input: Vec<SpaceMemberInput>,
    ) -> Result<Vec<String>, Refusal> {
        let found = self.space(space)?;
        if !self.is_space_admin(by, space) && !found.non_admins_can_invite {
            return Err(Refusal::forbidden());
        }
        let mut who: Vec<(String, String)> = Vec::new();
        for entry in input {
            let member = entry.member_id.0;
            self.member(&member)?;
            if found.members.contains_key(&member) || who.iter().any(|(other, _)| *other == member) {
                return Err(Refusal::invalid("memberId", "The member is already in the space"));
            }
            let role = match entry.role_id {
                None => self.space_role(SpaceRoleType::Member).id.clone(),
                Some(role) if self.space_roles.iter().any(|known| known.id == role.0) => role.0,
                Some(_) => return Err(Refusal::invalid("roleId", "There is no such role")),
            };
            who.push((member, role));
        }
        for (member, role) in &who {
            self.enter_space(by, space, member, role);
        }
        Ok(who.into_iter().map(|(member, _)| member).collect())
    }

    /// Takes members out of a space; for each, whether it was there.
    pub fn remove_space_members(
        &mut self,
        by: &Actor,
        space: &str,
        members: &[String],
    ) -> Result<Vec<bool>, Refusal> {
        self.space(space)?;
        if !self.is_space_admin(by, space) {
            return Err(Refusal::forbidden());
        }
        Ok(members.iter().map(|member| self.exit_space(by, space, member)).collect())
    }

    fn exit_space(&mut self, by: &Actor, space: &str, member: &str) -> bool {
        let found = self.spaces.get_mut(space).and_then(|space| space.members.shift_remove(member));
        if found.is_some() {
            self.tell_membership("space_membership.deleted", by, space, member);
        }
        found.is_some()
    }

    /// Enters a space by oneself.
    pub fn join_space(&mut self, by: &Actor, space: &str) -> Result<bool, Refusal> {
        self.member(&by.member)?;
        let found = self.space(space)?;
        if (found.private || found.invite_only) && !self.is_admin(by) {
            return Err(Refusal::forbidden());
        }
        if found.members.contains_key(&by.member) {
            return Ok(false);
        }
        let role = self.space_role(SpaceRoleType::Member).id.clone();
        self.enter_space(by, space, &by.member.clone(), &role);
        Ok(true)
    }

    /// Leaves a space.
    pub fn leave_space(&mut self, by: &Actor, space: &str) -> Result<bool, Refusal> {
        self.space(space)?;
        Ok(self.exit_space(by, space, &by.member.clone()))
    }
}
