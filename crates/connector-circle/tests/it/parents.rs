//! Streams that consist of a list for each parent.

use crate::pages::community;
use crate::rig::{Export, export, fault, shown, source};
use crate::stub::{Lists, Stub, row, rows, with};
use serde_json::{Value, json};

const MISSING: &str =
    r#"{"success":false,"message":"Oops","error_details":{"message":"Missing record: Post"}}"#;

fn spaces(lists: &mut Lists) -> &mut Vec<Value> {
    lists.get_mut("spaces").expect("the spaces")
}

#[tokio::test]
async fn replies_inside_and_in_the_list_are_one_record_each() {
    let reply = |id: u64| with(id, json!({"body": {"body": format!("r{id}")}}));
    let full = |id: u64| with(id, json!({"parent_comment_id": 1, "post_id": 8, "body": {"body": "full"}}));
    let parent = |replies: Value| with(1, json!({"post_id": 8, "replies_count": 2, "replies": replies}));
    for (name, list, declared) in [
        ("inside only", vec![parent(json!([reply(2), reply(3)])), row(4)], 4),
        ("in the list only", vec![parent(json!([])), full(2), full(3), row(4)], 4),
        ("both", vec![full(3), parent(json!([reply(2), reply(3)])), full(2), row(4)], 4),
        ("one of each", vec![parent(json!([reply(2)])), full(3), row(4)], 4),
    ] {
        let stub = Stub::start([("spaces", rows([40])), ("comments?space_id=40", list)]).await;
        let (export, outcome) = export(&stub, "comments").await;
        assert!(outcome.complete && outcome.remarks.is_empty(), "{name}: {outcome:?}");
        assert_eq!(outcome.declared_after, Some(declared), "{name}");
        assert_eq!(export.keys(), ["1", "2", "3", "4"], "{name}");
        for id in ["2", "3"] {
            let record = &export.records[id];
            assert_eq!(
                (record["parent_comment_id"].as_str(), record["post_id"].as_str()),
                ("1", "8"),
                "{name}"
            );
            assert_eq!(record["space_id"], "40", "{name}");
            let is_listed = name.contains("list") || name == "both" || (name == "one of each" && id == "3");
            assert_eq!(record["body_html"] == "full", is_listed, "{name} {id}: what is listed says more");
        }
        assert!(!export.records["1"].contains_key("replies"), "{name}: they are records of their own");
    }
}

#[tokio::test]
async fn replies_that_are_counted_and_not_shown_leave_no_proof() {
    let list = vec![with(1, json!({"replies_count": 2, "replies": [row(2)]}))];
    let stub = Stub::start([("spaces", rows([40])), ("comments?space_id=40", list)]).await;
    let (_, outcome) = export(&stub, "comments").await;
    assert!(!outcome.complete, "{outcome:?}");
    let says = "space 40: 1 replies were shown, and the comments say that they have 2";
    assert!(outcome.remarks.iter().any(|remark| remark.contains(says)), "{outcome:?}");
}

#[tokio::test]
async fn lists_are_asked_for_by_their_parents() {
    for (stream, expected) in [
        ("comments", vec!["comments?space_id=40", "comments?space_id=41", "comments?space_id=42"]),
        (
            "event_attendees",
            vec!["event_attendees?event_id=31", "event_attendees?event_id=32", "event_attendees?event_id=33"],
        ),
        (
            "access_group_members",
            vec!["access_groups/3/community_members?", "access_groups/4/community_members?"],
        ),
        ("course_sections", vec!["course_sections?space_id=41"]),
        (
            "space_group_members",
            vec![
                "space_group_members?status=all&space_group_id=1",
                "space_group_members?status=all&space_group_id=2",
            ],
        ),
    ] {
        let stub = Stub::start(community()).await;
        let (_, outcome) = export(&stub, stream).await;
        assert!(outcome.complete, "{stream}: {outcome:?}");
        let asked = stub.world().asked.clone();
        let lists: Vec<&String> = asked[1..asked.len() - 1].iter().collect();
        assert_eq!(lists.len(), expected.len(), "{stream}: {asked:?}");
        for (asked, expected) in lists.into_iter().zip(expected) {
            assert!(asked.starts_with(&format!("/api/admin/v2/{expected}")), "{asked}");
        }
    }
}

