//! Post types, posts, comments, reactions, tags.

use super::{Cost, Operation, read, write};

const POST_PARTS: &str = "fragment PostParts on Post {
  id postTypeId spaceId ownerId createdById isAnonymous status title slug url externalId externalUrl
  locked isHidden repliedToId repliedToIds repliesCount totalRepliesCount reactionsCount
  publishedAt createdAt updatedAt tagIds language
  mappingFields { key type value }
}";

/// A post: an object, two lists of ids, the list of its fields.
const POST_COST: u64 = 1 + 1 + 1 + 5;

/// What tells a post that was just made from others.
const POST_MARKS: &str = "fragment PostMarks on Post {
  id title externalId externalUrl ownerId createdAt updatedAt totalRepliesCount
}";

/// Post types by page: an object, its mappings, the types of replies.
pub const POST_TYPES: Operation = read(
    "PostTypes",
    "postTypes",
    Cost::page(1 + 5 + 5),
    "query PostTypes($limit: Int!, $after: String) {
  postTypes(limit: $limit, after: $after) {
    totalCount pageInfo { endCursor hasNextPage }
    nodes { id name context mappings { key type required } validReplyTypes { id name } }
  }
}",
    &[],
);

/// One post, with its reactions. It is never null: what is not there is an error.
pub const POST: Operation = read(
    "Post",
    "post",
    Cost::of(POST_COST + 5),
    "query Post($id: ID!) { post(id: $id) { ...PostParts reactions { reaction count } } }",
    &[POST_PARTS],
);

/// Posts by page, oldest first. Replies are not among them.
pub const POSTS: Operation = read(
    "Posts",
    "posts",
    Cost::page(POST_COST),
    "query Posts($limit: Int!, $after: String, $spaceIds: [ID!], $reverse: Boolean) {
  posts(limit: $limit, after: $after, spaceIds: $spaceIds, orderByString: \"createdAt\", reverse: $reverse) {
    totalCount pageInfo { endCursor hasNextPage } nodes { ...PostParts }
  }
}",
    &[POST_PARTS],
);

/// Their ids only.
pub const POST_IDS: Operation = read(
    "PostIds",
    "posts",
    Cost::page(1),
    "query PostIds($limit: Int!, $after: String) {
  posts(limit: $limit, after: $after, orderByString: \"createdAt\") {
    totalCount pageInfo { endCursor hasNextPage } nodes { id totalRepliesCount }
  }
}",
    &[],
);

/// Posts of a space, as far as one can be told from another.
pub const POSTS_SCAN: Operation = read(
    "PostsScan",
    "posts",
    Cost::page(1),
    "query PostsScan($limit: Int!, $after: String, $spaceIds: [ID!], $reverse: Boolean) {
  posts(limit: $limit, after: $after, spaceIds: $spaceIds, orderByString: \"createdAt\", reverse: $reverse) {
    totalCount pageInfo { endCursor hasNextPage } nodes { ...PostMarks }
  }
}",
    &[POST_MARKS],
);

/// Posts and replies with these ids.
pub const POSTS_BY_IDS: Operation = read(
    "PostsByIds",
    "postsByIds",
    Cost::of(5 * POST_COST),
    "query PostsByIds($ids: [ID!]!) { postsByIds(ids: $ids) { ...PostParts } }",
    &[POST_PARTS],
);

/// Replies to a post or to a reply, by page.
pub const REPLIES: Operation = read(
    "Replies",
    "replies",
    Cost::page(POST_COST),
    "query Replies($postId: ID!, $limit: Int!, $after: String) {
  replies(postId: $postId, limit: $limit, after: $after) {
    totalCount pageInfo { endCursor hasNextPage } nodes { ...PostParts }
  }
}",
    &[POST_PARTS],
);

