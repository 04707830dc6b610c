//! Direct messages and groups.

use super::tell::target;
use super::{Actor, DirectInput, GroupInput, MessageEdit, MessageInput, need_text};
use crate::bettermode::refusal::Refusal;
use crate::bettermode::sent::SentKind;
use crate::bettermode::state::{
    Chat, MESSAGES_OF_A_PAGE, MemberStatus, Message, Participant, RoleType, State,
};
use indexmap::IndexMap;

/// The one `ContactabilityStatus` that lets a message through.
const CONTACTABLE: &str = "Contactable";

impl State {
    /// `ContactabilityStatus`: whether the actor may write to a member.
    pub fn contactability(&self, by: &Actor, member: &str) -> &'static str {
        let Ok(found) = self.member(member) else { return "Unknown" };
        let staff = matches!(self.role_type(&by.member), RoleType::Admin | RoleType::Moderator);
        let blocks = |blocker: &str, blocked: &str| {
            let blocker = self.members.get(blocker);
            blocker.is_some_and(|member| member.blocked_member_ids.iter().any(|id| id == blocked))
        };
        if found.status == MemberStatus::Suspended || member == by.member {
            "Unknown"
        } else if blocks(&by.member, member) {
            "BlockedByYou"
        } else if blocks(member, &by.member) {
            "BlockedYou"
        } else if !self.network.private_messaging && !staff {
            "LimitedBySitePrivacy"
        } else if !found.contact.enabled || (found.contact.staff_only && !staff) {
            "LimitedByContactPrivacy"
        } else {
            CONTACTABLE
        }
    }

    /// The chat of two, if they have one.
    pub fn chat_of_two(&self, one: &str, other: &str) -> Option<&Chat> {
        let both = |chat: &&Chat| {
            !chat.group && chat.participants.contains_key(one) && chat.participants.contains_key(other)
        };
        self.chats.values().find(both)
    }

    fn new_chat(&mut self, by: &Actor, members: &[String], name: Option<String>, group: bool) -> String {
        let id = self.ids.next();
        let mut participants = IndexMap::new();
        for member in std::iter::once(&by.member).chain(members) {
            let role = if group && *member == by.member { "Owner" } else { "Member" };
            let participant =
                Participant { id: self.ids.next(), role, archived_at: None, left_at: None, purged_to: 0 };
            participants.insert(member.clone(), participant);
        }
        let chat = Chat {
            id: id.clone(),
            name,
            avatar_id: None,
            created_by_id: by.member.clone(),
            created_at: self.now,
            updated_at: self.now,
            group,
            participants,
            messages: Vec::new(),
            pages: Vec::new(),
        };
        self.chats.insert(id.clone(), chat);
        id
    }

    fn need_message(&self, input: &MessageInput) -> Result<(), Refusal> {
        let media = || input.attachment_ids.iter().chain(&input.image_ids).flatten();
        media().try_for_each(|id| self.need_media(id))?;
        if media().next().is_none() { need_text("content", &input.content) } else { Ok(()) }
    }

    /// Writes to a member; a chat is made if there is none. The ids of chat and message.
    pub fn send_to_member(&mut self, by: &Actor, input: DirectInput) -> Result<(String, String), Refusal> {
        self.member(&by.member)?;
        self.member(&input.recipient_id)?;
        self.need_message(&input.message)?;
        if self.contactability(by, &input.recipient_id) != CONTACTABLE {
            return Err(Refusal::forbidden());
        }
        let chat = self.chat_of_two(&by.member, &input.recipient_id).map(|chat| chat.id.clone());
        let chat =
            chat.unwrap_or_else(|| self.new_chat(by, std::slice::from_ref(&input.recipient_id), None, false));
        self.send(by, &chat, input.message)
    }

    /// Writes to a chat that the actor is in.
    pub fn send_to_chat(
        &mut self,
        by: &Actor,
        chat: &str,
        input: MessageInput,
    ) -> Result<(String, String), Refusal> {
        let found = self.chat(chat, &by.member)?;
        self.need_message(&input)?;
        let other = found.participants.keys().find(|member| **member != by.member && !found.group);
        if other.is_some_and(|other| self.contactability(by, other) != CONTACTABLE) {
            return Err(Refusal::forbidden());
        }
        self.send(by, chat, input)
    }

    fn send(&mut self, by: &Actor, id: &str, input: MessageInput) -> Result<(String, String), Refusal> {
        let (message_id, page_id, now) = (self.ids.next(), self.ids.next(), self.now);
        let chat = self.chats.get_mut(id).ok_or_else(Refusal::internal)?;
        if chat.messages.len() == chat.pages.len() * MESSAGES_OF_A_PAGE {
            chat.pages.push(page_id);
        }
        let message = Message {
            id: message_id.clone(),
            author_id: by.member.clone(),
            content: input.content,
            sent_at: now,
            edited_at: None,
            page_id: chat.pages.last().cloned().unwrap_or_default(),
            pos: chat.messages.len(),
            nonce: input.nonce,
            attachment_ids: input.attachment_ids.unwrap_or_default(),
            image_ids: input.image_ids.unwrap_or_default(),
        };
        chat.messages.push(message.clone());
        chat.updated_at = now;
        let active = |(member, participant): (&String, &Participant)| {
            (participant.left_at.is_none() && *member != by.member).then(|| member.clone())
        };
        let to: Vec<String> = chat.participants.iter().filter_map(active).collect();
        let chat = chat.clone();
        for member in &to {
            self.sent.note(SentKind::Message, member);
        }
        let object = self.message_wire(&chat, &message);
        self.tell("message.sent", by, object, None, target(&[("chatId", id)]));
        Ok((id.to_owned(), message_id))
    }

    /// Changes one's own message.
    pub fn edit_message(&mut self, by: &Actor, chat: &str, edit: MessageEdit) -> Result<String, Refusal> {
        self.chat(chat, &by.member)?;
        need_text("content", &edit.content)?;
        let now = self.now;
        let chat = self.chats.get_mut(chat).ok_or_else(Refusal::internal)?;
        let same = |m: &&mut Message| m.id == edit.message_id && m.page_id == edit.page_id;
        let message = chat.messages.iter_mut().find(same).ok_or_else(|| Refusal::not_found("Message"))?;
        if message.author_id != by.member {
            return Err(Refusal::forbidden());
        }
        (message.content, message.edited_at) = (edit.content, Some(now));
        Ok(message.id.clone())
    }

    /// A new group.
    pub fn create_group(&mut self, by: &Actor, input: GroupInput) -> Result<String, Refusal> {
        self.member(&by.member)?;
        let name = input.name.unwrap_or_default();
        need_text("name", &name)?;
        self.need_reachable(by, &input.member_ids)?;
        if let Some(avatar) = &input.avatar_id {
            self.need_media(avatar)?;
        }
        let id = self.new_chat(by, &input.member_ids, Some(name), true);
        if let Some(chat) = self.chats.get_mut(&id) {
            chat.avatar_id = input.avatar_id;
        }
        Ok(id)
    }

    fn need_reachable(&self, by: &Actor, members: &[String]) -> Result<(), Refusal> {
        if members.is_empty() {
            return Err(Refusal::missing("memberIds"));
        }
        for member in members {
            self.member(member)?;
            if self.contactability(by, member) != CONTACTABLE {
                return Err(Refusal::forbidden());
            }
        }
        Ok(())
    }

    /// A group that the actor owns.
    fn owned_group(&mut self, by: &Actor, id: &str) -> Result<&mut Chat, Refusal> {
        let chat = self.chat(id, &by.member)?;
        let owner = chat.active(&by.member).is_some_and(|participant| participant.role == "Owner");
        if !chat.group || !owner {
            return Err(Refusal::forbidden());
        }
        self.chats.get_mut(id).ok_or_else(Refusal::internal)
    }

    /// Gives a group another name or picture.
    pub fn update_group(&mut self, by: &Actor, id: &str, input: GroupInput) -> Result<String, Refusal> {
        if let Some(name) = &input.name {
            need_text("name", name)?;
        }
        if let Some(avatar) = &input.avatar_id {
            self.need_media(avatar)?;
        }
        let now = self.now;
        let chat = self.owned_group(by, id)?;
        chat.name = input.name.or(chat.name.take());
        chat.avatar_id = input.avatar_id.or(chat.avatar_id.take());
        chat.updated_at = now;
        Ok(id.to_owned())
    }

    /// Brings members into a group; those who are there stay as they are.
    pub fn add_to_group(&mut self, by: &Actor, id: &str, members: &[String]) -> Result<bool, Refusal> {
        self.owned_group(by, id)?;
        self.need_reachable(by, members)?;
        for member in members {
            let participant = self.ids.next();
            let chat = self.owned_group(by, id)?;
            let from = chat.messages.len();
            let entry = chat.participants.entry(member.clone());
            let participant = entry.or_insert_with(|| Participant {
                id: participant,
                role: "Member",
                archived_at: None,
                left_at: None,
                purged_to: from,
            });
            participant.left_at = None;
        }
        Ok(true)
    }

    /// Leaves a group.
    pub fn leave_group(&mut self, by: &Actor, id: &str) -> Result<bool, Refusal> {
        if !self.chat(id, &by.member)?.group {
            return Ok(false);
        }
        let now = self.now;
        self.with_participant(by, id, |participant, _| participant.left_at = Some(now))
    }

    /// Puts a chat away; it stays what it is for the others.
    pub fn archive_chat(&mut self, by: &Actor, id: &str) -> Result<bool, Refusal> {
        let now = self.now;
        self.with_participant(by, id, |participant, _| participant.archived_at = Some(now))
    }

    /// Clears a chat from the actor's view.
    pub fn purge_chat(&mut self, by: &Actor, id: &str) -> Result<bool, Refusal> {
        self.with_participant(by, id, |participant, count| participant.purged_to = count)
    }

    fn with_participant(
        &mut self,
        by: &Actor,
        id: &str,
        change: impl Fn(&mut Participant, usize),
    ) -> Result<bool, Refusal> {
        self.chat(id, &by.member)?;
        let chat = self.chats.get_mut(id).ok_or_else(Refusal::internal)?;
        let count = chat.messages.len();
        let found = chat.participants.get_mut(&by.member);
        Ok(found.map(|participant| change(participant, count)).is_some())
    }
}