#[tokio::test]
async fn links_have_keys_of_what_they_link_and_no_address_in_them() {
    let stub = Stub::start(community()).await;
    let (tags, _) = export(&stub, "tagged_members").await;
    assert_eq!(tags.keys()[..2], ["3-m1", "3-m2"]);
    let (members, _) = export(&stub, "space_members").await;
    assert!(members.keys().contains(&"41-m1") && members.keys().contains(&"40-m1"));
    assert_eq!(members.records["41-m1"]["community_member_id"], "1");
    let (attendees, outcome) = export(&stub, "event_attendees").await;
    assert_eq!((attendees.records.len(), outcome.complete), (7, true));
    assert!(attendees.keys().iter().all(|key| !key.contains('@')));
    assert!(
        attendees.records.values().any(|record| record.get("member_email").is_some_and(|a| a == "a@x.test"))
    );
    assert!(attendees.records.values().all(|record| record.contains_key("event_id")));
}

#[tokio::test]
async fn what_is_archived_comes_by_a_second_list_and_nothing_twice() {
    let first = vec![with(1, json!({"archived": false})), row(2)];
    let second = vec![with(3, json!({"archived": true})), with(2, json!({"archived": true}))];
    let stub = Stub::start([("profile_fields", first), ("profile_fields?archived=true", second)]).await;
    let (export, outcome) = export(&stub, "profile_fields").await;
    assert!(outcome.complete, "{outcome:?}");
    assert_eq!((export.keys(), &export.pages), (vec!["1", "2", "3"], &vec![2, 1]));
    assert_eq!((outcome.declared_before, outcome.declared_after), (Some(3), Some(3)));
    assert_eq!(export.records["2"].get("archived"), None, "the first list is about what is in use");
    assert_eq!(export.records["3"]["archived"], "true");
    let stub = Stub::start(community()).await;
    let (all, _) = crate::rig::export(&stub, "profile_fields").await;
    assert_eq!(all.records["5"]["archived"], "true", "where the list itself is all that says so");
}

#[tokio::test]
async fn parents_that_come_and_go_meanwhile_are_followed() {
    let three = || {
        vec![
            ("spaces", rows([40, 41, 42])),
            ("comments?space_id=40", rows([1])),
            ("comments?space_id=41", rows([2])),
            ("comments?space_id=42", rows([3])),
            ("comments?space_id=43", rows([4])),
        ]
    };
    // A space comes while the lists are read.
    let stub = Stub::start(three()).await;
    stub.world().changes.insert(2, Box::new(|lists| spaces(lists).push(row(43))));
    let (all, outcome) = export(&stub, "comments").await;
    assert!(outcome.complete, "{outcome:?}");
    assert_eq!(all.keys(), ["1", "2", "3", "4"]);

    // A space goes before its list is read.
    let stub = Stub::start(three()).await;
    let gone = |lists: &mut Lists| {
        spaces(lists).retain(|space| space["id"] != json!(42));
        lists.remove("comments?space_id=42");
    };
    stub.world().changes.insert(3, Box::new(gone));
    let (two, outcome) = export(&stub, "comments").await;
    assert!(outcome.complete, "{outcome:?}");
    assert_eq!(two.keys(), ["1", "2"]);
    assert!(outcome.remarks.iter().any(|remark| remark.contains("1 of the spaces went")), "{outcome:?}");

    // Circle says that a space is not there, and lists it.
    let stub = Stub::start(three()).await;
    stub.world().refused.insert("comments?space_id=41".into(), (404, MISSING));
    let (two, outcome) = export(&stub, "comments").await;
    assert!(!outcome.complete, "{outcome:?}");
    assert_eq!(two.keys(), ["1", "3"]);
    assert!(outcome.remarks.contains(&"space 41: Circle refused the list (404)".to_owned()), "{outcome:?}");

    // New ones come all the time.
    let stub = Stub::start(three()).await;
    for at in 0..200 {
        let change = move |lists: &mut Lists| {
            spaces(lists).push(row(1000 + at));
            lists.insert(format!("comments?space_id={}", 1000 + at), vec![]);
        };
        stub.world().changes.insert(at as usize, Box::new(change));
    }
    let (_, outcome) = export(&stub, "comments").await;
    assert!(!outcome.complete, "{outcome:?}");
    assert!(outcome.remarks.iter().any(|remark| remark.contains("spaces themselves")), "{outcome:?}");
}