/// Replies, as far as one can be told from another.
pub const REPLIES_SCAN: Operation = read(
    "RepliesScan",
    "replies",
    Cost::page(1),
    "query RepliesScan($postId: ID!, $limit: Int!, $after: String) {
  replies(postId: $postId, limit: $limit, after: $after) {
    totalCount pageInfo { endCursor hasNextPage } nodes { ...PostMarks }
  }
}",
    &[POST_MARKS],
);

/// What a member wrote, by page: replies, or what is none.
pub const MEMBER_POSTS: Operation = read(
    "MemberPosts",
    "memberPosts",
    Cost::page(1),
    "query MemberPosts($memberId: ID!, $hasParent: Boolean, $limit: Int!, $after: String) {
  memberPosts(memberId: $memberId, hasParent: $hasParent, limit: $limit, after: $after) {
    totalCount pageInfo { endCursor hasNextPage } nodes { id title status spaceId createdAt repliedToId }
  }
}",
    &[],
);

/// Makes a post.
pub const CREATE_POST: Operation = write(
    "CreatePost",
    "createPost",
    Cost::of(POST_COST),
    "mutation CreatePost($spaceId: ID!, $input: CreatePostInput!) {
  createPost(spaceId: $spaceId, input: $input) { ...PostParts }
}",
    &[POST_PARTS],
);

/// Makes a reply to a post or to a reply.
pub const CREATE_REPLY: Operation = write(
    "CreateReply",
    "createReply",
    Cost::of(POST_COST),
    "mutation CreateReply($postId: ID!, $input: CreatePostInput!) {
  createReply(postId: $postId, input: $input) { ...PostParts }
}",
    &[POST_PARTS],
);

/// Changes a post or a reply.
pub const UPDATE_POST: Operation = write(
    "UpdatePost",
    "updatePost",
    Cost::of(POST_COST),
    "mutation UpdatePost($id: ID!, $input: UpdatePostInput!) {
  updatePost(id: $id, input: $input) { ...PostParts }
}",
    &[POST_PARTS],
);

/// Deletes a post or a reply.
pub const DELETE_POST: Operation = write(
    "DeletePost",
    "deletePost",
    Cost::of(1),
    "mutation DeletePost($id: ID!) { deletePost(id: $id) { status } }",
    &[],
);

/// Reacts, for the token's member or for somebody else.
pub const ADD_REACTION: Operation = write(
    "AddReaction",
    "addReaction",
    Cost::of(1),
    "mutation AddReaction($postId: ID!, $input: AddReactionInput!) {
  addReaction(postId: $postId, input: $input) { status }
}",
    &[],
);

/// Takes a reaction back.
pub const REMOVE_REACTION: Operation = write(
    "RemoveReaction",
    "removeReaction",
    Cost::of(1),
    "mutation RemoveReaction($postId: ID!, $reaction: String!, $participantId: String) {
  removeReaction(postId: $postId, reaction: $reaction, participantId: $participantId) { status }
}",
    &[],
);

/// Who reacted so, by page: an object, the member.
pub const REACTION_PARTICIPANTS: Operation = read(
    "ReactionParticipants",
    "postReactionParticipants",
    Cost::page(1 + 1),
    "query ReactionParticipants($postId: ID!, $reaction: ID!, $limit: Int!, $after: String) {
  postReactionParticipants(postId: $postId, reaction: $reaction, limit: $limit, after: $after) {
    totalCount pageInfo { endCursor hasNextPage } nodes { participant { id name } }
  }
}",
    &[],
);

/// Tags by page.
pub const TAGS: Operation = read(
    "Tags",
    "tags",
    Cost::page(1),
    "query Tags($limit: Int!, $after: String, $spaceId: ID, $query: String) {
  tags(limit: $limit, after: $after, spaceId: $spaceId, query: $query) {
    totalCount pageInfo { endCursor hasNextPage } nodes { id title slug }
  }
}",
    &[],
);

/// Makes a tag.
pub const CREATE_TAG: Operation = write(
    "CreateTag",
    "createTag",
    Cost::of(1),
    "mutation CreateTag($input: CreateTagInput!) { createTag(input: $input) { id title slug } }",
    &[],
);
