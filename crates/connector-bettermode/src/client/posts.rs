//! Posts, comments, reactions, tags.

use super::{Client, IDS_MAX, Walk};
use crate::errors::Error;
use crate::queries;
use crate::types::{Comment, NewPost, Post, PostType, PostTypeContext, PostUpdate, ReactionParticipant, Tag};
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
        Ok(writable(self.post_types().all(POST_TYPES_MAX).await?, context))
    }

    /// The type of a post; `None`: the community does not show it.
    pub(crate) async fn post_type_of(&self, post: &Post) -> Result<Option<PostType>, Error> {
        let types = self.post_types().all(POST_TYPES_MAX).await?;
        Ok(types.into_iter().find(|one| post.post_type_id.as_ref() == Some(&one.id)))
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

    /// What a member wrote, only with its id, title, status, space, date and what it replies to: replies, or
    /// what is none.
    pub fn member_posts(&self, member_id: &str, replies: bool) -> Walk<Post> {
        Walk::new(self, &queries::MEMBER_POSTS, json!({"memberId": member_id, "hasParent": replies}))
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
        let mut post = self.usual_post(content, title).await?;
        post.owner_id = author_id.map(str::to_owned);
        self.create_post_of(space_id, &post).await
    }

    /// Answers a post or a reply, likewise, with a type of reply that it allows; `None`: there is none of
    /// that id.
    pub async fn create_comment(
        &self,
        post_id: &str,
        content: &str,
        author_id: Option<&str>,
    ) -> Result<Option<Comment>, Error> {
        let Some(post) = self.get_post(post_id).await? else { return Ok(None) };
        let types = self.post_types().all(POST_TYPES_MAX).await?;
        let own = types.iter().find(|one| post.post_type_id.as_ref() == Some(&one.id));
        let allowed: Vec<String> =
            own.into_iter().flat_map(|own| &own.valid_reply_types).map(|one| one.id.clone()).collect();
        let replies = writable(types, &PostTypeContext::Reply);
        let fits = |one: &&PostType| allowed.is_empty() || allowed.contains(&one.id);
        let what = "answer here: no post type for replies has a content";
        let mut reply = written(replies.iter().find(fits), &[(CONTENT, content)], what)?;
        reply.owner_id = author_id.map(str::to_owned);
        self.create_reply(post_id, &reply).await.map(Some)
    }

    /// A post of the community's usual type, to be written.
    pub(crate) async fn usual_post(&self, content: &str, title: &str) -> Result<NewPost, Error> {
        let types = self.writable_post_types(&PostTypeContext::Post).await?;
        let what = "write a post here: no post type has title and content";
        written(types.first(), &[(TITLE, title), (CONTENT, content)], what)
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

/// Those that can be written with nothing but a title (posts only) and a content, the usual one first.
fn writable(mut types: Vec<PostType>, context: &PostTypeContext) -> Vec<PostType> {
    let wanted = match context {
        PostTypeContext::Reply => &[CONTENT][..],
        _ => &[TITLE, CONTENT][..],
    };
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
    types
}

/// A post of a type, to be written.
fn written(
    post_type: Option<&PostType>,
    fields: &[(&str, &str)],
    what: &'static str,
) -> Result<NewPost, Error> {
    let post_type = post_type.ok_or(Error::Impossible { what })?;
    let fields = fields.iter().map(|(key, text)| post_type.field(key, text)).collect();
    Ok(NewPost::published(&post_type.id, fields))
}

/// Post types of a community at most; more than a person would ever make.
const POST_TYPES_MAX: usize = 1_000;

fn in_spaces(space_ids: &[String]) -> Value {
    if space_ids.is_empty() { json!({}) } else { json!({ "spaceIds": space_ids }) }
}
