//! The service of a move against the stand-in: events, which cannot be marked, and members, on whom people
//! build.

use crate::rig::start;
use crate::standin::StandIn;
use base::Fault;
use connect::service::{Deleted, Fields, Lost, Made, Refusal, Service, Thing, ThingSink};
use connector_bettermode::BettermodeService;
use jiff::{SignedDuration, Timestamp};
use sandbox::bettermode::{FaultKind, Records};

/// Columns by their names.
fn fields(pairs: &[(&str, Option<&str>)]) -> Fields {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), value.map(str::to_owned))).collect()
}

fn event(space: &str, host: &str, title: &str) -> Fields {
    fields(&[
        ("space_id", Some(space)),
        ("title", Some(title)),
        ("content", Some("<p>We sit</p>")),
        ("start_time", Some("2024-04-01 16:00:00+00")),
        ("end_time", Some("2024-04-01 18:00:00+00")),
        ("time_zone", Some("UTC")),
        ("host_ids", Some(&format!("{{{host}}}"))),
        ("capacity", Some("12")),
    ])
}

fn done(made: Made) -> String {
    match made {
        Made::Done(key) => key,
        other => panic!("{other:?}"),
    }
}

#[derive(Default)]
struct Listed(Vec<(String, Fields)>);

impl ThingSink for Listed {
    fn thing(&mut self, key: &str, fields: Fields) -> Result<(), Fault> {
        self.0.push((key.to_owned(), fields));
        Ok(())
    }
}

struct Rig {
    standin: StandIn,
    service: BettermodeService,
    ada: String,
    space: String,
}

async fn rig() -> Rig {
    let standin = StandIn::new(0, "").await;
    let service = BettermodeService::new(standin.client.clone(), standin.running.network_id.clone());
    let ada = standin.join("Ada");
    let space = standin.space("Events", &[ada.as_str()]).await;
    Rig { standin, service, ada, space }
}

impl Rig {
    async fn find(&self, fields: &Fields, since: Timestamp) -> Option<String> {
        let lost = Lost { fields: Some(fields), mark: "mark", since };
        self.service.find("events", &lost).await.expect("an answer")
    }

