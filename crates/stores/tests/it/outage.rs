//! Redis comes and goes; the process goes on, and nothing older than the newest is served.

use crate::bed::{Ear, at, member, nowhere, open, until, with_fallback};
use base::Secret;
use bridge::ports::{Allowed, Cache, Limits};
use jiff::SignedDuration;
use std::sync::Arc;
use std::time::Duration;
use stores::fallback::AWAY_SHARE;
use stores::memory::Bounds;
use stores::{Redis, RedisCache, RedisLimits, Said, WithFallback};
use testkit::Proxy;

const HOUR: SignedDuration = SignedDuration::from_hours(1);

async fn is_there(store: &WithFallback) -> bool {
    Cache::state(store).await.away.is_none()
}

async fn back(store: &WithFallback) {
    until("the return of Redis", async || is_there(store).await).await;
}

/// Another process at the same server.
fn other(url: &str) -> RedisCache {
    RedisCache::new(open(url), Duration::from_secs(600), Arc::new(stores::SystemTime::new()))
}

fn changes(ear: &Ear) -> Vec<&'static str> {
    let word = |said| match said {
        Said::Away { .. } => "away",
        Said::Back { .. } => "back",
        Said::Note { .. } => "note",
    };
    ear.heard().into_iter().map(word).collect()
}

#[tokio::test]
async fn a_killed_redis_is_done_without_and_comes_back_by_itself() {
    let (mut server, ear) = (testkit::Redis::start().unwrap(), Ear::default());
    let store = with_fallback(&server.url(), Bounds::default(), &ear);
    assert!(store.put(&member("m", "one"), at(1)).await.unwrap());
    assert!(is_there(&store).await);

    server.kill().unwrap();
    assert_eq!(store.get("m").await.unwrap(), None);
    let state = Cache::state(&store).await;
    assert_eq!(state.what, "redis");
    assert!(state.away.is_some_and(|why| !why.contains("127.0.0.1")));
    assert!(!store.put(&member("m", "zero"), at(0)).await.unwrap(), "older than what Redis had");
    assert!(store.put(&member("m", "two"), at(2)).await.unwrap());
    assert_eq!(store.get("m").await.unwrap(), Some(member("m", "two")));
    assert_eq!(changes(&ear), ["away"]);

    server.resume().unwrap();
    back(&store).await;
    assert_eq!(changes(&ear), ["away", "back"]);
    assert_eq!(other(&server.url()).get("m").await.unwrap(), Some(member("m", "two")));
    assert_eq!(store.get("m").await.unwrap(), Some(member("m", "two")));
    assert!(!store.put(&member("m", "one"), at(1)).await.unwrap());

    server.kill().unwrap();
    store.drop("m", at(3)).await.unwrap();
    server.resume().unwrap();
    back(&store).await;
    assert_eq!(store.get("m").await.unwrap(), None);
    assert!(!store.put(&member("m", "two"), at(2)).await.unwrap());
    assert_eq!(changes(&ear), ["away", "back", "away", "back"]);
}

#[tokio::test]
async fn what_redis_kept_through_a_cut_is_brought_up_to_date_before_it_is_served() {
    let server = testkit::Redis::start().unwrap();
    let proxy = Proxy::start(([127, 0, 0, 1], server.port()).into()).unwrap();
    let store = with_fallback(&proxy.url(&server.url()), Bounds::default(), &Ear::default());
    let other = other(&server.url());
    for id in ["changed", "dropped", "newer elsewhere", "untouched"] {
        store.put(&member(id, "one"), at(1)).await.unwrap();
    }

    proxy.refuse(true);
    proxy.cut();
    store.put(&member("changed", "two"), at(2)).await.unwrap();
    store.drop("dropped", at(2)).await.unwrap();
    store.put(&member("newer elsewhere", "two"), at(2)).await.unwrap();
    other.put(&member("newer elsewhere", "three"), at(3)).await.unwrap();
    assert_eq!(store.get("changed").await.unwrap(), Some(member("changed", "two")));
    assert_eq!(store.get("untouched").await.unwrap(), None, "another process may have changed it");

    proxy.refuse(false);
    proxy.heal();
    back(&store).await;
    for (id, name) in [
        ("changed", Some("two")),
        ("dropped", None),
        ("newer elsewhere", Some("three")),
        ("untouched", Some("one")),
    ] {
        let expected = name.map(|name| member(id, name));
        assert_eq!(store.get(id).await.unwrap(), expected, "{id}");
        assert_eq!(other.get(id).await.unwrap(), expected, "{id}");
    }
}

#[tokio::test]
async fn more_changes_than_are_remembered_empty_redis_instead() {
    let server = testkit::Redis::start().unwrap();
    let proxy = Proxy::start(([127, 0, 0, 1], server.port()).into()).unwrap();
    let bounds = Bounds { members_max: 10, ..Bounds::default() };
    let store = with_fallback(&proxy.url(&server.url()), bounds, &Ear::default());
    store.put(&member("first", "one"), at(1)).await.unwrap();

    proxy.refuse(true);
    proxy.cut();
    store.put(&member("first", "two"), at(2)).await.unwrap();
    for n in 0..1_000 {
        store.put(&member(&format!("m{n}"), "x"), at(3)).await.unwrap();
    }
    proxy.refuse(false);
    proxy.heal();
    back(&store).await;
    assert_eq!(store.get("first").await.unwrap(), None, "it was changed while away, and nobody knows how");
    assert_eq!(server.ask("EXISTS bettermode:member:first").unwrap(), ":0");
}

