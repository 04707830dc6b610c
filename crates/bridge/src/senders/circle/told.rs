//! What a record of Circle tells, in our words.

use super::words::Happened;
use crate::body::{at, plain};
use crate::event::Told;
use jiff::Timestamp;
use jiff::fmt::strtime;
use serde_json::Value;

/// Where the person stands: within a record about something else, and not as a `user_id`.
const PERSON: [&str; 4] = ["community_member", "member", "author", "user"];

/// The record's name for the lanes and the order of events, and what it tells.
pub(super) fn told(happened: &Happened, record: &Value) -> (String, Told) {
    let of = |paths: &[&str]| first(record, paths);
    let mut told = Told::new();
    let mut put = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            told.insert(name.to_owned(), value);
        }
    };
    let id = of(&["id"]);
    let member =
        if happened.noun == "member" { of(&["id", "community_member_id", "member_id"]) } else { None };
    let member = member.or_else(|| {
        of(&[
            "community_member_id",
            "member_id",
            "community_member.id",
            "member.id",
            "author.community_member_id",
        ])
    });
    put("member_id", member.clone());
    put("email", of(&["email", "member_email", "user_email"]).or_else(|| of_person(record, "email")));
    put("name", name(happened, record));
    put("space_id", of(&["space_id", "space.id"]));
    let mut subject = None;
    match happened.noun {
        "member" => {
            subject = member.map(|id| format!("member:{id}"));
            put("status", of(&["status"]));
        }
        noun @ ("post" | "comment") => {
            subject = id.as_ref().map(|id| format!("{noun}:{id}"));
            // A comment is something written, too, and this is its id; the post it is about is in the body.
            put("post_id", id);
            put("reply", Some((noun == "comment").to_string()));
            put("title", of(&["name", "title"]).filter(|_| noun == "post"));
            put("text", of(&["body.body", "body", "content", "activity_content"]));
        }
        "reaction" => {
            put("post_id", of(&["post_id", "post.id", "comment_id", "comment.id"]));
            put("reaction", of(&["reaction", "emoji", "reaction_type"]).or(Some("like".to_owned())));
        }
        "event" | "event_registration" => {
            let event = if happened.noun == "event" { id } else { of(&["event_id", "event.id"]) };
            let time =
                |key: &str| first_moment(record, &[key, &format!("event.{key}")]).map(|t| t.to_string());
            subject = event.as_ref().filter(|_| happened.noun == "event").map(|id| format!("event:{id}"));
            put("event_id", event);
            put("title", of(&["name", "title", "event.name"]));
            put("starts_at", time("starts_at"));
            put("ends_at", time("ends_at"));
            put("url", of(&["url", "event.url", "virtual_location_url"]));
        }
        _ => {}
    }
    (subject.unwrap_or_default(), told)
}

/// The name of the person; a post's or an event's `name` is its title.
fn name(happened: &Happened, record: &Value) -> Option<String> {
    let whole = |record: &Value| {
        let parts = ["first_name", "last_name"].map(|key| first(record, &[key]));
        let joined: Vec<String> = parts.into_iter().flatten().collect();
        Some(joined.join(" ")).filter(|name| !name.is_empty())
    };
    let own = || first(record, &["name"]).or_else(|| whole(record)).filter(|_| happened.noun == "member");
    let of_person = || of_person(record, "name");
    own().or_else(|| first(record, &["member_name", "user_name", "author_name"])).or_else(of_person)
}

fn of_person(record: &Value, key: &str) -> Option<String> {
    PERSON.iter().find_map(|person| first(record.get(person)?, &[key]))
}

/// The first of these paths, steps with `.` between, at which a text stands that says something.
fn first(record: &Value, paths: &[&str]) -> Option<String> {
    paths.iter().find_map(|path| {
        let steps: Vec<&str> = path.split('.').collect();
        at(record, &steps).and_then(plain).filter(|text| !text.trim().is_empty())
    })
}

fn first_moment(record: &Value, paths: &[&str]) -> Option<Timestamp> {
    paths.iter().find_map(|path| {
        let steps: Vec<&str> = path.split('.').collect();
        moment(at(record, &steps)?)
    })
}

/// A moment, as the Admin API writes them: RFC 3339, or `2025-02-01 10:04:59 UTC`; seconds since 1970 are
/// understood, too.
pub(super) fn moment(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => text.parse().ok().or_else(|| {
            let civil = strtime::parse("%Y-%m-%d %H:%M:%S UTC", text).ok()?.to_datetime().ok()?;
            civil.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
        }),
        Value::Number(number) => Timestamp::from_second(number.as_i64()?).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn moments_are_read_as_the_service_writes_them() {
        for (value, expected) in [
            (json!("2025-02-01T10:00:00.123Z"), Some("2025-02-01T10:00:00.123Z")),
            (json!("2025-02-01T12:00:00+02:00"), Some("2025-02-01T10:00:00Z")),
            (json!("2025-02-01 10:04:59 UTC"), Some("2025-02-01T10:04:59Z")),
            (json!(1_738_404_000), Some("2025-02-01T10:00:00Z")),
            (json!("2025-02-01"), None),
            (json!("2025-02-01 10:04:59"), None),
            (json!(""), None),
            (json!(null), None),
            (json!(i64::MAX), None),
            (json!(1.5), None),
        ] {
            assert_eq!(moment(&value).map(|t| t.to_string()).as_deref(), expected, "{value}");
        }
    }
}
