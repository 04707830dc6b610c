//! Records as the wire shows them: what is stored, and what follows from it.

use super::{
    Chat, Collection, DELETED_NAME, Event, Invitation, MESSAGES_OF_A_PAGE, Media, Member, Message, Post,
    PostType, Registration, RoleType, Space, State,
};
use crate::bettermode::html;
use crate::bettermode::moment::Moment;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// Characters of `shortContent`.
const SHORT: usize = 200;

/// Characters of a chat's preview.
const PREVIEW: usize = 100;

/// A record as an object of its stored fields.
fn stored(record: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(record) {
        Ok(Value::Object(map)) => map,
        _ => Map::new(),
    }
}

fn add(map: &mut Map<String, Value>, entries: impl IntoIterator<Item = (&'static str, Value)>) {
    map.extend(entries.into_iter().map(|(key, value)| (key.to_owned(), value)));
}

impl State {
    fn places(&self, path: &str) -> [(&'static str, Value); 3] {
        [
            ("networkId", self.network.id.clone().into()),
            ("relativeUrl", path.into()),
            ("url", format!("https://{}{path}", self.network.domain).into()),
        ]
    }

    /// A member; who was deleted shows another name and no address.
    pub fn member_wire(&self, member: &Member) -> Map<String, Value> {
        let mut map = stored(member);
        if !member.is_there() {
            add(&mut map, [("name", DELETED_NAME.into()), ("email", Value::Null)]);
        }
        let name = map["name"].clone();
        let staff = matches!(self.role_type(&member.id), RoleType::Admin | RoleType::Moderator);
        let contact = if member.contact.staff_only { "Staff" } else { "Anyone" };
        add(&mut map, self.places(&format!("/member/{}", member.id)));
        add(
            &mut map,
            [
                ("displayName", name),
                ("lastSeen", json!(member.last_seen_at)),
                ("staffReasons", if staff { json!(["NetworkStaffRole"]) } else { json!([]) }),
                (
                    "settings",
                    json!({"privateMessaging": {
                        "privateMessagingEnabled": member.contact.enabled,
                        "whoCanContactMember": contact,
                    }}),
                ),
            ],
        );
        map
    }

    /// A guest, who is a member nowhere else.
    pub fn guest(&self, id: &str) -> Member {
        let role = self.role_of(RoleType::Guest).id.clone();
        Member {
            name: Some("Guest".to_owned()),
            ..Member::new(id.to_owned(), id.to_lowercase(), role, self.now)
        }
    }

    /// The community.
    pub fn network_wire(&self) -> Map<String, Value> {
        let mut map = stored(&self.network);
        let count = self.members.values().filter(|member| member.is_there()).count();
        let fields: Vec<Value> = self.network.member_fields.iter().map(|field| json!(field)).collect();
        add(&mut map, [("membersCount", count.into()), ("memberFields", json!({"fields": fields}))]);
        map
    }

    /// An invitation.
    pub fn invitation_wire(&self, invitation: &Invitation) -> Map<String, Value> {
        let mut map = stored(invitation);
        let role = self.roles.iter().find(|role| role.id == invitation.role_id);
        add(&mut map, [("networkId", self.network.id.clone().into()), ("role", json!(role))]);
        map
    }

    /// A collection.
    pub fn collection_wire(&self, collection: &Collection) -> Map<String, Value> {
        let mut map = stored(collection);
        add(&mut map, self.places(&format!("/collections/{}", collection.slug)));
        map
    }

    /// A space.
    pub fn space_wire(&self, space: &Space) -> Map<String, Value> {
        let mut map = stored(space);
        let of_space = |post: &&Post| post.space_id == space.id && post.replied_to_id.is_none();
        let posts = self.posts.values().filter(of_space).filter(|post| post.is_published()).count();
        let members = space.members.keys().filter(|id| self.member(id).is_ok()).count();
        add(&mut map, self.places(&format!("/{}", space.address.path)));
        add(
            &mut map,
            [
                ("membersCount", members.into()),
                ("postsCount", posts.into()),
                ("roles", json!(self.space_roles)),
            ],
        );
        map
    }

    /// A post type, without the types of replies to it.
    pub fn post_type_wire(&self, kind: &PostType) -> Map<String, Value> {
        let mut map = stored(kind);
        add(&mut map, [("description", Value::Null), ("forbiddenReactions", Value::Null)]);
        for mapping in map["mappings"].as_array_mut().into_iter().flatten() {
            if let Value::Object(mapping) = mapping {
                add(mapping, [("default", Value::Null), ("description", Value::Null)]);
            }
        }
        map
    }

    /// A post or reply.
    pub fn post_wire(&self, post: &Post) -> Map<String, Value> {
        let mut map = stored(post);
        let text = html::text_of(&post.text("content").unwrap_or_default());
        let field = |f: &super::MappingField| json!({"key": f.key, "value": f.value});
        let fields: Vec<Value> = post.mapping_fields.iter().map(field).collect();
        let space = self.spaces.get(&post.space_id).map_or("", |space| &space.slug);
        let slug = post.slug.as_deref().unwrap_or(&post.id);
        let (replies, all) = self.replies_of(post);
        let reactions: usize = post.reactions.values().map(indexmap::IndexSet::len).sum();
        add(&mut map, self.places(&format!("/{space}/post/{slug}-{}", post.id)));
        add(
            &mut map,
            [
                ("fields", fields.into()),
                ("description", cut(&text, SHORT).into()),
                ("shortContent", cut(&text, SHORT).into()),
                ("textContent", text.into()),
                ("repliesCount", replies.into()),
                ("totalRepliesCount", all.into()),
                ("reactionsCount", reactions.into()),
            ],
        );
        map
    }

    /// An event.
    pub fn event_wire(&self, event: &Event) -> Map<String, Value> {
        let mut map = stored(event);
        let space = self.spaces.get(&event.space_id).map_or("", |space| &space.slug);
        add(&mut map, self.places(&format!("/{space}/event/{}-{}", event.slug, event.id)));
        add(
            &mut map,
            [
                ("shortContent", cut(&html::text_of(&event.content), SHORT).into()),
                ("registrationsCount", self.registered(&event.id).into()),
            ],
        );
        map
    }

    /// Who comes to an event.
    pub fn registration_wire(&self, registration: &Registration) -> Map<String, Value> {
        let mut map = stored(registration);
        add(&mut map, [("status", registration.status().into())]);
        map
    }

    /// A chat, as somebody in it sees it.
    pub fn chat_wire(&self, chat: &Chat, by: &str) -> Map<String, Value> {
        let mut map = stored(chat);
        let other = chat.participants.keys().find(|member| !chat.group && *member != by);
        let purged = chat.active(by).map_or(0, |participant| participant.purged_to);
        let last = chat.messages.last().filter(|message| message.pos >= purged);
        add(
            &mut map,
            [
                ("networkId", self.network.id.clone().into()),
                ("type", if chat.group { "Group" } else { "Direct" }.into()),
                ("status", if chat.count() > 0 { "Active" } else { "Tombstone" }.into()),
                ("participantCount", chat.count().into()),
                ("currentParticipant", self.participant_wire(chat, Some(by))),
                ("otherParticipant", self.participant_wire(chat, other.map(String::as_str))),
                ("lastMessage", last.map_or(Value::Null, |message| preview(chat, message))),
            ],
        );
        map
    }

    fn participant_wire(&self, chat: &Chat, member: Option<&str>) -> Value {
        let found = member.and_then(|id| Some((self.members.get(id)?, chat.participants.get(id)?)));
        let Some((member, participant)) = found else { return Value::Null };
        let mut map = stored(participant);
        let name = self.member_wire(member)["name"].clone();
        add(
            &mut map,
            [
                ("chatId", chat.id.clone().into()),
                ("memberId", member.id.clone().into()),
                ("handle", member.username.clone().into()),
                ("name", if name.is_null() { member.username.clone().into() } else { name }),
                ("status", if participant.left_at.is_some() { "Left" } else { "Active" }.into()),
            ],
        );
        map.into()
    }

    /// A message.
    pub fn message_wire(&self, chat: &Chat, message: &Message) -> Map<String, Value> {
        let mut map = stored(message);
        let author = self.members.get(&message.author_id).map(|author| self.member_wire(author));
        add(
            &mut map,
            [
                ("authorName", author.map_or(Value::Null, |author| author["name"].clone())),
                ("contentType", "Html".into()),
                ("preview", cut(&html::text_of(&message.content), PREVIEW).into()),
                ("addressSignature", signature(chat, message).into()),
                ("legacyId", Value::Null),
            ],
        );
        map
    }

    /// An image, as a member of the union `Media`.
    pub fn media_wire(&self, media: &Media, origin: &str) -> Value {
        json!({
            "__typename": "Image",
            "id": media.id,
            "name": media.name,
            "url": format!("{origin}/media/{}", media.id),
            "downloadUrl": format!("{origin}/media/{}?download=true", media.id),
            "width": media.width,
            "height": media.height,
            "status": if media.bytes.is_some() { "Ok" } else { "Pending" },
        })
    }
}

fn preview(chat: &Chat, message: &Message) -> Value {
    json!({
        "messageId": message.id,
        "pageId": message.page_id,
        "addressSignature": signature(chat, message),
        "authorId": message.author_id,
        "preview": cut(&html::text_of(&message.content), PREVIEW),
        "sentAt": message.sent_at,
    })
}

/// What proves that an address of a message came from the service.
pub(crate) fn signature(chat: &Chat, message: &Message) -> String {
    // Nobody can make one up without knowing the chat's creation to the millisecond: enough for a stand-in.
    let Moment(salt) = chat.created_at;
    let text = format!("{salt}:{}:{}:{}", chat.id, message.page_id, message.id);
    let hash = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}{:02x}", message.pos % MESSAGES_OF_A_PAGE)
}

/// The beginning of a text, by characters.
fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}
