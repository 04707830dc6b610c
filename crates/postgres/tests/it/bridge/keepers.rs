//! Keeping events: many at once, too big ones, lost connections.

use super::{at, bed, event, one_each, store};
use base::Class;
use bridge::event::{Event, ID_BYTES_MAX};
use bridge::ports::Collections;
use bridge::store::Kept;
use bridge::{Inbox, Outbox};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;
use testkit::faults::{Direction, Fault};

/// Events of these numbers.
fn group(numbers: impl Iterator<Item = usize>) -> Vec<Event> {
    numbers
        .map(|n| Event { body: json!({"text": "x".repeat(500)}), ..event(&format!("e{n}"), "", 1) })
        .collect()
}

fn news(kept: &[Kept]) -> usize {
    kept.iter().filter(|kept| **kept == Kept::New).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn keepers_at_once_keep_each_event_once_and_do_not_wait_in_a_circle() {
    let bed = bed().await;
    let stores = [Arc::new(store(&bed.db.url)), Arc::new(store(&bed.db.url))];
    let tasks = (0..12).map(|task| {
        let store = Arc::clone(&stores[task % 2]);
        tokio::spawn(async move {
            let mut new = 0;
            for round in 0..10 {
                // The same events for all, each time begun elsewhere and every other time backwards.
                let mut events = group((0..60).map(|n| round * 60 + (n + task * 7) % 60));
                if task % 2 == 1 {
                    events.reverse();
                }
                new += news(&store.keep(&events).await.unwrap());
            }
            new
        })
    });
    let mut new = 0;
    for task in tasks.collect::<Vec<_>>() {
        new += task.await.unwrap();
    }
    assert_eq!(new, 600);
    assert_eq!(bed.ask("SELECT count(*) FROM landfall.events").await, "600");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_whose_connection_breaks_is_kept_as_a_whole_or_not_at_all() {
    let bed = bed().await;
    let (proxy, store) = bed.behind_proxy();
    // Several statements: one takes a thousand.
    let (small, big) = (10, 2_500);
    let mut first = 0;
    for (direction, bytes, size) in [
        (Direction::Up, 0, small),
        (Direction::Up, 300, small),
        (Direction::Up, 3_000, small),
        (Direction::Down, 0, small),
        (Direction::Down, 100, small),
        (Direction::Up, 700_000, big),
        (Direction::Up, 1_300_000, big),
        (Direction::Down, 60_000, big),
    ] {
        let events = group(first..first + size);
        first += size;
        // A session that is there already, so that the login is not what breaks.
        store.keep(&[]).await.unwrap();
        store.keep(&group(0..1)).await.unwrap();
        let count =
            || async { bed.ask("SELECT count(*) FROM landfall.events").await.parse::<usize>().unwrap() };
        let before = count().await;
        proxy.after(direction, bytes, Fault::Cut);
        let fault = store.keep(&events).await.expect_err("the connection broke");
        assert_eq!(fault.class, Class::Retry, "{fault}");
        proxy.heal();
        let again = store.keep(&events).await.unwrap();
        let after = count().await;
        assert_eq!(after, before.max(1) + size - usize::from(first == size), "{direction:?} {bytes}");
        assert!(
            [0, size, size - usize::from(first == size)].contains(&news(&again)),
            "{direction:?} {bytes}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_may_go_and_come_back_while_we_run() {
    let bed = bed().await;
    let (proxy, store) = bed.behind_proxy();
    store.keep(&group(0..5)).await.unwrap();
    assert_eq!(store.state().await.away, None);
    let there = store.state().await.since;
    proxy.refuse(true);
    proxy.cut();
    for _ in 0..3 {
        let fault = store.keep(&group(5..6)).await.expect_err("the database is away");
        assert_eq!(fault.class, Class::Retry, "{fault}");
    }
    let (away, still) = (store.state().await, store.state().await);
    assert!(away.away.is_some() && away.since >= there);
    assert_eq!(still.since, away.since, "it is away since it was seen to be");
    assert_eq!(Outbox::replay(&store, None).await.unwrap_err().class, Class::Retry);
    proxy.heal();
    assert_eq!(store.keep(&group(4..7)).await.unwrap(), [Kept::Known, Kept::New, Kept::New]);
    assert_eq!(store.state().await.away, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_postgresql_does_not_hold_comes_back_as_it_was() {
    let bed = bed().await;
    let odd = ["\0", "a\0b", "␛", "␛0", "\u{10FFFF}", "\u{FEFF}", "\\u0000", "\\ud800", "'; --", "\r\n"];
    let mut events: Vec<Event> = Vec::new();
    for text in odd {
        let mut event = event(&format!("id{text}"), &format!("member:{text}"), 1);
        event.kind = format!("kind{text}");
        event.told.insert(text.into(), text.into());
        event.body = json!({text: [text, {"deep": text}], "n": [1.0, -0.5, 1e300, u64::MAX, i64::MIN, null]});
        events.push(event);
    }
    assert_eq!(news(&bed.store.keep(&events).await.unwrap()), odd.len());
    assert_eq!(news(&bed.store.keep(&events).await.unwrap()), 0, "the same ids again");
    while bed.store.judge(3, &one_each).await.unwrap() > 0 {}
    let actions = bed.store.claim(100, super::HOUR).await.unwrap();
    let found: Vec<Event> = actions.iter().map(|action| action.event.clone()).collect();
    assert_eq!(found, events);
    assert!(actions.iter().all(|action| action.lane == action.event.subject));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_no_index_holds_is_refused_before_anything_is_asked() {
    let bed = bed().await;
    let longest = event(&"é".repeat(ID_BYTES_MAX / 2), &"s".repeat(ID_BYTES_MAX), 1);
    assert_eq!(bed.store.keep(&[longest]).await.unwrap(), [Kept::New]);
    let huge = event(&"x".repeat(3_000), "", 1);
    let fault = bed.store.keep(&[event("good", "", 1), huge]).await.unwrap_err();
    assert_eq!(fault.class, Class::Fail);
    assert_eq!(bed.ask("SELECT count(*) FROM landfall.events").await, "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_follow_the_order_within_a_group_and_from_call_to_call() {
    let bed = bed().await;
    for ids in [["d", "b", "z"], ["a", "c", "y"]] {
        bed.store.keep(&ids.map(|id| event(id, "", 1))).await.unwrap();
    }
    assert_eq!(bed.ask("SELECT id FROM landfall.events ORDER BY number").await, "d b z a c y");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_is_taken_judged_and_handed_out_completely() {
    const EVENTS: usize = 20_000;
    let bed = bed().await;
    let shared = Arc::new(store(&bed.db.url));
    let tasks: Vec<_> = (0..4)
        .map(|task| {
            let store = Arc::clone(&shared);
            tokio::spawn(async move {
                for part in 0..10 {
                    let first = (task * 10 + part) * EVENTS / 40;
                    let kept = store.keep(&group(first..first + EVENTS / 40)).await.unwrap();
                    assert_eq!(news(&kept), EVENTS / 40);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    while shared.judge(usize::MAX, &one_each).await.unwrap() > 0 {}
    let mut seen = BTreeSet::new();
    loop {
        let actions = shared.claim(usize::MAX, super::HOUR).await.unwrap();
        assert!(actions.len() <= 1_000, "what is handed out at once is bounded");
        if actions.is_empty() {
            break;
        }
        assert!(actions.iter().all(|action| seen.insert(action.event.id.clone())));
    }
    assert_eq!(seen.len(), EVENTS);
    assert_eq!(shared.forget(at(i64::from(u32::MAX)), usize::MAX).await.unwrap(), 0, "nothing is done");
}
