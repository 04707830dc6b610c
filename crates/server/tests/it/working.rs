//! Actions: in order, again, never, and what was begun and not ended.

use crate::rig::setup;
use base::Fault;
use bridge::{Action, Ending, Outbox};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

fn copy() -> Value {
    json!([{ "do": "keep_copy" }])
}

#[tokio::test]
async fn actions_of_one_record_are_done_in_order_and_those_of_others_beside_them() {
    let done = Arc::new(Mutex::new(BTreeMap::<String, Vec<i64>>::new()));
    let (busy, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (seen, at_once, record) = (busy.clone(), most.clone(), done.clone());
    let rig = setup()
        .doing(move |action: Action| {
            let (busy, most, done) = (seen.clone(), at_once.clone(), record.clone());
            async move {
                most.fetch_max(busy.fetch_add(1, SeqCst) + 1, SeqCst);
                tokio::time::sleep(Duration::from_millis(1 + (action.id as u64 * 7) % 5)).await;
                done.lock().unwrap().entry(action.lane.clone()).or_default().push(action.id);
                busy.fetch_sub(1, SeqCst);
                Ending::done("done")
            }
        })
        .start()
        .await;
    for n in 0..60 {
        rig.want(&format!("e{n}"), &format!("member:{}", n % 5), &copy()).await;
    }
    rig.until_actions(0, 0, 60, 0).await;
    let done = done.lock().unwrap().clone();
    assert_eq!(done.len(), 5);
    for (lane, ids) in done {
        assert!(ids.is_sorted() && ids.len() == 12, "{lane}: {ids:?}");
    }
    let most = most.load(SeqCst);
    assert!((2..=5).contains(&most), "{most} at once");
}

#[tokio::test]
async fn what_fails_is_tried_again_and_then_a_dead_letter_that_can_be_replayed() {
    let works = Arc::new(AtomicUsize::new(0));
    let attempts = Arc::new(AtomicUsize::new(0));
    let (does, counted) = (works.clone(), attempts.clone());
    let mut setup = setup().doing(move |_| {
        let (works, attempts) = (does.clone(), counted.clone());
        async move {
            attempts.fetch_add(1, SeqCst);
            match works.load(SeqCst) {
                0 => Ending::Later { fault: Fault::retry("not yet"), wait: None },
                _ => Ending::done("done"),
            }
        }
    });
    setup.config.backoff.attempts_max = 4;
    let rig = setup.start().await;
    rig.want("e1", "s", &copy()).await;
    for attempt in 1..4 {
        rig.until("the attempt", || async {
            rig.log.all().iter().filter(|line| line.contains("ending=later")).count() == attempt
        })
        .await;
        rig.until_actions(1, 0, 0, 0).await;
        rig.clock.forward(3600);
    }
    rig.until_actions(0, 0, 0, 1).await;
    assert_eq!(attempts.load(SeqCst), 4);
    assert_eq!(rig.said().await, ["given up after 4 attempts: not yet"]);
    works.store(1, SeqCst);
    assert_eq!(rig.store.replay(None).await.unwrap(), 1);
    rig.until_actions(0, 0, 1, 0).await;
}

#[tokio::test]
async fn the_other_side_says_how_long_to_wait() {
    let attempts = Arc::new(AtomicUsize::new(0));
    let counted = attempts.clone();
    let rig = setup()
        .doing(move |_| {
            let attempts = counted.clone();
            async move {
                match attempts.fetch_add(1, SeqCst) {
                    0 => {
                        let wait = Some(jiff::SignedDuration::from_secs(600));
                        Ending::Later { fault: Fault::retry("busy"), wait }
                    }
                    _ => Ending::done("done"),
                }
            }
        })
        .start()
        .await;
    rig.want("e1", "s", &copy()).await;
    rig.until("the first attempt", || async { attempts.load(SeqCst) == 1 }).await;
    rig.until_actions(1, 0, 0, 0).await;
    rig.clock.forward(599);
    assert!(rig.store.claim(1, jiff::SignedDuration::ZERO).await.unwrap().is_empty(), "too early");
    rig.clock.forward(30);
    rig.until_actions(0, 0, 1, 0).await;
}

#[tokio::test]
async fn a_performer_that_panics_is_a_dead_letter_and_others_are_done() {
    let rig = setup()
        .doing(|action: Action| async move {
            assert!(action.event.id != "e1", "a panic on purpose");
            Ending::done("done")
        })
        .start()
        .await;
    for n in 0..4 {
        rig.want(&format!("e{n}"), &format!("s{n}"), &copy()).await;
    }
    rig.until_actions(0, 0, 3, 1).await;
    assert!(rig.said().await.contains(&"keep_copy panicked".to_owned()));
    assert_eq!(rig.get("/health").await.status(), 200);
}

#[tokio::test]
async fn an_attempt_without_an_end_is_taken_again_after_its_hold_and_told_so() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let told = seen.clone();
    let mut setup = setup().doing(move |action: Action| {
        let told = told.clone();
        async move {
            told.lock().unwrap().push(action.unknown_since.is_some());
            if action.attempts == 0 {
                std::future::pending::<()>().await;
            }
            Ending::done("done")
        }
    });
    setup.config.times.action = Duration::from_millis(20);
    let rig = setup.start().await;
    rig.want("e1", "s", &copy()).await;
    rig.until("it ended unknown", || async {
        rig.log.all().iter().any(|line| line.contains("ending=unknown"))
    })
    .await;
    rig.until_actions(0, 1, 0, 0).await;
    rig.clock.forward(181);
    rig.until_actions(0, 0, 1, 0).await;
    assert_eq!(*seen.lock().unwrap(), [false, true]);
}

