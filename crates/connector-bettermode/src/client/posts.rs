//! Posts, comments, reactions, tags.

use super::{Client, IDS_MAX, Walk};
use crate::errors::Error;
use crate::queries;
use crate::types::{
    Comment, MappingField, MappingType, NewPost, Post, PostType, PostTypeContext, PostUpdate,
    ReactionParticipant, Tag,
};
use serde_json::{Value, json};

/// The fields of a post that this program writes.
const TITLE: &str = "title";
const CONTENT: &str = "content";

impl Client {
    /// The post types of this community: their ids differ in every one.
    pub fn post_types(&self) -> Walk<PostType> {
        Walk::new(self, &queries::POST_TYPES, json!({}))
    }

    /// The types that posts (or replies) with a title (posts only) and a content can have, the usual one
    /// first.
    pub async fn writable_post_types(&self, context: &PostTypeContext) -> Result<Vec<PostType>, Error> {
        let wanted = match context {
            PostTypeContext::Reply => &[CONTENT][..],
            _ => &[TITLE, CONTENT][..],
        };
        let mut types = self.post_types().all(POST_TYPES_MAX).await?;
        types.retain(|one| {
            let others_optional = one
                .mappings
                .iter()
                .all(|mapping| wanted.contains(&mapping.key.as_str()) || mapping.required != Some(true));
            one.context.as_ref() == Some(context)
                && others_optional
                && wanted.iter().all(|key| one.mapping(key).is_some())
        });
        let usual = |one: &PostType| matches!(one.name.as_deref(), Some("Discussion" | "Comment"));
        types.sort_by_key(|one| !usual(one));
        Ok(types)
    }

    /// A post or reply by id, with its reactions; `None`: there is none.
    pub async fn get_post(&self, id: &str) -> Result<Option<Post>, Error> {
        self.find(&queries::POST, json!({ "id": id })).await
    }

    /// Posts of these spaces (none named: of all), oldest first. Replies are not among them.
    pub fn posts(&self, space_ids: &[String]) -> Walk<Post> {
        Walk::new(self, &queries::POSTS, in_spaces(space_ids))
    }

    /// How many posts there are, replies not counted.
    pub async fn posts_total(&self) -> Result<Option<u64>, Error> {
        Walk::<Value>::new(self, &queries::POST_IDS, json!({})).total().await
    }

    /// Posts of a space, as far as one can be told from another, newest first.
    pub(crate) fn scan_posts(&self, space_id: &str) -> Walk<Post> {
        let variables = json!({"spaceIds": [space_id], "reverse": true});
        Walk::new(self, &queries::POSTS_SCAN, variables)
    }

    /// Replies to a post, as far as one can be told from another.
    pub(crate) fn scan_replies(&self, post_id: &str) -> Walk<Post> {
        Walk::new(self, &queries::REPLIES_SCAN, json!({"postId": post_id}))
    }

    /// Posts and replies with these ids, in the order in which the service shows them; those that are gone
    /// are left out.
    pub async fn posts_by_ids(&self, ids: &[String]) -> Result<Vec<Post>, Error> {
        let mut found = Vec::with_capacity(ids.len());
        for some in ids.chunks(IDS_MAX) {
            found.extend(self.call::<Vec<Post>>(&queries::POSTS_BY_IDS, json!({ "ids": some })).await?);
        }
        Ok(found)
    }

