//! Chats: other ids, other lists and other cursors than everywhere else.

use super::{Resolved, action};
use crate::bettermode::commands::{DirectInput, GroupInput, MessageEdit, MessageInput};
use crate::bettermode::graphql::{Args, Context, Reply, limit};
use crate::bettermode::moment::Moment;
use crate::bettermode::refusal::Refusal;
use crate::bettermode::state::{Chat, Message, State, signature};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

pub(super) fn root(c: &Context<'_>, name: &str, args: &Args) -> Resolved {
    let chat_id = || args.id("chatId");
    Ok(Some(match name {
        "chat" => one(c, &args.id("id")?)?,
        "chats" => chats(c, args)?,
        "chatsByCursor" => {
            let cursor: ChatCursor = decoded(&args.need::<String>("cursor")?)?;
            listed(c, args, &cursor)?
        }
        "findChatWithMember" => {
            let other = args.need::<String>("recipientId")?;
            let found = c.state().chat_of_two(&c.by.member, &other).map(|chat| chat.id.clone());
            one(c, &found.ok_or_else(|| Refusal::not_found("Chat"))?)?
        }
        "checkMembersContactability" => {
            let members = args.ids("memberIds")?.unwrap_or_default();
            let state = c.state();
            let status = |id: &String| json!({"memberId": id, "status": state.contactability(&c.by, id)});
            Reply::Json(json!({"data": members.iter().map(status).collect::<Vec<_>>()}))
        }
        "messages" => messages(c, args)?,
        "messagesByCursor" => {
            let cursor: MessageCursor = decoded(&args.need::<String>("cursor")?)?;
            if cursor.chat != chat_id()? {
                return Err(Refusal::invalid("cursor", "The cursor is not valid"));
            }
            walked(c, args, &cursor)?
        }
        "sendMessageToMember" => {
            let sent = c.state_mut().send_to_member(&c.by, args.need::<DirectInput>("input")?)?;
            new_message(c, &sent)?
        }
        "sendMessageToChat" => {
            let input = args.need::<MessageInput>("input")?;
            let sent = c.state_mut().send_to_chat(&c.by, &chat_id()?, input)?;
            new_message(c, &sent)?
        }
        "editMessage" => {
            let chat = chat_id()?;
            let id = c.state_mut().edit_message(&c.by, &chat, args.need::<MessageEdit>("input")?)?;
            let state = c.state();
            let chat = state.chat(&chat, &c.by.member)?;
            let edited = chat.messages.iter().find(|message| message.id == id);
            edited.map_or(Reply::Null, |message| Reply::Json(state.message_wire(chat, message).into()))
        }
        "createGroupChat" => {
            let id = c.state_mut().create_group(&c.by, args.need::<GroupInput>("input")?)?;
            one(c, &id)?
        }
        "updateGroupChat" => {
            let input = args.need::<GroupInput>("input")?;
            let id = c.state_mut().update_group(&c.by, &chat_id()?, input)?;
            one(c, &id)?
        }
        "addMembersToGroup" => {
            let input = args.need::<GroupInput>("input")?;
            action(c.state_mut().add_to_group(&c.by, &chat_id()?, &input.member_ids)?)
        }
        "leaveGroupChat" => action(c.state_mut().leave_group(&c.by, &chat_id()?)?),
        "archiveChat" => action(c.state_mut().archive_chat(&c.by, &chat_id()?)?),
        "purgeChat" => action(c.state_mut().purge_chat(&c.by, &chat_id()?)?),
        _ => return Ok(None),
    }))
}

fn one(c: &Context<'_>, id: &str) -> Result<Reply, Refusal> {
    let state = c.state();
    let chat = state.chat(id, &c.by.member)?;
    Ok(Reply::Json(state.chat_wire(chat, &c.by.member).into()))
}

fn new_message(c: &Context<'_>, (chat, message): &(String, String)) -> Result<Reply, Refusal> {
    let state = c.state();
    let chat = state.chat(chat, &c.by.member)?;
    let sent = chat.messages.iter().find(|sent| sent.id == *message).ok_or_else(Refusal::internal)?;
    Ok(Reply::Json(json!({
        "chatId": chat.id,
        "pageId": sent.page_id,
        "message": state.message_wire(chat, sent),
    })))
}

/// Which way a list goes on from a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Direction {
    After,
    Before,
}

/// A place in somebody's list of chats, which is ordered by the latest change; `None`: its newest end.
#[derive(Debug, Serialize, Deserialize)]
struct ChatCursor {
    archived: bool,
    from: Option<(i64, String)>,
    direction: Direction,
}

fn decoded<T: DeserializeOwned>(cursor: &str) -> Result<T, Refusal> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
    let place = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    place.ok_or_else(|| Refusal::invalid("cursor", "The cursor is not valid"))
}

fn encoded(cursor: &impl Serialize) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_string(cursor).unwrap_or_default())
}

fn chats(c: &Context<'_>, args: &Args) -> Result<Reply, Refusal> {
    let direction = args.get("direction")?.unwrap_or(Direction::Before);
    let (message, seconds) = (args.get::<String>("messageId")?, args.get::<i64>("timestamp")?);
    let from = {
        let state = c.state();
        let own = state.chats.values().filter(|chat| chat.active(&c.by.member).is_some());
        match (&message, seconds) {
            (Some(id), _) => {
                let has = |chat: &&Chat| chat.messages.last().is_some_and(|message| message.id == *id);
                let chat = own.into_iter().find(has).ok_or_else(|| Refusal::not_found("Message"))?;
                Some((chat.updated_at.0, chat.id.clone()))
            }
            (None, Some(seconds)) => Some((seconds.saturating_mul(1000), String::new())),
            (None, None) => None,
        }
    };
    listed(c, args, &ChatCursor { archived: args.flag("archived"), from, direction })
}

