//! What stands in single records.

use super::support::{circle, ids};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_member_has_the_fields_and_forms_of_the_service() {
    let circle = circle(120, "").await;
    let members = circle.all("/community_members?status=all").await;
    let iso = |value: &Value| {
        value.as_str().is_some_and(|text| text.len() == 24 && text.ends_with('Z') && text.contains('T'))
    };
    for member in &members {
        assert!(iso(&member["created_at"]) && iso(&member["updated_at"]), "{member}");
        assert!(member["last_seen_at"].is_null() || iso(&member["last_seen_at"]));
        let accepted = member["accepted_invitation"].as_str().expect("a text, also when it is empty");
        assert!(accepted.is_empty() || (accepted.len() == 23 && accepted.ends_with(" UTC")), "{accepted}");
        assert_eq!(accepted.is_empty(), member["profile_confirmed_at"].is_null());
        assert!(
            member["activity_score"]["activity_score"].as_str().is_some_and(|n| n.parse::<f64>().is_ok())
        );
        assert!(member.get("role").is_none() && member.get("admin").is_none(), "no role is told here");
        for (key, value) in member["flattened_profile_fields"].as_object().expect("an object") {
            assert!(value.is_null() || value.is_string() || value.is_array(), "{key}: {value}");
        }
    }
    let filled = |key: &str| members.iter().filter(|m| !m["flattened_profile_fields"][key].is_null()).count();
    for key in
        ["city", "about_me", "website", "years_of_practice", "birthday", "pronouns", "interests", "plan"]
    {
        assert!(filled(key) > 3, "{key}");
    }
    assert!(members.iter().any(|member| !member["member_tags"].as_array().expect("tags").is_empty()));
    let one = circle.get(&format!("/community_members/{}", members[5]["id"])).await.json();
    assert_eq!(one, members[5]);
}

#[tokio::test(flavor = "multi_thread")]
async fn authors_are_found_by_the_persons_id_and_not_by_the_members() {
    let circle = circle(120, "[lists]\ncomments_by_place = false\nreplies = \"top\"\n").await;
    let members = circle.all("/community_members?status=all").await;
    let find = |key: &str, id: &Value| members.iter().find(|member| member[key] == *id);
    let posts = circle.all("/posts?status=all").await;
    let known = posts.iter().filter(|post| find("user_id", &post["user_id"]).is_some()).count();
    assert!(known > posts.len() * 9 / 10);
    for post in &posts {
        let Some(author) = find("user_id", &post["user_id"]) else { continue };
        let email = author["email"].as_str().map(str::to_lowercase);
        assert_eq!(post["user_email"].as_str().map(str::to_owned), email);
        assert_eq!(post["user_name"], author["name"]);
    }
    let wrong = posts.iter().filter(|post| find("id", &post["user_id"]).is_some()).count();
    assert!(wrong > posts.len() / 2, "mixing the ids up would be noticed at once");
    for event in circle.all("/events").await {
        if let Some(host) = find("user_id", &event["user_id"]) {
            assert_eq!(host["id"], event["community_member_id"]);
        }
    }
    let comments = circle.all("/comments").await;
    let written = |member: &Value| comments.iter().filter(|c| c["user"]["id"] == member["user_id"]).count();
    let busy = members.iter().find(|member| member["comments_count"].as_u64() > Some(2)).expect("somebody");
    assert_eq!(busy["comments_count"], written(busy));
}

