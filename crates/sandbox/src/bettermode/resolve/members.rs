//! Members.

use super::{Resolved, action, media, page, sort_key, unordered};
use crate::bettermode::commands::{InviteInput, JoinInput, MemberEdit, VerifyInput};
use crate::bettermode::filter::{Filter, FilterInput};
use crate::bettermode::graphql::{Args, Context, Node, Reply};
use crate::bettermode::refusal::Refusal;
use crate::bettermode::state::{Member, State};
use serde_json::{Map, Value, json};

/// What members can be ordered by.
const ORDERS: &[&str] = &["createdAt", "updatedAt", "lastSeenAt", "verifiedAt", "name", "username", "score"];

/// What members can be filtered by.
const KEYS: &[&str] = &[
    "id",
    "createdAt",
    "updatedAt",
    "lastSeenAt",
    "verifiedAt",
    "name",
    "username",
    "email",
    "externalId",
    "roleId",
    "status",
    "score",
    "fields.",
];

pub(super) fn root(c: &Context<'_>, name: &str, args: &Args) -> Resolved {
    let node = |id: String| Reply::Node(Node::Member(id));
    Ok(Some(match name {
        "member" => node(one(c, args)?),
        "members" => return listed(c, args, "members"),
        "membersByIds" => {
            let ids = args.ids("ids")?.unwrap_or_default();
            let found = ids.into_iter().filter(|id| c.state().member(id).is_ok());
            Reply::Nodes(found.map(Node::Member).collect())
        }
        "inviteMembers" => {
            let ids = c.state_mut().invite(&c.by, &args.need::<InviteInput>("input")?)?;
            let state = c.state();
            let found = ids.iter().filter_map(|id| state.invitations.get(id));
            Reply::Json(found.map(|invitation| Value::Object(state.invitation_wire(invitation))).collect())
        }
        "joinNetwork" => {
            let member = c.state_mut().join(&c.by, args.need::<JoinInput>("input")?)?;
            super::community::signed_in(c, member)
        }
        "updateMember" => {
            let (id, edit) = (args.some_id("id")?, args.need::<MemberEdit>("input")?);
            node(c.state_mut().update_member(&c.by, id, edit)?)
        }
        "deleteMember" => action(c.state_mut().delete_member(&c.by, &args.id("id")?)?),
        "undoMembersDeletion" => {
            let ids = args.ids("memberIds")?.unwrap_or_default();
            action(c.state_mut().undo_member_deletion(&c.by, &ids)?)
        }
        "suspendMember" => action(c.state_mut().suspend(&c.by, &args.id("memberId")?, true)?),
        "unsuspendMember" => action(c.state_mut().suspend(&c.by, &args.id("memberId")?, false)?),
        "verifyMember" => {
            let member = c.state_mut().verify_member(&c.by, &args.need::<VerifyInput>("input")?)?;
            super::community::signed_in(c, member)
        }
        _ => return Ok(None),
    }))
}

/// The member that exactly one of three arguments names.
fn one(c: &Context<'_>, args: &Args) -> Result<String, Refusal> {
    let (id, username) = (args.some_id("id")?, args.get::<String>("username")?);
    let external = args.get::<String>("externalId")?;
    let state = c.state();
    let found = match (id, username, external) {
        (Some(id), None, None) => state.members.get(&id),
        (None, Some(username), None) => state.member_of_username(&username),
        (None, None, Some(external)) => state.member_of_external_id(&external),
        (None, None, None) => return Err(Refusal::missing("id")),
        _ => return Err(Refusal::invalid("id", "Only one of id, username and externalId")),
    };
    let found = found.filter(|member| member.is_there()).ok_or_else(|| Refusal::not_found("Member"))?;
    Ok(found.id.clone())
}