    async fn built_on(&self, table: &str, key: &str) -> Vec<Thing> {
        self.service.built_on(table, key).await.expect("an answer")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_arrives_as_it_was_and_is_read_back_equal() {
    let rig = rig().await;
    let circle = event(&rig.space, &rig.ada, "Circle");
    let key = done(rig.service.create("events", &circle, "mark").await.expect("an outcome"));
    let columns: Vec<String> = circle.keys().cloned().collect();
    let read = rig.service.read("events", &[key.clone(), "nothing".into()], &columns).await.expect("read");
    assert_eq!(read[1], None);
    let there = read[0].clone().expect("it is there");
    for (column, expected) in [
        ("title", "Circle"),
        ("content", "<p>We sit</p>"),
        ("start_time", "2024-04-01T16:00:00.000Z"),
        ("end_time", "2024-04-01T18:00:00.000Z"),
        ("time_zone", "UTC"),
        ("host_ids", &format!("[\"{}\"]", rig.ada)),
        ("capacity", "12"),
    ] {
        assert_eq!(there[column].as_deref(), Some(expected), "{column}");
    }
    let mut listed = Listed::default();
    rig.service.list("events", &columns, &mut listed).await.expect("listed");
    assert_eq!(listed.0, [(key.clone(), there)]);
    assert_eq!(rig.service.count("events").await.expect("a count"), Some(1));
    let title = fields(&[("title", Some("Big circle"))]);
    assert_eq!(done(rig.service.update("events", &key, &title).await.expect("an outcome")), key);
    let record = rig.standin.running.record(Records::Events, &key).expect("it is there");
    assert_eq!(record["title"], "Big circle");
    assert_eq!(record["createdAt"], "2026-03-01T12:00:00.000Z", "no input takes another one");
    let moved = fields(&[("space_id", Some("elsewhere"))]);
    assert!(matches!(rig.service.update("events", &key, &moved).await, Ok(Made::Refused(_))));
    assert_eq!(rig.service.delete("events", &key).await.expect("gone"), Deleted::Done);
    assert_eq!(rig.service.read("events", &[key], &columns).await.expect("read"), [None]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_whose_answer_was_lost_is_found_by_title_and_time() {
    let rig = rig().await;
    let circle = event(&rig.space, &rig.ada, "Circle");
    assert_eq!(rig.find(&circle, start()).await, None);
    for kind in [FaultKind::DroppedAfter, FaultKind::BrokenAfter, FaultKind::TruncatedAfter] {
        rig.standin.arm(kind, "createEvent");
        let made = rig.service.create("events", &circle, "mark").await.expect("an outcome");
        assert!(matches!(made, Made::Unknown(_)), "{kind:?}: {made:?}");
        let found = rig.find(&circle, start()).await.expect("it is there");
        for (what, other) in [
            ("title", event(&rig.space, &rig.ada, "Square")),
            ("time", {
                let mut other = circle.clone();
                other.insert("start_time".into(), Some("2024-04-01 15:00:00+00".into()));
                other
            }),
            ("space", event("elsewhere", &rig.ada, "Circle")),
        ] {
            assert_eq!(rig.find(&other, start()).await, None, "{kind:?}: another {what}");
        }
        let later = start() + SignedDuration::from_mins(6);
        assert_eq!(rig.find(&circle, later).await, None, "it was there before");
        assert_eq!(rig.service.delete("events", &found).await.expect("gone"), Deleted::Done);
    }
    // Two that are alike are for a person to decide.
    for _ in 0..2 {
        done(rig.service.create("events", &circle, "mark").await.expect("an outcome"));
    }
    let lost = Lost { fields: Some(&circle), mark: "mark", since: start() };
    assert!(rig.service.find("events", &lost).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_cannot_be_is_a_reject_that_names_its_column() {
    let rig = rig().await;
    for (column, value, at) in [
        ("title", None, "title"),
        ("end_time", Some("infinity"), "end_time"),
        ("capacity", Some("many"), "capacity"),
        ("time_zone", Some("Nowhere"), ""),
        ("end_time", Some("2024-04-01 15:00:00+00"), ""),
        ("host_ids", Some("{nobody}"), ""),
    ] {
        let mut circle = event(&rig.space, &rig.ada, "Circle");
        circle.insert(column.into(), value.map(str::to_owned));
        match rig.service.create("events", &circle, "mark").await.expect("an outcome") {
            Made::Refused(Refusal { column: found, .. }) => assert_eq!(found, at, "{column} {value:?}"),
            other => panic!("{column} {value:?}: {other:?}"),
        }
    }
    assert!(rig.standin.all(Records::Events).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_build_on_is_told() {
    let rig = rig().await;
    let people = rig.standin.running.people();
    let key =
        done(rig.service.create("events", &event(&rig.space, &rig.ada, "Circle"), "m").await.expect("made"));
    assert_eq!(rig.built_on("events", &key).await, []);
    people.register(&rig.ada, &key).expect("she comes");
    assert_eq!(rig.built_on("events", &key).await.len(), 1);
    rig.standin.client.acting_as(&rig.ada).cancel_registration(&key).await.expect("cancelled");
    assert_eq!(rig.built_on("events", &key).await, []);

    assert_eq!(rig.built_on("members", &rig.ada).await, []);
    let post = people.post(&rig.ada, &rig.space, "Hello", "<p>World</p>").expect("a post");
    let reply = people.reply(&rig.ada, &post, "<p>Me, too</p>").expect("a reply");
    let thing = |table: &str, key: &String| Thing { table: table.into(), key: key.clone() };
    let mut things = rig.built_on("members", &rig.ada).await;
    things.sort();
    assert_eq!(things, [thing("comments", &reply), thing("posts", &post)]);
    assert_eq!(rig.built_on("posts", &post).await, [thing("comments", &reply)]);
    people.delete_post(&reply).expect("deleted");
    people.delete_post(&post).expect("deleted");
    assert_eq!(rig.built_on("members", &rig.ada).await, [], "what is gone holds nobody");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_a_member_wrote_is_told_beyond_the_first_page() {
    let rig = rig().await;
    for n in 0..130 {
        let people = rig.standin.running.people();
        people.post(&rig.ada, &rig.space, &format!("Post {n}"), "<p>x</p>").expect("a post");
    }
    assert_eq!(rig.built_on("members", &rig.ada).await.len(), 130);
}

#[tokio::test]
async fn every_kind_says_how_many_mails_it_would_send() {
    let rig = rig().await;
    for (table, mails) in [
        ("members", Some(0)),
        ("collections", Some(0)),
        ("spaces", Some(0)),
        ("posts", None),
        ("comments", None),
        ("events", None),
    ] {
        assert_eq!(rig.service.mails(table, 3), mails, "{table}");
    }
}
