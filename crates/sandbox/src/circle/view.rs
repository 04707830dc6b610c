//! What every record is shown with: the data, the addresses, the time.

use super::app::App;
use super::data::Data;
use super::scenario::Lists;
use crate::community::{Community, Doc, Link, Member, Rendered, Thread};
use crate::time::{iso, push_iso};
use serde_json::{Value, json};

/// The number by which the service knows this community.
pub(super) const COMMUNITY_ID: u64 = 9_107;

/// The data as a request sees it.
pub(super) struct View<'a> {
    pub app: &'a App,
    pub data: &'a Data,
    pub now: i64,
}

impl View<'_> {
    pub fn community(&self) -> &Community {
        &self.data.community
    }

    pub fn lists(&self) -> &Lists {
        &self.app.scenario.lists
    }

    /// An address on the community's own site.
    pub fn site(&self, path: &str) -> String {
        format!("https://higherself.circle.example/{path}")
    }

    /// A body in both formats, with addresses that are good now.
    pub fn render(&self, doc: &Doc) -> Rendered {
        let file = |file: &crate::community::File| self.app.file_url(file, self.now);
        doc.render(&Link { file: &file, member: &|member| self.object(member) })
    }

    /// The rich form of a body, with what its signed ids stand for.
    pub fn tiptap(&self, rendered: &Rendered) -> Value {
        json!({
            "body": rendered.tree,
            "attachments": rendered.attachments,
            "sgids_to_object_map": rendered.objects,
        })
    }

    /// Somebody's name, and what a map of objects says of him.
    fn object(&self, number: u32) -> (String, Value) {
        let member = self.member(number);
        let profile = self.community().profile(number);
        let object = json!({
            "type": "CommunityMember",
            "id": member.id,
            "user_id": member.user_id,
            "name": profile.name,
            "public_uid": profile.uid,
        });
        (profile.name, object)
    }

    pub fn member(&self, number: u32) -> &Member {
        &self.community().members[number as usize]
    }

    /// An e-mail as everything but the list of members shows it: in lower case, and of people who are gone
    /// only every other one.
    pub fn shown_email(&self, number: u32) -> Option<String> {
        let member = self.member(number);
        let hidden = !self.community().is_listed(member) && member.id.is_multiple_of(2);
        if hidden { None } else { self.community().profile(number).email.map(|email| email.to_lowercase()) }
    }

    /// The short form of a space within another record.
    pub fn space(&self, number: usize) -> Value {
        let space = &self.community().spaces[number];
        json!({"id": space.id, "slug": space.slug, "name": space.name, "community_id": COMMUNITY_ID})
    }

    /// The id, name and address of what a comment stands below.
    pub fn thread(&self, thread: Thread) -> (u64, String, String) {
        let (id, space) = self.data.place(thread);
        let community = self.community();
        let name = match thread {
            Thread::Post(i) => community.post_title(&community.posts[i as usize]),
            Thread::Image(i) => community.post_title(&community.images[i as usize]),
            Thread::Event(i) => community.event_name(&community.events[i as usize]),
        };
        let url = self.site(&format!("c/{}/{}", community.spaces[space].slug, slug(&name, id)));
        (id, name, url)
    }
}

/// A moment in the service's usual form.
pub(super) fn date(ms: i64) -> Value {
    Value::String(iso(ms))
}

/// A moment in the usual form, or null.
pub(super) fn date_or_null(ms: Option<i64>) -> Value {
    ms.map_or(Value::Null, date)
}

/// A moment in the form that one field has: `2025-02-01 10:04:59 UTC`, or an empty text.
pub(super) fn odd_date(ms: Option<i64>) -> Value {
    let Some(ms) = ms else { return json!("") };
    let mut out = Vec::with_capacity(24);
    push_iso(&mut out, ms);
    let text = String::from_utf8_lossy(&out[..19]).replace('T', " ");
    Value::String(format!("{text} UTC"))
}

/// The part of an address that a name gives: letters and digits of ASCII, or the id where there are none.
pub(super) fn slug(name: &str, id: u64) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    let out = out.trim_end_matches('-');
    if out.is_empty() { id.to_string() } else { out.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_have_the_form_of_their_field() {
        let ms = 1_738_404_299_500;
        assert_eq!(date(ms), "2025-02-01T10:04:59.500Z");
        assert_eq!(odd_date(Some(ms)), "2025-02-01 10:04:59 UTC");
        assert_eq!(odd_date(None), "");
        assert_eq!(date_or_null(None), Value::Null);
    }

    #[test]
    fn a_slug_is_never_empty() {
        for (name, expected) in [
            ("Wer kommt am Samstag?", "wer-kommt-am-samstag"),
            ("朝の練習", "7"),
            ("", "7"),
            ("<b>a</b>", "b-a-b"),
        ] {
            assert_eq!(slug(name, 7), expected, "{name}");
        }
    }
}