fn listed(c: &Context<'_>, args: &Args, cursor: &ChatCursor) -> Result<Reply, Refusal> {
    let limit = limit(args, &c.app.scenario.paging)?;
    let state = c.state();
    let mut own: Vec<(i64, &Chat)> = Vec::new();
    for chat in state.chats.values() {
        let archived = chat.active(&c.by.member).map(|participant| participant.archived_at.is_some());
        if archived == Some(cursor.archived) {
            let Moment(at) = chat.updated_at;
            own.push((at, chat));
        }
    }
    // The newest first.
    own.sort_by(|a, b| (b.0, &b.1.id).cmp(&(a.0, &a.1.id)));
    let (start, end) = match (&cursor.from, cursor.direction) {
        (None, Direction::Before) => (0, limit.min(own.len())),
        (None, Direction::After) => (own.len().saturating_sub(limit), own.len()),
        (Some((at, id)), Direction::Before) => {
            let start = own.partition_point(|(t, chat)| (*t, &chat.id) >= (*at, id));
            (start, start.saturating_add(limit).min(own.len()))
        }
        (Some((at, id)), Direction::After) => {
            let end = own.partition_point(|(t, chat)| (*t, &chat.id) > (*at, id));
            (end.saturating_sub(limit), end)
        }
    };
    let place = |entry: Option<&(i64, &Chat)>, direction| {
        let from = entry.map(|(at, chat)| (*at, chat.id.clone()))?;
        Some(encoded(&ChatCursor { archived: cursor.archived, from: Some(from), direction }))
    };
    let shown = &own[start..end];
    let data: Vec<Value> = shown.iter().map(|(_, chat)| state.chat_wire(chat, &c.by.member).into()).collect();
    Ok(Reply::Json(json!({
        "data": data,
        "pageInfo": {
            "startCursor": place(shown.first(), Direction::After),
            "endCursor": place(shown.last(), Direction::Before),
            "hasNextPage": end < own.len(),
            "hasPreviousPage": start > 0,
        },
    })))
}

/// A place among the messages of a chat: the position where the next page begins, and the way it goes.
#[derive(Debug, Serialize, Deserialize)]
struct MessageCursor {
    chat: String,
    next: usize,
    direction: Direction,
}

fn messages(c: &Context<'_>, args: &Args) -> Result<Reply, Refusal> {
    let chat_id = args.need::<String>("chatId")?;
    let direction = args.need("direction")?;
    let next = {
        let state = c.state();
        let chat = state.chat(&chat_id, &c.by.member)?;
        let start = addressed(chat, args)?;
        match (direction, args.flag("inclusive")) {
            (_, true) => start.pos,
            (Direction::After, false) => start.pos + 1,
            // Before the first message there is none: an end that no position has.
            (Direction::Before, false) => start.pos.wrapping_sub(1),
        }
    };
    walked(c, args, &MessageCursor { chat: chat_id, next, direction })
}

/// The message of an address; all three parts of it must be right.
fn addressed<'s>(chat: &'s Chat, args: &Args) -> Result<&'s Message, Refusal> {
    let (page, id) = (args.need::<String>("pageId")?, args.need::<String>("messageId")?);
    let found = chat.messages.iter().find(|message| message.id == id && message.page_id == page);
    let found = found.ok_or_else(|| Refusal::not_found("Message"))?;
    if signature(chat, found) != args.need::<String>("addressSignature")? {
        return Err(Refusal::invalid("addressSignature", "The signature is not that of the address"));
    }
    Ok(found)
}

/// A page of messages in the order of the walk.
fn walked(c: &Context<'_>, args: &Args, cursor: &MessageCursor) -> Result<Reply, Refusal> {
    let limit = limit(args, &c.app.scenario.paging)?;
    let state = c.state();
    let chat = state.chat(&cursor.chat, &c.by.member)?;
    let purged = chat.active(&c.by.member).map_or(0, |participant| participant.purged_to);
    let seen = |message: &&Message| message.pos >= purged;
    let mut walk: Vec<&Message> = match cursor.direction {
        Direction::After => chat.messages.iter().filter(seen).filter(|m| m.pos >= cursor.next).collect(),
        Direction::Before if cursor.next == usize::MAX => Vec::new(),
        Direction::Before => {
            chat.messages.iter().rev().filter(seen).filter(|m| m.pos <= cursor.next).collect()
        }
    };
    let more = walk.len() > limit;
    walk.truncate(limit);
    let next = walk.last().map(|last| match cursor.direction {
        Direction::After => last.pos + 1,
        Direction::Before => last.pos.wrapping_sub(1),
    });
    let end =
        next.map(|next| encoded(&MessageCursor { chat: chat.id.clone(), next, direction: cursor.direction }));
    let data: Vec<Value> = walk.into_iter().map(|message| wire(&state, chat, message)).collect();
    Ok(Reply::Json(json!({"data": data, "pageInfo": {"endCursor": end, "hasNextPage": more}})))
}

fn wire(state: &State, chat: &Chat, message: &Message) -> Value {
    state.message_wire(chat, message).into()
}
