//! Pages of one list: sizes, what the envelope says, and going on after a stop at any of them.

use crate::rig::{Export, export, fault, keys, shown, source};
use crate::stub::{Stub, row, rows, with};
use base::Class;
use connect::Source;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A community in which every stream has something.
pub fn community() -> Vec<(&'static str, Vec<Value>)> {
    let reply = json!({"id": 303, "parent_comment_id": 301});
    vec![
        ("community_members", rows(5001..5024)),
        ("space_groups", rows(1..3)),
        (
            "spaces",
            vec![
                with(40, json!({"space_type": "basic", "post_ids": [8801, 8802, 8803]})),
                with(41, json!({"space_type": "course", "post_ids": [1]})),
                with(42, json!({"space_type": "chat"})),
            ],
        ),
        ("posts", rows(8801..8808)),
        (
            "comments?space_id=40",
            vec![
                with(301, json!({"replies_count": 2, "replies": [with(302, json!({})), reply]})),
                with(303, json!({"parent_comment_id": 301})),
                row(304),
                row(305),
                row(306),
            ],
        ),
        ("comments?space_id=41", vec![]),
        ("comments?space_id=42", rows([310])),
        ("events", rows(31..34)),
        (
            "event_attendees?event_id=31",
            vec![json!({"member_email": "a@x.test"}), json!({"community_member_id": 5})],
        ),
        ("event_attendees?event_id=32", vec![]),
        ("event_attendees?event_id=33", (1..6).map(|n| json!({"community_member_id": n})).collect()),
        ("space_members?space_id=40", (1..8).map(|n| json!({"community_member": {"id": n}})).collect()),
        ("space_members?space_id=41", vec![json!({"community_member": {"id": 1}})]),
        ("space_members?space_id=42", vec![]),
        ("space_group_members?space_group_id=1", vec![json!({"community_member_id": 1})]),
        ("space_group_members?space_group_id=2", vec![]),
        ("member_tags", rows([3, 4])),
        ("tagged_members", (1..8).map(|n| json!({"member_tag_id": 3, "community_member_id": n})).collect()),
        ("topics", rows(12..15)),
        ("profile_fields", rows([1, 2, 3, 4])),
        ("profile_fields?archived=true", rows([5, 4, 6])),
        ("access_groups", rows([3, 4])),
        ("access_groups/3/community_members", (1..6).map(|n| json!({"community_member_id": n})).collect()),
        ("access_groups/4/community_members", vec![]),
        ("course_sections?space_id=41", rows([71, 72])),
        ("course_lessons?space_id=41", rows(81..86)),
    ]
}

/// All streams.
pub fn streams() -> impl Iterator<Item = &'static str> {
    connector_circle::streams::STREAMS.iter().map(|spec| spec.name)
}

#[tokio::test]
async fn every_record_comes_once_whatever_the_size_of_a_page() {
    for (count, page_size, page_max, requests) in [
        (0, 100, 100, 1),
        (1, 100, 100, 1),
        (100, 100, 100, 1),
        (101, 100, 100, 2),
        (250, 100, 60, 5),
        (250, 1000, 100, 3),
        (25, 10, 100, 3),
        (25, 0, 100, 25),
        (25, 7, 3, 9),
    ] {
        let name = format!("{count} records, {page_size} a page, at most {page_max}");
        let stub = Stub::start([("topics", rows(1..count + 1))]).await;
        stub.world().page_max = page_max;
        let mut export = Export::default();
        let outcome = export.run(&source(&stub), "topics", page_size).await.expect("an export");
        assert!(outcome.complete && outcome.remarks.is_empty(), "{name}: {outcome:?}");
        assert_eq!((outcome.declared_before, outcome.declared_after), (Some(count), Some(count)), "{name}");
        assert_eq!(export.keys(), keys(1..count + 1), "{name}");
        assert_eq!(export.pages.iter().sum::<usize>() as u64, count, "{name}: nothing comes twice");
        assert_eq!(stub.world().asked.len(), requests, "{name}");
        assert_eq!(export.expected, Some(count), "{name}");
    }
}

#[tokio::test]
async fn what_is_hidden_by_default_is_asked_for() {
    for (stream, path) in
        [("members", "community_members"), ("posts", "posts"), ("access_groups", "access_groups")]
    {
        let mut all = rows(1..4);
        all.push(with(9, json!({"hidden": true})));
        let stub = Stub::start([(path, all), ("spaces", vec![])]).await;
        let (export, outcome) = export(&stub, stream).await;
        assert_eq!(export.keys(), ["1", "2", "3", "9"], "{stream}: {outcome:?}");
    }
    for (stream, query) in [
        ("posts", "status=all&sort=oldest&page=1&per_page=100"),
        ("spaces", "sort=oldest&page=1&per_page=100"),
        ("events", "sort=oldest&page=1&per_page=100"),
    ] {
        let stub = Stub::start(community()).await;
        export_quietly(&stub, stream).await;
        assert_eq!(stub.world().asked[0], format!("/api/admin/v2/{stream}?{query}"));
    }
}

async fn export_quietly(stub: &Stub, stream: &str) {
    let (_, outcome) = export(stub, stream).await;
    assert!(outcome.complete, "{stream}: {outcome:?}");
}

