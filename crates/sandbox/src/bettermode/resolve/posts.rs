//! Post types, posts, replies, reactions and tags.

use super::{Resolved, action, maybe, page, sort_key, unordered};
use crate::bettermode::commands::{Actor, Place, PostEdit, PostInput, ReactionInput, TagInput};
use crate::bettermode::filter::{Filter, FilterInput};
use crate::bettermode::graphql::{Args, Context, Node, Reply};
use crate::bettermode::refusal::Refusal;
use crate::bettermode::state::{Media, Post, PostType, State, Tag};
use serde_json::{Value, json};

/// What posts can be filtered by.
const KEYS: &[&str] = &["createdAt", "updatedAt", "publishedAt", "status", "externalId", "ownerId", "locked"];

/// What posts can be ordered by with a free text.
const ORDERS: &[&str] = &[
    "createdAt",
    "updatedAt",
    "publishedAt",
    "lastActivityAt",
    "reactionsCount",
    "repliesCount",
    "totalRepliesCount",
    "text1",
];

pub(super) fn root(c: &Context<'_>, name: &str, args: &Args) -> Resolved {
    let node = |id: String| Reply::Node(Node::Post(id));
    let id = |name: &str| args.id(name);
    Ok(Some(match name {
        "postTypes" => return types(c, args),
        "post" => node(c.state().visible_post(&c.by, &id("id")?)?.id.clone()),
        "posts" => return listed(c, args, "posts"),
        "feed" => return listed(c, args, "feed"),
        "postsByIds" => by_ids(c, args)?,
        "replies" => {
            let post = id("postId")?;
            c.state().visible_post(&c.by, &post)?;
            return replies(c, args, &post);
        }
        "memberPosts" => return of_member(c, args),
        "postReactionParticipants" => {
            let (post, reaction) = (id("postId")?, id("reaction")?);
            c.state().visible_post(&c.by, &post)?;
            return participants(c, args, &post, &reaction);
        }
        "tags" => return tags(c, args),
        "createPost" | "createDraftPost" => {
            let (space, input) = (id("spaceId")?, args.need::<PostInput>("input")?);
            node(c.state_mut().create_post(&c.by, Place::Space(&space), input)?)
        }
        "createReply" => {
            let (post, input) = (id("postId")?, args.need::<PostInput>("input")?);
            node(c.state_mut().create_post(&c.by, Place::Beneath(&post), input)?)
        }
        "updatePost" => {
            let edit = args.need::<PostEdit>("input")?;
            node(c.state_mut().update_post(&c.by, &id("id")?, edit)?)
        }
        "publishPost" => node(c.state_mut().publish_post(&c.by, &id("postId")?)?),
        "movePost" => node(c.state_mut().move_post(&c.by, &id("id")?, &id("spaceId")?)?),
        "hidePost" => action(c.state_mut().hide_post(&c.by, &id("id")?, true)?),
        "unhidePost" => action(c.state_mut().hide_post(&c.by, &id("id")?, false)?),
        "deletePost" => action(c.state_mut().delete_post(&c.by, &id("id")?)?),
        "undoPostsDeletion" => {
            let ids = args.ids("postIds")?.unwrap_or_default();
            action(c.state_mut().undo_post_deletion(&c.by, &ids)?)
        }
        "addReaction" => {
            let input = args.need::<ReactionInput>("input")?;
            action(c.state_mut().add_reaction(&c.by, &id("postId")?, input)?)
        }
        "removeReaction" => {
            let (reaction, who) = (args.need::<String>("reaction")?, args.some_id("participantId")?);
            action(c.state_mut().remove_reaction(&c.by, &id("postId")?, &reaction, who)?)
        }
        "createTag" => Reply::Json(c.state_mut().create_tag(&c.by, args.need::<TagInput>("input")?)?),
        _ => return Ok(None),
    }))
}

fn types(c: &Context<'_>, args: &Args) -> Resolved {
    let (context, text) = (args.get::<String>("context")?, args.get::<String>("query")?);
    let state = c.state();
    let takes = |kind: &&PostType| {
        context.as_ref().is_none_or(|context| json!(kind.context) == context.as_str())
            && text.as_ref().is_none_or(|text| kind.name.to_lowercase().contains(&text.to_lowercase()))
    };
    let ids = state.post_types.values().filter(takes).map(|kind| kind.id.clone());
    page(c, args, "postTypes", unordered(ids), Node::PostType)
}

fn tags(c: &Context<'_>, args: &Args) -> Resolved {
    let (space, text) = (args.some_id("spaceId")?, args.get::<String>("query")?);
    let state = c.state();
    if let Some(space) = &space {
        state.space(space)?;
    }
    let takes =
        |tag: &&Tag| text.as_ref().is_none_or(|text| tag.title.to_lowercase().contains(&text.to_lowercase()));
    let ids: Vec<String> = state.tags.values().filter(takes).map(|tag| tag.id.clone()).collect();
    page(c, args, "tags", unordered(ids), |id| Node::Plain(stored(state.tags.get(&id))))
}

