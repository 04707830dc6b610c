//! What single members see.

use super::support::{Circle, circle, filter, ids};
use serde_json::{Value, json};
use std::time::Duration;

/// Somebody who does not belong to the private space of that id, and somebody who does.
async fn outsider_and_insider(circle: &Circle, space: u64) -> (Value, Value) {
    let rows = circle.all(&format!("/space_members?space_id={space}&status=active")).await;
    let inside: Vec<u64> = rows.iter().filter_map(|row| row["community_member_id"].as_u64()).collect();
    let members = circle.all("/community_members").await;
    let outside =
        members.iter().find(|m| !inside.contains(&m["id"].as_u64().expect("an id"))).expect("somebody");
    (outside["id"].clone(), json!(inside[0]))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_minted_for_one_known_member() {
    let circle = circle(60, "").await;
    let members = circle.all("/community_members").await;
    let member = members.iter().find(|m| m["sso_provider_user_id"].is_string()).expect("somebody");
    for identity in [
        json!({"community_member_id": member["id"]}),
        json!({"email": member["email"]}),
        json!({"sso_user_id": member["sso_provider_user_id"]}),
        json!({"email": member["email"], "sso_user_id": null}),
    ] {
        let reply = circle.mint(identity.clone()).await;
        assert_eq!(reply.status, 200, "{identity}");
        let body = reply.json();
        assert_eq!(body["community_member_id"], member["id"]);
        assert_eq!(body["community_id"], circle.running.community_id);
        assert_eq!(body["access_token_expires_at"], "2026-10-01T01:00:00.000Z");
        assert_eq!(body["refresh_token_expires_at"], "2026-10-31T00:00:00.000Z");
        assert_ne!(body["access_token"], body["refresh_token"]);
    }
    for (identity, status) in [
        (json!({"community_member_id": 1}), 404),
        (json!({"email": "nobody@mail.example"}), 404),
        (json!({"sso_user_id": "nobody"}), 404),
        (json!({}), 422),
        (json!({"email": member["email"], "community_member_id": member["id"]}), 422),
        (json!({"email": 7}), 422),
        (json!([]), 400),
    ] {
        let reply = circle.mint(identity.clone()).await;
        assert_eq!(reply.status, status, "{identity}");
        if status == 422 {
            let details = reply.json()["error_details"].clone();
            let lists = details.as_object().is_some_and(|fields| fields.values().all(Value::is_array));
            assert!(lists, "{details}");
        }
    }
    let total = circle.get("/community_members?status=all").await.json()["count"].clone();
    assert_eq!(total, 60, "nobody was made");
    let admin = format!("Bearer {}", circle.running.key);
    let path = "/api/v1/headless/auth_token";
    let reply = circle.send("POST", path, Some(&admin), Some(json!({}))).await.expect("an answer");
    assert_eq!(reply.status, 401, "the administration's token mints nothing");
    assert_eq!(circle.send("GET", path, Some(&admin), None).await.expect("an answer").status, 405);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_lives_an_hour_and_each_fault_has_words_of_its_own() {
    let circle = circle(20, "").await;
    let token = circle.token_of(&circle.records("/community_members").await[0]["id"]).await;
    let say =
        |reply: crate::support::Reply| (reply.status, reply.json()["message"].as_str().map(str::to_owned));
    assert_eq!(circle.as_member(&token, "/messages").await.status, 200);
    circle.running.advance(Duration::from_secs(3599));
    assert_eq!(circle.as_member(&token, "/messages").await.status, 200);
    circle.running.advance(Duration::from_secs(1));
    let expired = say(circle.as_member(&token, "/messages").await);
    assert_eq!(expired, (401, Some("The access token has expired.".to_owned())));
    let invalid = say(circle.as_member("eyJhbGciOi.J9.x", "/messages").await);
    assert_eq!(invalid, (401, Some("The access token is invalid.".to_owned())));
    let missing = circle.send("GET", "/api/headless/v1/messages", None, None).await.expect("an answer");
    assert_eq!(say(missing), (401, Some("The access token is missing.".to_owned())));
    // A member's token is none of the administration.
    let fresh = circle.token_of(&circle.records("/community_members").await[0]["id"]).await;
    let bearer = format!("Bearer {fresh}");
    let reply = circle.send("GET", "/api/admin/v2/community", Some(&bearer), None).await.expect("an answer");
    assert_eq!(reply.status, 401);
    assert_eq!(circle.running.stats().active_members, 1, "what the vendor bills");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_private_is_missing_for_others() {
    let circle = circle(150, "").await;
    let (outside, inside) = outsider_and_insider(&circle, 7013).await;
    let (outside, inside) = (circle.token_of(&outside).await, circle.token_of(&inside).await);
    let posts = circle.records("/posts?space_id=7013").await;
    let talked =
        posts.iter().find(|post| post["comments_count"].as_u64() > Some(0)).expect("a post with comments");
    let comment = circle.records(&format!("/comments?post_id={}", talked["id"])).await.remove(0);
    for path in [
        "/spaces/7013/posts".to_owned(),
        format!("/posts/{}/user_likes", talked["id"]),
        format!("/posts/{}/comments", talked["id"]),
        format!("/comments/{}/user_likes", comment["id"]),
        format!("/comments/{}/replies", comment["id"]),
    ] {
        assert_eq!(circle.as_member(&outside, &path).await.status, 404, "{path}");
        assert_eq!(circle.as_member(&inside, &path).await.status, 200, "{path}");
    }
    let draft = circle.records("/posts?status=draft").await.remove(0);
    let path = format!("/posts/{}/comments", draft["id"]);
    assert_eq!(circle.as_member(&inside, &path).await.status, 404, "what is not published is nobody's");
}

#[tokio::test(flavor = "multi_thread")]
async fn likes_have_names_here_and_pictures_have_a_list() {
    let circle = circle(150, "").await;
    let (_, inside) = outsider_and_insider(&circle, 7013).await;
    let token = circle.token_of(&inside).await;
    let members = ids(&circle.all("/community_members").await);
    let posts = circle.all("/posts").await;
    let liked = posts.iter().max_by_key(|post| post["likes_count"].as_u64()).expect("a post");
    let likes = circle.all_as_member(&token, &format!("/posts/{}/user_likes", liked["id"])).await;
    assert_eq!(liked["likes_count"], likes.len());
    assert!(likes.len() > 10 && ids(&likes).iter().all(|id| members.contains(id)));
    let space = circle.get("/spaces/7009").await.json();
    let pictures = circle.all_as_member(&token, "/spaces/7009/posts?sort=oldest").await;
    assert_eq!(json!(ids(&pictures)), space["post_ids"], "all pictures, oldest first");
    assert!(
        pictures.iter().all(|p| p["post_type"] == "image" && p["gallery"]["images"][0]["url"].is_string())
    );
    assert_eq!(pictures.len() as u64, circle.running.inventory().totals.image_posts);
    let events = circle.all_as_member(&token, "/spaces/7010/posts").await;
    assert!(events.iter().all(|event| event["post_type"] == "event" && event["starts_at"].is_string()));
    let basic = circle.all_as_member(&token, "/spaces/7002/posts").await;
    let listed = circle.all("/posts?space_id=7002").await;
    assert_eq!(ids(&basic), ids(&listed));
    assert!(circle.all_as_member(&token, "/spaces/7015/posts").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn comments_attendees_and_courses_are_read_as_a_member() {
    let circle = circle(150, "[lists]\nreplies = \"top\"\n").await;
    let (_, inside) = outsider_and_insider(&circle, 7018).await;
    let token = circle.token_of(&inside).await;
    let all = circle.all("/comments?space_id=7002").await;
    let answered = all
        .iter()
        .find(|c| c["replies_count"].as_u64() > Some(0) && c["parent_comment_id"].is_null())
        .expect("one");
    let post = &answered["post"]["id"];
    let top = circle.all_as_member(&token, &format!("/posts/{post}/comments")).await;
    let expected = filter(&all, |c| c["post"]["id"] == *post && c["parent_comment_id"].is_null());
    assert_eq!(filter(&top, |_| true), expected);
    let replies = circle.all_as_member(&token, &format!("/comments/{}/replies", answered["id"])).await;
    assert_eq!(answered["replies_count"], replies.len());
    assert!(replies.iter().all(|reply| reply["parent_comment_id"] == answered["id"]));
    let event = circle
        .all("/events?space_id=7010")
        .await
        .into_iter()
        .find(|e| e["rsvp_disabled"] == false)
        .expect("one");
    let mine = circle.all_as_member(&token, &format!("/events/{}/event_attendees", event["id"])).await;
    let theirs = circle.all(&format!("/event_attendees?event_id={}", event["id"])).await;
    assert_eq!(filter(&mine, |_| true), filter(&theirs, |_| true));
    assert!(mine.iter().all(|row| row["rsvp_status"].is_string() && row["contact_type"].is_string()));
    let sections = circle.all_as_member(&token, "/courses/7018/sections").await;
    let lesson = &sections[0]["lessons"][0]["id"];
    let files = circle.all_as_member(&token, &format!("/courses/7018/lessons/{lesson}/files")).await;
    assert!(files[0]["url"].is_string());
    assert_eq!(circle.as_member(&token, "/courses/7002/sections").await.status, 404);
    let lessons = circle.all("/course_lessons?space_id=7018&status=draft").await;
    let path = format!("/courses/7018/lessons/{}/files", lessons[0]["id"]);
    assert_eq!(circle.as_member(&token, &path).await.status, 404, "a draft");
}

#[tokio::test(flavor = "multi_thread")]
async fn members_can_be_read_behind_a_cursor() {
    let circle = circle(80, "").await;
    let token = circle.token_of(&circle.records("/community_members").await[0]["id"]).await;
    let active = ids(&circle.all("/community_members").await);
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let body = circle.as_member(&token, &format!("/community_members?per_page=30{after}")).await.json();
        seen.extend(ids(body["records"].as_array().expect("records")));
        let Some(next) = body["next_search_after"].as_str() else { break };
        after = format!("&search_after={next}");
    }
    assert_eq!(seen, active);
    assert_eq!(circle.as_member(&token, "/community_members?search_after=next").await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_come_in_windows_around_an_id() {
    for (toml, has_id) in [("", true), ("[headless]\nwindow_has_id = false\n", false)] {
        let circle = circle(80, toml).await;
        // A member with a room of many messages.
        let mut found = None;
        for member in circle.all("/community_members").await {
            let token = circle.token_of(&member["id"]).await;
            for room in circle.all_as_member(&token, "/messages").await {
                let path = format!("/messages/{}/chat_room_messages", room["uuid"].as_str().expect("an id"));
                let newest = circle.as_member(&token, &path).await.json();
                if newest["total_count"].as_u64() > Some(60) {
                    found = Some((token.clone(), path, newest));
                }
            }
            if found.is_some() {
                break;
            }
        }
        let (token, path, newest) = found.expect("a long talk");
        let records = |body: &Value| ids(body["records"].as_array().expect("records"));
        assert_eq!((records(&newest).len(), &newest["has_next_page"]), (20, &json!(false)), "the newest");
        let mut all = records(&newest);
        let mut body = newest.clone();
        while body["has_previous_page"] == true {
            let query = format!("{path}?id={}&next_per_page=0&previous_per_page=25", body["first_id"]);
            body = circle.as_member(&token, &query).await.json();
            let mut older = records(&body);
            assert!(older.len() <= 26);
            older.retain(|id| !all.contains(id));
            all.splice(0..0, older);
        }
        assert_eq!(newest["total_count"], all.len());
        assert!(all.is_sorted());
        let middle = all[30];
        let around = circle.as_member(&token, &format!("{path}?id={middle}")).await.json();
        let window = records(&around);
        assert_eq!(window.contains(&middle), has_id);
        assert_eq!((window.first(), window.last()), (all.get(10), all.get(50)));
        assert_eq!((&around["first_id"], &around["last_id"]), (&json!(all[10]), &json!(all[50])));
        let message = &around["records"][0];
        assert!(message["rich_text_body"]["body"].is_object() && message["reactions"].is_array());
        let uuid = path.split('/').nth(2).expect("an id");
        let strange = path.replace(uuid, "00000000-0000-4000-a000-000000000000");
        assert_eq!(circle.as_member(&token, &strange).await.status, 404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rooms_are_those_of_the_member_and_messages_name_who_reacted() {
    let circle = circle(120, "").await;
    let mut reactions = 0;
    let mut rooms = std::collections::BTreeSet::new();
    for member in circle.all("/community_members").await {
        let token = circle.token_of(&member["id"]).await;
        for room in circle.all_as_member(&token, "/messages").await {
            let uuid = room["uuid"].as_str().expect("an id").to_owned();
            if room["chat_room_kind"] != "space" {
                assert!(
                    ids(room["members"].as_array().expect("members"))
                        .contains(&member["id"].as_u64().expect("an id"))
                );
            }
            if rooms.insert(uuid.clone()) {
                let body =
                    circle.as_member(&token, &format!("/messages/{uuid}/chat_room_messages")).await.json();
                for message in body["records"].as_array().expect("records") {
                    for reaction in message["reactions"].as_array().expect("reactions") {
                        let who = reaction["community_member_ids"].as_array().map(Vec::len);
                        assert_eq!(reaction["count"].as_u64(), who.map(|n| n as u64));
                        reactions += 1;
                    }
                }
            }
        }
    }
    assert_eq!(rooms.len() as u64, circle.running.inventory().totals.chat_rooms);
    assert!(reactions > 0);
}