/// A page of members; those who were deleted are in none.
pub(super) fn listed(c: &Context<'_>, args: &Args, list: &str) -> Resolved {
    let order: Option<String> = args.get("orderBy")?;
    if let Some(order) = order.as_ref().filter(|order| !ORDERS.contains(&order.as_str())) {
        return Err(Refusal::invalid("orderBy", format!("Members cannot be ordered by {order}")));
    }
    let filters = Filter::read(args.get::<Vec<FilterInput>>("filterBy")?.unwrap_or_default(), KEYS)?;
    let (roles, statuses) = (args.ids("roleIds")?, args.ids("status")?);
    let text = args.get::<String>("query")?.map(|text| text.to_lowercase());
    let state = c.state();
    let admin = state.is_admin(&c.by);
    let takes = |member: &&Member| {
        let value = |key: &str| match key {
            // Whoever may not see an address may not search for it.
            "email" if !admin => Value::Null,
            key => value(member, key),
        };
        let status = json!(member.status);
        let contains = |key: &str| {
            text.as_ref().is_none_or(|text| value(key).as_str().unwrap_or("").to_lowercase().contains(text))
        };
        member.is_there()
            && roles.as_ref().is_none_or(|roles| roles.contains(&member.role_id))
            && statuses.as_ref().is_none_or(|statuses| statuses.iter().any(|word| status == word.as_str()))
            && filters.iter().all(|filter| filter.takes(&value(&filter.key)))
            && (contains("name") || contains("username") || contains("email"))
    };
    let key = |member: &Member| order.as_ref().map_or(Value::Null, |order| value(member, order));
    let found = state.members.values().filter(takes);
    let entries = found.map(|member| (sort_key(&key(member)), member.id.clone())).collect();
    page(c, args, list, entries, Node::Member)
}

fn value(member: &Member, key: &str) -> Value {
    match key {
        "id" => member.id.clone().into(),
        "createdAt" => json!(member.created_at),
        "updatedAt" => json!(member.updated_at),
        "lastSeenAt" => json!(member.last_seen_at),
        "verifiedAt" => json!(member.verified_at),
        "name" => json!(member.name),
        "username" => member.username.clone().into(),
        "email" => json!(member.email),
        "externalId" => json!(member.external_id),
        "roleId" => member.role_id.clone().into(),
        "status" => json!(member.status),
        "score" => member.score.into(),
        other => {
            let field = other.strip_prefix("fields.");
            let field = field.and_then(|key| member.fields.iter().find(|field| field.key == key));
            field.and_then(|field| serde_json::from_str(&field.value).ok()).unwrap_or_default()
        }
    }
}

/// A member as the one who asks may see it: addresses are for oneself and for admins.
pub(super) fn wire(c: &Context<'_>, id: &str, own: bool) -> Map<String, Value> {
    let state = c.state();
    let mut map = match state.members.get(id) {
        Some(member) => state.member_wire(member),
        None => state.member_wire(&state.guest(id)),
    };
    if !own && !state.is_admin(&c.by) {
        for key in ["email", "newEmail", "emailStatus", "externalId"] {
            map.insert(key.to_owned(), Value::Null);
        }
    }
    map
}

pub(super) fn member(c: &Context<'_>, id: &str, name: &str, args: &Args) -> Resolved {
    let role = |state: &State| json!(state.role_of(state.role_type(id)));
    Ok(Some(match name {
        "role" => Reply::Json(role(&c.state())),
        "spaces" => {
            let state = c.state();
            let inside = state.spaces.values().filter(|space| space.members.contains_key(id));
            let seen = inside.filter(|space| state.sees_space(&c.by, &space.id));
            let entries = unordered(seen.map(|space| space.id.clone()));
            return page(c, args, &format!("member.{id}.spaces"), entries, Node::Space);
        }
        "profilePicture" => {
            let picture = c.state().members.get(id).and_then(|member| member.profile_picture_id.clone());
            media(c, picture.as_ref())
        }
        _ => return Ok(None),
    }))
}
