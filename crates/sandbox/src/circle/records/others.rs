//! Courses, and what a move only counts.

use crate::circle::view::{COMMUNITY_ID, View, date};
use crate::community::{File, Lesson, Message, Room, Section};
use crate::culturebridge::START;
use serde_json::{Value, json};

impl View<'_> {
    pub fn course_section(&self, section: &Section) -> Value {
        json!({
            "id": section.id,
            "name": section.name,
            "space_id": self.community().spaces[section.space].id,
            "created_at": date(section.created),
            "updated_at": date(section.created),
        })
    }

    pub fn course_lesson(&self, lesson: &Lesson) -> Value {
        let rendered = self.render(&self.community().lesson_doc(lesson));
        json!({
            "id": lesson.id,
            "name": lesson.name,
            "section_id": lesson.section,
            "space_id": self.community().spaces[lesson.space].id,
            "status": lesson.status.word(),
            "body_html": rendered.html,
            "is_comments_enabled": true,
            "created_at": date(lesson.created),
            "updated_at": date(lesson.created),
        })
    }

    pub fn invitation_links(&self) -> Vec<Value> {
        let names = ["From the newsletter", "Retreat guests"];
        let link = |(i, name): (usize, &&str)| {
            let id = 31 + i as u64;
            json!({
                "id": id,
                "name": name,
                "status": if i == 0 { "active" } else { "revoked" },
                "url": self.site(&format!("join?invitation_token={id:016x}")),
                "created_at": date(START + id as i64 * 1000),
            })
        };
        names.iter().enumerate().map(link).collect()
    }

    pub fn forms(&self) -> Vec<Value> {
        vec![json!({
            "id": 41,
            "name": "Tell us about your practice",
            "community_id": COMMUNITY_ID,
            "questions": [{"id": 1, "label": "How did you find us?", "field_type": "textarea"}],
            "created_at": date(START),
        })]
    }

    pub fn flagged_contents(&self) -> Vec<Value> {
        let posts = self.community().posts.iter().filter(|post| !post.removed).take(1);
        let flag = posts.map(|post| {
            json!({
                "id": 51,
                "status": "inbox",
                "flagged_contentable_type": "Post",
                "flagged_contentable_id": post.id,
                "reported_reason_type": "community",
                "created_at": date(post.created),
            })
        });
        flag.collect()
    }

    pub fn segments(&self) -> Vec<Value> {
        let names = ["Everybody", "New this month", "Silent for 90 days"];
        let segment = |(i, title): (usize, &&str)| json!({"id": 91 + i, "title": title, "visible": i < 2});
        names.iter().enumerate().map(segment).collect()
    }

    /// A file below a lesson.
    pub fn lesson_file(&self, lesson: &Lesson) -> Value {
        let mut rng = self.community().settings.rng("lesson file", lesson.id, 0);
        let file = File::new("worksheet", "application/pdf", &mut rng);
        json!({
            "id": lesson.id * 10,
            "filename": file.name,
            "content_type": file.content,
            "byte_size": file.bytes,
            "url": self.app.file_url(&file, self.now),
        })
    }

    /// What is said in a room, with who reacted.
    pub fn chat_message(&self, room: &Room, message: &Message) -> Value {
        let rendered = self.render(&self.community().message_doc(message));
        let reactions = message.id.is_multiple_of(5) && !room.members.is_empty();
        let members: Vec<u64> = room.members.iter().map(|i| self.member(*i).id).collect();
        let reactions = reactions
            .then(|| json!({"emoji": "🙏", "count": members.len(), "community_member_ids": members}));
        json!({
            "id": message.id,
            "chat_room_uuid": room.uuid,
            "sender": self.person(message.sender),
            "rich_text_body": self.tiptap(&rendered),
            "reactions": Vec::from_iter(reactions),
            "created_at": date(message.at),
            "updated_at": date(message.at),
        })
    }

    pub fn chat_room(&self, room: &Room) -> Value {
        let kind = match (room.space, room.members.len()) {
            (Some(_), _) => "space",
            (None, 2) => "direct",
            (None, _) => "group",
        };
        let name = room.space.map(|space| self.community().spaces[space].name);
        json!({
            "id": 60_000 + room.number,
            "uuid": room.uuid,
            "chat_room_kind": kind,
            "chat_room_name": name,
            "members": room.members.iter().map(|i| self.person(*i)).collect::<Vec<_>>(),
            "created_at": date(room.created),
        })
    }
}
