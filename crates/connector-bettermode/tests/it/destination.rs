//! The service as a destination: nothing is made twice, whatever answer is lost.

use crate::rig::{client, client_of, config, hasty_client, start};
use crate::stub::Act;
use crate::world::{Served, World, Wrong, member, post};
use connector_bettermode::Error;
use connector_bettermode::destination::{Change, Destination, Entry, Kind, Record};
use connector_bettermode::types::{
    EventUpdate, JsonText, MappingField, MemberField, MemberUpdate, Moment, NewCollection, NewEvent,
    NewMember, NewPost, NewSpace, NotificationSettings, PostUpdate,
};
use serde_json::{Value, json};

fn destination(served: &Served) -> Destination {
    Destination::new(client(&served.stub))
}

fn moved_post(n: usize) -> NewPost {
    let mut post = NewPost::published(
        "pty1",
        vec![MappingField::text("title", &format!("Moved {n}")), MappingField::html("content", "<p>Hi</p>")],
    );
    post.external_id = Some(format!("src-{n}"));
    post.created_at = Some(Moment::new("2019-05-05T05:05:05.000Z"));
    post
}

fn event(n: usize) -> NewEvent {
    NewEvent {
        title: format!("Call {n}"),
        content: "<p>Hi</p>".into(),
        start_time: Moment::new("2026-05-01T10:00:00.000Z"),
        end_time: Moment::new("2026-05-01T11:00:00.000Z"),
        time_zone: "UTC".into(),
        host_ids: vec!["mem1".into()],
        notification_settings: NotificationSettings::SILENT,
        slug: None,
        capacity: None,
        virtual_locations: Vec::new(),
    }
}

/// One of each kind.
fn records() -> Vec<Record> {
    let mut joined = NewMember::verified("ada@example.test", "Ada");
    joined.external_id = Some("src-m1".into());
    let then = Box::new(MemberUpdate { locale: Some("fr".into()), ..MemberUpdate::default() });
    vec![
        Record::Member { member: joined, then: Box::default() },
        Record::Member { member: NewMember::verified("Bob@example.test", "Bob"), then },
        Record::Collection(NewCollection {
            name: "Start".into(),
            external_id: Some("src-c1".into()),
            ..NewCollection::default()
        }),
        Record::Collection(NewCollection { name: "No id".into(), ..NewCollection::default() }),
        Record::Space(NewSpace {
            name: "News".into(),
            external_url: Some("https://old.test/news".into()),
            ..NewSpace::default()
        }),
        Record::Post { space_id: "spc1".into(), post: moved_post(1) },
        Record::Reply { post_id: "pst1".into(), reply: moved_post(2) },
        Record::Event { space_id: "spc1".into(), event: event(1) },
    ]
}

fn creating(record: &Record) -> &'static str {
    match record.kind() {
        Kind::Member => "JoinNetwork",
        Kind::Collection => "CreateCollection",
        Kind::Space => "CreateSpace",
        Kind::Post => "CreatePost",
        Kind::Reply => "CreateReply",
        Kind::Event => "CreateEvent",
    }
}

/// Others that are there, and look alike.
fn neighbours() -> World {
    let mut world = World {
        members: (0..150).map(member).collect(),
        posts: (0..250).map(|n| post(n, 0)).collect(),
        ..World::default()
    };
    world.posts.push(json!({"id": "other", "spaceId": "spc2", "title": "Moved 1", "createdAt": "2019-05-05T05:05:05.000Z"}));
    world.posts.push(json!({"id": "older", "spaceId": "spc1", "title": "Moved 1", "createdAt": "2018-01-01T00:00:00.000Z"}));
    world.collections.push(json!({"id": "col1", "name": "No id", "createdAt": "2020-01-01T00:00:00.000Z"}));
    world.collections.push(json!({"id": "col2", "name": "Start", "externalId": "src-c9"}));
    world.spaces.push(json!({"id": "spc1", "name": "News", "externalUrl": "https://old.test/other"}));
    world.events.push(
        json!({"id": "evt1", "title": "Call 1", "spaceId": "spc1", "createdAt": "2026-03-01T12:00:10.000Z",
        "startTime": "2026-06-01T10:00:00.000Z", "endTime": "2026-06-01T11:00:00.000Z"}),
    );
    world
}

#[tokio::test]
async fn a_record_is_made_and_found_again_among_others() {
    for record in records() {
        let served = Served::start(neighbours()).await;
        let to = destination(&served);
        let name = format!("{:?}", record.kind());
        assert_eq!(to.find(&record, start()).await.expect(&name), None, "{name}: nothing is there yet");
        let made = to.create(&record).await.expect(&name);
        assert_eq!(made.unfinished, None);
        let found = to.find(&record, start()).await.expect(&name).expect("it is there");
        assert_eq!(found.id(), made.entry.id(), "{name}");
        let read = to.read(record.kind(), &[made.entry.id().to_owned(), "nobody".into()]).await.expect(&name);
        assert_eq!(read[0].as_ref().map(Entry::id), Some(made.entry.id()), "{name}");
        assert_eq!(read[1], None, "{name}");
    }
}

