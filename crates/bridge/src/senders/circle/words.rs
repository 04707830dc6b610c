//! What happened, in Circle's words and in ours.

use serde_json::Value;

/// Circle's names, in small letters with `_` between the words, and the kind that they are. A `comment` is a
/// post that replies; its kinds are a post's.
const KINDS: &[(&str, &str, &[&str])] = &[
    (
        "member",
        "created",
        &[
            "community_member_created",
            "member_added",
            "member_created",
            "member_joined",
            "member_joined_community",
            "new_member",
            "new_member_added",
            "user_created",
            "user_joined",
        ],
    ),
    (
        "member",
        "updated",
        &[
            "community_member_updated",
            "member_profile_updated",
            "member_updated",
            "profile_updated",
            "user_updated",
        ],
    ),
    (
        "member",
        "deleted",
        &[
            "community_member_deleted",
            "member_banned",
            "member_deleted",
            "member_left",
            "member_left_community",
            "member_removed",
            "user_deleted",
        ],
    ),
    (
        "space_membership",
        "created",
        &["member_added_to_space", "member_joined_space", "space_member_added", "space_member_created"],
    ),
    (
        "space_membership",
        "deleted",
        &["member_left_space", "member_removed_from_space", "space_member_deleted", "space_member_removed"],
    ),
    ("post", "published", &["new_post", "new_post_created", "post", "post_created", "post_published"]),
    ("post", "updated", &["post_edited", "post_updated"]),
    ("post", "deleted", &["post_deleted", "post_removed"]),
    (
        "comment",
        "published",
        &[
            "comment",
            "comment_added",
            "comment_created",
            "comment_posted",
            "new_comment",
            "new_comment_posted",
            "reply_created",
        ],
    ),
    ("comment", "updated", &["comment_edited", "comment_updated"]),
    ("comment", "deleted", &["comment_deleted", "comment_removed"]),
    (
        "reaction",
        "added",
        &[
            "comment_liked",
            "like",
            "like_created",
            "new_like",
            "post_liked",
            "reaction",
            "reaction_added",
            "reaction_created",
        ],
    ),
    (
        "reaction",
        "removed",
        &["comment_unliked", "like_deleted", "post_unliked", "reaction_deleted", "reaction_removed"],
    ),
    ("event", "created", &["event_created", "event_published", "new_event", "new_event_created"]),
    ("event", "updated", &["event_edited", "event_rescheduled", "event_updated"]),
    ("event", "deleted", &["event_canceled", "event_cancelled", "event_deleted"]),
    (
        "event_registration",
        "created",
        &["event_attendee_created", "event_rsvp", "event_rsvp_created", "event_rsvped", "rsvp_created"],
    ),
    (
        "event_registration",
        "deleted",
        &["event_attendee_deleted", "event_rsvp_canceled", "event_rsvp_cancelled", "rsvp_deleted"],
    ),
];

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Happened {
    /// What it happened to: `member`, `post`, `comment`, … ; empty: a name that is not known.
    pub noun: &'static str,
    /// What was done; of a name that is not known, the name.
    verb: String,
}

/// What a name means. One that is not known is kept under its name, `_` between its words.
pub(super) fn happened(name: &str) -> Happened {
    let name = base::names::normalise(name.trim());
    let known = KINDS.iter().find(|(_, _, names)| names.contains(&name.as_str()));
    match known {
        Some((noun, verb, _)) => Happened { noun, verb: (*verb).to_owned() },
        None => Happened { noun: "", verb: name },
    }
}

impl Happened {
    /// The kind of the event. A post that is made and not yet published only counts when it is.
    pub(super) fn kind(&self, record: &Value) -> String {
        let held_back = || {
            let status = record.get("status").and_then(Value::as_str).unwrap_or("published");
            !status.is_empty() && status != "published"
        };
        match (self.noun, self.verb.as_str()) {
            ("", name) => name.to_owned(),
            ("post", "published") if held_back() => "post.created".to_owned(),
            ("comment", verb) => format!("post.{verb}"),
            (noun, verb) => format!("{noun}.{verb}"),
        }
    }

    /// The names under which its record may stand in what the envelope holds.
    pub(super) fn record_names(&self) -> &'static [&'static str] {
        match self.noun {
            "member" => &["community_member", "member"],
            "space_membership" => &["space_member"],
            "post" => &["post"],
            "comment" => &["comment"],
            "reaction" => &["reaction", "like"],
            "event" => &["event"],
            "event_registration" => &["event_attendee", "rsvp"],
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_name_means_the_same_however_it_is_spelt() {
        for (name, status, expected) in [
            ("post.created", None, "post.published"),
            ("post_created", Some("published"), "post.published"),
            ("Post created", Some("draft"), "post.created"),
            ("new-post", Some("scheduled"), "post.created"),
            ("post_published", Some(""), "post.published"),
            (" Member joined community ", None, "member.created"),
            ("community_member.updated", None, "member.updated"),
            ("MEMBER_REMOVED", None, "member.deleted"),
            ("comment.created", Some("draft"), "post.published"),
            ("comment_deleted", None, "post.deleted"),
            ("post_liked", None, "reaction.added"),
            ("reaction.removed", None, "reaction.removed"),
            ("new_event_created", None, "event.created"),
            ("event.cancelled", None, "event.deleted"),
            ("event_rsvp", None, "event_registration.created"),
            ("Course completed!", None, "course_completed"),
            ("payment.failed", None, "payment_failed"),
        ] {
            let record = status.map_or_else(|| json!({}), |status| json!({ "status": status }));
            assert_eq!(happened(name).kind(&record), expected, "{name}");
        }
    }

    #[test]
    fn every_name_stands_once_and_as_it_is_looked_up() {
        let mut all: Vec<&str> = KINDS.iter().flat_map(|(_, _, names)| names.iter().copied()).collect();
        for name in &all {
            assert_eq!(base::names::normalise(name), *name);
        }
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
        assert!(KINDS.iter().all(|(_, _, names)| names.is_sorted()));
    }
}
