//! Scopes: what each field of `Query` and `Mutation` needs, and which roles have it. That there are scopes is
//! known, `network:view`, `network:login` and `network:join` of guests too; the other names are supposed.

use super::auth::{Kind, Who};
use super::refusal::Refusal;
use super::scenario::Auth;
use super::state::{MemberStatus, RoleType, State};

const VIEW: &str = "network:view";
const LOGIN: &str = "network:login";
const JOIN: &str = "network:join";

/// Fields, each with the scope that it needs.
const NEEDS: &[(&str, &str)] = &[
    ("apiRateLimitStats", "limits:view"),
    ("authMember", VIEW),
    ("network", VIEW),
    ("networkPublicInfo", VIEW),
    ("roles", VIEW),
    ("globalEventTypes", "webhook:view"),
    ("loginNetwork", LOGIN),
    ("createImages", "media:create"),
    ("member", "member:view"),
    ("members", "member:view"),
    ("membersByIds", "member:view"),
    ("inviteMembers", "member:invite"),
    ("joinNetwork", JOIN),
    ("updateMember", "member:update"),
    ("deleteMember", "member:delete"),
    ("undoMembersDeletion", "member:delete"),
    ("suspendMember", "member:suspend"),
    ("unsuspendMember", "member:suspend"),
    ("verifyMember", "member:verify"),
    ("collections", "space:view"),
    ("space", "space:view"),
    ("spaces", "space:view"),
    ("spaceMembers", "space:view"),
    ("memberSpaces", "space:view"),
    ("createCollection", "collection:create"),
    ("deleteCollection", "collection:delete"),
    ("createSpace", "space:create"),
    ("deleteSpace", "space:delete"),
    ("addSpaceMembers", "space:addMember"),
    ("removeSpaceMembers", "space:removeMember"),
    ("joinSpace", "space:join"),
    ("leaveSpace", "space:join"),
    ("postTypes", "post:view"),
    ("post", "post:view"),
    ("posts", "post:view"),
    ("postsByIds", "post:view"),
    ("replies", "post:view"),
    ("memberPosts", "post:view"),
    ("feed", "post:view"),
    ("postReactionParticipants", "post:view"),
    ("tags", "post:view"),
    ("createPost", "post:create"),
    ("createReply", "post:create"),
    ("createDraftPost", "post:create"),
    ("updatePost", "post:update"),
    ("publishPost", "post:update"),
    ("movePost", "post:update"),
    ("hidePost", "post:moderate"),
    ("unhidePost", "post:moderate"),
    ("deletePost", "post:delete"),
    ("undoPostsDeletion", "post:delete"),
    ("addReaction", "post:react"),
    ("removeReaction", "post:react"),
    ("createTag", "tag:create"),
    ("event", "event:view"),
    ("events", "event:view"),
    ("eventRegistrations", "event:view"),
    ("createEvent", "event:create"),
    ("updateEvent", "event:update"),
    ("deleteEvent", "event:delete"),
    ("registerForEvent", "event:register"),
    ("cancelEventRegistration", "event:register"),
    ("chat", "chat:view"),
    ("chats", "chat:view"),
    ("chatsByCursor", "chat:view"),
    ("findChatWithMember", "chat:view"),
    ("checkMembersContactability", "chat:view"),
    ("messages", "chat:view"),
    ("messagesByCursor", "chat:view"),
    ("sendMessageToMember", "chat:send"),
    ("sendMessageToChat", "chat:send"),
    ("editMessage", "chat:send"),
    ("createGroupChat", "chat:send"),
    ("updateGroupChat", "chat:send"),
    ("addMembersToGroup", "chat:send"),
    ("leaveGroupChat", "chat:send"),
    ("archiveChat", "chat:send"),
    ("purgeChat", "chat:send"),
];

/// What a guest may.
const OF_GUESTS: &[&str] = &[VIEW, LOGIN, JOIN, "space:view", "post:view", "event:view"];

/// What a member may not, and a moderator may.
const OF_MODERATORS: &[&str] = &["post:moderate", "tag:create", "member:suspend", "member:invite"];

/// What only an admin may.
const OF_ADMINS: &[&str] =
    &["collection:create", "collection:delete", "space:create", "webhook:view", "limits:view", JOIN];

/// The scopes of a role.
pub(crate) fn scopes(role: RoleType) -> Vec<String> {
    let mut scopes: Vec<&str> = Vec::new();
    for (_, scope) in NEEDS {
        let has = match role {
            RoleType::Guest => OF_GUESTS.contains(scope),
            RoleType::Member => !OF_MODERATORS.contains(scope) && !OF_ADMINS.contains(scope),
            RoleType::Moderator => !OF_ADMINS.contains(scope),
            RoleType::Admin => true,
        };
        // Only guests sign in.
        if has && (*scope != LOGIN || role == RoleType::Guest) && !scopes.contains(scope) {
            scopes.push(scope);
        }
    }
    scopes.into_iter().map(str::to_owned).collect()
}

/// Every scope that something needs.
pub(crate) fn all() -> impl Iterator<Item = &'static str> {
    NEEDS.iter().map(|(_, scope)| *scope)
}

/// Whether somebody may ask for a field; whether for just this member or post is decided where it is done.
pub(crate) fn check(field: &str, who: &Who, state: &State, auth: &Auth) -> Result<(), Refusal> {
    if field.starts_with("__") {
        let open = !auth.introspection_needs_token || matches!(who, Who::Holder { .. });
        return if open { Ok(()) } else { Err(Refusal::unauthorized()) };
    }
    let (kind, member) = match (field, who) {
        ("tokens", Who::Nobody | Who::Holder { .. }) | ("limitedToken", Who::Credentials { .. }) => {
            return Ok(());
        }
        (_, Who::Nobody | Who::Credentials { .. }) | ("limitedToken", _) => {
            return Err(Refusal::unauthorized());
        }
        (_, Who::Holder { kind, member }) => (*kind, member),
    };
    if field == "loginNetwork" && kind != Kind::Guest {
        return Err(Refusal::unauthorized());
    }
    match state.members.get(member).map(|member| member.status) {
        Some(MemberStatus::Suspended) => return Err(Refusal::forbidden()),
        Some(MemberStatus::Deleted) => return Err(Refusal::unauthorized()),
        _ => {}
    }
    let needed = NEEDS.iter().find(|(name, _)| *name == field).map_or(VIEW, |(_, scope)| *scope);
    let role = state.role_of(state.role_type(member));
    let withheld = kind == Kind::App && auth.withheld.iter().any(|scope| scope == needed);
    let installed = kind != Kind::App || auth.installed;
    if installed && !withheld && role.scopes.iter().any(|scope| scope == needed) {
        Ok(())
    } else {
        Err(Refusal::forbidden())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bettermode::graphql::root_fields;

    #[test]
    fn every_field_of_the_schema_needs_a_scope_and_nothing_else_does() {
        let named: Vec<&str> = NEEDS.iter().map(|(field, _)| *field).collect();
        for field in root_fields() {
            let free = ["tokens", "limitedToken"].contains(&field.as_str());
            assert_eq!(named.contains(&field.as_str()), !free, "{field}");
        }
        let known = |field: &&str| root_fields().iter().any(|other| other == field);
        assert!(named.iter().all(known));
    }
}
