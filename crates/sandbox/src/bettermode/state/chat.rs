//! Chats and messages.

use crate::bettermode::moment::Moment;
use indexmap::IndexMap;
use serde::Serialize;

/// Messages of a page: a message's address names its page, and a reader must give it back.
pub(crate) const MESSAGES_OF_A_PAGE: usize = 50;

/// Somebody in a chat.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Participant {
    #[serde(rename = "_id")]
    pub id: String,
    pub role: &'static str,
    pub archived_at: Option<Moment>,
    pub left_at: Option<Moment>,
    /// Messages up to this position were cleared from this participant's view.
    #[serde(skip)]
    pub purged_to: usize,
}

/// A message.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Message {
    #[serde(rename = "_id")]
    pub id: String,
    pub author_id: String,
    pub content: String,
    pub sent_at: Moment,
    pub edited_at: Option<Moment>,
    pub page_id: String,
    pub pos: usize,
    pub nonce: Option<String>,
    pub attachment_ids: Vec<String>,
    pub image_ids: Vec<String>,
}

/// A chat of two, or of a group.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Chat {
    #[serde(rename = "_id")]
    pub id: String,
    pub name: Option<String>,
    pub avatar_id: Option<String>,
    pub created_by_id: String,
    pub created_at: Moment,
    pub updated_at: Moment,
    #[serde(skip)]
    pub group: bool,
    /// By member.
    #[serde(skip)]
    pub participants: IndexMap<String, Participant>,
    /// In the order of sending.
    #[serde(skip)]
    pub messages: Vec<Message>,
    /// One per [`MESSAGES_OF_A_PAGE`] messages.
    #[serde(skip)]
    pub pages: Vec<String>,
}

impl Chat {
    /// The participant that this member is, as long as the member has not left.
    pub fn active(&self, member: &str) -> Option<&Participant> {
        self.participants.get(member).filter(|participant| participant.left_at.is_none())
    }

    /// How many have not left.
    pub fn count(&self) -> usize {
        self.participants.values().filter(|participant| participant.left_at.is_none()).count()
    }
}