fn stored(tag: Option<&Tag>) -> serde_json::Map<String, Value> {
    json!(tag).as_object().cloned().unwrap_or_default()
}

/// Top-level posts of a space that everybody there sees.
pub(super) fn of_space(state: &State, by: &Actor, space: &str, no_pins: bool) -> Vec<String> {
    let takes = |post: &&Post| {
        post.space_id == space
            && post.replied_to_id.is_none()
            && post.is_published()
            && state.visible_post(by, &post.id).is_ok()
            && (!no_pins || post.pinned_into.is_empty())
    };
    state.posts.values().filter(takes).map(|post| post.id.clone()).collect()
}

/// `posts` and `feed`: top-level ones, published unless a filter asks for a status.
fn listed(c: &Context<'_>, args: &Args, list: &str) -> Resolved {
    let filters = Filter::read(args.get::<Vec<FilterInput>>("filterBy")?.unwrap_or_default(), KEYS)?;
    let by_status = filters.iter().any(|filter| filter.key == "status");
    let (spaces, kinds) = (args.ids("spaceIds")?, args.ids("postTypeIds")?);
    let text = args.get::<String>("query")?.map(|text| text.to_lowercase());
    let order = order(args)?;
    let state = c.state();
    for space in spaces.iter().flatten() {
        state.space(space)?;
    }
    let own_spaces = args.flag("onlyMemberSpaces");
    let no_pins = args.flag("excludePins");
    let takes = |post: &&Post| {
        let inside =
            || state.spaces.get(&post.space_id).is_some_and(|s| s.members.contains_key(&c.by.member));
        let contains = |text: &String| {
            let title = post.title.as_deref().unwrap_or("").to_lowercase();
            title.contains(text) || post.text("content").unwrap_or_default().to_lowercase().contains(text)
        };
        post.replied_to_id.is_none()
            && (post.is_published() || by_status)
            && spaces.as_ref().is_none_or(|spaces| spaces.contains(&post.space_id))
            && kinds.as_ref().is_none_or(|kinds| kinds.contains(&post.post_type_id))
            && (!no_pins || post.pinned_into.is_empty())
            && (!own_spaces || inside())
            && filters.iter().all(|filter| filter.takes(&value(&state, post, &filter.key)))
            && text.as_ref().is_none_or(contains)
            && state.visible_post(&c.by, &post.id).is_ok()
    };
    let key = |post: &Post| sort_key(&order.as_ref().map_or(Value::Null, |order| value(&state, post, order)));
    let found = state.posts.values().filter(takes);
    let entries = found.map(|post| (key(post), post.id.clone())).collect();
    page(c, args, list, entries, Node::Post)
}

fn order(args: &Args) -> Result<Option<String>, Refusal> {
    let free: Option<String> = args.get("orderByString")?;
    if let Some(free) = free.as_ref().filter(|free| !ORDERS.contains(&free.as_str())) {
        return Err(Refusal::invalid("orderByString", format!("Posts cannot be ordered by {free}")));
    }
    Ok(args.get("orderBy")?.or(free))
}

fn value(state: &State, post: &Post, key: &str) -> Value {
    match key {
        "createdAt" => json!(post.created_at),
        "updatedAt" => json!(post.updated_at),
        "publishedAt" => json!(post.published_at),
        "lastActivityAt" => json!(post.last_activity_at),
        "status" => json!(post.status),
        "externalId" => json!(post.external_id),
        "ownerId" => post.owner_id.clone().into(),
        "locked" => post.locked.into(),
        "reactionsCount" => post.reactions.values().map(indexmap::IndexSet::len).sum::<usize>().into(),
        "repliesCount" => state.replies_of(post).0.into(),
        "totalRepliesCount" => state.replies_of(post).1.into(),
        _ => json!(post.title),
    }
}

fn by_ids(c: &Context<'_>, args: &Args) -> Result<Reply, Refusal> {
    let (ids, statuses) = (args.ids("ids")?.unwrap_or_default(), args.ids("statuses")?);
    let state = c.state();
    let takes = |id: &String| {
        let found = state.visible_post(&c.by, id);
        found.is_ok_and(|post| {
            statuses.as_ref().is_none_or(|words| words.iter().any(|word| json!(post.status) == word.as_str()))
        })
    };
    Ok(Reply::Nodes(ids.into_iter().filter(takes).map(Node::Post).collect()))
}