#[tokio::test]
async fn a_parent_whose_list_is_refused_costs_the_proof_and_no_other_list() {
    let refusal = r#"{"success":false,"message":"A chat has no comments"}"#;
    for status in [400, 403, 404, 422] {
        let stub = Stub::start(community()).await;
        stub.world().refused.insert("comments?space_id=42".into(), (status, refusal));
        let (export, outcome) = export(&stub, "comments").await;
        assert!(!outcome.complete, "{status}: {outcome:?}");
        let says = format!("space 42: Circle refused the list ({status})");
        assert!(outcome.remarks.contains(&says), "{status}: {outcome:?}");
        assert_eq!(export.keys(), ["301", "302", "303", "304", "305", "306"], "{status}");
    }
    let stub = Stub::start(community()).await;
    for space in [40, 41, 42] {
        stub.world().refused.insert(format!("comments?space_id={space}"), (400, refusal));
    }
    let nothing = fault(&stub, "comments").await;
    assert!(shown(&nothing).contains("A chat has no comments"), "{}", shown(&nothing));
    // A plan that lacks the API lacks all of it.
    let plan = r#"{"success":false,"errors":"Your community is not eligible for API v2"}"#;
    let stub = Stub::start(community()).await;
    stub.world().refused.insert("comments?space_id=42".into(), (403, plan));
    assert!(fault(&stub, "comments").await.what.contains("plan does not include"));
}

#[tokio::test]
async fn a_service_that_drops_the_condition_is_found_out() {
    for (stream, list, rows) in [
        ("comments", "comments?space_id=40", vec![with(1, json!({"space": {"id": 41}}))]),
        (
            "space_members",
            "space_members?space_id=40",
            vec![json!({"space_id": 41, "community_member_id": 1})],
        ),
        ("access_group_members", "access_groups/3/community_members", vec![json!({"access_group_id": 4})]),
    ] {
        let stub = Stub::start(community()).await;
        stub.world().lists.insert(list.into(), rows);
        let fault = fault(&stub, stream).await;
        assert!(fault.what.contains("outside of what was asked"), "{stream}: {}", shown(&fault));
    }
}

#[tokio::test]
async fn a_condition_that_the_service_may_not_know_is_left_away_when_it_says_so() {
    let stub = Stub::start(community()).await;
    let (export, outcome) = export(&stub, "course_lessons").await;
    assert_eq!(export.records.len(), 5);
    assert!(!outcome.complete, "what is hidden by default may be missing");
    assert!(
        outcome.remarks.iter().any(|remark| remark.contains("refused the condition status")),
        "{outcome:?}"
    );
    let with_status = stub.world().asked.iter().filter(|asked| asked.contains("status=all")).count();
    assert_eq!(with_status, 1);
}

#[tokio::test]
async fn posts_that_spaces_name_and_the_list_leaves_out_are_counted() {
    let space =
        |space_type: &str, posts: Value| with(40, json!({"space_type": space_type, "post_ids": posts}));
    for (space, missing) in [
        (space("basic", json!([8801, 8802])), 0),
        (space("basic", json!([8801, 1, "2"])), 2),
        (space("image", json!([1, 2, 3])), 3),
        (space("event", json!([1, 2, 3])), 0),
        (space("basic", json!(null)), 0),
        (row(40), 0),
    ] {
        let stub = Stub::start([("posts", rows(8801..8804)), ("spaces", vec![space.clone()])]).await;
        let source = source(&stub);
        let mut export = Export::default();
        let outcome = export.run(&source, "posts", 100).await.expect("an export");
        assert!(outcome.complete, "{outcome:?}");
        let says = outcome.remarks.iter().any(|remark| remark.contains("image posts"));
        assert_eq!(says, missing > 0, "{space}: {outcome:?}");
        let all = source.not_portable();
        let counted = all.iter().find(|one| one.name == "image_posts").expect("it is named").count;
        assert_eq!(counted, Some(missing), "{space}");
    }
    let stub = Stub::start([("posts", rows(8801..8804))]).await;
    let (_, outcome) = crate::rig::export(&stub, "posts").await;
    assert!(outcome.complete && outcome.remarks[0].contains("nothing says which posts"), "{outcome:?}");
}
