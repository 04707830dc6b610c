//! Collections, spaces and who is in them.

use super::{Resolved, action, maybe, media, page, sort_key, unordered};
use crate::bettermode::commands::{CollectionInput, SpaceInput, SpaceMemberInput};
use crate::bettermode::filter::{Filter, FilterInput};
use crate::bettermode::graphql::{Args, Context, Node, Reply, SortKey};
use crate::bettermode::refusal::Refusal;
use crate::bettermode::state::{Space, State};
use serde_json::{Value, json};

/// What spaces can be filtered by.
const KEYS: &[&str] = &["id", "name", "slug", "createdAt", "updatedAt", "externalId", "private", "hidden"];

pub(super) fn root(c: &Context<'_>, name: &str, args: &Args) -> Resolved {
    Ok(Some(match name {
        "collections" => collections(c, args)?,
        "createCollection" => {
            let id = c.state_mut().create_collection(&c.by, args.need::<CollectionInput>("input")?)?;
            Reply::Node(Node::Collection(id))
        }
        "deleteCollection" => action(c.state_mut().delete_collection(&c.by, &args.id("id")?)?),
        "space" => Reply::Node(Node::Space(one(c, args)?)),
        "spaces" => return listed(c, args),
        "createSpace" => {
            let id = c.state_mut().create_space(&c.by, args.need::<SpaceInput>("input")?)?;
            Reply::Node(Node::Space(id))
        }
        "deleteSpace" => action(c.state_mut().delete_space(&c.by, &args.id("id")?)?),
        "spaceMembers" => {
            let space = args.id("spaceId")?;
            need_seen(c, &space)?;
            return members(c, args, &space, args.ids("roleIds")?.as_deref());
        }
        "memberSpaces" => return of_member(c, args),
        "addSpaceMembers" => {
            let space = args.id("spaceId")?;
            let input: Vec<SpaceMemberInput> = args.need("input")?;
            let added = c.state_mut().add_space_members(&c.by, &space, input)?;
            let node = |member| Node::SpaceMember { space: space.clone(), member };
            Reply::Nodes(added.into_iter().map(node).collect())
        }
        "removeSpaceMembers" => {
            let members = args.ids("memberIds")?.unwrap_or_default();
            let done = c.state_mut().remove_space_members(&c.by, &args.id("spaceId")?, &members)?;
            let word = |done: bool| if done { "succeeded" } else { "failed" };
            Reply::Json(done.into_iter().map(|done| json!({"status": word(done)})).collect())
        }
        "joinSpace" => action(c.state_mut().join_space(&c.by, &args.id("spaceId")?)?),
        "leaveSpace" => action(c.state_mut().leave_space(&c.by, &args.id("spaceId")?)?),
        _ => return Ok(None),
    }))
}

fn need_seen(c: &Context<'_>, space: &str) -> Result<(), Refusal> {
    if c.state().sees_space(&c.by, space) { Ok(()) } else { Err(Refusal::not_found("Space")) }
}

fn collections(c: &Context<'_>, args: &Args) -> Result<Reply, Refusal> {
    let order: Option<String> = args.get("orderBy")?;
    let state = c.state();
    let mut found: Vec<_> = state.collections.values().collect();
    match order.as_deref() {
        Some("CREATED_AT") => found.sort_by_key(|collection| (collection.created_at, collection.id.clone())),
        Some("UPDATED_AT") => found.sort_by_key(|collection| (collection.updated_at, collection.id.clone())),
        Some(_) => found.sort_by(|a, b| a.custom_ordering_index.total_cmp(&b.custom_ordering_index)),
        None => found.sort_by(|a, b| a.id.cmp(&b.id)),
    }
    if args.flag("reverse") {
        found.reverse();
    }
    Ok(Reply::Nodes(found.into_iter().map(|collection| Node::Collection(collection.id.clone())).collect()))
}

/// The space that exactly one of three arguments names.
fn one(c: &Context<'_>, args: &Args) -> Result<String, Refusal> {
    let (id, slug) = (args.some_id("id")?, args.some_id("slug")?);
    let path = args.get::<String>("path")?;
    let state = c.state();
    let found = match (id, slug, path) {
        (Some(id), None, None) => state.spaces.get(&id),
        (None, Some(slug), None) => state.spaces.values().find(|space| space.slug == slug),
        (None, None, Some(path)) => {
            let path = path.trim_start_matches('/');
            state.spaces.values().find(|space| space.address.path == path)
        }
        (None, None, None) => return Err(Refusal::missing("id")),
        _ => return Err(Refusal::invalid("id", "Only one of id, slug and path")),
    };
    let found = found.filter(|space| state.sees_space(&c.by, &space.id));
    found.map(|space| space.id.clone()).ok_or_else(|| Refusal::not_found("Space"))
}

