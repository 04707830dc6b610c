//! Posts and replies are written, changed, published and deleted.

use super::mapping::images;
use super::tell::target;
use super::{Actor, May, PostEdit, PostInput, TagInput, free, need_text, slug_of};
use crate::bettermode::refusal::Refusal;
use crate::bettermode::sent::SentKind;
use crate::bettermode::state::{Post, PostContext, PostStatus, PostType, State, Tag};
use indexmap::IndexMap;
use serde_json::{Value, json};

/// Where a post goes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place<'p> {
    /// Into a space.
    Space(&'p str),
    /// Beneath a post or a reply.
    Beneath(&'p str),
}

impl State {
    /// A new post or reply; unless `publish` is set, a draft.
    pub fn create_post(&mut self, by: &Actor, place: Place<'_>, input: PostInput) -> Result<String, Refusal> {
        let (space, parent) = match place {
            Place::Space(space) => (self.space(space)?.id.clone(), None),
            Place::Beneath(post) => {
                let parent = self.visible_post(by, post)?;
                if !parent.is_published() || (parent.locked && !self.is_admin(by)) {
                    return Err(Refusal::forbidden());
                }
                (parent.space_id.clone(), Some(parent.id.clone()))
            }
        };
        let what = if parent.is_some() { May::Reply } else { May::Post };
        self.need_right(by, &space, what)?;
        if !self.space(&space)?.kind.has_posts() {
            return Err(Refusal::invalid("spaceId", "The space holds no posts"));
        }
        let dated = input.created_at.or(input.updated_at).or(input.published_at).is_some();
        if dated || input.external_id.is_some() || input.external_url.is_some() {
            self.need_importer(by)?;
        }
        let owner = input.owner_id.map_or_else(|| by.member.clone(), |id| id.0);
        if owner != by.member {
            self.need_importer(by)?;
        }
        self.member(&owner).map_err(|_| Refusal::invalid("ownerId", "There is no such member"))?;
        let kind = self.fitting_type(&input.post_type_id, parent.as_deref())?.clone();
        let fields = self.mapped(&kind, input.mapping_fields, &[])?;
        for media in input.attachment_ids.iter().flatten() {
            self.need_media(media)?;
        }
        if input.tag_ids.iter().flatten().any(|id| !self.tags.contains_key(id)) {
            return Err(Refusal::invalid("tagIds", "There is no such tag"));
        }
        let slug = match input.slug {
            Some(slug) if self.slugs.contains(&slug) => {
                return Err(Refusal::invalid("slug", "The slug is already taken"));
            }
            other => other,
        };

        let mut tags = input.tag_ids.unwrap_or_default();
        tags.extend(self.tags_named(by, input.tag_names.unwrap_or_default()));
        let id = self.ids.next();
        let above = parent.as_ref().and_then(|parent| self.posts.get(parent));
        let above: Vec<String> = above.into_iter().flat_map(|post| post.replied_to_ids.clone()).collect();
        let created = input.created_at.unwrap_or(self.now);
        let mut post = Post {
            id: id.clone(),
            post_type_id: kind.id,
            space_id: space,
            owner_id: owner,
            created_by_id: by.member.clone(),
            image_ids: images(&fields),
            mapping_fields: fields,
            title: None,
            slug,
            status: PostStatus::Draft,
            published_at: input.published_at,
            created_at: created,
            updated_at: input.updated_at.unwrap_or(created),
            last_activity_at: Some(created),
            scheduled_for: input.scheduled_for,
            locked: input.locked.unwrap_or(false),
            is_hidden: false,
            is_anonymous: false,
            replied_to_ids: parent.iter().cloned().chain(above).collect(),
            replied_to_id: parent.clone(),
            tag_ids: tags,
            attachment_ids: input.attachment_ids.unwrap_or_default(),
            external_id: input.external_id,
            external_url: input.external_url,
            language: None,
            pinned_into: Vec::new(),
            replies: Vec::new(),
            reactions: IndexMap::new(),
            deleted_with: None,
        };
        post.title = post.text("title");
        if post.slug.is_none() {
            // A reply has no title; its id is as good a name.
            let name = post.title.as_deref().unwrap_or(&id);
            post.slug = Some(free(slug_of(name), |slug| self.slugs.contains(slug)));
        }
        self.slugs.extend(post.slug.clone());
        self.posts.insert(id.clone(), post);
        if let Some(parent) = parent.and_then(|parent| self.posts.get_mut(&parent)) {
            parent.replies.push(id.clone());
        }
        self.tell_post("post.created", by, &id, None);
        if input.publish {
            self.publish(by, &id);
        }
        Ok(id)
    }

    /// A type that a post there may have.
    fn fitting_type(&self, id: &str, parent: Option<&str>) -> Result<&PostType, Refusal> {
        let invalid = |message: &str| Refusal::invalid("postTypeId", message);
        let kind = self.post_types.get(id).ok_or_else(|| invalid("There is no such post type"))?;
        let wanted = if parent.is_some() { PostContext::Reply } else { PostContext::Post };
        if kind.context != wanted {
            return Err(invalid("The post type is of another context"));
        }
        let above = parent.and_then(|parent| self.posts.get(parent));
        let above = above.and_then(|parent| self.post_types.get(&parent.post_type_id));
        match above {
            Some(above) if !above.replies.contains(&kind.id) => {
                Err(invalid("The post type is no valid reply type of the post"))
            }
            _ => Ok(kind),
        }
    }

    /// A post that is there for the actor: published, or the actor's own, or seen by an admin.
    pub fn visible_post(&self, by: &Actor, id: &str) -> Result<&Post, Refusal> {
        let post = self.post(id)?;
        let own = post.owner_id == by.member || self.is_admin(by);
        let seen = self.sees_space(by, &post.space_id) && (post.is_published() && !post.is_hidden || own);
        if seen { Ok(post) } else { Err(Refusal::not_found("Post")) }
    }

    /// Makes a draft public, or hands it to a moderator, and notices people.
    fn publish(&mut self, by: &Actor, id: &str) {
        let (now, admin) = (self.now, self.is_admin(by));
        let Some(post) = self.posts.get_mut(id) else { return };
        if self.rules.posts.moderated && !admin {
            post.status = PostStatus::Blocked;
            self.tell_post("post.blocked", by, id, None);
            self.tell_moderation("moderation.created", by, id);
            return;
        }
        post.status = PostStatus::Published;
        post.published_at = post.published_at.or(Some(now));
        let (space, owner, parents) =
            (post.space_id.clone(), post.owner_id.clone(), post.replied_to_ids.clone());
        self.tell_post("post.published", by, id, None);
        for parent in &parents {
            if let Some(parent) = self.posts.get_mut(parent) {
                parent.last_activity_at = Some(now);
            }
        }
        match parents.first().and_then(|parent| self.posts.get(parent)) {
            Some(parent) if parent.owner_id != owner => {
                self.sent.note(SentKind::ReplyNotice, &parent.owner_id.clone());
            }
            Some(_) => {}
            None => self.send_to_space(SentKind::PostNotice, &space, &[&owner, &by.member]),
        }
    }

    fn tell_moderation(&mut self, name: &'static str, by: &Actor, post: &str) {
        let object = json!({"entityId": post, "entityType": "POST"});
        let object = object.as_object().cloned().unwrap_or_default();
        self.tell(name, by, object, None, target(&[("postId", post)]));
    }

    /// A moderator's word on a post that waits for one: published, or deleted. The names of the events say
    /// what became of the objection, not of the post.
    pub fn moderate(&mut self, by: &Actor, id: &str, let_through: bool) -> Result<bool, Refusal> {
        self.need_admin(by)?;
        if self.post(id)?.status != PostStatus::Blocked {
            return Ok(false);
        }
        if let_through {
            self.tell_post("post.unblocked", by, id, None);
            self.publish(by, id);
            self.tell_moderation("moderation.rejected", by, id);
        } else {
            self.delete_post(by, id)?;
            self.tell_moderation("moderation.accepted", by, id);
        }
        Ok(true)
    }

    /// Publishes a draft.
    pub fn publish_post(&mut self, by: &Actor, id: &str) -> Result<String, Refusal> {
        let post = self.owned_post(by, id)?;
        if post.status != PostStatus::Draft {
            return Err(Refusal::invalid("postId", "The post is no draft"));
        }
        self.publish(by, id);
        Ok(id.to_owned())
    }

    /// A post that the actor may change.
    fn owned_post(&self, by: &Actor, id: &str) -> Result<&Post, Refusal> {
        let post = self.visible_post(by, id)?;
        self.need_admin_or(by, &post.owner_id)?;
        Ok(post)
    }

    /// Changes a post.
    pub fn update_post(&mut self, by: &Actor, id: &str, edit: PostEdit) -> Result<String, Refusal> {
        let mut post = self.owned_post(by, id)?.clone();
        let dated = edit.created_at.or(edit.updated_at).or(edit.published_at).is_some();
        if dated || edit.external_id.is_some() || edit.external_url.is_some() || edit.owner_id.is_some() {
            self.need_importer(by)?;
        }
        if let Some(owner) = &edit.owner_id {
            self.member(&owner.0).map_err(|_| Refusal::invalid("ownerId", "There is no such member"))?;
        }
        for media in edit.attachment_ids.iter().flatten() {
            self.need_media(media)?;
        }
        if let Some(given) = edit.mapping_fields {
            let kind = self.post_types.get(&post.post_type_id).ok_or_else(Refusal::internal)?;
            post.mapping_fields = self.mapped(kind, given, &post.mapping_fields)?;
            post.image_ids = images(&post.mapping_fields);
            post.title = post.text("title");
        }
        if let Some(slug) = edit.slug.filter(|slug| post.slug.as_ref() != Some(slug)) {
            if self.slugs.contains(&slug) {
                return Err(Refusal::invalid("slug", "The slug is already taken"));
            }
            self.slugs.insert(slug.clone());
            post.slug = Some(slug);
        }
        if let Some(names) = edit.tag_names {
            post.tag_ids = self.tags_named(by, names);
        }
        post.owner_id = edit.owner_id.map_or(post.owner_id, |id| id.0);
        post.created_at = edit.created_at.unwrap_or(post.created_at);
        post.updated_at = edit.updated_at.unwrap_or(self.now);
        post.published_at = edit.published_at.or(post.published_at);
        post.external_id = edit.external_id.or(post.external_id);
        post.external_url = edit.external_url.or(post.external_url);
        post.locked = edit.locked.unwrap_or(post.locked);
        post.attachment_ids = edit.attachment_ids.unwrap_or(post.attachment_ids);
        let was = post.status;
        self.change_post(by, "post.updated", post);
        match (was, edit.publish) {
            (PostStatus::Draft, true) => self.publish(by, id),
            (PostStatus::Published, false) if self.rules.posts.edit_unpublishes => {
                if let Some(post) = self.posts.get_mut(id) {
                    post.status = PostStatus::Draft;
                }
                self.tell_post("post.unpublished", by, id, None);
            }
            _ => {}
        }
        Ok(id.to_owned())
    }

    /// Writes a post and tells of it.
    fn change_post(&mut self, by: &Actor, event: &'static str, post: Post) {
        let id = post.id.clone();
        let old = self.posts.get(&id).map(|old| self.post_wire(old));
        self.posts.insert(id.clone(), post);
        self.tell_post(event, by, &id, old);
    }

    /// Moves a post with its replies into another space.
    pub fn move_post(&mut self, by: &Actor, id: &str, space: &str) -> Result<String, Refusal> {
        let post = self.owned_post(by, id)?.clone();
        self.need_right(by, space, May::Post)?;
        if post.replied_to_id.is_some() || !self.space(space)?.kind.has_posts() {
            return Err(Refusal::invalid("spaceId", "The post cannot go there"));
        }
        self.change_post(by, "post.updated", Post { space_id: space.to_owned(), ..post });
        for reply in self.posts.values_mut().filter(|post| post.replied_to_ids.iter().any(|up| up == id)) {
            reply.space_id = space.to_owned();
        }
        Ok(id.to_owned())
    }

    /// Hides a post, or shows it again.
    pub fn hide_post(&mut self, by: &Actor, id: &str, hide: bool) -> Result<bool, Refusal> {
        self.need_admin(by)?;
        let post = self.post(id)?.clone();
        if post.is_hidden == hide {
            return Ok(false);
        }
        let event = if hide { "post.hidden" } else { "post.unhidden" };
        self.change_post(by, event, Post { is_hidden: hide, ..post });
        Ok(true)
    }

    /// Deletes a post and what hangs from it.
    pub fn delete_post(&mut self, by: &Actor, id: &str) -> Result<bool, Refusal> {
        self.owned_post(by, id)?;
        self.tell_post("post.deleted", by, id, None);
        let under = |post: &Post| post.id == id || post.replied_to_ids.iter().any(|up| up == id);
        for post in self.posts.values_mut().filter(|post| post.is_there() && under(post)) {
            post.deleted_with = Some((id.to_owned(), post.status));
            post.status = PostStatus::Deleted;
        }
        Ok(true)
    }

    /// Brings deleted posts back, each with the replies that went with it: all, or none.
    pub fn undo_post_deletion(&mut self, by: &Actor, ids: &[String]) -> Result<bool, Refusal> {
        self.need_admin(by)?;
        for id in ids {
            let post = self.posts.get(id).ok_or_else(|| Refusal::not_found("Post"))?;
            let own = post.deleted_with.as_ref().is_some_and(|(with, _)| with == id);
            let parent = post.replied_to_id.as_ref();
            let hangs = parent.is_none_or(|parent| self.post(parent).is_ok() || ids.contains(parent));
            if post.is_there() || !own || !hangs {
                return Ok(false);
            }
        }
        for id in ids {
            for post in self.posts.values_mut() {
                if let Some((_, status)) = post.deleted_with.take_if(|(with, _)| with == id) {
                    post.status = status;
                }
            }
            self.tell_post("post.updated", by, id, None);
        }
        Ok(true)
    }

    /// The ids of the tags of those titles; those that are not there yet are made.
    fn tags_named(&mut self, by: &Actor, titles: Vec<String>) -> Vec<String> {
        let mut ids = Vec::new();
        for title in titles.into_iter().filter(|title| !title.trim().is_empty()) {
            let known = self.tags.values().find(|tag| tag.title.to_lowercase() == title.to_lowercase());
            let id = match known {
                Some(tag) => tag.id.clone(),
                None => self.add_tag(by, title, None, None),
            };
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        ids
    }

    fn add_tag(&mut self, by: &Actor, title: String, slug: Option<String>, words: Option<String>) -> String {
        let taken = |slug: &str| self.tags.values().any(|tag| tag.slug == slug);
        let slug = slug.unwrap_or_else(|| free(slug_of(&title), taken));
        let id = self.ids.next();
        let tag = Tag { id: id.clone(), title, slug, description: words };
        let object = json!(tag).as_object().cloned().unwrap_or_default();
        self.tags.insert(id.clone(), tag);
        self.tell("tag.created", by, object, None, target(&[]));
        id
    }

    /// A new tag.
    pub fn create_tag(&mut self, by: &Actor, input: TagInput) -> Result<Value, Refusal> {
        self.need_admin(by)?;
        need_text("title", &input.title)?;
        let slug = input.slug.clone().unwrap_or_else(|| slug_of(&input.title));
        if self.tags.values().any(|tag| tag.slug == slug) {
            return Err(Refusal::invalid("slug", "The slug is already taken"));
        }
        let id = self.add_tag(by, input.title, Some(slug), input.description);
        Ok(json!(self.tags.get(&id)))
    }
}
