//! Refusals: their statuses, their words, their shapes.

use super::support::circle;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_taken_in_the_ways_that_are_switched_on() {
    for (schemes, bearer, token) in [("both", 200, 200), ("bearer", 200, 401), ("token", 401, 200)] {
        let circle = circle(10, &format!("[auth]\nschemes = \"{schemes}\"\n")).await;
        let key = &circle.running.key;
        for (scheme, status) in [("Bearer", bearer), ("Token", token), ("token", 401), ("Basic", 401)] {
            let words = format!("{scheme} {key}");
            let reply =
                circle.send("GET", "/api/admin/v2/community", Some(&words), None).await.expect("an answer");
            assert_eq!(reply.status, status, "{scheme} where {schemes} is accepted");
            if status == 401 {
                assert_eq!(reply.json()["message"], "The API token is invalid.");
            }
        }
    }
    let circle = circle(10, "").await;
    let key = &circle.running.key;
    assert!(key.len() == 32 && *key != circle.running.headless_key);
    for words in [None, Some("Bearer "), Some("Bearer 0123456789abcdef0123456789abcdef"), Some(key.as_str())]
    {
        let reply = circle.send("GET", "/api/admin/v2/posts", words, None).await.expect("an answer");
        assert_eq!(reply.status, 401, "{words:?}");
    }
    let address = format!("/api/admin/v2/posts?access_token={key}");
    let reply = circle.send("GET", &address, None, None).await.expect("an answer");
    assert_eq!((reply.status, circle.running.stats().tokens_in_query), (401, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_without_the_api_is_told_from_a_bad_token() {
    let circle = circle(10, "[auth]\neligible = false\n").await;
    let reply = circle.get("/community_members").await;
    assert_eq!(reply.status, 403);
    assert!(reply.json()["message"].as_str().expect("a message").contains("eligible"));
    let wrong =
        circle.send("GET", "/api/admin/v2/community", Some("Bearer x"), None).await.expect("an answer");
    assert_eq!(wrong.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_understood_is_refused_and_the_few_values_are_named() {
    let circle = circle(60, "").await;
    for (path, status, part) in [
        ("/community_members?status=everybody", 400, "active, inactive, all"),
        ("/posts?status=live", 400, "published, draft, scheduled, all"),
        ("/posts?sort=newest", 400, "latest, oldest"),
        ("/events?sort=1", 400, "latest, oldest"),
        ("/profile_fields?archived=yes", 400, "false, true"),
        ("/access_groups?status=inactive", 400, "active, archived, all"),
        ("/comments", 400, "post_id or space_id is required"),
        ("/space_members", 400, "space_id is required"),
        ("/space_group_members", 400, "space_group_id is required"),
        ("/event_attendees", 400, "event_id is required"),
        ("/community_member_spaces", 400, "is required"),
        ("/posts?space_id=seven", 400, "space_id is not a whole number"),
        ("/chats", 404, "Not found"),
        ("/forms/41", 404, "Not found"),
        ("", 404, "Not found"),
    ] {
        let reply = circle.get(path).await;
        assert_eq!(reply.status, status, "{path}");
        let message = reply.json()["message"].as_str().expect("a message").to_owned();
        assert!(message.contains(part), "{path}: {message}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn details_of_errors_have_every_shape() {
    for (details, expected) in [
        ("object", Some(json!({}))),
        ("text", Some(json!("see the documentation"))),
        ("list", Some(json!(["see the documentation"]))),
        ("null", Some(Value::Null)),
        ("absent", None),
    ] {
        let circle = circle(10, &format!("[errors]\ndetails = \"{details}\"\n")).await;
        let body = circle.get("/posts?sort=x").await.json();
        assert_eq!(body.get("error_details"), expected.as_ref(), "{details}");
    }
    let circle = circle(10, "[errors]\ndetails = \"mixed\"\n").await;
    let mut shapes = Vec::new();
    for _ in 0..5 {
        let body = circle.get("/posts?sort=x").await.json();
        shapes.push(body.get("error_details").map(|value| value.to_string()));
    }
    shapes.sort();
    shapes.dedup();
    assert_eq!(shapes.len(), 5, "{shapes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_verb_but_get_is_refused_and_counted() {
    let circle = circle(10, "").await;
    let bearer = format!("Bearer {}", circle.running.key);
    let id = circle.records("/posts").await[0]["id"].clone();
    let verbs = [
        ("POST", "/posts".to_owned()),
        ("POST", "/community_members".to_owned()),
        ("PUT", format!("/posts/{id}")),
        ("PATCH", "/community_members/7".to_owned()),
        ("DELETE", format!("/posts/{id}")),
        ("OPTIONS", "/posts".to_owned()),
        ("HEAD", "/posts".to_owned()),
    ];
    for (verb, path) in &verbs {
        let path = format!("/api/admin/v2{path}");
        let reply =
            circle.send(verb, &path, Some(&bearer), Some(json!({"name": "x"}))).await.expect("an answer");
        assert_eq!(reply.status, 405, "{verb} {path}");
        assert_eq!(reply.header("allow"), Some("GET"));
    }
    assert_eq!(circle.running.stats().writes_attempted, verbs.len() as u64);
    assert_eq!(circle.get(&format!("/posts/{id}")).await.status, 200);
    assert!(circle.running.changes().is_empty());
}
