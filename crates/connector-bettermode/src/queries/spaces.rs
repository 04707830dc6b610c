//! Collections and spaces.

use super::{Cost, Operation, read, write};

const COLLECTION_PARTS: &str =
    "fragment CollectionParts on Collection { id name description externalId createdAt updatedAt }";

const SPACE_PARTS: &str = "fragment SpaceParts on Space {
  id name slug type description private hidden inviteOnly nonAdminsCanInvite
  externalId externalUrl createdAt updatedAt collection { id }
}";

/// All collections; a plain list.
pub const COLLECTIONS: Operation = read(
    "Collections",
    "collections",
    Cost::of(5),
    "query Collections { collections { ...CollectionParts } }",
    &[COLLECTION_PARTS],
);

/// Makes a collection.
pub const CREATE_COLLECTION: Operation = write(
    "CreateCollection",
    "createCollection",
    Cost::of(1),
    "mutation CreateCollection($input: CreateCollectionInput!) {
  createCollection(input: $input) { ...CollectionParts }
}",
    &[COLLECTION_PARTS],
);

/// Deletes a collection.
pub const DELETE_COLLECTION: Operation = write(
    "DeleteCollection",
    "deleteCollection",
    Cost::of(1),
    "mutation DeleteCollection($id: ID!) { deleteCollection(id: $id) { status } }",
    &[],
);

/// One space.
pub const SPACE: Operation = read(
    "Space",
    "space",
    Cost::of(1 + 1),
    "query Space($id: ID, $slug: ID, $path: String) {
  space(id: $id, slug: $slug, path: $path) { ...SpaceParts }
}",
    &[SPACE_PARTS],
);

/// Spaces by page, oldest first.
pub const SPACES: Operation = read(
    "Spaces",
    "spaces",
    Cost::page(1 + 1),
    "query Spaces($limit: Int!, $after: String) {
  spaces(limit: $limit, after: $after, orderBy: CREATED_AT) {
    totalCount pageInfo { endCursor hasNextPage } nodes { ...SpaceParts }
  }
}",
    &[SPACE_PARTS],
);

/// Their ids only.
pub const SPACE_IDS: Operation = read(
    "SpaceIds",
    "spaces",
    Cost::page(1),
    "query SpaceIds($limit: Int!, $after: String) {
  spaces(limit: $limit, after: $after, orderBy: CREATED_AT) {
    totalCount pageInfo { endCursor hasNextPage } nodes { id }
  }
}",
    &[],
);

/// Makes a space.
pub const CREATE_SPACE: Operation = write(
    "CreateSpace",
    "createSpace",
    Cost::of(1 + 1),
    "mutation CreateSpace($input: CreateSpaceInput!) { createSpace(input: $input) { ...SpaceParts } }",
    &[SPACE_PARTS],
);

/// Deletes a space.
pub const DELETE_SPACE: Operation = write(
    "DeleteSpace",
    "deleteSpace",
    Cost::of(1),
    "mutation DeleteSpace($id: ID!) { deleteSpace(id: $id) { status } }",
    &[],
);

/// Who is in a space: an object, the member, the role.
pub const SPACE_MEMBERS: Operation = read(
    "SpaceMembers",
    "spaceMembers",
    Cost::page(1 + 1 + 1),
    "query SpaceMembers($spaceId: ID!, $limit: Int!, $after: String) {
  spaceMembers(spaceId: $spaceId, limit: $limit, after: $after) {
    totalCount pageInfo { endCursor hasNextPage } nodes { member { id name } role { id name type } }
  }
}",
    &[],
);

/// Puts members into a space.
pub const ADD_SPACE_MEMBERS: Operation = write(
    "AddSpaceMembers",
    "addSpaceMembers",
    Cost::of(5 * (1 + 1)),
    "mutation AddSpaceMembers($spaceId: ID!, $input: [AddSpaceMemberInput!]!) {
  addSpaceMembers(spaceId: $spaceId, input: $input) { member { id } }
}",
    &[],
);

/// Takes members out of a space.
pub const REMOVE_SPACE_MEMBERS: Operation = write(
    "RemoveSpaceMembers",
    "removeSpaceMembers",
    Cost::of(5),
    "mutation RemoveSpaceMembers($spaceId: ID!, $memberIds: [ID!]!) {
  removeSpaceMembers(spaceId: $spaceId, memberIds: $memberIds) { status }
}",
    &[],
);
