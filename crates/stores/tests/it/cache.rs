//! Members: never older than the newest that is known, whoever keeps them.

use crate::bed::{Hand, all, at, member, open, until};
use bridge::ports::{Cache, Member};
use std::sync::Arc;
use std::time::Duration;
use stores::memory::Bounds;
use stores::{MemoryCache, RedisCache, Time};

enum Step {
    /// A name as of a moment, and whether it is kept.
    Put(&'static str, i64, bool),
    Drop(i64),
    Get(Option<&'static str>),
}
use Step::{Drop, Get, Put};

/// What each case would break when it fails, and its steps.
fn cases() -> Vec<(&'static str, Vec<Step>)> {
    vec![
        ("nothing is there at first", vec![Get(None)]),
        ("a member is found", vec![Put("a", 1, true), Get(Some("a"))]),
        ("a newer one replaces", vec![Put("a", 1, true), Put("b", 2, true), Get(Some("b"))]),
        ("an older one does not", vec![Put("b", 2, true), Put("a", 1, false), Get(Some("b"))]),
        ("the same moment again", vec![Put("a", 1, true), Put("a2", 1, true), Get(Some("a2"))]),
        ("a drop takes it away", vec![Put("a", 1, true), Drop(2), Get(None)]),
        ("a drop without a member", vec![Drop(2), Get(None), Put("a", 3, true), Get(Some("a"))]),
        ("older than a drop", vec![Put("b", 2, true), Drop(3), Put("a", 1, false), Get(None)]),
        ("between member and drop", vec![Put("a", 1, true), Drop(3), Put("b", 2, false), Get(None)]),
        ("at the drop's moment", vec![Put("a", 1, true), Drop(2), Put("b", 2, false), Get(None)]),
        ("newer than a drop", vec![Drop(2), Put("c", 3, true), Get(Some("c"))]),
        ("an older drop", vec![Put("b", 2, true), Drop(1), Get(Some("b")), Put("a", 1, false)]),
        ("a drop at the member's moment", vec![Put("a", 1, true), Drop(1), Get(None)]),
        ("drops out of order", vec![Drop(3), Drop(1), Put("b", 2, false), Put("d", 4, true), Get(Some("d"))]),
        (
            "before 1970",
            vec![Put("b", -1_900_000_000, true), Put("a", -1_900_000_001, false), Get(Some("b"))],
        ),
    ]
}

#[tokio::test]
async fn nothing_older_than_the_newest_is_ever_served() {
    let server = testkit::Redis::start().unwrap();
    for store in all(&server.url()) {
        for (number, (case, steps)) in cases().into_iter().enumerate() {
            let id = format!("{}-{number}", store.name);
            for (step, what) in steps.into_iter().enumerate() {
                let place = format!("{}: {case}, step {step}", store.name);
                match what {
                    Put(name, n, kept) => {
                        assert_eq!(
                            store.cache.put(&member(&id, name), at(n)).await.unwrap(),
                            kept,
                            "{place}"
                        );
                    }
                    Drop(n) => store.cache.as_ref().drop(&id, at(n)).await.unwrap(),
                    Get(name) => {
                        let expected = name.map(|name| member(&id, name));
                        assert_eq!(store.cache.get(&id).await.unwrap(), expected, "{place}");
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn what_is_too_large_is_not_kept_and_hides_what_was_there() {
    let server = testkit::Redis::start().unwrap();
    let large = "x".repeat(stores::member::MEMBER_BYTES_MAX);
    let long = "i".repeat(stores::member::ID_BYTES_MAX + 1);
    for store in all(&server.url()) {
        let (name, cache) = (store.name, store.cache);
        assert!(cache.put(&member(name, "small"), at(1)).await.unwrap(), "{name}");
        assert!(!cache.put(&member(name, &large), at(2)).await.unwrap(), "{name}");
        assert_eq!(cache.get(name).await.unwrap(), None, "{name}");
        for id in ["", &long] {
            assert!(!cache.put(&member(id, "a"), at(1)).await.unwrap(), "{name}");
            cache.as_ref().drop(id, at(2)).await.unwrap();
            assert_eq!(cache.get(id).await.unwrap(), None, "{name}");
        }
    }
}

#[tokio::test]
async fn every_field_of_a_member_comes_back() {
    let server = testkit::Redis::start().unwrap();
    for store in all(&server.url()) {
        let whole = Member {
            id: format!("{} \u{0}:é\n", store.name),
            email: Some("a@b.example".into()),
            name: Some(String::new()),
            username: Some("\"quoted\" \\".into()),
            status: Some("VERIFIED".into()),
            updated_at: Some("2026-11-21T10:00:00.123456789Z".parse().unwrap()),
        };
        assert!(store.cache.put(&whole, at(1)).await.unwrap());
        assert_eq!(store.cache.get(&whole.id).await.unwrap(), Some(whole), "{}", store.name);
    }
}

/// The time is over; what was newest is known all the same.
async fn after_its_time(cache: &dyn Cache) {
    assert_eq!(cache.get("m").await.unwrap(), None);
    assert!(!cache.put(&member("m", "older"), at(1)).await.unwrap());
    assert_eq!(cache.get("m").await.unwrap(), None);
    cache.put(&member("m", "again"), at(2)).await.unwrap();
}

#[tokio::test]
async fn a_member_is_served_for_its_time_and_its_moment_outlives_it() {
    let hand = Arc::new(Hand::default());
    let fresh = Duration::from_secs(600);
    let memory = MemoryCache::new(Bounds { fresh, ..Bounds::default() }, hand.clone());
    memory.put(&member("m", "a"), at(2)).await.unwrap();
    hand.move_on(fresh - Duration::from_nanos(1));
    assert!(memory.get("m").await.unwrap().is_some());
    hand.move_on(Duration::from_nanos(1));
    after_its_time(&memory).await;
    assert!(memory.get("m").await.unwrap().is_some());

    let server = testkit::Redis::start().unwrap();
    let time: Arc<dyn Time> = Arc::new(stores::SystemTime::new());
    let redis = RedisCache::new(open(&server.url()), Duration::from_millis(40), time);
    redis.put(&member("m", "a"), at(2)).await.unwrap();
    until("the end of a member's time", async || redis.get("m").await.unwrap().is_none()).await;
    after_its_time(&redis).await;
}

#[tokio::test]
async fn redis_holds_the_members_json_under_its_key_with_a_time_to_live() {
    let server = testkit::Redis::start().unwrap();
    let fresh = Duration::from_secs(600);
    let cache = RedisCache::new(open(&server.url()), fresh, Arc::new(stores::SystemTime::new()));
    let whole = member("mem1", "Ann");
    cache.put(&whole, at(1)).await.unwrap();
    let answer = server.ask("GET bettermode:member:mem1").unwrap();
    let text = answer.split_once("\r\n").unwrap().1;
    assert_eq!(serde_json::from_str::<Member>(text).unwrap(), whole);
    let left: i64 =
        server.ask("PTTL bettermode:member:mem1").unwrap().trim_start_matches(':').parse().unwrap();
    assert!(0 < left && left <= 600_000, "{left}");
    for key in server.ask("KEYS *").unwrap().lines().filter(|line| line.starts_with("bettermode")) {
        assert!(server.ask(&format!("PTTL {key}")).unwrap() != ":-1", "{key} would stay for ever");
    }
    server.ask("SET bettermode:member:mem1 nonsense").unwrap();
    assert_eq!(cache.get("mem1").await.unwrap(), None);
}

#[tokio::test]
async fn a_full_cache_forgets_members_and_still_refuses_what_is_old() {
    let hand = Arc::new(Hand::default());
    let cache = MemoryCache::new(Bounds { members_max: 2, ..Bounds::default() }, hand.clone());
    for (n, id) in (1..).zip(["a", "b", "c"]) {
        assert!(cache.put(&member(id, id), at(n)).await.unwrap());
        hand.move_on(Duration::from_secs(1));
    }
    assert_eq!(cache.get("a").await.unwrap(), None);
    assert!(cache.get("c").await.unwrap().is_some());
    assert!(!cache.put(&member("a", "older"), at(0)).await.unwrap(), "a was forgotten as of 1");
    assert!(cache.put(&member("a", "newer"), at(2)).await.unwrap());
    assert_eq!(cache.get("b").await.unwrap(), None);
}