#[tokio::test]
async fn a_lost_answer_is_an_unknown_outcome_and_nothing_is_made_twice() {
    let lost = [Act::Cut, Act::Hang, Act::Answer(500, "{}".into()), Act::Answer(200, "{\"data\":".into())];
    for record in records() {
        for (act, was_done) in lost.iter().flat_map(|act| [(act.clone(), true), (act.clone(), false)]) {
            // One kind is enough to wait for.
            let hangs = matches!(act, Act::Hang);
            if hangs && record.kind() != Kind::Post {
                continue;
            }
            let served = Served::start(neighbours()).await;
            let name = format!("{:?}, {act:?}, done: {was_done}", record.kind());
            let wrong = if was_done { Wrong::After(act) } else { Wrong::Before(act) };
            served.world().wrong_once.insert(creating(&record), wrong);
            let client = if hangs { hasty_client(&served.stub) } else { client(&served.stub) };
            let to = Destination::new(client);
            let error = to.create(&record).await.expect_err(&name);
            assert!(error.is_unknown_outcome(), "{name}: {error:?}");
            let found = to.look_for(&record, start()).await.expect(&name);
            assert_eq!(found.is_some(), was_done, "{name}");
            if found.is_none() {
                to.create(&record).await.expect(&name);
            }
            assert_eq!(served.stub.count(creating(&record)), if was_done { 1 } else { 2 }, "{name}");
            let found = to.find(&record, start()).await.expect(&name);
            assert!(found.is_some(), "{name}: there is exactly one");
        }
    }
}

#[tokio::test]
async fn what_comes_late_is_waited_for() {
    let served = Served::start(World::default()).await;
    // The collection appears between the second look and the third.
    served.world().changes.insert(
        2,
        Box::new(|world| {
            world.collections.push(json!({"id": "late", "name": "Start", "externalId": "src-c1"}));
        }),
    );
    let (client, pace) = client_of(&config(&served.stub.url));
    let record = &records()[2];
    let found = Destination::new(client).look_for(record, start()).await.expect("a look");
    assert_eq!(found.expect("it came").id(), "late");
    assert_eq!(
        pace.waits.lock().expect("not poisoned").iter().map(|wait| wait.as_secs()).collect::<Vec<_>>(),
        [3, 15]
    );
}

#[tokio::test]
async fn a_service_that_forgets_foreign_ids_is_searched_by_title_and_time() {
    for record in records() {
        let served = Served::start(World { forgets_ids: true, ..neighbours() }).await;
        let to = destination(&served);
        let made = to.create(&record).await.expect("made");
        let found = to.find(&record, start()).await.expect("found");
        assert_eq!(found.as_ref().map(Entry::id), Some(made.entry.id()), "{:?}", record.kind());
    }
}

#[tokio::test]
async fn two_that_fit_equally_well_are_for_a_person_to_decide() {
    for record in records() {
        if record.kind() == Kind::Member {
            continue;
        }
        let served = Served::start(neighbours()).await;
        let to = destination(&served);
        to.create(&record).await.expect("one");
        to.create(&record).await.expect("two");
        let error = to.find(&record, start()).await.expect_err("two");
        assert!(matches!(error, Error::Many { count: 2, .. }) && error.is_reject(), "{error:?}");
    }
}

#[tokio::test]
async fn a_post_that_could_be_anybodys_is_not_looked_for() {
    let served = Served::start(neighbours()).await;
    let bare = NewPost::published("pty1", vec![MappingField::html("content", "<p>Hi</p>")]);
    for record in [
        Record::Reply { post_id: "pst1".into(), reply: bare.clone() },
        Record::Post { space_id: "spc1".into(), post: bare },
    ] {
        let error = destination(&served).find(&record, start()).await.expect_err("unknown");
        assert!(matches!(error, Error::Wrong { .. }), "{error:?}");
    }
    assert!(served.stub.requests().is_empty());
}

#[tokio::test]
async fn a_search_stops_when_it_is_past_what_it_looks_for() {
    let served = Served::start(neighbours()).await;
    let mut fresh = moved_post(5);
    fresh.created_at = None;
    let record = Record::Post { space_id: "spc1".into(), post: fresh };
    assert_eq!(destination(&served).find(&record, start()).await.expect("a search"), None);
    assert_eq!(served.stub.count("PostsScan"), 1, "the newest page is older than the intent");
    let old = Record::Post { space_id: "spc1".into(), post: moved_post(5) };
    assert_eq!(destination(&served).find(&old, start()).await.expect("a search"), None);
    assert!(served.stub.count("PostsScan") > 2, "a post that was given an old date may stand anywhere");
}