fn listed(c: &Context<'_>, args: &Args) -> Resolved {
    let order: Option<String> = args.get("orderBy")?;
    let filters = Filter::read(args.get::<Vec<FilterInput>>("filterBy")?.unwrap_or_default(), KEYS)?;
    let (collection, member) = (args.some_id("collectionId")?, args.some_id("memberId")?);
    let kinds = args.ids("type")?;
    let text = args.get::<String>("query")?.map(|text| text.to_lowercase());
    let state = c.state();
    let admin = state.is_admin(&c.by);
    let takes = |space: &&Space| {
        state.sees_space(&c.by, &space.id)
            && (!space.hidden || admin || space.members.contains_key(&c.by.member))
            && collection.as_ref().is_none_or(|id| space.group_id.as_ref() == Some(id))
            && member.as_ref().is_none_or(|id| space.members.contains_key(id))
            && kinds.as_ref().is_none_or(|kinds| kinds.iter().any(|word| json!(space.kind) == word.as_str()))
            && text.as_ref().is_none_or(|text| space.name.to_lowercase().contains(text))
            && filters.iter().all(|filter| filter.takes(&value(space, &filter.key)))
    };
    let key = |space: &Space| match order.as_deref() {
        Some("CREATED_AT") => sort_key(&json!(space.created_at)),
        Some("UPDATED_AT") => sort_key(&json!(space.updated_at)),
        Some(_) => SortKey::Number(space.custom_ordering_index_in_group),
        None => SortKey::Text(String::new()),
    };
    let found = state.spaces.values().filter(takes);
    let entries = found.map(|space| (key(space), space.id.clone())).collect();
    page(c, args, "spaces", entries, Node::Space)
}

fn value(space: &Space, key: &str) -> Value {
    match key {
        "id" => space.id.clone().into(),
        "name" => space.name.clone().into(),
        "slug" => space.slug.clone().into(),
        "createdAt" => json!(space.created_at),
        "updatedAt" => json!(space.updated_at),
        "externalId" => json!(space.external_id),
        "private" => space.private.into(),
        _ => space.hidden.into(),
    }
}

fn members(c: &Context<'_>, args: &Args, space: &str, roles: Option<&[String]>) -> Resolved {
    let state = c.state();
    let found = state.space(space)?;
    let there = found.members.iter().filter(|(member, role)| {
        state.member(member).is_ok() && roles.is_none_or(|roles| roles.contains(role))
    });
    let entries = unordered(there.map(|(member, _)| member.clone()));
    let node = |member| Node::SpaceMember { space: space.to_owned(), member };
    page(c, args, &format!("space.{space}.members"), entries, node)
}

fn of_member(c: &Context<'_>, args: &Args) -> Resolved {
    let member = args.id("memberId")?;
    let (collection, roles) = (args.some_id("collectionId")?, args.ids("roleIds")?);
    let state = c.state();
    state.member(&member)?;
    let inside = state.spaces.values().filter(|space| {
        let role = space.members.get(&member);
        role.is_some_and(|role| roles.as_ref().is_none_or(|roles| roles.contains(role)))
            && collection.as_ref().is_none_or(|id| space.group_id.as_ref() == Some(id))
            && state.sees_space(&c.by, &space.id)
    });
    let entries = unordered(inside.map(|space| space.id.clone()));
    let node = |space| Node::SpaceMember { space, member: member.clone() };
    page(c, args, "memberSpaces", entries, node)
}

pub(super) fn collection(c: &Context<'_>, id: &str, name: &str, args: &Args) -> Resolved {
    let state = c.state();
    Ok(Some(match name {
        "createdBy" => {
            maybe(state.collections.get(id).map(|found| Node::Member(found.created_by_id.clone())))
        }
        "spaces" => {
            let member = args.some_id("memberId")?;
            let inside = state.spaces.values().filter(|space| {
                space.group_id.as_deref() == Some(id)
                    && state.sees_space(&c.by, &space.id)
                    && member.as_ref().is_none_or(|member| space.members.contains_key(member))
            });
            let entries = unordered(inside.map(|space| space.id.clone()));
            return page(c, args, &format!("collection.{id}.spaces"), entries, Node::Space);
        }
        _ => return Ok(None),
    }))
}

pub(super) fn space(c: &Context<'_>, id: &str, name: &str, args: &Args) -> Resolved {
    let state = c.state();
    let Some(found) = state.spaces.get(id) else { return Ok(None) };
    Ok(Some(match name {
        "collection" => maybe(found.group_id.clone().map(Node::Collection)),
        "createdBy" => Reply::Node(Node::Member(found.created_by_id.clone())),
        "image" => media(c, found.image_id.as_ref()),
        "banner" => media(c, found.banner_id.as_ref()),
        "members" => return members(c, args, id, None),
        "posts" => {
            let entries = super::posts::of_space(&state, &c.by, id, args.flag("excludePins"));
            return page(c, args, &format!("space.{id}.posts"), unordered(entries), Node::Post);
        }
        _ => return Ok(None),
    }))
}

pub(super) fn space_member(c: &Context<'_>, space: &str, member: &str, name: &str) -> Reply {
    let state = c.state();
    match name {
        "member" => maybe(state.members.get(member).map(|found| Node::Member(found.id.clone()))),
        "space" => maybe(state.spaces.get(space).map(|found| Node::Space(found.id.clone()))),
        _ => Reply::Json(role(&state, space, member)),
    }
}

/// The role of somebody in a space; null when they are no member of it.
fn role(state: &State, space: &str, member: &str) -> Value {
    let role = state.spaces.get(space).and_then(|space| space.members.get(member));
    json!(state.space_roles.iter().find(|known| Some(&known.id) == role))
}
