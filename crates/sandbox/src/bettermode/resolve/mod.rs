//! What each field comes to. A field that is not named here is read from the stored record.

mod chats;
mod community;
mod events;
mod members;
mod posts;
mod spaces;

use super::graphql::{Args, Context, Node, PageRequest, Reply, SortKey};
use super::refusal::Refusal;
use serde_json::{Map, Value, json};

type Resolved = Result<Option<Reply>, Refusal>;

/// The reply to a field; `None` when the record has it as it is.
pub(super) fn field(c: &Context<'_>, node: &Node, name: &str, args: &Args) -> Resolved {
    match node {
        Node::Query | Node::Mutation => {
            for area in [community::root, members::root, spaces::root, posts::root, events::root, chats::root]
            {
                if let Some(reply) = area(c, name, args)? {
                    return Ok(Some(reply));
                }
            }
            Ok(None)
        }
        Node::Tokens { access, refresh, member } => {
            Ok(Some(community::tokens(c, access, refresh, member, name)))
        }
        Node::Network => community::network(c, name, args),
        Node::Member(id) | Node::Oneself(id) => members::member(c, id, name, args),
        Node::Collection(id) => spaces::collection(c, id, name, args),
        Node::Space(id) => spaces::space(c, id, name, args),
        Node::SpaceMember { space, member } => Ok(Some(spaces::space_member(c, space, member, name))),
        Node::PostType(id) => Ok(posts::post_type(c, id, name)),
        Node::Post(id) => posts::post(c, id, name, args),
        Node::Reaction { post, reaction } => posts::reaction(c, post, reaction, name, args),
        Node::Participant { post, reaction, member } => {
            Ok(Some(posts::participant(post, reaction, member, name)))
        }
        Node::Event(id) => Ok(events::event(c, id, name)),
        Node::Registration(id) => Ok(events::registration(c, id, name)),
        Node::Plain(_) | Node::Page(_) | Node::Edge(..) => Ok(None),
    }
}

/// The stored fields of a node.
pub(super) fn leaves(c: &Context<'_>, node: &Node) -> Map<String, Value> {
    let state = c.state();
    let found = match node {
        Node::Network => Some(state.network_wire()),
        Node::Member(id) => Some(members::wire(c, id, c.by.member == *id)),
        Node::Oneself(id) => Some(members::wire(c, id, true)),
        Node::Collection(id) => state.collections.get(id).map(|found| state.collection_wire(found)),
        Node::Space(id) => state.spaces.get(id).map(|found| state.space_wire(found)),
        Node::PostType(id) => state.post_types.get(id).map(|found| state.post_type_wire(found)),
        Node::Post(id) => state.posts.get(id).map(|found| state.post_wire(found)),
        Node::Event(id) => state.events.get(id).map(|found| state.event_wire(found)),
        Node::Registration(id) => state.registrations.get(id).map(|found| state.registration_wire(found)),
        _ => None,
    };
    found.unwrap_or_default()
}

/// `{"status": …}`.
fn action(done: bool) -> Reply {
    Reply::Json(json!({"status": if done { "succeeded" } else { "failed" }}))
}

/// A page of those entries.
fn page(
    c: &Context<'_>,
    args: &Args,
    list: &str,
    entries: Vec<(SortKey, String)>,
    node: impl Fn(String) -> Node,
) -> Resolved {
    Ok(Some(Reply::Page(PageRequest::new(args, &c.app.scenario.paging, list)?.of(entries, node))))
}

/// Entries in no order that means anything, but always the same: that of ids.
fn unordered(ids: impl IntoIterator<Item = String>) -> Vec<(SortKey, String)> {
    ids.into_iter().map(|id| (SortKey::Text(String::new()), id)).collect()
}

/// What a value sorts by; texts without regard to case.
fn sort_key(value: &Value) -> SortKey {
    match value {
        Value::Number(number) => SortKey::Number(number.as_f64().unwrap_or(0.0)),
        Value::String(text) => SortKey::Text(text.to_lowercase()),
        Value::Bool(flag) => SortKey::Number(f64::from(u8::from(*flag))),
        _ => SortKey::Text(String::new()),
    }
}

/// A node, or null.
fn maybe(node: Option<Node>) -> Reply {
    node.map_or(Reply::Null, Reply::Node)
}

/// An image by its id, or null.
fn media(c: &Context<'_>, id: Option<&String>) -> Reply {
    let state = c.state();
    let found = id.and_then(|id| state.media.get(id));
    found.map_or(Reply::Null, |media| Reply::Json(state.media_wire(media, &c.app.origin)))
}