#[tokio::test]
async fn an_action_that_never_ends_is_not_begun_for_ever() {
    let begun = Arc::new(AtomicUsize::new(0));
    let counted = begun.clone();
    let mut setup = setup().doing(move |_| {
        counted.fetch_add(1, SeqCst);
        async { Ending::Unknown { fault: Fault::retry("the answer was lost") } }
    });
    setup.config.backoff.attempts_max = 3;
    let rig = setup.start().await;
    rig.want("e1", "s", &copy()).await;
    for attempt in 1..3 {
        rig.until("an attempt", || async { begun.load(SeqCst) == attempt }).await;
        rig.until("its end", || async {
            rig.log.all().iter().filter(|line| line.contains("ending=unknown")).count() == attempt
        })
        .await;
        rig.clock.forward(181);
    }
    rig.until_actions(0, 0, 0, 1).await;
    let said = "given up after 3 attempts, and whether it happened is not known: the answer was lost";
    assert_eq!(rig.said().await, [said]);
}

#[tokio::test]
async fn an_end_that_cannot_be_written_at_once_is_written_when_the_database_is_back() {
    let done = Arc::new(AtomicUsize::new(0));
    let counted = done.clone();
    let mut setup = setup();
    setup.config.times.pause = Duration::from_millis(200);
    let store = setup.store.clone();
    let rig = setup
        .doing(move |_| {
            let (done, store) = (counted.clone(), store.clone());
            async move {
                done.fetch_add(1, SeqCst);
                store.away(Some(Fault::retry("the database is away")));
                Ending::done("done")
            }
        })
        .start()
        .await;
    rig.want("e1", "s", &copy()).await;
    rig.until("the end was not written", || async {
        rig.log.all().iter().any(|line| line.contains("end of an action not written"))
    })
    .await;
    rig.store.away(None);
    rig.until_actions(0, 0, 1, 0).await;
    assert_eq!(done.load(SeqCst), 1, "it was done once");
}

#[tokio::test]
async fn old_events_are_forgotten_and_young_ones_kept() {
    let rig = setup().doing(|_| async { Ending::done("done") }).start().await;
    rig.want("old", "s", &copy()).await;
    rig.until_actions(0, 0, 1, 0).await;
    rig.clock.forward(31 * 24 * 3600);
    rig.want("young", "s", &copy()).await;
    rig.until("the old one is forgotten", || async {
        let filter = bridge::store::EventFilter::default();
        let lines = bridge::Inbox::events(&*rig.store, &filter, None, 9).await.unwrap();
        lines.iter().map(|line| line.id.as_str()).eq(["young"])
    })
    .await;
}
