//! The collections as tables.

use super::{at, bed, done, event};
use bridge::Outbox;
use bridge::action::{ActionState, Activity, Write};
use bridge::event::Told;
use bridge::ports::Collections;
use serde_json::json;

fn activity(id: &str, member: &str, second: i64) -> Activity {
    Activity {
        id: id.into(),
        member_id: member.into(),
        activity_type: "post.published".into(),
        timestamp: at(second),
        data: Told::from([("ti\0tle".into(), "␛ \0".into())]),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn events_and_activities_are_kept_once_and_listed_newest_first() {
    let bed = bed().await;
    let store: &dyn Collections = &bed.store;
    for second in [3, 1, 2, 1] {
        store.activity(&activity(&format!("a{second}"), "m1", second)).await.unwrap();
        let mut event = event(&format!("e{second}"), "m1", second);
        event.body = json!({"n": second, "te\0xt": "\0"});
        store.event(&event).await.unwrap();
    }
    store.activity(&activity("other", "m\02", 9)).await.unwrap();
    assert_eq!(store.counts().await.unwrap(), (3, 4));
    let listed = store.activities("m1", 2).await.unwrap();
    assert_eq!(listed, [activity("a3", "m1", 3), activity("a2", "m1", 2)]);
    assert_eq!(store.activities("m\02", 9).await.unwrap(), [activity("other", "m\02", 9)]);
    let copies = store.events(2).await.unwrap();
    let copy = json!({
        "event_id": "e3", "sender": "bettermode", "event_type": "member.updated", "subject": "m1",
        "timestamp": "1970-01-01T00:00:03Z", "data": {"n": 3, "te\0xt": "\0"},
    });
    assert_eq!((copies.len(), &copies[0]), (2, &copy));
    assert_eq!(bed.ask("SELECT data->>'n' FROM bettermode_webhook_events ORDER BY 1").await, "1 2 3");
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_that_are_not_there_make_a_dead_letter_and_no_half_an_ending() {
    let bed = bed().await;
    bed.sql("DROP TABLE bettermode_member_activities").await;
    let actions = bed.claimed(&[event("a", "", 1)]).await;
    let writes = vec![Write::EventCopy(event("a", "", 1)), Write::Activity(activity("a", "m1", 1))];
    assert!(bed.store.finish(&actions[0], &done(writes), at(0)).await.unwrap());
    let lines = bed.lines().await;
    assert_eq!(lines[0].state, ActionState::Dead);
    assert!(lines[0].said.contains("bettermode_member_activities"), "{}", lines[0].said);
    assert_eq!(bed.ask("SELECT count(*) FROM bettermode_webhook_events").await, "0");
    bed.store.prepare_collections().await.unwrap();
}
