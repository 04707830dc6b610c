//! What a person sees of the source before an export: who it is, its streams, its problems; and what records
//! become.

use crate::pages::{community, streams};
use crate::rig::{Export, config, export, shown, source, source_with};
use crate::stub::{Act, JSON, Stub, TOKEN, row, rows, with};
use base::{Secret, Severity};
use connect::Source;
use connector_circle::CircleConfig;
use serde_json::json;

#[tokio::test]
async fn the_source_says_who_it_is() {
    let stub = Stub::start([]).await;
    let info = source(&stub).info();
    assert_eq!((info.connector.as_str(), info.environment), ("circle", None));
    assert_eq!(info.address, format!("{}/api/admin/v2", stub.url));
    assert!(source(&stub).repeats_are_versions());
    assert!(stub.world().asked.is_empty());
}

#[tokio::test]
async fn streams_are_what_the_documents_say_and_what_records_show() {
    let stub = Stub::start(community()).await;
    stub.world()
        .lists
        .insert("topics".into(), vec![with(1, json!({"Brand new": true, "left_at": "x"})), row(2)]);
    let source = source(&stub);
    let all = source.discover(true).await.expect("streams");
    assert_eq!(all.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), streams().collect::<Vec<_>>());
    let named = |name: &str| all.iter().find(|stream| stream.name == name).expect("a stream");
    let topics = named("topics");
    assert_eq!(*topics, source.stream("topics").await.expect("a stream"));
    let fields: Vec<(&str, &str)> =
        topics.fields.iter().map(|f| (f.name.as_str(), f.kind.as_str())).collect();
    assert_eq!(fields[fields.len() - 2..], [("brand_new", "boolean"), ("left_at", "date")]);
    for (name, key, created, version, total) in [
        ("members", "id", Some("created_at"), Some("updated_at"), Some(23)),
        ("comments", "id", Some("created_at"), Some("updated_at"), None),
        ("tagged_members", "_key", None, None, Some(7)),
        ("profile_fields", "id", Some("created_at"), Some("updated_at"), None),
    ] {
        let stream = named(name);
        let shown =
            (stream.key.as_deref(), stream.created.as_deref(), stream.version.as_deref(), stream.total);
        assert_eq!(shown, (Some(key), created, version, total), "{name}");
    }
    assert!(source.discover(false).await.expect("streams").iter().all(|stream| stream.total.is_none()));
}

#[tokio::test]
async fn totals_are_those_of_all_lists() {
    let stub = Stub::start(community()).await;
    for (stream, total) in [
        ("members", 23),
        ("posts", 7),
        // A reply that stands inside a comment only is in no count.
        ("comments", 6),
        ("event_attendees", 7),
        ("profile_fields", 6),
        ("access_group_members", 5),
        ("course_sections", 2),
        ("course_lessons", 5),
    ] {
        assert_eq!(source(&stub).total(stream).await.expect("a total"), Some(total), "{stream}");
    }
    stub.world().omitted = vec!["count"];
    assert_eq!(source(&stub).total("members").await.expect("no total"), None);
    assert_eq!(source(&stub).total("comments").await.expect("no total"), None);
    let stub = Stub::start([("events", rows(1..502))]).await;
    assert_eq!(source(&stub).total("event_attendees").await.expect("too many to ask"), None);
}

#[tokio::test]
async fn a_stream_that_is_not_there_is_named_with_its_nearest() {
    let stub = Stub::start(community()).await;
    for (name, words) in [
        ("member", "did you mean members?"),
        ("Posts", "did you mean posts?"),
        ("coments", "did you mean comments?"),
        ("elephant", "it has: members, space_groups"),
    ] {
        for fault in [
            source(&stub).stream(name).await.expect_err(name),
            source(&stub).total(name).await.expect_err(name),
            Export::default().run(&source(&stub), name, 100).await.expect_err(name),
        ] {
            assert!(shown(&fault).contains(words), "{}", shown(&fault));
            assert_eq!(fault.class, base::Class::Usage);
        }
    }
}

#[tokio::test]
async fn a_feature_that_the_plan_lacks_hides_no_other_stream() {
    let stub = Stub::start(community()).await;
    let refusal = r#"{"success":false,"errors":"Access groups are not part of your plan"}"#;
    stub.world().refused.insert("access_groups".into(), (403, refusal));
    let all = source(&stub).discover(true).await.expect("streams");
    let groups = all.iter().find(|stream| stream.name == "access_groups").expect("it is named");
    assert_eq!((groups.total, groups.fields.is_empty()), (None, false));
    assert_eq!(all.iter().find(|s| s.name == "members").expect("members").total, Some(23));
    let stub = Stub::start([]).await;
    stub.world().schemes = vec![];
    assert!(source(&stub).discover(true).await.expect_err("no token").what.contains("refused the token"));
}

