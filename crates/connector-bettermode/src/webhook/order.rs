//! Which record a webhook is about, so that newer state is not turned into older.

use super::Subscription;
use serde_json::Value;

/// A record. What is told of it is put in order by [`Subscription::time`]; what is told of different records
/// has no order.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordKey {
    /// What kind of record: `post`, `member`, `reaction`.
    pub kind: String,
    /// Its id, or the ids that make it up, with `/` between them.
    pub id: String,
}

impl std::fmt::Display for RecordKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.kind, self.id)
    }
}

impl Subscription {
    /// The record that it is about; `None`: that cannot be seen.
    ///
    /// Records without an id of their own are what they join: a membership is space and member, a reaction
    /// post and member. Whatever else happens to a member or a post is about that member or post.
    pub fn record_key(&self) -> Option<RecordKey> {
        let object = |key: &str| self.object.get(key).and_then(Value::as_str);
        let id = object("id");
        let member = self.target.member_id.as_deref().or_else(|| object("memberId"));
        let space = self.target.space_id.as_deref().or_else(|| object("spaceId"));
        let post = self.target.post_id.as_deref().or_else(|| object("postId"));
        let pair = |one: Option<&str>, other: Option<&str>| Some(format!("{}/{}", one?, other?));
        let own = |id: Option<&str>| id.map(str::to_owned);
        let (kind, id) = match self.name.noun() {
            "member" | "sso_membership" => {
                ("member", own(id.filter(|_| self.name.noun() == "member").or(member)))
            }
            "post" => ("post", own(id.or(post))),
            "space" => ("space", own(id.or(space))),
            "event" => ("event", own(id.or(self.target.event_id.as_deref()))),
            "space_membership" => {
                ("space_membership", pair(space, member.or(self.actor.id.as_deref())).or_else(|| own(id)))
            }
            "reaction" => {
                let who = object("participantId").or(self.actor.id.as_deref());
                ("reaction", pair(post, who).or_else(|| own(id)))
            }
            other => (other, own(id)),
        };
        Some(RecordKey { kind: kind.to_owned(), id: id? })
    }

    /// Whether the post that it is about is a reply.
    pub fn is_reply(&self) -> bool {
        self.object.get("isReply").and_then(Value::as_bool).unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Payload;
    use serde_json::json;

    #[test]
    fn what_is_told_of_one_record_has_one_key() {
        for (name, object, target, expected) in [
            ("post.created", json!({"id": "p1"}), json!({"postId": "p1"}), Some("post:p1")),
            ("post.deleted", json!(null), json!({"postId": "p1"}), Some("post:p1")),
            ("member.updated", json!({"id": "m1"}), json!({}), Some("member:m1")),
            ("member.deleted", json!([null]), json!({"memberId": "m1"}), Some("member:m1")),
            ("sso_membership.deleted", json!({"id": "x9", "memberId": "m1"}), json!({}), Some("member:m1")),
            ("space.updated", json!({"id": "s1"}), json!({}), Some("space:s1")),
            (
                "space_membership.created",
                json!({"id": "x1", "spaceId": "s1", "memberId": "m1"}),
                json!({}),
                Some("space_membership:s1/m1"),
            ),
            (
                "space_membership.deleted",
                json!({}),
                json!({"spaceId": "s1"}),
                Some("space_membership:s1/actor"),
            ),
            ("reaction.added", json!({"id": "r1"}), json!({"postId": "p1"}), Some("reaction:p1/actor")),
            ("reaction.removed", json!({}), json!({"postId": "p1"}), Some("reaction:p1/actor")),
            (
                "reaction.added",
                json!({"participantId": "m2"}),
                json!({"postId": "p1"}),
                Some("reaction:p1/m2"),
            ),
            ("moderation.created", json!({"id": "d1"}), json!({"postId": "p1"}), Some("moderation:d1")),
            ("event.updated", json!({}), json!({"eventId": "e1"}), Some("event:e1")),
            ("tag.created", json!({"id": "t1"}), json!({}), Some("tag:t1")),
            ("tag.created", json!({}), json!({}), None),
        ] {
            let body = json!({"type": "SUBSCRIPTION", "data": {"id": "1", "name": name, "actor": {"id": "actor"},
                "object": object, "target": target}});
            let payload = Payload::read(body.to_string().as_bytes()).expect("a payload");
            let key = payload.subscription().expect("a subscription").record_key();
            assert_eq!(key.map(|key| key.to_string()).as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn a_reply_is_told_from_a_post() {
        for (object, reply) in
            [(json!({"isReply": true}), true), (json!({"isReply": false}), false), (json!({}), false)]
        {
            let body = json!({"type": "SUBSCRIPTION", "data": {"id": "1", "name": "post.created", "object": object}});
            let payload = Payload::read(body.to_string().as_bytes()).expect("a payload");
            assert_eq!(payload.subscription().expect("a subscription").is_reply(), reply);
        }
    }
}
