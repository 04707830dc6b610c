//! Pages, filters and orders of lists.

use super::support::{circle, filter, ids};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn pages_count_as_the_service_counts() {
    let circle = circle(130, "").await;
    let total = circle.running.inventory().totals.members;
    for (query, page, size, records, more) in [
        ("", 1, 10, 10, true),
        ("&per_page=60", 1, 60, 60, true),
        ("&per_page=60&page=3", 3, 60, 10, false),
        ("&per_page=1000", 1, 100, 100, true),
        ("&per_page=100&page=2", 2, 100, 30, false),
        ("&page=14", 14, 10, 0, false),
        ("&page=99999999999", 99_999_999_999u64, 10, 0, false),
        ("&community_id=7", 1, 10, 10, true),
    ] {
        let body = circle.get(&format!("/community_members?status=all{query}")).await.json();
        let got = (&body["page"], &body["per_page"], &body["has_next_page"], &body["count"]);
        assert_eq!(got, (&json!(page), &json!(size), &json!(more), &json!(total)), "{query}");
        assert_eq!(body["records"].as_array().map(Vec::len), Some(records), "{query}");
        assert_eq!(body["page_count"], total, "the envelope's page_count is not the number of pages");
    }
    for query in ["page=0", "per_page=0", "page=two", "per_page=-1", "page=%zz"] {
        assert_eq!(circle.get(&format!("/community_members?{query}")).await.status, 400, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_envelope_is_as_unreliable_as_switched() {
    for (toml, key, expected) in [
        ("page_count = \"pages\"", "page_count", Some(json!(6))),
        ("page_count = \"one\"", "page_count", Some(json!(1))),
        ("next_flag = \"absent\"", "has_next_page", None),
        ("next_flag = \"stuck\"", "has_next_page", Some(json!(true))),
        ("default_per_page = 60", "per_page", Some(json!(60))),
        ("default_per_page = 500\nmax_per_page = 50", "per_page", Some(json!(50))),
    ] {
        let circle = circle(60, &format!("[paging]\n{toml}\n")).await;
        let body = circle.get("/community_members?status=all").await.json();
        assert_eq!(body.get(key), expected.as_ref(), "{toml}");
        let behind = circle.get("/community_members?status=all&page=50").await.json();
        assert_eq!((&behind["records"], behind.get(key)), (&json!([]), expected.as_ref()), "{toml}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_without_a_status_leave_out_what_the_vendor_leaves_out() {
    let circle = circle(120, "").await;
    let everybody = circle.all("/community_members?status=all").await;
    let active = filter(&everybody, |member| member["active"] == true);
    let invited = filter(&everybody, |member| member["accepted_invitation"] == "");
    assert!(!invited.is_empty() && active.len() + invited.len() == 120);
    let sorted = |list: Vec<Value>| filter(&list, |_| true);
    assert_eq!(sorted(circle.all("/community_members").await), active);
    assert_eq!(sorted(circle.all("/community_members?status=active").await), active);
    assert_eq!(sorted(circle.all("/community_members?status=inactive").await), invited);
    let posts = circle.all("/posts?status=all").await;
    for status in ["published", "draft", "scheduled"] {
        let of = filter(&posts, |post| post["status"] == status);
        assert!(!of.is_empty(), "{status}");
        assert_eq!(sorted(circle.all(&format!("/posts?status={status}")).await), of, "{status}");
    }
    assert!(circle.all("/posts").await.iter().all(|post| post["status"] == "published"));
    let groups = [("", 2), ("?status=archived", 1), ("?status=all", 3)];
    for (query, expected) in groups {
        assert_eq!(circle.all(&format!("/access_groups{query}")).await.len(), expected, "{query}");
    }
    let fields = circle.all("/profile_fields").await;
    let archived = circle.all("/profile_fields?archived=true").await;
    assert!(fields.len() > 5 && archived.len() == 2 && fields.iter().all(|f| !archived.contains(f)));
    let everything = super::support::circle(120, "[lists]\npublished_only = false\n").await;
    assert_eq!(everything.all("/posts").await.len(), posts.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_comes_first_where_nothing_can_be_sorted() {
    let circle = circle(60, "[lists]\ncomments_by_place = false\n").await;
    let space = 7002;
    for path in [
        "/community_members?status=all&sort=oldest".to_owned(),
        "/comments".to_owned(),
        format!("/space_members?space_id={space}"),
        "/tagged_members".to_owned(),
        "/posts".to_owned(),
        "/events".to_owned(),
        "/spaces".to_owned(),
        "/space_groups".to_owned(),
    ] {
        let ids = ids(&circle.all(&path).await);
        assert!(ids.len() > 3 && ids.is_sorted_by(|a, b| a > b), "{path}: {ids:?}");
    }
    for path in ["/posts?sort=oldest", "/events?sort=oldest", "/spaces?sort=oldest", "/member_tags"] {
        let ids = ids(&circle.all(path).await);
        assert!(ids.len() > 3 && ids.is_sorted(), "{path}: {ids:?}");
    }
    // A parameter that the service does not know is ignored, and seen here.
    assert_eq!(circle.running.stats().unknown_parameters, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_restricted_by_what_they_hang_on() {
    let circle = circle(100, "[lists]\nreplies = \"top\"\n").await;
    let spaces = circle.all("/spaces").await;
    let posts = circle.all("/posts?status=all").await;
    let mut by_space = 0;
    for space in &spaces {
        let id = &space["id"];
        let own = circle.all(&format!("/posts?status=all&space_id={id}")).await;
        assert!(own.iter().all(|post| post["space_id"] == *id));
        by_space += own.len();
        let comments = circle.all(&format!("/comments?space_id={id}")).await;
        assert!(comments.iter().all(|comment| comment["space"]["id"] == *id));
    }
    assert_eq!(by_space, posts.len());
    let talked =
        posts.iter().find(|post| post["comments_count"].as_u64() > Some(2)).expect("a post with comments");
    let comments = circle.all(&format!("/comments?post_id={}", talked["id"])).await;
    assert_eq!(Some(comments.len() as u64), talked["comments_count"].as_u64());
    assert!(comments.iter().all(|comment| comment["post"]["id"] == talked["id"]));
    // Members of spaces: active and invited by default, one sweep a space.
    let sweep = |query: &'static str| circle.all(query);
    let all = sweep("/space_members?space_id=7002").await;
    let (active, inactive) = (
        sweep("/space_members?space_id=7002&status=active").await,
        sweep("/space_members?space_id=7002&status=inactive").await,
    );
    assert!(!inactive.is_empty() && all.len() == active.len() + inactive.len());
    assert!(all.iter().any(|row| row["moderator"] == true), "a role is seen here only");
    assert!(all.iter().all(|row| row["community_member"]["id"] == row["community_member_id"]));
    let private = sweep("/space_members?space_id=7013").await;
    assert!(!private.is_empty() && private.len() < active.len() / 3);
    assert!(sweep("/space_group_members?space_group_id=3101").await.len() >= all.len());
    // Tags, by one tag and by several.
    let founders = filter(&sweep("/tagged_members?member_tag_id=61").await, |_| true);
    let tag = circle.get("/member_tags/61").await.json();
    assert_eq!(tag["tagged_members_count"], founders.len());
    let tagged = sweep("/community_members?member_tag_ids[]=61&member_tag_ids[]=62").await;
    let has = |id: u64| {
        tagged.iter().filter(|m| m["member_tags"].to_string().contains(&format!("\"id\":{id},"))).count()
    };
    assert!(has(61) > 0 && has(61) + has(62) >= tagged.len());
    let own = circle
        .all(&format!("/community_member_spaces?community_member_id={}", active[0]["community_member_id"]))
        .await;
    assert!(own.iter().any(|space| space["id"] == 7002));
    let access = sweep("/access_groups/81/community_members").await;
    assert!(access.iter().all(|row| row.get("email").is_none() && row["community_member_id"].is_number()));
    assert!(
        sweep("/gamification/leaderboard")
            .await
            .windows(2)
            .all(|w| w[0]["points"].as_u64() >= w[1]["points"].as_u64())
    );
    for path in ["/invitation_links", "/forms", "/flagged_contents", "/community_segments", "/course_lessons"]
    {
        assert!(!sweep(path).await.is_empty(), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_to_comments_stand_where_the_switch_says() {
    let count = |all: &[Value]| -> usize {
        fn within(comment: &Value) -> usize {
            comment["replies"].as_array().map_or(0, |replies| replies.iter().map(|r| 1 + within(r)).sum())
        }
        all.iter().map(within).sum()
    };
    for (replies, in_list, within) in [("both", true, true), ("nested", false, true), ("top", true, false)] {
        let toml = format!("[lists]\ncomments_by_place = false\nreplies = \"{replies}\"\n");
        let circle = circle(60, &toml).await;
        let totals = circle.running.inventory().totals;
        let all = circle.all("/comments").await;
        let expected = if in_list { totals.comments } else { totals.comments_top };
        assert_eq!(all.len() as u64, expected, "{replies}");
        let answers = (totals.comments - totals.comments_top) as usize;
        match (in_list, within) {
            (false, true) => assert_eq!(count(&all), answers, "{replies}: each is in one place"),
            (true, true) => assert!(count(&all) >= answers, "{replies}: some are in several places"),
            _ => assert_eq!(count(&all), 0, "{replies}"),
        }
        let counted: u64 = all.iter().filter_map(|comment| comment["replies_count"].as_u64()).sum();
        assert!(counted > 0, "{replies}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_may_leave_out_the_rich_body_and_single_posts_do_not() {
    let circle = circle(60, "[lists]\ntiptap = false\nnested_choices = false\n").await;
    let posts = circle.all("/posts").await;
    assert!(posts.iter().all(|post| post.get("tiptap_body").is_none() && post["body"].is_object()));
    let rich = circle.get(&format!("/posts/{}", posts[0]["id"])).await.json();
    assert!(rich.get("tiptap_body").is_some());
    let fields = circle.all("/profile_fields").await;
    let choices = |key: &str| fields.iter().find(|f| f["key"] == key).map(|f| f["choices"][0].clone());
    assert_eq!(choices("pronouns"), Some(json!("she/her")));
}
