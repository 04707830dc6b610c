//! Requests as Circle is supposed to send them.

use super::super::support::{NOW, Told as Came, case, judge};
use super::super::{Settings, derived_id, sender};
use crate::event::Event;
use crate::sender::{Refused, Request};
use base::Secret;
use base::clock::FixedClock;
use serde_json::{Value, json};

fn heard(query: &[(&str, &str)], body: &Value) -> Result<Option<Event>, Refused> {
    let settings =
        Settings { name: "circle".to_owned(), token: Some(Secret::new("t")), ..Settings::default() };
    let mut query = case(query);
    query.push(("token".to_owned(), "t".to_owned()));
    let body = body.to_string();
    let request = Request { route: "", headers: &[], query: &query, body: body.as_bytes() };
    let judged = sender("circle", &settings).expect("a sender").judge(&request, &FixedClock(NOW))?;
    assert_eq!(judged.answer, None);
    Ok(judged.event)
}

/// Kind, subject, and what is told as `name=text`.
fn shown(body: &Value) -> String {
    let event = heard(&[], body).expect("believed").expect("an event");
    let told: Vec<String> = event.told.iter().map(|(name, text)| format!("{name}={text}")).collect();
    format!("{} [{}] {}", event.kind, event.subject, told.join(" "))
}

#[test]
fn only_who_knows_a_token_is_believed() {
    const BODY: &str = r#"{"event":"member.created","data":{"id":1}}"#;
    let derived = derived_id(BODY.as_bytes());
    let good = Came::Event("member.created", &derived);
    let (wrong, missing) = (Came::No("the token is wrong"), Came::No("the token is missing"));
    for (header, expected) in [
        ("Bearer new", good),
        ("bearer  old ", good),
        ("Bearer other", wrong),
        ("Bearer ", wrong),
        ("Bearer new,old", wrong),
        ("Bearer NEW", wrong),
        ("Bearer newer", wrong),
        ("Basic new", missing),
        ("new", missing),
        ("", missing),
        ("-", missing),
    ] {
        let headers = case(&[("authorization", header)]);
        assert_eq!(judge("circle", "new, old", &headers, BODY, NOW), expected, "{header}");
    }
    // A wrong header is not made good by the address.
    let settings = Settings { token: Some(Secret::new("t")), ..Settings::default() };
    for (query, header, expected) in [
        ("t", "-", true),
        ("x", "-", false),
        ("t", "Bearer x", false),
        ("x", "Bearer t", true),
        ("", "-", false),
    ] {
        let (query, headers) = (case(&[("token", query)]), case(&[("authorization", header)]));
        let request = Request { route: "", headers: &headers, query: &query, body: BODY.as_bytes() };
        let found = sender("circle", &settings).expect("a sender").judge(&request, &FixedClock(NOW));
        assert_eq!(found.is_ok(), expected, "{query:?} {header}");
    }
}