#[tokio::test]
async fn an_envelope_that_cannot_be_trusted_stops_the_walk() {
    for (lie, words) in [
        (json!({"has_next_page": true, "records": []}), "shows an empty one"),
        (json!({"has_next_page": true}), "shows an empty one"),
        (json!({"has_next_page": true, "records": rows(1..4)}), "has shown before"),
        (json!({"page": 7}), "another page"),
        (json!({"has_next_page": null}), "has_next_page"),
        (json!({"has_next_page": "true"}), "has_next_page"),
        (json!({"records": null}), "no records"),
    ] {
        let stub = Stub::start([("topics", rows(1..4))]).await;
        stub.world().lies.insert("topics".into(), lie.clone());
        let fault = fault(&stub, "topics").await;
        assert_eq!(fault.class, Class::Stop, "{lie}");
        assert!(fault.what.contains(words), "{lie}: {}", shown(&fault));
    }
    let stub = Stub::start([("topics", rows(1..4))]).await;
    stub.world().omitted = vec!["has_next_page"];
    assert!(fault(&stub, "topics").await.what.contains("has_next_page"));
}

#[tokio::test]
async fn an_envelope_that_says_little_is_enough_for_records_and_not_for_proof() {
    for (omitted, complete) in
        [(vec!["page_count"], true), (vec!["page", "per_page"], true), (vec!["count"], false)]
    {
        let stub = Stub::start([("topics", rows(1..26))]).await;
        stub.world().omitted = omitted.clone();
        let mut export = Export::default();
        let outcome = export.run(&source(&stub), "topics", 10).await.expect("an export");
        assert_eq!(outcome.complete, complete, "{omitted:?}: {outcome:?}");
        assert_eq!(export.records.len(), 25, "{omitted:?}");
        let says = outcome.remarks.iter().any(|remark| remark.contains("does not say how many"));
        assert_eq!(says, !complete, "{omitted:?}: {outcome:?}");
    }
}

#[tokio::test]
async fn pages_that_do_not_come_through_are_asked_for_in_parts() {
    for comes_through in [99, 50, 30, 1] {
        let stub = Stub::start([("topics", rows(1..121))]).await;
        let mut export = Export { room: Some(1), ..Export::default() };
        export.run(&source(&stub), "topics", 100).await.expect_err("the disk is full");
        stub.world().page_comes_through = comes_through;
        export.room = None;
        let outcome = export.run(&source(&stub), "topics", 100).await.expect("an export");
        assert!(outcome.complete && outcome.remarks.is_empty(), "{comes_through}: {outcome:?}");
        assert_eq!(export.pages.iter().sum::<usize>(), 120, "{comes_through}: nothing twice");
        assert_eq!(export.keys(), keys(1..121), "{comes_through}");
    }
}

#[tokio::test]
async fn an_export_that_is_stopped_at_any_page_goes_on_there_and_ends_the_same() {
    for stream in streams() {
        let whole = Stub::start(community()).await;
        let mut undisturbed = Export::default();
        let expected = undisturbed.run(&source(&whole), stream, 2).await.expect("an export");
        assert!(expected.complete || stream == "course_lessons", "{stream}: {expected:?}");
        let pages = undisturbed.pages.len();
        for room in 0..pages {
            let stub = Stub::start(community()).await;
            let mut export = Export { room: Some(room), ..Export::default() };
            let fault = export.run(&source(&stub), stream, 2).await.expect_err("the disk is full");
            assert_eq!(fault.what, "the disk is full", "{stream} at {room}");
            let mut accepted = stub.world().asked.clone();
            // The answer of the last request was not kept.
            accepted.pop();
            stub.world().asked.clear();
            export.room = None;
            let outcome = export.run(&source(&stub), stream, 2).await.expect("an export");
            assert_eq!(outcome, expected, "{stream} stopped at {room}");
            assert_eq!(export.records, undisturbed.records, "{stream} stopped at {room}");
            assert_eq!(export.pages.len(), pages, "{stream} stopped at {room}");
            // Lists of parents are few, and are looked at again at the end.
            let spec = connector_circle::streams::Spec::named(stream).expect("a stream");
            let parents = spec.parent().map_or("-", |parent| parent.stream);
            let is_parents = |asked: &String| asked.starts_with(&format!("/api/admin/v2/{parents}?"));
            let asked: BTreeSet<String> =
                stub.world().asked.iter().filter(|a| !is_parents(a)).cloned().collect();
            // What the service refused was not kept either.
            let is_refused = |asked: &&String| asked.contains("course_lessons?status=all");
            let kept = accepted.iter().filter(|asked| !is_refused(asked));
            let again: Vec<&String> = kept.filter(|one| asked.contains(*one)).collect();
            assert!(again.is_empty(), "{stream} stopped at {room} asks again for {again:?}");
        }
        let mut done = Export { checkpoint: undisturbed.checkpoint.clone(), ..Export::default() };
        let outcome = done.run(&source(&whole), stream, 2).await.expect("an export");
        assert_eq!(outcome, expected, "{stream}: killed behind the last page");
        assert!(done.records.is_empty(), "{stream}: killed behind the last page");
    }
}

#[tokio::test]
async fn a_checkpoint_of_something_else_is_refused() {
    let stub = Stub::start(community()).await;
    let mut of_posts = Export::default();
    of_posts.run(&source(&stub), "posts", 100).await.expect("an export");
    for checkpoint in [Some(json!({"page": 3})), Some(json!(null)), of_posts.checkpoint] {
        let mut export = Export { checkpoint, ..Export::default() };
        let fault = export.run(&source(&stub), "members", 100).await.expect_err("not ours");
        assert_eq!(fault.class, Class::Usage);
        assert!(shown(&fault).contains("--fresh"));
    }
}

#[tokio::test]
async fn a_community_id_goes_along_with_every_request() {
    let stub = Stub::start(community()).await;
    let mut config = crate::rig::config(&stub.url);
    config.community_id = Some(" 9 ".into());
    let source = crate::rig::source_with(config);
    Export::default().run(&source, "comments", 100).await.expect("an export");
    source.check(&["members".to_owned()]).await.expect("a check");
    assert!(stub.world().asked.iter().all(|asked| asked.contains("community_id=9")));
}
