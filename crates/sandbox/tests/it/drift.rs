//! What people do to the data between two pages.

use crate::support::{all, by_date, constraint, get, held, ids, sandbox};
use sandbox::ChangeKind;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn drift_changes_the_data_between_two_pages() {
    let toml =
        "[[drift]]\ntype = \"booking\"\nbefore = 2\ninsert = 3\ndelete = 2\nmodify = 4\nwhich = \"served\"\n";
    let running = sandbox(400, toml).await;
    let query = |cursor: usize| format!("/obj/booking?limit=50&cursor={cursor}&{}", by_date("Created Date"));
    let first = get(&running, &query(0)).await;
    assert!(running.changes().is_empty());
    let old: Vec<Value> = first.response()["results"].as_array().expect("results").clone();
    let second = get(&running, &query(50)).await;
    let changes = running.changes();
    let of = |kind| changes.iter().filter(|c| c.kind == kind).map(|c| c.id.clone()).collect::<Vec<_>>();
    let (inserted, deleted, modified) =
        (of(ChangeKind::Inserted), of(ChangeKind::Deleted), of(ChangeKind::Modified));
    assert_eq!((inserted.len(), deleted.len(), modified.len()), (3, 2, 4));
    assert_eq!(running.count("booking"), 401);
    assert_eq!(running.stats().changes, 9);
    assert_eq!(second.response()["remaining"], 401 - 50 - 50);
    for id in &deleted {
        assert!(first.ids().contains(id), "what went was served just before");
        assert_eq!(get(&running, &format!("/obj/booking/{id}")).await.status, 404);
    }
    for id in &modified {
        let before =
            old.iter().find(|b| b["_id"] == id.as_str()).expect("what changed was served just before");
        let after = get(&running, &format!("/obj/booking/{id}")).await.response();
        assert_ne!(before["session_date"], after["session_date"]);
        let newer = constraint("Modified Date", "greater than", json!("2026-09-01T00:00:00.000Z"));
        assert!(ids(&all(&running, "booking", &newer).await).contains(id));
    }
    let last: Vec<String> = running.ids("booking")[398..].to_vec();
    assert_eq!(last, inserted, "new records are the newest");
    let records = held(&running, "booking");
    assert!(records[398..].iter().all(|b| b["client_user_id"].is_string()));
    // Nothing more happens.
    get(&running, &query(100)).await;
    assert_eq!(running.changes().len(), 9);
}

#[tokio::test(flavor = "multi_thread")]
async fn drift_reaches_every_type_and_what_is_not_served_yet() {
    for (kind, insert, which) in [
        ("user", 2, "pending"),
        ("client_profile", 1, "pending"),
        ("coach_profile", 1, "pending"),
        ("booking", 2, "pending"),
        ("booking", 2, "any"),
        ("payment", 2, "pending"),
    ] {
        let toml = format!(
            "[[drift]]\ntype = \"{kind}\"\nbefore = 2\nevery = 2\nwhich = \"{which}\"\n\
             insert = {insert}\ndelete = 1\nmodify = 1\n"
        );
        let running = sandbox(400, &toml).await;
        let before = running.count(kind);
        let first = get(&running, &format!("/obj/{kind}?limit=1&{}", by_date("Created Date"))).await.ids();
        get(&running, &format!("/obj/{kind}?limit=1&{}", by_date("Created Date"))).await;
        let changes = running.changes();
        let count = |kind| changes.iter().filter(|c| c.kind == kind).count();
        let got = [ChangeKind::Inserted, ChangeKind::Deleted, ChangeKind::Modified].map(count);
        assert_eq!(got, [insert, 1, 1], "{kind}");
        assert_eq!(running.count(kind), before + insert - 1, "{kind}");
        assert!(changes.iter().all(|c| c.type_name == kind && c.environment.is_empty()), "{kind}");
        assert!(which == "any" || changes.iter().all(|c| !first.contains(&c.id)), "{kind}");
        for _ in 0..2 {
            get(&running, &format!("/obj/{kind}?limit=1")).await;
        }
        assert!(running.changes().len() > changes.len(), "{kind}: every second list");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_insert_may_share_the_newest_millisecond() {
    let toml = "[[drift]]\ntype = \"booking\"\nbefore = 1\ninsert = 1\nsame_millisecond = true\n";
    let running = sandbox(120, toml).await;
    let newest = running.ids("booking").last().expect("some").split_once('x').map(|(ms, _)| ms.to_owned());
    get(&running, "/obj/booking?limit=1").await;
    let change = running.changes().remove(0);
    assert_eq!(change.id.split_once('x').map(|(ms, _)| ms.to_owned()), newest);
}