#[tokio::test(flavor = "multi_thread")]
async fn spaces_of_every_type_say_what_is_in_them() {
    let circle = circle(60, "").await;
    let spaces = circle.all("/spaces?sort=oldest").await;
    for kind in ["basic", "event", "members", "image", "course", "chat"] {
        assert!(spaces.iter().any(|space| space["space_type"] == kind), "{kind}");
    }
    assert!(spaces.iter().any(|space| space["space_group"].is_null()));
    let groups = ids(&circle.all("/space_groups").await);
    assert!(spaces.iter().filter_map(|s| s["space_group"]["id"].as_u64()).all(|id| groups.contains(&id)));
    let topics = ids(&circle.all("/topics").await);
    let used = spaces.iter().flat_map(|s| s["topics"].as_array().expect("topics")).filter_map(Value::as_u64);
    assert!(used.into_iter().all(|topic| topics.contains(&topic)));
    let posts = circle.all("/posts?status=all&space_id=7002").await;
    let mut listed = ids(&posts);
    listed.sort_unstable();
    let space = circle.get("/spaces/7002").await.json();
    assert_eq!(space["post_ids"], json!(listed));
    let topical = circle.all("/posts").await.into_iter().filter(|post| post["topics"] != json!([])).count();
    assert!(topical > 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn single_records_come_or_are_missing_with_the_documented_words() {
    let circle = circle(60, "").await;
    for list in [
        "community_members",
        "member_tags",
        "space_groups",
        "spaces",
        "topics",
        "posts",
        "events",
        "course_sections",
        "course_lessons",
    ] {
        let records = circle.records(&format!("/{list}")).await;
        let one = circle.get(&format!("/{list}/{}", records[0]["id"])).await;
        assert_eq!((one.status, one.json()["id"].clone()), (200, records[0]["id"].clone()), "{list}");
    }
    let comment = circle.records("/comments?space_id=7002").await.remove(0);
    assert_eq!(circle.get(&format!("/comments/{}", comment["id"])).await.json(), comment);
    for (path, thing) in [
        ("/community_members/1", "Community member"),
        ("/posts/1", "Post"),
        ("/posts/none", "Post"),
        ("/comments/1", "Comment"),
        ("/spaces/1", "Space"),
        ("/events/1", "Event"),
        ("/posts?space_id=1", "Space"),
        ("/comments?post_id=1", "Post"),
        ("/space_members?space_id=1", "Space"),
        ("/space_group_members?space_group_id=1", "Space group"),
        ("/access_groups/1/community_members", "Access group"),
        ("/community_members/search?email=nobody@mail.example", "Community member"),
        // The service calls it so.
        ("/event_attendees?event_id=1", "Post"),
    ] {
        let reply = circle.get(path).await;
        assert_eq!(reply.status, 404, "{path}");
        assert_eq!(reply.json()["error_details"]["message"], format!("Missing record: {thing}"), "{path}");
        assert_eq!(reply.json()["success"], false, "{path}");
    }
    let community = circle.get("/community").await.json();
    assert_eq!(community["id"], circle.running.community_id);
    assert!(community["community_setting"].is_object());
}

#[tokio::test(flavor = "multi_thread")]
async fn members_are_found_by_address_without_regard_to_case() {
    let circle = circle(60, "").await;
    let member = circle.records("/community_members").await.remove(3);
    let email = member["email"].as_str().expect("an address").to_uppercase();
    let found = circle.get(&format!("/community_members/search?email={email}")).await;
    assert_eq!((found.status, found.json()["id"].clone()), (200, member["id"].clone()));
    assert_eq!(circle.get("/community_members/search").await.status, 400);
    assert_eq!(circle.get("/community_members/search?email=").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_come_in_two_formats_that_say_the_same() {
    let circle = circle(200, "").await;
    let mut seen = std::collections::BTreeSet::new();
    for post in circle.all("/posts?status=all").await {
        let tree = &post["tiptap_body"]["body"];
        let html = post["body"]["body"].as_str().unwrap_or_default();
        collect(tree, &mut |node| {
            let kind = node["type"].as_str().expect("a type").to_owned();
            match kind.as_str() {
                "text" => {
                    let text = node["text"].as_str().expect("a text");
                    let escaped = text
                        .replace('&', "&amp;")
                        .replace('<', "&lt;")
                        .replace('>', "&gt;")
                        .replace('"', "&quot;");
                    assert!(html.contains(&escaped), "{text} is not in {html}");
                }
                "mention" | "poll" | "embed" => {
                    assert!(html.contains(node["attrs"]["sgid"].as_str().expect("an id")), "{kind}");
                }
                _ => {}
            }
            seen.insert(kind);
        });
        for file in post["tiptap_body"]["attachments"].as_array().into_iter().flatten() {
            assert!(file["url"].is_string() && file["byte_size"].is_number(), "{file}");
        }
    }
    for kind in [
        "doc",
        "paragraph",
        "text",
        "heading",
        "bulletList",
        "orderedList",
        "listItem",
        "blockquote",
        "codeBlock",
        "horizontalRule",
        "hardBreak",
        "image",
        "file",
        "mention",
        "poll",
        "embed",
    ] {
        assert!(seen.contains(kind), "{kind} is nowhere");
    }
}

fn collect(node: &Value, visit: &mut impl FnMut(&Value)) {
    if node["type"].is_string() {
        visit(node);
    }
    for child in node["content"].as_array().into_iter().flatten() {
        collect(child, visit);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn events_have_every_place_and_attendees_who_are_no_members() {
    let circle = circle(100, "").await;
    let events = circle.all("/events").await;
    for kind in ["virtual", "in_person", "live_room", "tbd"] {
        assert!(events.iter().any(|event| event["location_type"] == kind), "{kind}");
    }
    let mut leads = 0;
    for event in &events {
        let attendees = circle.all(&format!("/event_attendees?event_id={}", event["id"])).await;
        assert!(event["rsvp_disabled"] != true || attendees.is_empty());
        for attendee in attendees {
            let member = attendee["contact_type"] == "community_member";
            assert_eq!(member, attendee["community_member_id"].is_number(), "{attendee}");
            assert_ne!(member, attendee["lead_id"].is_number(), "{attendee}");
            leads += usize::from(!member);
        }
    }
    assert!(leads > 0);
    let members = ids(&circle.all("/community_members?status=all").await);
    let links = circle.all("/tagged_members").await;
    let known = |link: &&Value| link["community_member_id"].as_u64().is_some_and(|id| members.contains(&id));
    let lead = |link: &&Value| link["lead_id"].is_number() && link["contact_id"].is_number();
    assert_eq!(links.iter().filter(known).count() + links.iter().filter(lead).count(), links.len());
}
