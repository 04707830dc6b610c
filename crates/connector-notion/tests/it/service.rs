//! A database as a destination: pages are made once, changed, read, found and put into the trash.

use crate::rig::shown;
use crate::stub::Act;
use crate::world::{DATABASE, Kept, MARK, Rig, SOURCE, Trouble, fields};
use base::{Class, RejectCode, Severity};
use connect::service::{Deleted, Fields, Lost, Made, Refusal, Service};
use connector_notion::ServiceSettings;
use connector_notion::types::PropertyKind;
use jiff::Timestamp;
use serde_json::{Value, json};

const ADA: &[(&str, Option<&str>)] = &[
    ("name", Some("Ada")),
    ("email", Some("Ada@x.test")),
    ("bio", None),
    ("posts", Some("5")),
    ("tags", Some("{vip,new}")),
    ("seen", Some("2025-01-02 03:04:05+00")),
];

fn lost(mark: &str) -> Lost<'_> {
    Lost { fields: None, mark, since: Timestamp::UNIX_EPOCH }
}

fn done(made: Made) -> String {
    match made {
        Made::Done(key) => key,
        other => panic!("{other:?}"),
    }
}

fn refused(made: Made) -> Refusal {
    match made {
        Made::Refused(why) => why,
        other => panic!("{other:?}"),
    }
}

async fn create(rig: &Rig, pairs: &[(&str, Option<&str>)], mark: &str) -> Made {
    rig.service.create("members", &fields(pairs), mark).await.expect("an outcome")
}

async fn read(rig: &Rig, key: &str) -> Option<Fields> {
    let columns: Vec<String> =
        rig.service.tables().await.expect("tables")[0].columns.iter().map(|c| c.name.clone()).collect();
    rig.service.read("members", &[key.to_owned()], &columns).await.expect("read").remove(0)
}

#[tokio::test]
async fn the_schema_of_the_data_source_is_the_table() {
    let rig = Rig::new().await;
    let tables = rig.service.tables().await.expect("tables");
    let [table] = tables.as_slice() else { panic!("one table") };
    let columns: Vec<_> = table.columns.iter().map(|c| format!("{} {}", c.name, c.ty.name)).collect();
    assert_eq!(table.name, "members");
    assert_eq!(
        columns,
        [
            "id text",
            "name text",
            "email text",
            "bio text",
            "posts numeric",
            "tags text[]",
            "seen timestamp(3) with time zone",
            "stage text"
        ]
    );
    let lookups = rig.service.lookups("members");
    let first = &lookups[0];
    assert!(first.column == "email" && first.folds_case && lookups.len() == 3, "{lookups:?}");
    assert_eq!(rig.service.mails("members", 9), Some(0));
    assert_eq!(rig.service.count("members").await.expect("no count"), None);
    assert!(rig.service.address().contains(DATABASE));
}

