//! Members, roles, custom fields.

use super::{Cost, Operation, read, write};

const MEMBER_PARTS: &str = "fragment MemberParts on Member {
  id username name displayName email emailStatus externalId externalUrl status roleId
  fields { key value }
  tagline locale timeZone profilePictureId score flagged teammate
  createdAt updatedAt verifiedAt lastSeenAt url
}";

/// A member: an object, and the list of its custom fields.
const MEMBER_COST: u64 = 1 + 5;

/// One member, by one of three names. It is never null: who is not there is an error.
pub const MEMBER: Operation = read(
    "Member",
    "member",
    Cost::of(MEMBER_COST),
    "query Member($id: ID, $username: String, $externalId: String) {
  member(id: $id, username: $username, externalId: $externalId) { ...MemberParts }
}",
    &[MEMBER_PARTS],
);

/// Members by page.
pub const MEMBERS: Operation = read(
    "Members",
    "members",
    Cost::page(MEMBER_COST),
    "query Members($limit: Int!, $after: String, $query: String, $orderBy: String, $reverse: Boolean,
  $roleIds: [ID!], $status: [MemberStatusInput!], $filterBy: [MemberListFilterByInput!]) {
  members(limit: $limit, after: $after, query: $query, orderBy: $orderBy, reverse: $reverse,
    roleIds: $roleIds, status: $status, filterBy: $filterBy) {
    totalCount pageInfo { endCursor hasNextPage } nodes { ...MemberParts }
  }
}",
    &[MEMBER_PARTS],
);

/// Their ids only: to count them, and to see whether anything moved.
pub const MEMBER_IDS: Operation = read(
    "MemberIds",
    "members",
    Cost::page(1),
    "query MemberIds($limit: Int!, $after: String, $orderBy: String, $status: [MemberStatusInput!]) {
  members(limit: $limit, after: $after, orderBy: $orderBy, status: $status) {
    totalCount pageInfo { endCursor hasNextPage } nodes { id }
  }
}",
    &[],
);

/// Members with these ids.
pub const MEMBERS_BY_IDS: Operation = read(
    "MembersByIds",
    "membersByIds",
    Cost::of(5 * MEMBER_COST),
    "query MembersByIds($ids: [String!]!) { membersByIds(ids: $ids) { ...MemberParts } }",
    &[MEMBER_PARTS],
);

/// Makes a member. The new member's token, which the service offers too, is not asked for.
pub const JOIN_NETWORK: Operation = write(
    "JoinNetwork",
    "joinNetwork",
    Cost::of(1 + MEMBER_COST),
    "mutation JoinNetwork($input: JoinNetworkInput!) {
  joinNetwork(input: $input) { member { ...MemberParts } }
}",
    &[MEMBER_PARTS],
);

/// Mails people.
pub const INVITE_MEMBERS: Operation = write(
    "InviteMembers",
    "inviteMembers",
    Cost::of(5),
    "mutation InviteMembers($input: InviteMembersInput!) { inviteMembers(input: $input) { id status } }",
    &[],
);

/// Changes a member.
pub const UPDATE_MEMBER: Operation = write(
    "UpdateMember",
    "updateMember",
    Cost::of(MEMBER_COST),
    "mutation UpdateMember($id: ID!, $input: UpdateMemberInput!) {
  updateMember(id: $id, input: $input) { ...MemberParts }
}",
    &[MEMBER_PARTS],
);

/// Deletes a member.
pub const DELETE_MEMBER: Operation = write(
    "DeleteMember",
    "deleteMember",
    Cost::of(1),
    "mutation DeleteMember($id: ID!) { deleteMember(id: $id) { status } }",
    &[],
);

/// Locks a member out.
pub const SUSPEND_MEMBER: Operation = write(
    "SuspendMember",
    "suspendMember",
    Cost::of(1),
    "mutation SuspendMember($memberId: String!) { suspendMember(memberId: $memberId) { status } }",
    &[],
);

/// Lets a member in again.
pub const UNSUSPEND_MEMBER: Operation = write(
    "UnsuspendMember",
    "unsuspendMember",
    Cost::of(1),
    "mutation UnsuspendMember($memberId: String!) { unsuspendMember(memberId: $memberId) { status } }",
    &[],
);

/// All roles; a plain list.
pub const ROLES: Operation = read(
    "Roles",
    "roles",
    Cost::of(5 * (1 + 1)),
    "query Roles { roles { id name type scopes visible description } }",
    &[],
);

/// What custom fields members have.
pub const MEMBER_FIELDS: Operation = read(
    "MemberFields",
    "network",
    Cost::of(1 + 1 + 5),
    "query MemberFields { network { memberFields { fields { key name type required } } } }",
    &[],
);
