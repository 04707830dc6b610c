//! Chats and their messages. Here, and only here, ids are `_id` and lists are `data`.

use super::Moment;
use super::lenient;
use super::words::{ChatStatus, ChatType, ContentType};
use serde::{Deserialize, Serialize};

/// A chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Chat {
    /// The service's id.
    #[serde(rename = "_id")]
    pub id: String,
    /// Who it is between.
    #[serde(rename = "type")]
    pub kind: Option<ChatType>,
    /// Whether it is in use.
    pub status: Option<ChatStatus>,
    /// How many take part.
    pub participant_count: Option<u64>,
    /// Where its newest message stands: reading begins there.
    pub last_message: Option<MessageAddress>,
}

/// Where a message stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MessageAddress {
    /// The page that it is on.
    pub page_id: String,
    /// Its id.
    pub message_id: String,
    /// The service's proof that it gave this address.
    pub address_signature: String,
}

/// A message. Its author is the member of the token that sent it, its time the moment of sending: neither can
/// be set.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// The service's id.
    #[serde(rename = "_id")]
    pub id: String,
    /// What it says.
    pub content: Option<String>,
    /// How that is written.
    pub content_type: Option<ContentType>,
    /// Who wrote it.
    pub author_id: Option<String>,
    /// When it was sent.
    pub sent_at: Option<Moment>,
    /// When it was changed.
    pub edited_at: Option<Moment>,
    /// The page that it is on.
    pub page_id: Option<String>,
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Message").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A message that was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewMessage {
    /// The chat that it is in.
    pub chat_id: Option<String>,
    /// The page that it is on.
    pub page_id: Option<String>,
    /// The message.
    pub message: Option<Message>,
}

/// Chats or messages, as a request shows them.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", bound = "T: serde::de::DeserializeOwned")]
pub struct ChatPage<T> {
    /// What is on the page.
    #[serde(default, deserialize_with = "lenient::list")]
    pub data: Vec<T>,
    /// What is beside it.
    pub page_info: Option<ChatPageInfo>,
}

/// What is beside a page of chats or messages.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ChatPageInfo {
    /// Where the page begins.
    pub start_cursor: Option<String>,
    /// Where the page ends.
    pub end_cursor: Option<String>,
    /// Whether something follows.
    pub has_next_page: Option<bool>,
    /// Whether something comes before.
    pub has_previous_page: Option<bool>,
}
