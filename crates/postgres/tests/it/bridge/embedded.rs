//! The bridge in the server inside the program, where all connections share one session.

use super::{HOUR, at, done, event, one_each, row};
use base::SystemClock;
use bridge::store::Kept;
use bridge::{Inbox, Outbox};
use postgres::{Home, PgBridge};
use std::sync::Arc;

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_kept_judged_and_done_over_one_session() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join(".landfall");
    let home = Home::embedded_to_write(&dir, "landfall serve").await.unwrap();
    let store = Arc::new(PgBridge::new(home, "landfall serve", Arc::new(SystemClock)));
    store.prepare().await.unwrap();
    store.prepare_collections().await.unwrap();
    let keepers = (0..4).map(|task| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let ids = (0..25).map(|n| event(&format!("e\0{task}/{n}"), &format!("m{}", n % 5), n));
            store.keep(&ids.collect::<Vec<_>>()).await.unwrap()
        })
    });
    for keeper in keepers.collect::<Vec<_>>() {
        assert!(keeper.await.unwrap().iter().all(|kept| *kept == Kept::New));
    }
    while store.judge(30, &one_each).await.unwrap() > 0 {}
    let mut ended = 0;
    loop {
        let actions = store.claim(10, HOUR).await.unwrap();
        if actions.is_empty() {
            break;
        }
        assert!(actions.len() <= 5, "one of each lane");
        let ends = actions.iter().map(|action| {
            let writes = match ended {
                // No such table: a dead letter, and nothing that stays open in the shared session.
                0 => vec![row("nowhere", "m1", "name", None)],
                _ => vec![bridge::Write::EventCopy(action.event.clone())],
            };
            let store = Arc::clone(&store);
            async move { store.finish(action, &done(writes), at(0)).await.unwrap() }
        });
        assert!(futures::future::join_all(ends).await.into_iter().all(|ended| ended));
        ended += actions.len();
    }
    assert_eq!(ended, 100);
    let counts = Inbox::counts(&*store).await.unwrap();
    assert_eq!((counts.events_judged, counts.done, counts.pending), (100, 95, 0));
    assert_eq!(counts.dead, 5);
}
