//! Collections: each event and activity once, newest first. The same tests run over the double, over PoloDB
//! and over a real MongoDB (docs/mongodb-tests.md).

use crate::bed::at;
use base::Secret;
use bridge::action::Activity;
use bridge::event::{Event, Told};
use bridge::ports::Collections;
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::sync::Arc;
use stores::MongoCollections;
use testkit::mongo::Server;

pub fn event(id: &str, occurred: Timestamp) -> Event {
    Event {
        sender: "bettermode".into(),
        id: id.into(),
        kind: "member.updated".into(),
        subject: "member:mem1".into(),
        occurred,
        told: Told::from([("member_id".into(), "mem1".into())]),
        body: json!({ "data": { "object": { "$id": "mem1", "a.b": [1, 0.5, null, true] } } }),
    }
}

pub fn activity(id: &str, member: &str, timestamp: Timestamp) -> Activity {
    Activity {
        id: id.into(),
        member_id: member.into(),
        activity_type: "post.published".into(),
        timestamp,
        data: Told::from([("post_id".into(), "p1".into()), ("text".into(), String::new())]),
    }
}

/// The store over the server of this test; both must live until its end.
struct Bed {
    server: Server,
    store: Arc<MongoCollections>,
}

impl Bed {
    fn new() -> Self {
        let server = Server::start().unwrap();
        let time = Arc::new(stores::SystemTime::new());
        let store = MongoCollections::open(&Secret::new(server.url()), time, stores::said::nobody()).unwrap();
        Self { server, store: Arc::new(store) }
    }

    async fn end(self) {
        if self.server.outlives() {
            let client = mongodb::Client::with_uri_str(self.server.url()).await.unwrap();
            client.default_database().unwrap().drop().await.unwrap();
        }
    }
}

#[tokio::test]
async fn an_event_is_kept_once_however_often_it_is_told() {
    let bed = Bed::new();
    bed.store.check().await.unwrap();
    assert_eq!(bed.store.counts().await.unwrap(), (0, 0));
    for _ in 0..2 {
        bed.store.event(&event("e1", at(1))).await.unwrap();
    }
    let mut elsewhere = event("e1", at(2));
    elsewhere.sender = "circle".into();
    bed.store.event(&elsewhere).await.unwrap();
    assert_eq!(bed.store.counts().await.unwrap(), (2, 0));
    bed.end().await;
}

#[tokio::test]
async fn an_event_shows_its_type_moment_and_data() {
    let bed = Bed::new();
    let told = event("e1", "2026-11-21T10:00:00.123456Z".parse().unwrap());
    bed.store.event(&told).await.unwrap();
    let kept = bed.store.events(10).await.unwrap();
    let expected = json!({
        "_id": "bettermode/e1",
        "event_type": "member.updated",
        "timestamp": "2026-11-21T10:00:00.123Z",
        "data": { "member_id": "mem1" },
        "sender": "bettermode",
        "event_id": "e1",
        "subject": "member:mem1",
        "occurred": "2026-11-21T10:00:00.123456Z",
        "body": told.body,
    });
    assert_eq!(kept, [expected]);
    bed.end().await;
}

#[tokio::test]
async fn lists_are_newest_first_and_no_longer_than_wanted() {
    let bed = Bed::new();
    for n in [3, 1, 2] {
        bed.store.event(&event(&format!("e{n}"), at(n))).await.unwrap();
    }
    let ids = async |limit| {
        let events = bed.store.events(limit).await.unwrap();
        events.iter().map(|event| event["event_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids(10).await, ["e3", "e2", "e1"]);
    assert_eq!(ids(2).await, ["e3", "e2"]);
    assert!(ids(0).await.is_empty());
    bed.end().await;
}

#[tokio::test]
async fn activities_come_back_as_they_were_of_one_member_newest_first() {
    let bed = Bed::new();
    let finer = at(2) + SignedDuration::from_nanos(1_234);
    let all = [activity("a1", "m1", at(1)), activity("a2", "m2", at(3)), activity("a3", "m1", finer)];
    for one in all.iter().chain(&all) {
        bed.store.activity(one).await.unwrap();
    }
    let [first, second, third] = all;
    assert_eq!(bed.store.activities("m1", 10).await.unwrap(), [third.clone(), first]);
    assert_eq!(bed.store.activities("m1", 1).await.unwrap(), [third]);
    assert_eq!(bed.store.activities("m2", 10).await.unwrap(), [second]);
    assert!(bed.store.activities("nobody", 10).await.unwrap().is_empty());
    assert_eq!(bed.store.counts().await.unwrap(), (0, 3));
    bed.end().await;
}

#[tokio::test]
async fn the_same_activity_told_by_many_at_once_is_kept_once() {
    let bed = Bed::new();
    let one = activity("a1", "m1", at(1));
    let told = (0..8).map(|_| bed.store.activity(&one));
    assert!(join_all(told).await.iter().all(Result::is_ok));
    assert_eq!(bed.store.counts().await.unwrap(), (0, 1));
    bed.end().await;
}

#[tokio::test]
async fn a_list_longer_than_one_batch_is_whole() {
    let bed = Bed::new();
    for n in 0..230 {
        bed.store.activity(&activity(&format!("a{n:03}"), "m1", at(n))).await.unwrap();
    }
    let found = bed.store.activities("m1", 220).await.unwrap();
    let expected: Vec<_> = (10..230).rev().map(|n| format!("a{n:03}")).collect();
    assert_eq!(found.into_iter().map(|one| one.id).collect::<Vec<_>>(), expected);
    bed.end().await;
}