#[tokio::test]
async fn a_member_that_was_made_and_not_finished_says_so() {
    let served = Served::start(World::default()).await;
    let refused = Act::error("no such language", json!({"status": 422}));
    served.world().wrong_once.insert("UpdateMember", Wrong::Before(refused));
    let made = destination(&served).create(&records()[1]).await.expect("made");
    assert!(matches!(made.unfinished, Some(Error::Refused { status: Some(422), .. })));
    assert_eq!(served.world().members.len(), 1);
    let join =
        served.stub.requests().into_iter().find(|request| request.operation == "JoinNetwork").expect("asked");
    let password = join.variables["input"]["password"].as_str().expect("text").to_owned();
    assert!(password.len() >= 32 && join.variables["input"]["verified"] == true);
}

#[tokio::test]
async fn members_are_found_by_id_before_address_and_in_any_case() {
    let served = Served::start(World::default()).await;
    served.world().members = vec![
        json!({"id": "by-mail", "email": "ada@example.test"}),
        json!({"id": "by-id", "email": "new@example.test", "externalId": "src-m1"}),
        json!({"id": "bob", "email": "bob@example.test"}),
    ];
    let to = destination(&served);
    for (record, id) in [(&records()[0], "by-id"), (&records()[1], "bob")] {
        assert_eq!(to.find(record, start()).await.expect("a look").expect("there").id(), id);
    }
}

#[tokio::test]
async fn many_are_read_at_once_and_one_by_one_where_the_list_is_refused() {
    for strict_ids in [false, true] {
        let served = Served::start(World { strict_ids, ..neighbours() }).await;
        served.world().members[3]["status"] = json!("DELETED");
        let ids: Vec<String> = ["mem3", "nobody", "mem149", "mem3"].map(str::to_owned).to_vec();
        let read = destination(&served).read(Kind::Member, &ids).await.expect("members");
        let shown: Vec<Option<(&str, bool)>> =
            read.iter().map(|entry| entry.as_ref().map(|entry| (entry.id(), entry.is_gone()))).collect();
        let (gone, there) = (Some(("mem3", true)), Some(("mem149", false)));
        assert_eq!(shown, [gone, None, there, gone], "strict: {strict_ids}");
        assert_eq!(served.stub.count("Member") > 0, strict_ids);
    }
    let served = Served::start(neighbours()).await;
    let ids: Vec<String> = (0..120).map(|n| format!("pst{n}")).collect();
    let read = destination(&served).read(Kind::Post, &ids).await.expect("posts");
    assert!(read.iter().zip(&ids).all(|(entry, id)| entry.as_ref().is_some_and(|entry| entry.id() == id)));
    assert_eq!(served.stub.requests().len(), 3);
}

#[tokio::test]
async fn records_are_changed_where_the_service_lets_anybody() {
    let served = Served::start(neighbours()).await;
    let field = MemberField { key: "city".into(), value: Some(JsonText::text("Rome")) };
    let change = Change::Member(MemberUpdate { fields: vec![field], ..MemberUpdate::default() });
    let entry = destination(&served).update("mem1", &change).await.expect("changed");
    assert_eq!(entry.id(), "mem1");
    assert_eq!(served.world().members[1]["fields"][0]["value"], json!("\"Rome\""));
    let gone = destination(&served).update("nobody", &change).await.expect_err("gone");
    assert!(matches!(gone, Error::NotFound { .. }));
    let answers = |root: &'static str| move |_: &crate::stub::Request| Act::Data(json!({root: {"id": "x"}}));
    for (root, change) in [
        ("updatePost", Change::Post(PostUpdate::published())),
        ("updateEvent", Change::Event(EventUpdate { title: Some("x".into()), ..EventUpdate::default() })),
    ] {
        let stub = crate::stub::Stub::start(answers(root)).await;
        let entry = Destination::new(client(&stub)).update("x", &change).await.expect("changed");
        assert_eq!(entry.id(), "x");
    }
}

#[tokio::test]
async fn what_is_gone_is_deleted_already() {
    for record in records() {
        let served = Served::start(neighbours()).await;
        let to = destination(&served);
        let kind = record.kind();
        if kind == Kind::Reply {
            continue;
        }
        let id = to.create(&record).await.expect("made").entry.id().to_owned();
        assert_eq!(to.delete(kind, &id).await, Ok(true), "{kind:?}");
        assert_eq!(to.delete(kind, &id).await, Ok(false), "{kind:?}");
        let left: Value = json!(to.read(kind, &[id]).await.expect("read")[0].is_none());
        assert_eq!(left, json!(true), "{kind:?}");
    }
}
