//! Several servers on one database.

use super::{HOUR, at, bed, done, event, one_each, row, store};
use bridge::action::{Ending, Planned};
use bridge::event::Event;
use bridge::{Inbox, Outbox};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

const EVENTS: usize = 1_200;
const RECORDS: usize = 40;

/// What workers did: the lanes that are under way, and the actions of each in the order of their beginning.
#[derive(Default)]
struct Diary {
    under_way: BTreeSet<String>,
    begun: BTreeMap<String, Vec<i64>>,
}

/// An action in the lane of the record, and one that waits for nobody.
fn decide(event: &Event, newest: Option<Timestamp>, now: Timestamp) -> Vec<Planned> {
    let mut two = one_each(event, newest, now);
    two.push(super::planned("", 1, now));
    two
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_servers_do_every_action_once_and_each_lane_in_order() {
    let bed = bed().await;
    let servers = [Arc::new(store(&bed.db.url)), Arc::new(store(&bed.db.url))];
    let diary = Arc::new(Mutex::new(Diary::default()));
    let ended = Arc::new(AtomicUsize::new(0));
    let mut tasks = Vec::new();
    for (n, server) in servers.iter().enumerate() {
        let store = Arc::clone(server);
        tasks.push(tokio::spawn(async move {
            for part in 0..EVENTS / 20 {
                let numbers = (part * 10..part * 10 + 10).map(|i| n * EVENTS / 2 + i);
                let events: Vec<Event> = numbers
                    .map(|i| event(&format!("e{i}"), &format!("m{}", i % RECORDS), i as i64))
                    .collect();
                store.keep(&events).await.unwrap();
            }
        }));
        let (store, over) = (Arc::clone(server), Arc::clone(&ended));
        tasks.push(tokio::spawn(async move {
            while over.load(Ordering::SeqCst) < 2 * EVENTS {
                if store.judge(17, &decide).await.unwrap() == 0 {
                    tokio::task::yield_now().await;
                }
            }
        }));
        for _ in 0..2 {
            let (store, over, diary) = (Arc::clone(server), Arc::clone(&ended), Arc::clone(&diary));
            tasks.push(tokio::spawn(async move {
                while over.load(Ordering::SeqCst) < 2 * EVENTS {
                    let actions = store.claim(8, HOUR).await.unwrap();
                    if actions.is_empty() {
                        tokio::task::yield_now().await;
                    }
                    for action in &actions {
                        let mut diary = diary.lock().unwrap();
                        let alone = action.lane.is_empty() || diary.under_way.insert(action.lane.clone());
                        assert!(alone, "two of lane {} at once", action.lane);
                        diary.begun.entry(action.lane.clone()).or_default().push(action.id);
                    }
                    for action in &actions {
                        diary.lock().unwrap().under_way.remove(&action.lane);
                        assert!(store.finish(action, &Ending::done("x"), at(0)).await.unwrap());
                        over.fetch_add(1, Ordering::SeqCst);
                    }
                }
            }));
        }
    }
    for task in tasks {
        task.await.unwrap();
    }
    let diary = diary.lock().unwrap();
    assert_eq!(diary.begun.len(), RECORDS + 1);
    let all: BTreeSet<i64> = diary.begun.values().flatten().copied().collect();
    assert_eq!((all.len(), diary.begun.values().map(Vec::len).sum()), (2 * EVENTS, 2 * EVENTS), "each once");
    for (lane, begun) in diary.begun.iter().filter(|(lane, _)| !lane.is_empty()) {
        assert!(begun.is_sorted(), "lane {lane}: {begun:?}");
    }
    // Within a lane, actions are numbered as the events came that one keeper kept one group after another.
    let disorder = format!(
        "SELECT count(*) FROM (SELECT e.number, lag(e.number) OVER ( \
             PARTITION BY a.lane, substr(e.id, 2)::int < {} ORDER BY a.id) AS before \
         FROM landfall.actions AS a JOIN landfall.events AS e ON e.number = a.event WHERE a.lane <> '') AS x \
         WHERE before > number",
        EVENTS / 2
    );
    assert_eq!(bed.ask(&disorder).await, "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replayed_letter_waits_for_its_lane_mate_also_at_another_server() {
    let bed = bed().await;
    let dead = bed.claimed(&[event("a", "m1", 1), event("b", "m1", 2)]).await;
    assert!(bed.store.finish(&dead[0], &super::never(), at(0)).await.unwrap());
    let running = bed.store.claim(9, HOUR).await.unwrap();
    assert_eq!(bed.store.replay(None).await.unwrap(), 1);
    let other = store(&bed.db.url);
    assert!(other.claim(9, HOUR).await.unwrap().is_empty());
    assert!(bed.store.finish(&running[0], &done(vec![]), at(0)).await.unwrap());
    assert_eq!(other.claim(9, HOUR).await.unwrap()[0].event.id, "a");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_that_wait_in_one_lane_are_looked_at_once_and_come_one_by_one() {
    const IN_LANE: i64 = 400;
    let bed = bed().await;
    let events: Vec<Event> = (0..IN_LANE).map(|n| event(&format!("e{n}"), "m1", n)).collect();
    let mut claimed = bed.claimed(&events).await;
    let waiting = "SELECT count(*) FROM landfall.actions WHERE waits_for IS NOT NULL";
    assert_eq!(bed.ask(waiting).await, (IN_LANE - 1).to_string());
    let free = "SELECT count(*) FROM landfall.actions WHERE waits_for IS NULL AND state = 'pending'";
    for n in 0..IN_LANE {
        let [action] = claimed.as_slice() else { panic!("{} at once", claimed.len()) };
        assert_eq!(action.event.id, format!("e{n}"));
        // Some fail, some are tried again at once.
        let later = Ending::Later { fault: base::Fault::retry("busy"), wait: None };
        let ending = match (n % 3, action.attempts) {
            (0, 0) => later,
            (1, _) => super::never(),
            _ => done(vec![]),
        };
        assert!(bed.store.finish(action, &ending, at(0)).await.unwrap());
        assert!(matches!(bed.ask(free).await.as_str(), "0" | "1" | "2"));
        claimed = bed.store.claim(9, HOUR).await.unwrap();
        if n % 3 == 0 {
            assert!(bed.store.finish(&claimed[0], &done(vec![]), at(0)).await.unwrap());
            claimed = bed.store.claim(9, HOUR).await.unwrap();
        }
    }
    assert!(claimed.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_event_that_is_done_later_changes_no_row() {
    let bed = bed().await;
    let actions = bed.claimed(&[event("new", "", 9), event("old", "", 5), event("newer", "", 10)]).await;
    for action in &actions {
        let ending = done(vec![row("members", "m1", "name", Some(&action.event.id))]);
        assert!(bed.store.finish(action, &ending, at(0)).await.unwrap());
        let name = bed.ask("SELECT name FROM members").await;
        assert_eq!(name, if action.event.id == "newer" { "newer" } else { "new" });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_start_at_once_make_the_tables_once() {
    let db = testkit::database().await;
    let servers: Vec<_> = (0..4).map(|_| store(&db.url)).collect();
    let made = futures::future::join_all(servers.iter().map(|server| async {
        server.prepare().await?;
        server.prepare_collections().await
    }));
    made.await.into_iter().for_each(|made| made.unwrap());
    servers[0].prepare().await.unwrap();
    db.client.batch_execute("UPDATE landfall.bridge_meta SET version = 2").await.unwrap();
    let fault = servers[0].prepare().await.unwrap_err();
    assert!(fault.what.contains("version 2"), "{fault}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_may_not_make_the_tables_is_told_who_may() {
    let db = testkit::database().await;
    db.client.batch_execute("CREATE ROLE serves LOGIN").await.ok();
    let fault = store(&db.url.replace("postgres@", "serves@")).prepare().await.unwrap_err();
    assert_eq!(fault.class, base::Class::Usage);
    assert!(fault.hints.iter().any(|hint| hint.contains("ledger-sql")), "{fault:?}");
}