#[tokio::test]
async fn a_page_is_made_with_its_mark_and_read_back_as_it_was_meant() {
    let rig = Rig::new().await;
    let key = done(create(&rig, ADA, "mark-1").await);
    let body = rig.stub.requests().into_iter().find(|r| r.line == "POST /v1/pages").expect("made").body;
    assert_eq!(body["parent"]["data_source_id"], SOURCE);
    let ids: Vec<&String> = body["properties"].as_object().expect("properties").keys().collect();
    assert!(ids.contains(&&"em%3D".to_owned()) && !ids.contains(&&"bio".to_owned()), "{ids:?}");
    let there = read(&rig, &key).await.expect("there");
    let expected = fields(&[
        ("name", Some("Ada")),
        ("email", Some("Ada@x.test")),
        ("bio", None),
        ("posts", Some("5")),
        ("tags", Some(r#"["vip","new"]"#)),
        ("seen", Some("2025-01-02T03:04:05Z")),
        ("stage", None),
    ]);
    assert_eq!(there, expected);
    assert_eq!(rig.service.find("members", &lost("mark-1")).await.expect("found"), Some(key));
    let mut kept = Kept::default();
    let columns = ["id".to_owned(), "email".to_owned()];
    rig.service.list("members", &columns, &mut kept).await.expect("listed");
    assert_eq!(kept.0[0].1, fields(&[("email", Some("Ada@x.test"))]));
}

#[tokio::test]
async fn only_the_columns_that_are_given_are_written() {
    let rig = Rig::new().await;
    let key = done(create(&rig, ADA, "m").await);
    let change = fields(&[("posts", None), ("bio", Some("x"))]);
    done(rig.service.update("members", &key, &change).await.expect("changed"));
    let there = read(&rig, &key).await.expect("there");
    assert_eq!((there["posts"].as_deref(), there["bio"].as_deref()), (None, Some("x")));
    assert_eq!(there["email"].as_deref(), Some("Ada@x.test"));
    let sent =
        rig.stub.requests().into_iter().rfind(|r| r.line.starts_with("PATCH /v1/pages")).expect("sent");
    assert_eq!(sent.body["properties"].as_object().expect("properties").len(), 2);
}

#[tokio::test]
async fn a_lost_answer_never_makes_a_page_twice() {
    for (trouble, made) in [
        (Trouble::Done(Act::Cut), true),
        (Trouble::Done(Act::Hang), true),
        (Trouble::Done(Act::Html(502)), true),
        (Trouble::Done(Act::error(500, "internal_server_error", "no")), true),
        (Trouble::Done(Act::error(503, "service_unavailable", "no")), true),
        (Trouble::Done(Act::Answer(200, "{}".into())), true),
        (Trouble::Done(Act::error(409, "conflict_error", "no")), true),
        (Trouble::Instead(Act::error(504, "gateway_timeout", "no")), false),
        (Trouble::Instead(Act::error(409, "conflict_error", "no")), false),
    ] {
        let rig = Rig::new().await;
        rig.trouble("POST /v1/pages", trouble.clone());
        let outcome = create(&rig, ADA, "m").await;
        assert!(matches!(outcome, Made::Unknown(_)), "{trouble:?}: {outcome:?}");
        assert_eq!(rig.stub.count("POST /v1/pages"), 1, "{trouble:?}");
        let found = rig.service.find("members", &lost("m")).await.expect("looked");
        assert_eq!((found.is_some(), rig.pages()), (made, usize::from(made)), "{trouble:?}");
    }
}

#[tokio::test]
async fn a_page_that_a_query_does_not_show_yet_is_waited_for() {
    for (blind, found) in [(0, true), (1, true), (4, true), (5, true), (6, false)] {
        let rig = Rig::new().await;
        let key = done(create(&rig, ADA, "m").await);
        rig.world().blind = blind;
        let looked = rig.service.find("members", &lost("m")).await.expect("looked");
        assert_eq!(looked, found.then_some(key), "{blind}");
        assert_eq!(rig.pace.waited().as_secs(), (1 << blind.min(5)) - 1, "pauses double");
    }
}

#[tokio::test]
async fn two_pages_with_one_mark_are_never_taken_for_one() {
    let rig = Rig::new().await;
    let first = done(create(&rig, ADA, "m").await);
    let second = done(create(&rig, ADA, "m").await);
    let fault = rig.service.find("members", &lost("m")).await.expect_err("two");
    assert!(fault.what.contains(&first) && fault.what.contains(&second), "{}", shown(&fault));
}

#[tokio::test]
async fn a_member_is_found_whatever_the_capitals_and_also_when_made_since_the_scan() {
    let rig = Rig::new().await;
    let ada = rig.world().page(&[("Email", json!("Ada@X.test"))]);
    let find = async |value: &str| rig.service.look_up("members", "email", value).await.expect("looked");
    assert_eq!(find("ada@x.TEST").await, [ada.as_str()]);
    assert_eq!(find("grace@x.test").await, Vec::<String>::new());
    let grace = rig.world().page(&[("Email", json!("grace@x.test"))]);
    assert_eq!(find("Grace@x.test").await, [grace.as_str()]);
    let twin = done(create(&rig, &[("email", Some("ADA@x.test"))], "m").await);
    assert_eq!(find("ada@x.test").await, [ada.clone(), twin]);
    rig.service.update("members", &ada, &fields(&[("email", None)])).await.expect("changed");
    assert_eq!(find("ada@x.test").await.len(), 1);
    let exact = rig.service.look_up("members", "name", "nobody").await.expect("looked");
    assert!(exact.is_empty());
    let fault = rig.service.look_up("members", "posts", "5").await.expect_err("no text");
    assert_eq!(fault.class, Class::Bug);
}

#[tokio::test]
async fn what_is_in_the_trash_elsewhere_or_gone_is_not_there() {
    let rig = Rig::new().await;
    let key = done(create(&rig, ADA, "m").await);
    let moved = rig.world().page(&[]);
    rig.world().pages[1]["parent"] = json!({"type": "page_id", "page_id": "x", "data_source_id": "other"});
    assert_eq!(rig.service.delete("members", &key).await.expect("deleted"), Deleted::Done);
    assert_eq!(rig.service.delete("members", &key).await.expect("deleted"), Deleted::Gone);
    assert_eq!(rig.service.delete("members", &moved).await.expect("deleted"), Deleted::Gone);
    assert_eq!(rig.service.delete("members", "unknown").await.expect("deleted"), Deleted::Gone);
    assert!(read(&rig, &key).await.is_none() && read(&rig, &moved).await.is_none());
    let change =
        rig.service.update("members", &key, &fields(&[("bio", Some("x"))])).await.expect("an outcome");
    assert_eq!(refused(change).code, RejectCode::ExistsDifferent);
    assert_eq!(rig.service.find("members", &lost("m")).await.expect("looked"), None);
    assert_eq!(rig.service.built_on("members", &key).await.expect("nothing"), []);
}

#[tokio::test]
async fn a_database_that_is_no_longer_shared_is_not_an_empty_one() {
    let rig = Rig::new().await;
    let key = done(create(&rig, ADA, "m").await);
    let gone = Act::error(404, "object_not_found", "no");
    rig.trouble("GET /v1/pages", Trouble::Instead(gone.clone()));
    rig.trouble("GET /v1/data_sources", Trouble::Instead(gone));
    let fault = rig.service.read("members", &[key], &[]).await.expect_err("not shared");
    assert!(fault.class == Class::Stop && shown(&fault).contains("connections"), "{}", shown(&fault));
}

#[tokio::test]
async fn a_lost_answer_to_a_deletion_is_looked_after() {
    for trouble in [
        Trouble::Done(Act::Cut),
        Trouble::Instead(Act::error(503, "service_unavailable", "no")),
        Trouble::Instead(Act::error(409, "conflict_error", "no")),
    ] {
        let rig = Rig::new().await;
        let key = done(create(&rig, ADA, "m").await);
        rig.trouble("PATCH /v1/pages", trouble.clone());
        let deleted = rig.service.delete("members", &key).await.expect("deleted");
        assert_eq!((deleted, rig.pages()), (Deleted::Done, 0), "{trouble:?}");
    }
}

#[tokio::test]
async fn a_conflict_is_written_again_after_the_page_was_read_again() {
    let rig = Rig::new().await;
    let key = done(create(&rig, ADA, "m").await);
    let conflict = || Trouble::Instead(Act::error(409, "conflict_error", "no"));
    rig.trouble("PATCH /v1/pages", conflict());
    rig.trouble("PATCH /v1/pages", conflict());
    let before = rig.stub.count("GET /v1/pages");
    done(rig.service.update("members", &key, &fields(&[("bio", Some("x"))])).await.expect("changed"));
    assert_eq!(rig.stub.count("GET /v1/pages") - before, 3);
    assert_eq!(rig.pace.waited().as_secs(), 3);
    for _ in 0..5 {
        rig.trouble("PATCH /v1/pages", conflict());
    }
    let fault = rig.service.update("members", &key, &fields(&[("bio", Some("y"))])).await.expect_err("again");
    assert_eq!(fault.class, Class::Retry);
    rig.trouble("PATCH /v1/pages", Trouble::Done(Act::Cut));
    let lost = rig.service.update("members", &key, &fields(&[("bio", Some("z"))])).await.expect("an outcome");
    assert!(matches!(lost, Made::Unknown(_)), "{lost:?}");
}

#[tokio::test]
async fn what_a_rollback_could_not_give_back_is_not_written_over() {
    let bold = json!([{"type": "text", "text": {"content": "x"}, "annotations": {"bold": true},
        "plain_text": "x", "href": null}]);
    let range = json!({"start": "2025-01-02", "end": "2025-01-05", "time_zone": null});
    let rig = Rig::new().await;
    let key = rig.world().page(&[("Bio", bold), ("Seen", range)]);
    for column in ["bio", "seen"] {
        let text = if column == "bio" { "y" } else { "2025-01-02 00:00:00+00" };
        let change = fields(&[(column, Some(text))]);
        let why = refused(rig.service.update("members", &key, &change).await.expect("an outcome"));
        assert_eq!((why.column.as_str(), why.code), (column, RejectCode::ExistsDifferent));
    }
    assert_eq!(rig.stub.count("PATCH /v1/pages"), 0);
}

#[tokio::test]
async fn a_value_that_the_service_does_not_take_is_a_reject_of_its_column() {
    let rig = Rig::new().await;
    let long = "a".repeat(201);
    let huge = "a".repeat(200_001);
    for (column, text, code) in [
        ("email", long.as_str(), RejectCode::TooLong),
        ("bio", huge.as_str(), RejectCode::TooLong),
        ("posts", "9007199254740993", RejectCode::OutOfRange),
        ("email", "", RejectCode::BadValue),
    ] {
        let why = refused(create(&rig, &[(column, Some(text))], "m").await);
        assert_eq!((why.column.as_str(), why.code), (column, code), "{}", why.reason);
        assert!(!why.reason.contains("aaaa"), "no value in words");
    }
    assert_eq!(rig.stub.count("POST /v1/pages"), 0);
    let message = "Invalid status option. Status option \"Limbo\" does not exist\".";
    rig.trouble("POST /v1/pages", Trouble::Instead(Act::error(400, "validation_error", message)));
    let why = refused(create(&rig, &[("stage", Some("Limbo"))], "m").await);
    assert!(why.code == RejectCode::Check && !why.reason.contains("Limbo"), "{}", why.reason);
}

#[tokio::test]
async fn a_database_that_was_changed_meanwhile_stops_the_run_and_rejects_nobody() {
    let rig = Rig::new().await;
    let key = done(create(&rig, ADA, "m").await);
    // A new name is no trouble: ids are used.
    rig.world().properties[1].0 = "Address".into();
    {
        let mut world = rig.world();
        let properties = world.pages[0]["properties"].as_object_mut().expect("properties");
        let held = properties.remove("Email").expect("a value");
        properties.insert("Address".into(), held);
    }
    assert_eq!(read(&rig, &key).await.expect("there")["email"].as_deref(), Some("Ada@x.test"));
    // A new type is.
    rig.world().properties[1].2 = "rich_text".into();
    let message = "Address is expected to be rich_text.";
    rig.trouble("POST /v1/pages", Trouble::Instead(Act::error(400, "validation_error", message)));
    let fault = rig.service.create("members", &fields(ADA), "n").await.expect_err("changed");
    assert!(
        fault.class == Class::Stop && fault.what.contains("was email and is rich_text"),
        "{}",
        fault.what
    );
    rig.world().pages[0]["properties"]["Address"] =
        json!({"id": "em%3D", "type": "rich_text", "rich_text": []});
    let columns = ["email".to_owned()];
    let fault = rig.service.read("members", std::slice::from_ref(&key), &columns).await.expect_err("changed");
    assert!(fault.what.contains("was email and is rich_text"), "{}", fault.what);
    rig.world().pages[0]["properties"].as_object_mut().expect("properties").remove("Address");
    let fault = rig.service.read("members", &[key], &columns).await.expect_err("gone");
    assert!(fault.what.contains("not in the database any more"), "{}", fault.what);
}

fn adding() -> ServiceSettings {
    let wanted = [("Bio", "rich_text"), ("BetterMode id", "rich_text")];
    ServiceSettings {
        properties: wanted.map(|(name, kind)| (name.to_owned(), PropertyKind::of(kind))).to_vec(),
        add_properties: true,
        ..ServiceSettings::new(DATABASE)
    }
}

#[tokio::test]
async fn properties_are_added_before_the_first_page_is_written_and_not_before() {
    let rig = Rig::with(adding()).await;
    let problems = rig.service.check(&["members".to_owned()]).await.expect("problems");
    let notes: Vec<_> =
        problems.iter().map(|p| (p.severity, p.message.contains("after a rollback"))).collect();
    assert_eq!(notes, [(Severity::Note, true); 2]);
    let tables = rig.service.tables().await.expect("tables");
    assert!(tables[0].column("bettermode_id").is_some());
    assert_eq!(rig.service.find("members", &lost("m")).await.expect("looked"), None);
    assert_eq!(rig.stub.count("PATCH"), 0, "looking changes nothing");
    let key = done(create(&rig, &[("bettermode_id", Some("b7"))], "m").await);
    done(create(&rig, ADA, "n").await);
    assert_eq!(rig.stub.count("PATCH /v1/data_sources"), 1);
    assert_eq!(read(&rig, &key).await.expect("there")["bettermode_id"].as_deref(), Some("b7"));
    let names: Vec<String> = rig.world().properties.iter().map(|p| p.0.clone()).collect();
    assert!(names.contains(&MARK.to_owned()) && names.contains(&"BetterMode id".to_owned()), "{names:?}");
}

#[tokio::test]
async fn properties_whose_adding_was_not_answered_are_looked_for_before_they_are_added_again() {
    for (trouble, tries) in
        [(Trouble::Done(Act::Cut), 1), (Trouble::Instead(Act::error(503, "service_unavailable", "no")), 2)]
    {
        let rig = Rig::with(adding()).await;
        rig.trouble("PATCH /v1/data_sources", trouble);
        done(create(&rig, ADA, "m").await);
        assert_eq!(rig.stub.count("PATCH /v1/data_sources"), tries);
    }
}

#[tokio::test]
async fn what_is_missing_is_a_problem_that_says_what_to_add() {
    let settings = ServiceSettings { add_properties: false, ..adding() };
    let rig = Rig::with(settings).await;
    let problems = rig.service.check(&["members".to_owned()]).await.expect("problems");
    let error = problems.iter().find(|p| p.severity == Severity::Error).expect("an error");
    let hint = error.hint.clone().unwrap_or_default();
    assert!(error.message.contains("BetterMode id") && hint.contains("add_properties"), "{error:?}");
    assert!(rig.service.check(&["posts".to_owned()]).await.is_err());
}

#[tokio::test]
async fn long_lists_of_a_page_are_read_in_full() {
    let rig = Rig::new().await;
    let pieces: Value = (0..25).map(|n| json!({"type": "text", "plain_text": n.to_string()})).collect();
    let key = rig.world().page(&[("Bio", pieces)]);
    let item = |text: &str| json!({"type": "rich_text", "rich_text": {"plain_text": text}});
    let list = |results: Value, next: Option<&str>| {
        Trouble::Instead(Act::Json(json!({"object": "list", "results": results, "next_cursor": next,
            "has_more": next.is_some()})))
    };
    rig.trouble(
        "GET /v1/pages/00000000-0000-4000-8000-000000000001/properties/bio",
        list(json!([item("a")]), Some("c")),
    );
    rig.trouble(
        "GET /v1/pages/00000000-0000-4000-8000-000000000001/properties/bio",
        list(json!([item("b")]), None),
    );
    let read = rig.service.read("members", &[key], &["bio".to_owned()]).await.expect("read");
    assert_eq!(read[0].as_ref().expect("there")["bio"].as_deref(), Some("ab"));
}
