//! Chats and direct messages, in the schema's newer form.

use super::{Cost, Operation, read, write};

const CHAT_PARTS: &str = "fragment ChatParts on Chat {
  _id type status participantCount lastMessage { pageId messageId addressSignature }
}";

const MESSAGE_PARTS: &str =
    "fragment MessageParts on Message { _id content contentType authorId sentAt editedAt pageId }";

/// A chat: an object, its last message's address.
const CHAT_COST: u64 = 1 + 1;

/// Whether members may be written to.
pub const CONTACTABILITY: Operation = read(
    "Contactability",
    "checkMembersContactability",
    Cost::of(1 + 5),
    "query Contactability($memberIds: [String!]!) {
  checkMembersContactability(memberIds: $memberIds) { data { memberId status } }
}",
    &[],
);

/// Writes to a member, as the token's member.
pub const SEND_MESSAGE: Operation = write(
    "SendMessage",
    "sendMessageToMember",
    Cost::of(1 + 1),
    "mutation SendMessage($input: SendMessageToMemberInput!) {
  sendMessageToMember(input: $input) { chatId pageId message { ...MessageParts } }
}",
    &[MESSAGE_PARTS],
);

/// Chats by page: the first one.
pub const CHATS: Operation = read(
    "Chats",
    "chats",
    Cost::page(CHAT_COST),
    "query Chats($limit: Int!) {
  chats(limit: $limit) {
    data { ...ChatParts } pageInfo { startCursor endCursor hasNextPage hasPreviousPage }
  }
}",
    &[CHAT_PARTS],
);

/// Chats by page: the others.
pub const CHATS_BY_CURSOR: Operation = read(
    "ChatsByCursor",
    "chatsByCursor",
    Cost::page(CHAT_COST),
    "query ChatsByCursor($cursor: String!, $limit: Int!) {
  chatsByCursor(cursor: $cursor, limit: $limit) {
    data { ...ChatParts } pageInfo { startCursor endCursor hasNextPage hasPreviousPage }
  }
}",
    &[CHAT_PARTS],
);

/// One chat.
pub const CHAT: Operation = read(
    "Chat",
    "chat",
    Cost::of(CHAT_COST),
    "query Chat($id: ID!) { chat(id: $id) { ...ChatParts } }",
    &[CHAT_PARTS],
);

/// The chat with a member, if there is one.
pub const CHAT_WITH_MEMBER: Operation = read(
    "ChatWithMember",
    "findChatWithMember",
    Cost::of(CHAT_COST),
    "query ChatWithMember($recipientId: String!) {
  findChatWithMember(recipientId: $recipientId) { ...ChatParts }
}",
    &[CHAT_PARTS],
);

/// Messages from an address backwards: the first page.
pub const MESSAGES: Operation = read(
    "Messages",
    "messages",
    Cost::page(1),
    "query Messages($chatId: String!, $pageId: String!, $messageId: String!, $addressSignature: String!,
  $limit: Int!) {
  messages(chatId: $chatId, pageId: $pageId, messageId: $messageId, addressSignature: $addressSignature,
    direction: Before, limit: $limit, inclusive: true) {
    data { ...MessageParts } pageInfo { endCursor hasNextPage }
  }
}",
    &[MESSAGE_PARTS],
);

/// Messages: the other pages.
pub const MESSAGES_BY_CURSOR: Operation = read(
    "MessagesByCursor",
    "messagesByCursor",
    Cost::page(1),
    "query MessagesByCursor($chatId: String!, $cursor: String!, $limit: Int!) {
  messagesByCursor(chatId: $chatId, cursor: $cursor, limit: $limit) {
    data { ...MessageParts } pageInfo { endCursor hasNextPage }
  }
}",
    &[MESSAGE_PARTS],
);