#[test]
fn events_are_told_in_the_words_of_every_platform() {
    let member = json!({"id": 5001, "user_id": 7001, "first_name": "Ada", "last_name": "Byron",
        "name": "Ada Byron",
        "email": "ada@example.test", "public_uid": "ab12", "active": true});
    let post = json!({"id": 8801, "status": "published", "name": "Hello", "space_id": 40, "user_id": 7001,
        "user_email": "ada@example.test", "user_name": "Ada Byron", "community_member_id": 5001,
        "body": {"id": 1, "body": "<p>Hi</p>"}});
    let comment = json!({"id": 31, "body": {"body": "Well"}, "post": {"id": 8801}, "space": {"id": 40},
        "user": {"id": 7001, "name": "Ada", "email": "ada@example.test"}});
    let event = json!({"id": 77, "name": "Tea", "starts_at": "2025-03-01T11:00:00+01:00",
        "ends_at": "2025-03-01 11:00:00 UTC", "url": "https://x.example/e", "community_member_id": 5001,
        "member_email": "ada@example.test"});
    let who = "email=ada@example.test member_id=5001 name=Ada Byron";
    for (body, expected) in [
        (
            json!({"event_type": "member.created", "data": member}),
            format!("member.created [member:5001] {who}"),
        ),
        (
            json!({"event": "Member updated", "data": {"community_member": member}}),
            format!("member.updated [member:5001] {who}"),
        ),
        (
            json!({"type": "member_left", "payload": {"member": {"id": 5001}}}),
            "member.deleted [member:5001] member_id=5001".to_owned(),
        ),
        (
            json!({"event_type": "new_member", "name": "Ada", "email": "a@example.test", "profile_url": "x"}),
            "member.created [] email=a@example.test name=Ada".to_owned(),
        ),
        (
            json!({"event_type": "new_member", "data": {"first_name": "Ada", "last_name": "Byron"}}),
            "member.created [] name=Ada Byron".to_owned(),
        ),
        (
            json!({"event_type": "post.created", "data": post}),
            format!(
                "post.published [post:8801] {who} post_id=8801 reply=false space_id=40 text=<p>Hi</p> \
                 title=Hello"
            ),
        ),
        (
            json!({"event_type": "comment_created", "data": {"comment": comment}}),
            "post.published [comment:31] email=ada@example.test name=Ada post_id=31 reply=true space_id=40 \
             text=Well"
                .to_owned(),
        ),
        (
            json!({"member_email": "a@example.test", "activity_type": "post", "activity_content": "Hi"}),
            "post.published [] email=a@example.test reply=false text=Hi".to_owned(),
        ),
        (
            json!({"event": "post_liked", "data": {"post_id": 8801, "member": {"id": 5001}}}),
            "reaction.added [] member_id=5001 post_id=8801 reaction=like".to_owned(),
        ),
        (
            json!({"event_type": "new_event_created", "event_data": event}),
            "event.created [event:77] email=ada@example.test ends_at=2025-03-01T11:00:00Z event_id=77 \
             member_id=5001 starts_at=2025-03-01T10:00:00Z title=Tea url=https://x.example/e"
                .to_owned(),
        ),
        (
            json!({"event": "event_rsvp", "data": {"event_id": 77, "community_member_id": 5001,
                "event": {"starts_at": "2025-03-01T10:00:00Z"}}}),
            "event_registration.created [] event_id=77 member_id=5001 starts_at=2025-03-01T10:00:00Z"
                .to_owned(),
        ),
        (
            json!({"trigger": "Course completed", "data": {"member": {"id": 5001}}}),
            "course_completed [] member_id=5001".to_owned(),
        ),
    ] {
        assert_eq!(shown(&body), expected, "{body}");
    }
}

#[test]
fn shapes_that_nobody_has_seen_lead_to_less_and_not_to_wrong() {
    for (body, expected) in [
        (json!({"event": "member.updated", "data": [1]}), "member.updated [] "),
        (json!({"event": "member.updated", "data": {"id": {"x": 1}, "name": ["x"]}}), "member.updated [] "),
        (json!({"event": "member.updated", "data": {"user_id": 7001}}), "member.updated [] "),
        (json!({"event": {"id": 77}, "type": "event_created"}), "event.created [event:77] event_id=77"),
        (
            json!({"event": "event_updated", "data": {"id": 77, "starts_at": "soon"}}),
            "event.updated [event:77] event_id=77",
        ),
    ] {
        assert_eq!(shown(&body), expected, "{body}");
    }
    for body in [json!({}), json!({"data": {"id": 1}}), json!({"event": " "}), json!({"event": 7})] {
        let odd = Refused::NotUnderstood("neither the body nor `?event=` names what happened");
        assert_eq!(heard(&[], &body), Err(odd), "{body}");
    }
}

#[test]
fn the_address_may_say_what_happened() {
    let body = json!({"type": "webhook", "email": "a@example.test"});
    let event = heard(&[("event", "member_created")], &body).expect("believed").expect("an event");
    assert_eq!(event.kind, "member.created");
}

#[test]
fn ids_and_times_are_those_of_the_envelope() {
    let at = "2023-11-14T22:00:00Z";
    for (body, id, occurred) in [
        (json!({"id": "e1", "event": "post_created", "data": {"id": 1}, "timestamp": at}), Some("e1"), at),
        (json!({"id": 12, "event": "post_created", "data": {"id": 1}, "created_at": at}), Some("12"), at),
        (json!({"event": "post_created", "id": 1, "created_at": at}), None, at),
        (
            json!({"event": "post_created", "data": {"created_at": "2020-01-01T00:00Z", "updated_at": at}}),
            None,
            at,
        ),
        (
            json!({"event": "post_created", "data": {"updated_at": "2099-01-01T00:00:00Z"}}),
            None,
            "2023-11-14T22:13:20Z",
        ),
        (json!({"event": "post_created"}), None, "2023-11-14T22:13:20Z"),
    ] {
        let event = heard(&[], &body).expect("believed").expect("an event");
        let derived = derived_id(body.to_string().as_bytes());
        assert_eq!(event.id, id.unwrap_or(&derived), "{body}");
        assert_eq!(event.occurred.to_string(), occurred, "{body}");
    }
}
