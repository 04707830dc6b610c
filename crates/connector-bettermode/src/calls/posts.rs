//! Calls about posts, comments, reactions, tags.

use super::{done, first, found, list, missing, shown};
use crate::client::Client;
use crate::types::PostUpdate;
use base::Fault;
use serde_json::{Value, json};

/// A call about what people write.
#[derive(Clone, PartialEq, Eq)]
pub enum PostCall {
    /// A post or a comment by id, with its reactions.
    Get {
        /// The id.
        id: String,
    },
    /// Posts, oldest first; comments are not among them.
    List {
        /// Only those of this space.
        space: Option<String>,
        /// How many at most.
        limit: usize,
    },
    /// How many there are.
    Count,
    /// What a member wrote: posts, then comments, with ids, titles and dates only.
    OfMember {
        /// Whose.
        member: String,
        /// How many of each at most.
        limit: usize,
    },
    /// Publishes a post.
    Create {
        /// Where.
        space: String,
        /// Its title.
        title: String,
        /// What it says, HTML.
        content: String,
        /// In whose name; `None`: the token's member's.
        author: Option<String>,
    },
    /// Changes what a post or comment says; it stays published.
    Update {
        /// Which.
        id: String,
        /// Its new title.
        title: Option<String>,
        /// What it says now, HTML.
        content: Option<String>,
    },
    /// Deletes a post or comment with the replies to it.
    Delete {
        /// Which.
        id: String,
    },
    /// Replies to a post or comment; those to them are not among them.
    Comments {
        /// Of which.
        post: String,
        /// How many at most.
        limit: usize,
    },
    /// Answers a post or comment.
    Comment {
        /// Which.
        post: String,
        /// What it says, HTML.
        content: String,
        /// In whose name; `None`: the token's member's.
        author: Option<String>,
    },
    /// Who reacted to a post, and how.
    Reactions {
        /// Which.
        post: String,
        /// How many people of each reaction at most.
        limit: usize,
    },
    /// Reacts to a post.
    React {
        /// Which.
        post: String,
        /// The key, such as `+1`.
        reaction: String,
        /// In whose name; `None`: the token's member's.
        member: Option<String>,
    },
    /// Takes a reaction back.
    Unreact {
        /// Which.
        post: String,
        /// The key.
        reaction: String,
        /// In whose name; `None`: the token's member's.
        member: Option<String>,
    },
    /// The types that posts and comments have here.
    Types {
        /// How many at most.
        limit: usize,
    },
    /// Tags.
    Tags {
        /// How many at most.
        limit: usize,
    },
    /// Makes a tag.
    CreateTag {
        /// Its title.
        title: String,
        /// Its name in addresses.
        slug: Option<String>,
    },
}

impl PostCall {
    pub(super) fn changes(&self) -> Option<String> {
        Some(match self {
            Self::Create { space, .. } => {
                format!("publishes a post in the space {space}; who follows it may be told")
            }
            Self::Update { id, .. } => format!("changes the post {id}"),
            Self::Delete { id } => format!("deletes the post {id} with the replies to it"),
            Self::Comment { post, .. } => format!("answers the post {post}; its author may be told"),
            Self::React { post, .. } => format!("reacts to the post {post}; its author may be told"),
            Self::Unreact { post, .. } => format!("takes a reaction to the post {post} back"),
            Self::CreateTag { .. } => "makes a tag".into(),
            Self::Get { .. }
            | Self::List { .. }
            | Self::Count
            | Self::OfMember { .. }
            | Self::Comments { .. }
            | Self::Reactions { .. }
            | Self::Types { .. }
            | Self::Tags { .. } => return None,
        })
    }
}

pub(super) async fn run(client: &Client, call: PostCall) -> Result<Value, Fault> {
    match call {
        PostCall::Get { id } => found(client.get_post(&id).await?, "post"),
        PostCall::List { space, limit } => list(client.posts(space.as_slice()), limit).await,
        PostCall::Count => shown(client.posts_total().await?),
        PostCall::OfMember { member, limit } => {
            let mut written = first(client.member_posts(&member, false), limit).await?;
            written.extend(first(client.member_posts(&member, true), limit).await?);
            shown(written)
        }
        PostCall::Create { space, title, content, author } => {
            shown(client.create_post(&space, &content, &title, author.as_deref()).await?)
        }
        PostCall::Update { id, title, content } => update(client, &id, title, content).await,
        PostCall::Delete { id } => Ok(done(client.delete_post(&id).await?)),
        PostCall::Comments { post, limit } => list(client.replies(&post), limit).await,
        PostCall::Comment { post, content, author } => {
            found(client.create_comment(&post, &content, author.as_deref()).await?, "post")
        }
        PostCall::Reactions { post, limit } => reactions(client, &post, limit).await,
        PostCall::React { post, reaction, member } => {
            Ok(done(client.add_reaction(&post, &reaction, member.as_deref()).await?))
        }
        PostCall::Unreact { post, reaction, member } => {
            Ok(done(client.remove_reaction(&post, &reaction, member.as_deref()).await?))
        }
        PostCall::Types { limit } => list(client.post_types(), limit).await,
        PostCall::Tags { limit } => list(client.tags(), limit).await,
        PostCall::CreateTag { title, slug } => shown(client.create_tag(&title, slug.as_deref()).await?),
    }
}

/// Writes a post anew, its fields as its own type wants them.
async fn update(
    client: &Client,
    id: &str,
    title: Option<String>,
    content: Option<String>,
) -> Result<Value, Fault> {
    let post = client.get_post(id).await?.ok_or_else(|| missing("post"))?;
    let given = [("title", title), ("content", content)];
    let given: Vec<(&str, String)> = given.into_iter().filter_map(|(key, text)| Some((key, text?))).collect();
    if given.is_empty() {
        return Err(Fault::usage("nothing was said that could change").hint("give --title or --content"));
    }
    let of_post = client.post_type_of(&post).await?;
    let of_post = of_post.ok_or_else(|| Fault::stop("the community does not show the type of this post"))?;
    if let Some((key, _)) = given.iter().find(|(key, _)| of_post.mapping(key).is_none()) {
        return Err(Fault::usage(format!("this post has no {key}")));
    }
    let mapping_fields = given.iter().map(|(key, text)| of_post.field(key, text)).collect();
    let update = PostUpdate { mapping_fields, ..PostUpdate::published() };
    shown(client.update_post(id, &update).await?)
}

async fn reactions(client: &Client, id: &str, limit: usize) -> Result<Value, Fault> {
    let post = client.get_post(id).await?.ok_or_else(|| missing("post"))?;
    let mut all = Vec::new();
    for reaction in post.reactions {
        let people = first(client.reaction_participants(id, &reaction.reaction), limit).await?;
        let members: Vec<Value> = people
            .into_iter()
            .filter_map(|one| one.participant)
            .map(|member| json!({"id": member.id, "name": member.name}))
            .collect();
        all.push(json!({"reaction": reaction.reaction, "count": reaction.count, "members": members}));
    }
    Ok(Value::Array(all))
}