#[tokio::test]
async fn a_redis_that_hangs_holds_nobody_up() {
    let (server, ear) = (testkit::Redis::start().unwrap(), Ear::default());
    let store = with_fallback(&server.url(), Bounds::default(), &ear);
    store.put(&member("m", "one"), at(1)).await.unwrap();
    server.hold(true).unwrap();
    assert!(store.put(&member("m", "two"), at(2)).await.unwrap());
    assert_eq!(store.get("m").await.unwrap(), Some(member("m", "two")));
    assert!(!is_there(&store).await);
    server.hold(false).unwrap();
    back(&store).await;
    assert_eq!(store.get("m").await.unwrap(), Some(member("m", "two")));
    assert_eq!(changes(&ear), ["away", "back"]);
}

#[tokio::test]
async fn a_redis_that_never_was_there_is_said_once() {
    let ear = Ear::default();
    let store = with_fallback(&nowhere(), Bounds::default(), &ear);
    for n in 0..20 {
        assert!(store.put(&member("m", "x"), at(n)).await.unwrap());
        assert!(store.get("m").await.unwrap().is_some());
    }
    assert!(!is_there(&store).await);
    assert_eq!(changes(&ear), ["away"]);
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_without_being_repeated() {
    for url in ["", "redis", "http://secret@host/", "redis://host:port:secret/"] {
        let fault = Redis::open(&Secret::new(url)).err().unwrap();
        assert_eq!(fault.class, base::Class::Usage, "{url}");
        assert!(!format!("{fault:?}").contains("secret"), "{fault:?}");
    }
}

/// After each put that has returned, what is served is that one, a later one, or nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_served_never_goes_back_while_redis_comes_and_goes() {
    let mut server = testkit::Redis::start().unwrap();
    let store = with_fallback(&server.url(), Bounds::default(), &Ear::default());
    for round in 0..4 {
        let writer = tokio::spawn({
            let store = store.clone();
            async move {
                for n in 0..400_i64 {
                    let version = round * 400 + n;
                    store.put(&member("m", &version.to_string()), at(version)).await.unwrap();
                    if let Some(found) = store.get("m").await.unwrap() {
                        let found: i64 = found.name.unwrap().parse().unwrap();
                        assert!(found >= version, "{found} was served after {version} was told");
                    }
                    tokio::time::sleep(Duration::from_micros(200)).await;
                }
            }
        });
        server.kill().unwrap();
        server.resume().unwrap();
        writer.await.unwrap();
        back(&store).await;
        let last = (round * 400 + 399).to_string();
        assert_eq!(other(&server.url()).get("m").await.unwrap(), Some(member("m", &last)));
    }
}

#[tokio::test]
async fn a_budget_stays_what_it_is_through_an_outage() {
    let mut server = testkit::Redis::start().unwrap();
    let store = with_fallback(&server.url(), Bounds::default(), &Ear::default());
    let allowed = Allowed { amount: 10, window: HOUR };
    let take = async || store.take("members", 1, allowed).await.unwrap().is_none();
    for _ in 0..4 {
        assert!(take().await);
    }
    server.kill().unwrap();
    let part = 10 / AWAY_SHARE;
    for _ in 4..part {
        assert!(take().await, "its part of the budget is free");
    }
    assert!(!take().await, "what was taken before counts, and others have their part");

    server.resume().unwrap();
    back(&store).await;
    let other = RedisLimits::new(open(&server.url()));
    for n in part..10 {
        assert_eq!(other.take("members", 1, allowed).await.unwrap(), None, "{n}");
    }
    assert!(other.take("members", 1, allowed).await.unwrap().is_some(), "it was charged on return");
    assert!(!take().await);
}

#[tokio::test]
async fn a_redis_that_lost_its_moments_is_not_told_something_older() {
    let server = testkit::Redis::start().unwrap();
    let store = with_fallback(&server.url(), Bounds::default(), &Ear::default());
    store.put(&member("m", "two"), at(2)).await.unwrap();
    server.ask("FLUSHALL").unwrap();
    assert!(!store.put(&member("m", "one"), at(1)).await.unwrap());
    assert_eq!(store.get("m").await.unwrap(), None);
    assert!(store.put(&member("m", "two"), at(2)).await.unwrap());
    assert_eq!(store.get("m").await.unwrap(), Some(member("m", "two")));
}

#[tokio::test]
async fn a_process_keeps_its_budget_when_redis_loses_its_counters() {
    let server = testkit::Redis::start().unwrap();
    let store = with_fallback(&server.url(), Bounds::default(), &Ear::default());
    let allowed = Allowed { amount: 3, window: HOUR };
    let take = async || store.take("members", 1, allowed).await.unwrap().is_none();
    assert!(take().await && take().await);
    server.ask("FLUSHALL").unwrap();
    assert!(take().await);
    assert!(!take().await);
}
