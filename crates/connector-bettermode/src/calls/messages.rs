//! Calls about direct messages.

use super::{found, missing, shown};
use crate::client::Client;
use crate::errors::Error;
use base::Fault;
use serde_json::{Value, json};

/// A call about direct messages.
#[derive(Clone, PartialEq, Eq)]
pub enum MessageCall {
    /// Writes to a member, as the token's member.
    Send {
        /// To whom.
        to: String,
        /// What.
        text: String,
    },
    /// Chats of the token's member.
    Chats {
        /// How many at most.
        limit: usize,
    },
    /// A chat by id.
    Chat {
        /// The id.
        id: String,
    },
    /// Messages of the chat with a member, newest first.
    With {
        /// With whom.
        member: String,
        /// How many at most.
        limit: usize,
    },
    /// Whether a member takes messages.
    Contactable {
        /// Who.
        member: String,
    },
}

impl MessageCall {
    pub(super) fn changes(&self) -> Option<String> {
        match self {
            Self::Send { to, .. } => Some(format!("sends a direct message to the member {to}")),
            Self::Chats { .. } | Self::Chat { .. } | Self::With { .. } | Self::Contactable { .. } => None,
        }
    }
}

pub(super) async fn run(client: &Client, call: MessageCall) -> Result<Value, Fault> {
    match call {
        MessageCall::Send { to, text } => shown(client.send_direct_message(&to, &text).await?),
        MessageCall::Chats { limit } => {
            let mut walk = client.chats();
            shown(pages(limit, async || walk.next_page().await).await?)
        }
        MessageCall::Chat { id } => found(client.get_chat(&id).await?, "chat"),
        MessageCall::With { member, limit } => {
            let chat = client.chat_with_member(&member).await?.ok_or_else(|| missing("chat"))?;
            let mut walk = client.messages(&chat);
            shown(pages(limit, async || walk.next_page().await).await?)
        }
        // Null: the service does not say.
        MessageCall::Contactable { member } => {
            Ok(json!({"memberId": member, "contactable": client.is_contactable(&member).await?}))
        }
    }
}

/// The first records of pages, at most so many.
async fn pages<T>(
    limit: usize,
    mut next: impl AsyncFnMut() -> Result<Option<Vec<T>>, Error>,
) -> Result<Vec<T>, Error> {
    let mut records = Vec::new();
    while records.len() < limit
        && let Some(page) = next().await?
    {
        records.extend(page);
    }
    records.truncate(limit);
    Ok(records)
}
