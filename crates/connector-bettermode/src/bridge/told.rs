//! What a webhook tells, in the words that all platforms share ([`bridge::Told`]).

use crate::types::{JsonText, Moment};
use crate::webhook::{EventName, Subscription};
use ::bridge::Told;
use richtext::plain;
use serde_json::Value;

/// What it tells. A value that is missing or has another shape is not told.
pub(super) fn told(event: &Subscription) -> Told {
    let mut told = Words(Told::new());
    let object = Object(&event.object);
    let noun = event.name.noun();
    told.put("member_id", member(event));
    let space = event.target.space_id.clone().or_else(|| object.text("spaceId"));
    told.put("space_id", space.or_else(|| object.text("id").filter(|_| noun == "space")));
    match noun {
        "member" => {
            told.put("email", object.text("email"));
            told.put("name", object.text("name").or_else(|| object.text("displayName")));
            told.put("username", object.text("username"));
            told.put("status", object.text("status"));
        }
        "member_invitation" => {
            told.put("email", object.text("inviteeEmail").or_else(|| object.text("email")));
            told.put("name", object.text("inviteeName").or_else(|| object.text("name")));
        }
        "post" | "reply" => {
            told.put("post_id", object.text("id").or_else(|| event.target.post_id.clone()));
            told.put("title", object.text("title").or_else(|| object.field("title")));
            let content = object.field("content").or_else(|| object.text("textContent"));
            told.put("text", content.or_else(|| object.text("shortContent")).map(|html| plain(&html)));
            told.put("reply", Some((noun == "reply" || event.is_reply()).to_string()));
            told.put("url", object.text("url"));
        }
        "reaction" => {
            told.put("post_id", event.target.post_id.clone().or_else(|| object.text("postId")));
            told.put("reaction", object.text("reaction"));
        }
        "moderation" => told.put("post_id", event.target.post_id.clone()),
        "event" => {
            told.put("event_id", object.text("id").or_else(|| event.target.event_id.clone()));
            told.put("title", object.text("title"));
            told.put("text", object.text("content").map(|html| plain(&html)));
            told.put("starts_at", object.moment("startTime"));
            told.put("ends_at", object.moment("endTime"));
            told.put("url", object.text("url"));
        }
        "event_registration" => {
            told.put("event_id", event.target.event_id.clone().or_else(|| object.text("eventId")));
        }
        _ => {}
    }
    told.0
}

/// Whom it is about: the person who came, changed or joined, who wrote, who reacted, who comes; of everything
/// else who did it. What is written is its owner's: an app writes in the names of others.
fn member(event: &Subscription) -> Option<String> {
    let object = Object(&event.object);
    let target = || event.target.member_id.clone().or_else(|| object.text("memberId"));
    let about = match event.name.noun() {
        // Whoever did it may be somebody else, whose address this is not.
        "member" => return object.text("id").or_else(target),
        "sso_membership" => return target(),
        "member_invitation" => return object.text("inviteeId").or_else(target),
        "space_membership" | "space_join_request" | "event_registration" => target(),
        "reaction" => object.text("participantId"),
        "post" | "reply" if matches!(event.name, EventName::PostCreated | EventName::PostPublished) => {
            object.text("ownerId").or_else(|| object.text("createdById"))
        }
        _ => None,
    };
    about.or_else(|| event.actor.id.clone())
}

struct Words(Told);

impl Words {
    fn put(&mut self, name: &str, value: Option<String>) {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            self.0.insert(name.to_owned(), value);
        }
    }
}

/// A record as the service stores it.
struct Object<'a>(&'a Value);

impl Object<'_> {
    fn text(&self, key: &str) -> Option<String> {
        self.0.get(key)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// A point in time, RFC 3339.
    fn moment(&self, key: &str) -> Option<String> {
        Some(Moment::new(self.0.get(key)?.as_str()?).timestamp()?.to_string())
    }

    /// What a post says under this key.
    fn field(&self, key: &str) -> Option<String> {
        let fields = self.0.get("mappingFields")?.as_array()?;
        let field = fields.iter().find(|field| field["key"] == key)?;
        let value: JsonText = serde_json::from_value(field.get("value")?.clone()).ok()?;
        Some(value.to_text()).filter(|text| !text.is_empty())
    }
}
