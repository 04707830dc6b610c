//! Stopping loses nothing.

use crate::rig::{KEY, setup, start};
use base::{Class, Fault};
use bridge::store::EventFilter;
use bridge::{Ending, Inbox};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whenever_it_stops_every_2xx_is_stored() {
    for after in [0, 1, 40, 200] {
        let mut rig = start().await;
        let over = Arc::new(AtomicBool::new(false));
        let senders: Vec<_> = (0..16)
            .map(|sender| {
                let (client, url, over) = (rig.client.clone(), rig.at("/webhooks/toy"), over.clone());
                tokio::spawn(async move {
                    let mut taken = Vec::new();
                    for n in 0.. {
                        if over.load(SeqCst) {
                            break;
                        }
                        let id = format!("e{sender}-{n}");
                        let body = json!({ "id": id, "kind": "k", "subject": "s" });
                        match client.post(&url).header("x-key", KEY).json(&body).send().await {
                            Ok(answer) if answer.status() == 200 => taken.push(id),
                            Ok(answer) => assert_eq!(answer.status(), 503),
                            // The listener is closed.
                            Err(_) => break,
                        }
                    }
                    taken
                })
            })
            .collect();
        let store = rig.store.clone();
        let stored = || async { store.events(&EventFilter::default(), None, usize::MAX).await.unwrap() };
        rig.until("some are stored", || async { stored().await.len() >= after }).await;
        rig.ask_to_stop();
        rig.ended().await.unwrap();
        over.store(true, SeqCst);
        let ids: BTreeSet<String> = stored().await.into_iter().map(|line| line.id).collect();
        for sender in senders {
            for id in sender.await.unwrap() {
                assert!(ids.contains(&id), "{id} was answered and is not stored");
            }
        }
        assert!(ids.len() >= after);
    }
}

#[tokio::test]
async fn a_request_under_way_is_answered_and_new_ones_find_nobody() {
    let mut rig = start().await;
    rig.inboxes.shut();
    let body = json!({ "id": "e1", "kind": "k", "subject": "s" });
    let sending = rig.client.post(rig.at("/webhooks/toy")).header("x-key", KEY).json(&body).send();
    let sending = tokio::spawn(sending);
    rig.until("it waits for the database", || async { rig.inboxes.arrived.load(SeqCst) == 1 }).await;
    rig.ask_to_stop();
    rig.until("nobody listens", || async { tokio::net::TcpStream::connect(rig.address).await.is_err() })
        .await;
    rig.inboxes.open();
    assert_eq!(sending.await.unwrap().unwrap().status(), 200);
    rig.ended().await.unwrap();
    assert_eq!(rig.store.events(&EventFilter::default(), None, 9).await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_action_under_way_ends_and_one_that_does_not_is_left_to_its_hold() {
    for (takes, left) in [(Duration::from_millis(50), 0), (Duration::from_secs(3600), 1)] {
        let mut setup = setup().doing(move |_| async move {
            tokio::time::sleep(takes).await;
            Ending::done("done")
        });
        setup.config.times.stop = Duration::from_millis(300);
        setup.config.times.action = Duration::from_secs(3600);
        let rig = setup.start().await;
        rig.want("e1", "s", &json!([{ "do": "keep_copy" }])).await;
        rig.until_actions(0, 1, 0, 0).await;
        let (store, clock) = (rig.store.clone(), rig.clock.clone());
        rig.stop().await.unwrap();
        let counts = store.counts().await.unwrap();
        assert_eq!((counts.running, counts.done), (left, 1 - left));
        // Whoever comes next takes it when the hold has run out, and is told.
        clock.forward(181);
        let claimed = bridge::Outbox::claim(&*store, 1, jiff::SignedDuration::from_secs(1)).await.unwrap();
        assert_eq!(claimed.iter().filter(|action| action.unknown_since.is_some()).count() as u64, left);
    }
}

#[tokio::test]
async fn what_one_server_left_the_next_one_does() {
    let first = setup().doing(|_| async { Ending::Later { fault: Fault::retry("not now"), wait: None } });
    let first = first.start().await;
    first.want("e1", "s", &json!([{ "do": "keep_copy" }])).await;
    first.until_actions(1, 0, 0, 0).await;
    let (store, clock) = (first.store.clone(), first.clock.clone());
    first.stop().await.unwrap();
    let mut second = setup();
    second.parts.outbox = store.clone();
    second.parts.inbox = store.clone();
    second.parts.clock = clock.clone();
    second.store = store;
    let second = second.start().await;
    clock.forward(3600);
    second.until_actions(0, 0, 1, 0).await;
}

#[tokio::test]
async fn an_address_that_is_taken_is_a_fault_that_names_it() {
    let rig = start().await;
    let mut setup = setup();
    setup.config.listen = rig.address;
    let fault = server::serve(setup.config, setup.parts, std::future::ready(())).await.unwrap_err();
    assert_eq!(fault.class, Class::Usage);
    assert!(fault.what.contains(&rig.address.to_string()), "{}", fault.what);
}
