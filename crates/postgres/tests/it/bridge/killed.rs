//! Workers that are gone between taking an action and ending it, and endings whose connection breaks.

use super::{HOUR, at, bed, done, event, one_each, row};
use base::Class;
use bridge::action::{ActionState, Ending};
use bridge::{Inbox, Outbox};
use jiff::SignedDuration;
use testkit::faults::{Direction, Fault};

#[tokio::test(flavor = "multi_thread")]
async fn one_whose_worker_is_gone_is_taken_by_another_that_is_told_so() {
    let bed = bed().await;
    bed.store.keep(&[event("a", "m1", 1), event("b", "m1", 2)]).await.unwrap();
    bed.store.judge(9, &one_each).await.unwrap();
    let (proxy, gone) = bed.behind_proxy();
    let first = gone.claim(9, SignedDuration::ZERO).await.unwrap();
    proxy.cut();
    let second = bed.store.claim(9, HOUR).await.unwrap();
    assert_eq!((second.len(), second[0].id, second[0].attempts), (1, first[0].id, 1), "b waits for a");
    let began = bed.ask("SELECT unknown_since < began FROM landfall.actions WHERE attempts = 2").await;
    assert_eq!((second[0].unknown_since.is_some(), began.as_str()), (true, "t"));
    assert!(!gone.finish(&first[0], &done(vec![]), at(0)).await.unwrap(), "it has come back too late");
    assert!(bed.store.finish(&second[0], &done(vec![]), at(0)).await.unwrap());
    assert_eq!(bed.store.claim(9, HOUR).await.unwrap()[0].event.id, "b");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_end_leaves_the_action_held_until_the_hold_ends() {
    let bed = bed().await;
    let actions = bed.claimed(&[event("a", "", 1)]).await;
    let unknown = Ending::Unknown { fault: base::Fault::retry("lost") };
    assert!(bed.store.finish(&actions[0], &unknown, at(0)).await.unwrap());
    assert!(bed.store.claim(9, HOUR).await.unwrap().is_empty());
    bed.sql("UPDATE landfall.actions SET free_at = free_at - interval '2 hours'").await;
    assert!(bed.store.claim(9, HOUR).await.unwrap()[0].unknown_since.is_some());
}

/// The connection breaks at every message of an ending; a second attempt ends it for good.
#[tokio::test(flavor = "multi_thread")]
async fn an_ending_is_there_with_all_it_writes_or_not_at_all() {
    let bed = bed().await;
    let (proxy, store) = bed.behind_proxy();
    let (mut broken, mut there) = (0, 0);
    for (n, (direction, bytes)) in (0..24)
        .map(|n| (Direction::Up, n * 150))
        .chain((0..12).map(|n| (Direction::Down, n * 60)))
        .enumerate()
    {
        let id = format!("e{n}");
        bed.store.keep(&[event(&id, "", 1)]).await.unwrap();
        bed.store.judge(9, &one_each).await.unwrap();
        let actions = store.claim(9, HOUR).await.unwrap();
        let [action] = actions.as_slice() else { panic!("{} actions", actions.len()) };
        let ending = Ending::Done {
            effect: "row".into(),
            writes: vec![row("members", &id, "name", Some("x"))],
            then: vec![super::planned("", 7, at(i64::from(u32::MAX)))],
        };
        proxy.after(direction, bytes, Fault::Cut);
        let outcome = store.finish(action, &ending, at(0)).await;
        proxy.heal();
        // The server takes back what was not committed when it notices; until then the table is in use.
        bed.sql("BEGIN; LOCK TABLE landfall.actions; COMMIT").await;
        let state = bed.ask(&format!("SELECT state FROM landfall.actions WHERE id = {}", action.id)).await;
        let rows = bed.ask(&format!("SELECT count(*) FROM members WHERE id = '{id}'")).await;
        let then =
            bed.ask(&format!("SELECT count(*) FROM landfall.actions WHERE follows = {}", action.id)).await;
        match state.as_str() {
            "done" => assert_eq!((rows.as_str(), then.as_str()), ("1", "1"), "{direction:?} {bytes}"),
            _ => assert_eq!((state.as_str(), rows.as_str(), then.as_str()), ("running", "0", "0")),
        }
        match outcome {
            Ok(ended) => assert!(ended && state == "done", "{direction:?} {bytes}"),
            Err(fault) => {
                broken += 1;
                there += usize::from(state == "done");
                assert_eq!(fault.class, Class::Retry, "{fault}");
                let again = bed.store.finish(action, &ending, at(0)).await.unwrap();
                assert_eq!(again, state != "done", "{direction:?} {bytes}");
            }
        }
    }
    assert!(broken > 10 && there < broken, "{broken} broken, {there} of them committed");
    assert_eq!(bed.in_state(ActionState::Done).await, 36);
}