fn replies(c: &Context<'_>, args: &Args, id: &str) -> Resolved {
    let order = order(args)?;
    let no_pins = args.flag("excludePins");
    let state = c.state();
    let Some(post) = state.posts.get(id) else { return Ok(None) };
    let found = post.replies.iter().filter_map(|id| state.posts.get(id));
    let found = found.filter(|reply| {
        reply.is_published()
            && state.visible_post(&c.by, &reply.id).is_ok()
            && (!no_pins || reply.pinned_into.is_empty())
    });
    let key = |post: &Post| sort_key(&order.as_ref().map_or(Value::Null, |order| value(&state, post, order)));
    let entries = found.map(|reply| (key(reply), reply.id.clone())).collect();
    page(c, args, &format!("post.{id}.replies"), entries, Node::Post)
}

fn of_member(c: &Context<'_>, args: &Args) -> Resolved {
    let (member, replies) = (args.id("memberId")?, args.get::<bool>("hasParent")?);
    let state = c.state();
    state.member(&member)?;
    let takes = |post: &&Post| {
        post.owner_id == member
            && post.is_published()
            && replies.is_none_or(|replies| replies == post.replied_to_id.is_some())
            && state.visible_post(&c.by, &post.id).is_ok()
    };
    let ids: Vec<String> = state.posts.values().filter(takes).map(|post| post.id.clone()).collect();
    page(c, args, "memberPosts", unordered(ids), Node::Post)
}

fn participants(c: &Context<'_>, args: &Args, post: &str, reaction: &str) -> Resolved {
    let state = c.state();
    let members = state.posts.get(post).and_then(|post| post.reactions.get(reaction));
    let entries = unordered(members.into_iter().flatten().cloned());
    let node = |member| {
        let (post, reaction) = (post.to_owned(), reaction.to_owned());
        Node::Participant { post, reaction, member }
    };
    page(c, args, &format!("post.{post}.{reaction}"), entries, node)
}

pub(super) fn post_type(c: &Context<'_>, id: &str, name: &str) -> Option<Reply> {
    let state = c.state();
    let kind = state.post_types.get(id).filter(|_| name == "validReplyTypes")?;
    Some(Reply::Nodes(kind.replies.iter().cloned().map(Node::PostType).collect()))
}

pub(super) fn post(c: &Context<'_>, id: &str, name: &str, args: &Args) -> Resolved {
    let state = c.state();
    let Some(post) = state.posts.get(id) else { return Ok(None) };
    let in_space = |member: &String| {
        Reply::Node(Node::SpaceMember { space: post.space_id.clone(), member: member.clone() })
    };
    Ok(Some(match name {
        "postType" => Reply::Node(Node::PostType(post.post_type_id.clone())),
        "space" => maybe(state.spaces.get(&post.space_id).map(|space| Node::Space(space.id.clone()))),
        "owner" => in_space(&post.owner_id),
        "createdBy" => in_space(&post.created_by_id),
        "repliedTo" => maybe(post.replied_to_id.clone().map(Node::Post)),
        "replies" => return replies(c, args, id),
        "reactions" => {
            let given = post.reactions.iter().filter(|(_, members)| !members.is_empty());
            let node = |reaction: &String| Node::Reaction { post: id.to_owned(), reaction: reaction.clone() };
            Reply::Nodes(given.map(|(reaction, _)| node(reaction)).collect())
        }
        "tags" => {
            Reply::Json(json!(post.tag_ids.iter().filter_map(|id| state.tags.get(id)).collect::<Vec<_>>()))
        }
        "attachments" => {
            let files = post.attachment_ids.iter().filter_map(|id| state.media.get(id));
            Reply::Json(files.map(|media| file(media, &c.app.origin)).collect())
        }
        _ => return Ok(None),
    }))
}

/// An uploaded thing as a file.
fn file(media: &Media, origin: &str) -> Value {
    json!({
        "id": media.id,
        "name": media.name,
        "extension": media.name.rsplit_once('.').map_or("", |(_, extension)| extension),
        "size": media.size,
        "url": format!("{origin}/media/{}", media.id),
        "downloadUrl": format!("{origin}/media/{}?download=true", media.id),
        "status": "Ok",
    })
}

pub(super) fn reaction(c: &Context<'_>, post: &str, reaction: &str, name: &str, args: &Args) -> Resolved {
    let state = c.state();
    let members = state.posts.get(post).and_then(|post| post.reactions.get(reaction));
    Ok(Some(match name {
        "reaction" => Reply::Json(reaction.into()),
        "count" => Reply::Json(members.map_or(0, indexmap::IndexSet::len).into()),
        "reacted" => Reply::Json(members.is_some_and(|members| members.contains(&c.by.member)).into()),
        _ => return participants(c, args, post, reaction),
    }))
}

pub(super) fn participant(post: &str, reaction: &str, member: &str, name: &str) -> Reply {
    Reply::Node(match name {
        "participant" => Node::Member(member.to_owned()),
        _ => Node::Reaction { post: post.to_owned(), reaction: reaction.to_owned() },
    })
}