    /// Writes a post that everybody sees, of the community's usual type. `content` is HTML; where the type
    /// takes only text it is sent as such. Without `author_id` it is the token's member's. Followers of the
    /// space may be told: the service knows no silent way.
    pub async fn create_post(
        &self,
        space_id: &str,
        content: &str,
        title: &str,
        author_id: Option<&str>,
    ) -> Result<Post, Error> {
        let types = self.writable_post_types(&PostTypeContext::Post).await?;
        let Some(post_type) = types.first() else {
            return Err(Error::Impossible { what: "write a post here: no post type has title and content" });
        };
        let field = |key: &str, text: &str| {
            let kind = post_type.mapping(key).and_then(|mapping| mapping.kind.clone());
            MappingField::new(key, kind.unwrap_or(MappingType::Text), &Value::from(text))
        };
        let fields = vec![field(TITLE, title), field(CONTENT, content)];
        let mut post = NewPost::published(&post_type.id, fields);
        post.owner_id = author_id.map(str::to_owned);
        self.create_post_of(space_id, &post).await
    }

    /// Writes a post. [`Error::UnknownOutcome`]: look for its `external_id` among the posts of the space
    /// before trying again; the service cannot look it up by itself.
    pub async fn create_post_of(&self, space_id: &str, post: &NewPost) -> Result<Post, Error> {
        self.call(&queries::CREATE_POST, json!({"spaceId": space_id, "input": post})).await
    }

    /// Changes a post or a reply.
    pub async fn update_post(&self, id: &str, update: &PostUpdate) -> Result<Post, Error> {
        self.call(&queries::UPDATE_POST, json!({"id": id, "input": update})).await
    }

    /// Deletes a post or a reply, with the replies to it.
    pub async fn delete_post(&self, id: &str) -> Result<(), Error> {
        self.act(&queries::DELETE_POST, json!({ "id": id })).await
    }

    /// Replies to a post, or to a reply; those to them are not among them.
    pub fn replies(&self, post_id: &str) -> Walk<Comment> {
        Walk::new(self, &queries::REPLIES, json!({"postId": post_id}))
    }

    /// Replies to a post, or to a reply. The type of the reply is one that the post's type allows
    /// ([`PostType::valid_reply_types`]).
    pub async fn create_reply(&self, post_id: &str, reply: &NewPost) -> Result<Comment, Error> {
        self.call(&queries::CREATE_REPLY, json!({"postId": post_id, "input": reply})).await
    }

    /// Reacts with a key such as `+1`; with `participant_id` for somebody else, as admins may.
    pub async fn add_reaction(
        &self,
        post_id: &str,
        reaction: &str,
        participant_id: Option<&str>,
    ) -> Result<(), Error> {
        let mut input = json!({ "reaction": reaction });
        if let Some(id) = participant_id {
            input["participantId"] = Value::from(id);
        }
        self.act(&queries::ADD_REACTION, json!({"postId": post_id, "input": input})).await
    }

    /// Takes a reaction back.
    pub async fn remove_reaction(
        &self,
        post_id: &str,
        reaction: &str,
        participant_id: Option<&str>,
    ) -> Result<(), Error> {
        let variables = json!({"postId": post_id, "reaction": reaction, "participantId": participant_id});
        self.act(&queries::REMOVE_REACTION, variables).await
    }

    /// Who reacted so.
    pub fn reaction_participants(&self, post_id: &str, reaction: &str) -> Walk<ReactionParticipant> {
        let variables = json!({"postId": post_id, "reaction": reaction});
        Walk::new(self, &queries::REACTION_PARTICIPANTS, variables)
    }

    /// Tags of the community.
    pub fn tags(&self) -> Walk<Tag> {
        Walk::new(self, &queries::TAGS, json!({}))
    }

    /// Makes a tag.
    pub async fn create_tag(&self, title: &str, slug: Option<&str>) -> Result<Tag, Error> {
        let mut input = json!({ "title": title });
        if let Some(slug) = slug {
            input["slug"] = Value::from(slug);
        }
        self.call(&queries::CREATE_TAG, json!({ "input": input })).await
    }
}

/// Post types of a community at most; more than a person would ever make.
const POST_TYPES_MAX: usize = 1_000;

fn in_spaces(space_ids: &[String]) -> Value {
    if space_ids.is_empty() { json!({}) } else { json!({ "spaceIds": space_ids }) }
}
