//! Nothing is answered 2xx that is not stored.

use crate::rig::{setup, start};
use base::Fault;
use bridge::Inbox;
use bridge::store::EventFilter;
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::atomic::Ordering::SeqCst;

/// The ids that are stored.
async fn stored(rig: &crate::rig::Rig) -> BTreeSet<String> {
    let lines = rig.store.events(&EventFilter::default(), None, 100_000).await.unwrap();
    lines.into_iter().map(|line| line.id).collect()
}

/// Sends events `0..count` at once; the ids that were answered 2xx, and every status.
async fn burst(rig: &crate::rig::Rig, count: usize) -> (BTreeSet<String>, BTreeSet<u16>) {
    let send = |n: usize| async move {
        let body = json!({ "id": format!("e{n}"), "kind": "k", "subject": "s" });
        let answer = rig.send(&body).await;
        if answer.status() == 503 {
            assert_eq!(answer.headers()["retry-after"], "5");
        }
        (format!("e{n}"), answer.status().as_u16())
    };
    let answers = futures::future::join_all((0..count).map(send)).await;
    let taken = answers.iter().filter(|(_, status)| *status == 200).map(|(id, _)| id.clone()).collect();
    (taken, answers.into_iter().map(|(_, status)| status).collect())
}

#[tokio::test]
async fn whichever_call_of_the_database_fails_what_is_answered_well_is_stored() {
    for nth in 0..6 {
        let rig = start().await;
        rig.inboxes.fail(move |call, _| (call == nth).then(|| Fault::retry("the database is away")));
        let mut taken = BTreeSet::new();
        for n in 0..6 {
            let body = json!({ "id": format!("e{n}"), "kind": "k", "subject": "s" });
            let answer = rig.send(&body).await;
            assert_eq!(answer.status().as_u16(), if n == nth { 503 } else { 200 }, "event {n}, call {nth}");
            if answer.status() == 200 {
                taken.insert(format!("e{n}"));
            }
        }
        assert_eq!(stored(&rig).await, taken, "call {nth}");
        // Who was told so comes again.
        let body = json!({ "id": format!("e{nth}"), "kind": "k", "subject": "s" });
        assert_eq!(rig.send(&body).await.status(), 200);
        assert_eq!(stored(&rig).await.len(), 6);
    }
}

#[tokio::test]
async fn events_that_come_together_share_a_commit() {
    let rig = start().await;
    rig.inboxes.shut();
    let ((taken, statuses), ()) = tokio::join!(burst(&rig, 200), async {
        // Two keepers wait at the gate with what came first; the others stand in the queue.
        rig.until("all are there", || async {
            let figures = rig.get("/metrics").await.text().await.unwrap();
            count(&figures, "landfall_reception_waiting") + rig.inboxes.arrived.load(SeqCst) as u64 == 200
        })
        .await;
        rig.inboxes.open();
    });
    assert_eq!((taken.len(), statuses), (200, BTreeSet::from([200])));
    let groups = rig.inboxes.groups.lock().unwrap().clone();
    assert_eq!(groups.iter().sum::<usize>(), 200);
    assert!(groups.len() < 20, "{groups:?}");
    assert_eq!(stored(&rig).await, taken);
}

#[tokio::test]
async fn an_event_that_the_database_does_not_take_costs_the_others_nothing() {
    let rig = start().await;
    rig.inboxes.fail(|_, events| {
        events.iter().any(|event| event.id == "e7").then(|| Fault::fail("the database does not take it"))
    });
    let (taken, statuses) = burst(&rig, 40).await;
    assert_eq!(statuses, BTreeSet::from([200, 500]));
    assert_eq!(taken.len(), 39);
    assert_eq!(stored(&rig).await, taken);
}

#[tokio::test]
async fn an_inbox_that_panics_or_hangs_or_miscounts_is_a_503_or_500_and_the_next_event_is_taken() {
    for (how, expected) in [("panics", 500), ("hangs", 503)] {
        let mut setup = setup();
        setup.config.times.keep = std::time::Duration::from_millis(30);
        let rig = setup.start().await;
        match how {
            "panics" => rig.inboxes.fail(|call, _| if call == 0 { panic!("the inbox") } else { None }),
            _ => rig.inboxes.shut(),
        }
        let body = json!({ "id": "e1", "kind": "k", "subject": "s" });
        assert_eq!(rig.send(&body).await.status().as_u16(), expected, "{how}");
        rig.inboxes.open();
        assert_eq!(rig.send(&body).await.status(), 200, "{how}");
        assert_eq!(stored(&rig).await.len(), 1);
    }
}

#[tokio::test]
async fn an_answer_of_the_database_that_is_lost_is_a_503_and_the_event_stays_one() {
    let rig = start().await;
    rig.inboxes.lose.store(true, SeqCst);
    let body = json!({ "id": "e1", "kind": "k", "subject": "s" });
    assert_eq!(rig.send(&body).await.status(), 503);
    rig.inboxes.lose.store(false, SeqCst);
    assert_eq!(rig.send(&body).await.status(), 200);
    assert_eq!(stored(&rig).await.len(), 1);
}

#[tokio::test]
async fn a_full_queue_turns_senders_away_and_takes_them_later() {
    let mut setup = setup();
    setup.config.queue_events = 3;
    setup.config.keepers = 1;
    let rig = setup.start().await;
    rig.inboxes.shut();
    let ((taken, statuses), ()) = tokio::join!(burst(&rig, 40), async {
        rig.until("all others are turned away", || async {
            let figures = rig.get("/metrics").await.text().await.unwrap();
            // At most three wait at the gate and three in the queue.
            count(&figures, "landfall_webhooks_total{sender=\"toy\",outcome=\"full\"}") >= 34
        })
        .await;
        rig.inboxes.open();
    });
    assert_eq!(statuses, BTreeSet::from([200, 503]));
    assert_eq!(stored(&rig).await, taken);
    assert_eq!(burst(&rig, 1).await.1, BTreeSet::from([200]));
}

/// The value of a figure; 0: it is not there.
fn count(figures: &str, name: &str) -> u64 {
    let line = figures.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|n| n.trim().parse().ok()).unwrap_or(0)
}