#[tokio::test]
async fn a_check_finds_every_problem() {
    let streams = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let stub = Stub::start(community()).await;
    assert_eq!(
        source(&stub).check(&streams(&["members", "comments", "course_lessons"])).await.expect("none"),
        []
    );

    let problems = source(&stub).check(&streams(&["members", "zebra"])).await.expect("problems");
    assert!(problems.len() == 1 && problems[0].message.contains("no stream zebra"), "{problems:?}");

    let with_id = |id: &str| source_with(CircleConfig { community_id: Some(id.into()), ..config(&stub.url) });
    for (id, problem) in
        [("9", None), ("demo", None), ("12", Some("community 9, and the settings name the community 12"))]
    {
        let problems = with_id(id).check(&[]).await.expect("a check");
        let found = problems.first().map(|problem| problem.message.as_str());
        assert_eq!(found.is_some(), problem.is_some(), "{id}: {problems:?}");
        assert!(problem.is_none_or(|words| found.is_some_and(|found| found.contains(words))), "{problems:?}");
    }
    stub.world().community = None;
    let problems = with_id("9").check(&[]).await.expect("a check");
    assert!(problems[0].message.contains("does not say which community"), "{problems:?}");
    assert_eq!(source(&stub).check(&[]).await.expect("a check"), []);

    stub.world().schemes = vec![];
    let problems = source(&stub).check(&streams(&["members", "posts"])).await.expect("problems");
    assert!(problems.len() == 1 && problems[0].message.contains("refused the token"), "{problems:?}");
    let tokenless = source_with(CircleConfig { token: Some(Secret::new("")), ..config(&stub.url) });
    let problems = tokenless.check(&streams(&["members"])).await.expect("problems");
    let words: Vec<(Severity, bool)> = problems
        .iter()
        .map(|problem| (problem.severity, problem.message.contains("no token is set")))
        .collect();
    assert_eq!(words, [(Severity::Error, true), (Severity::Error, false)], "{problems:?}");
    assert!(problems.iter().all(|problem| !format!("{problem:?}").contains(TOKEN)));
}

#[tokio::test]
async fn values_keep_every_digit_and_a_bad_one_costs_only_its_record() {
    let stub = Stub::start([("community_members", vec![
        with(1, json!({"accepted_invitation": "2025-02-01 10:04:59 UTC", "activity_score": {"activity_score": "23.0"},
            "flattened_profile_fields": {"city": "Leith", "interests": ["chess", "rowing"]}})),
        with(2, json!({"accepted_invitation": "", "name": ""})),
        with(3, json!({"headline": "a\u{0}b"})),
    ])])
    .await;
    let (export, outcome) = export(&stub, "members").await;
    assert!(outcome.complete, "{outcome:?}");
    let first = &export.records["1"];
    assert_eq!(first["accepted_invitation"], "2025-02-01T10:04:59Z");
    assert_eq!(first["activity_score_value"], "23.0");
    assert_eq!(first["flattened_profile_fields"], r#"{"city":"Leith","interests":["chess","rowing"]}"#);
    assert_eq!(export.records["2"].get("accepted_invitation"), None);
    assert_eq!(export.records["2"]["name"], "");
    assert_eq!(export.records.len(), 2);
    let bad = &export.unreadable[0];
    assert_eq!((bad.id.as_str(), bad.field.as_str(), bad.value.as_str()), ("3", "headline", r#""a\u0000b""#));

    let digits = r#"{"page":1,"per_page":100,"has_next_page":false,"count":1,"records":[{"id":1,"n":1.10,"big":12345678901234567890.10}]}"#;
    stub.world().acts.insert(1, Act::Status(200, JSON, digits));
    let (export, _) = crate::rig::export(&stub, "members").await;
    assert_eq!(
        (&*export.records["1"]["n"], &*export.records["1"]["big"]),
        ("1.10", "12345678901234567890.10")
    );
}

#[tokio::test]
async fn what_the_api_does_not_give_is_named_with_its_count() {
    let liked = |id, likes| with(id, json!({"likes_count": likes, "post_ids": [1]}));
    let stub = Stub::start([
        ("posts", vec![liked(1, json!(4)), liked(2, json!("3")), liked(3, json!(null))]),
        (
            "spaces",
            vec![
                with(40, json!({"space_type": "chat"})),
                with(41, json!({"space_type": "image", "post_ids": [1, 7, 8]})),
            ],
        ),
        ("comments?space_id=40", vec![]),
        ("comments?space_id=41", vec![with(5, json!({"likes_count": 1, "replies": [liked(6, json!(2))]}))]),
    ])
    .await;
    let source = source(&stub);
    let count = |name: &str| {
        let all = source.not_portable();
        all.into_iter().find(|one| one.name == name).expect("it is named").count
    };
    assert_eq!((count("likes"), count("chat_spaces"), count("image_posts")), (None, None, None));
    let outcome = Export::default().run(&source, "posts", 1).await.expect("an export");
    assert!(outcome.remarks.iter().any(|remark| remark.contains("likes: 7 are counted")), "{outcome:?}");
    Export::default().run(&source, "comments", 1).await.expect("an export");
    Export::default().run(&source, "spaces", 1).await.expect("an export");
    assert_eq!((count("likes"), count("chat_spaces"), count("image_posts")), (Some(10), Some(1), Some(2)));
    assert_eq!((count("direct_messages"), count("poll_votes")), (None, None));
}
