//! Chats and direct messages.

use super::Client;
use super::walk::Onward;
use crate::errors::Error;
use crate::queries::{self, Operation};
use crate::types::{Chat, ChatPage, ChatPageInfo, Message, NewMessage};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::sync::atomic::Ordering;

/// Messages of a page.
const PAGE: u64 = 50;

/// Letters of a message at most; the service's own limit is not documented.
const MESSAGE_CHARS_MAX: usize = 10_000;

impl Client {
    /// Writes to a member, as the token's member: neither author nor time can be set, so with
    /// [`Client::acting_as`] for somebody else. Whether the member takes messages is asked first
    /// ([`Error::NotContactable`]); where the service does not understand that question (how it answers is
    /// not documented), it decides by itself whether it takes the message.
    ///
    /// [`Error::UnknownOutcome`]: look at the end of the chat ([`Client::chat_with_member`],
    /// [`Client::messages`]) before trying again.
    pub async fn send_direct_message(&self, recipient_id: &str, message: &str) -> Result<NewMessage, Error> {
        let length = message.chars().count();
        if message.trim().is_empty() || length > MESSAGE_CHARS_MAX {
            let what = format!("a message has 1 to {MESSAGE_CHARS_MAX} letters, not {length}");
            return Err(Error::Wrong { what });
        }
        if self.is_contactable(recipient_id).await? == Some(false) {
            return Err(Error::NotContactable);
        }
        let input = json!({"recipientId": recipient_id, "message": {"content": message}});
        self.call(&queries::SEND_MESSAGE, json!({ "input": input })).await
    }

    /// Whether a member takes messages; `None`: the service does not say.
    pub async fn is_contactable(&self, member_id: &str) -> Result<Option<bool>, Error> {
        #[derive(Deserialize)]
        struct All {
            data: Vec<One>,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct One {
            member_id: Option<String>,
            status: Option<String>,
        }
        let unknown = &self.session.contactability_unknown;
        if unknown.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let asked = self.call::<All>(&queries::CONTACTABILITY, json!({"memberIds": [member_id]})).await;
        match asked {
            Ok(found) => Ok(found
                .data
                .into_iter()
                .find(|one| one.member_id.as_deref().is_none_or(|id| id == member_id))
                .and_then(|one| contactable(&one.status?))),
            Err(Error::BadQuery { .. } | Error::Odd { .. }) => {
                unknown.store(true, Ordering::Relaxed);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Chats of the token's member.
    pub fn chats(&self) -> ChatWalk {
        ChatWalk(Walk {
            client: self.clone(),
            first: (&queries::CHATS, json!({ "limit": PAGE })),
            others: (&queries::CHATS_BY_CURSOR, json!({ "limit": PAGE })),
            onward: None,
            cursor: None,
            begun: false,
            seen: HashSet::new(),
        })
    }

    /// A chat by id; `None`: there is none.
    pub async fn get_chat(&self, id: &str) -> Result<Option<Chat>, Error> {
        self.find(&queries::CHAT, json!({ "id": id })).await
    }

    /// The chat with a member; `None`: there is none yet.
    pub async fn chat_with_member(&self, member_id: &str) -> Result<Option<Chat>, Error> {
        self.find(&queries::CHAT_WITH_MEMBER, json!({"recipientId": member_id})).await
    }

    /// Messages of a chat, newest first, from its last one backwards.
    pub fn messages(&self, chat: &Chat) -> MessageWalk {
        let address = chat.last_message.as_ref().map(|last| {
            json!({"chatId": chat.id, "pageId": last.page_id, "messageId": last.message_id,
                "addressSignature": last.address_signature, "limit": PAGE})
        });
        // A chat without a last message has none to show.
        let begun = address.is_none();
        MessageWalk(Walk {
            client: self.clone(),
            first: (&queries::MESSAGES, address.unwrap_or_default()),
            others: (&queries::MESSAGES_BY_CURSOR, json!({"chatId": chat.id, "limit": PAGE})),
            onward: None,
            cursor: None,
            begun,
            seen: HashSet::new(),
        })
    }
}

/// What a status says: `Contactable`, `BlockedYou`, `LimitedByContactPrivacy`…; of others (`Unknown`) nobody
/// knows.
fn contactable(status: &str) -> Option<bool> {
    let refuses = status.starts_with("Blocked") || status.starts_with("Limited");
    (status == "Contactable" || refuses).then_some(!refuses)
}

/// A walk over chats.
pub struct ChatWalk(Walk);

/// A walk over the messages of a chat.
pub struct MessageWalk(Walk);

impl ChatWalk {
    /// The next page; `None`: there is none.
    pub async fn next_page(&mut self) -> Result<Option<Vec<Chat>>, Error> {
        self.0.next_page(|chat: &Chat| &chat.id).await
    }
}

impl MessageWalk {
    /// The next page; `None`: there is none.
    pub async fn next_page(&mut self) -> Result<Option<Vec<Message>>, Error> {
        self.0.next_page(|message: &Message| &message.id).await
    }
}

/// Chats page in their own way: a first request, then cursors, and which of the two cursors leads on is not
/// documented. The first page shows it.
struct Walk {
    client: Client,
    first: (&'static Operation, Value),
    others: (&'static Operation, Value),
    onward: Option<Onward>,
    cursor: Option<String>,
    begun: bool,
    /// Ids that were shown: a page that shows nothing else is the end, whatever it says.
    seen: HashSet<String>,
}

impl Walk {
    async fn next_page<T: DeserializeOwned>(
        &mut self,
        id: impl Fn(&T) -> &String,
    ) -> Result<Option<Vec<T>>, Error> {
        let (operation, variables) = match (self.begun, self.cursor.take()) {
            (false, _) => self.first.clone(),
            (true, None) => return Ok(None),
            (true, Some(cursor)) => {
                let (operation, mut variables) = self.others.clone();
                variables["cursor"] = Value::from(cursor);
                (operation, variables)
            }
        };
        self.begun = true;
        let ChatPage { mut data, page_info } = self.client.call::<ChatPage<T>>(operation, variables).await?;
        let info: ChatPageInfo = page_info.unwrap_or_default();
        data.retain(|one| self.seen.insert(id(one).clone()));
        if data.is_empty() {
            return Ok(None);
        }
        if self.onward.is_none() {
            self.onward = Onward::of(&info);
        }
        self.cursor = self.onward.and_then(|onward| onward.cursor(info));
        Ok(Some(data))
    }
}
