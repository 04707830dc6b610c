//! What each kind of work does, and that nothing is done twice.

use crate::rig::{KEY, Rig, setup, start};
use crate::town::{Find, Send};
use axum::http::HeaderMap;
use base::{Fault, Secret};
use bridge::Outbox;
use bridge::ports::Member;
use serde_json::{Value, json};
use server::Access;
use std::sync::{Arc, Mutex};

fn message(text: &str) -> Value {
    json!([{ "do": "send_message", "to": "m1", "text": text }])
}

fn post() -> Value {
    json!([{ "do": "publish_post", "space_id": "s", "title": "Hello", "content": "<p>x</p>", "author_id": null }])
}

/// Lets attempts end and holds run out until nothing waits.
async fn settle(rig: &Rig) {
    for _ in 0..40 {
        let quiet = || async {
            let counts = bridge::Inbox::counts(&*rig.store).await.unwrap();
            counts.events_new == 0 && counts.running + counts.pending == 0
        };
        for _ in 0..10 {
            if quiet().await {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
        rig.clock.forward(3700);
    }
    panic!("it never settles: {:#?}", rig.log.all());
}

#[tokio::test]
async fn a_message_or_post_is_there_once_whatever_became_of_the_answers() {
    use Find::{Busy, Cannot};
    use Send::{ArrivesUnknown, LostUnknown, NoWay, Refused};
    for (send, find, there, done) in [
        (vec![], vec![], 1, true),
        (vec![ArrivesUnknown], vec![], 1, true),
        (vec![LostUnknown], vec![], 1, true),
        (vec![LostUnknown, ArrivesUnknown], vec![], 1, true),
        (vec![ArrivesUnknown], vec![Busy, Busy], 1, true),
        (vec![NoWay, Send::Busy, ArrivesUnknown], vec![], 1, true),
        (vec![Send::Busy, NoWay], vec![], 1, true),
        (vec![Refused], vec![], 0, false),
        // Where it cannot be looked up a person decides, whether it arrived or not.
        (vec![ArrivesUnknown], vec![Cannot], 1, false),
        (vec![LostUnknown], vec![Cannot], 0, false),
        (vec![ArrivesUnknown], vec![Busy, Cannot], 1, false),
    ] {
        for (what, works) in [("message", message("Hello")), ("post", post())] {
            let rig = start().await;
            rig.town.state(|state| {
                state.send = send.clone().into();
                state.find = find.clone().into();
            });
            rig.want("e1", "member:1", &works).await;
            settle(&rig).await;
            let found = rig.town.state(|state| state.messages.len() + state.posts.len());
            let said = rig.said().await;
            assert_eq!(found, there, "{what}, {send:?}, {find:?}: {said:?}");
            let counts = bridge::Inbox::counts(&*rig.store).await.unwrap();
            assert_eq!(
                (counts.done, counts.dead),
                if done { (1, 0) } else { (0, 1) },
                "{what}, {send:?}: {said:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_post_carries_the_same_mark_on_every_attempt() {
    let rig = start().await;
    rig.town.state(|state| state.send = vec![Send::Busy, Send::LostUnknown].into());
    rig.want("e1", "member:1", &post()).await;
    settle(&rig).await;
    assert_eq!(rig.town.state(|state| state.posts.clone()), [("Hello".into(), "landfall-toy-e1-1".into())]);
}

#[tokio::test]
async fn without_a_community_messages_and_posts_say_why_they_are_not_sent() {
    let mut setup = setup();
    setup.parts.community = Access::Off("DISABLE_API_BETTERMODE is set".into());
    let rig = setup.start().await;
    rig.want("e1", "", &message("x")).await;
    rig.want("e2", "", &post()).await;
    rig.until_actions(0, 0, 0, 2).await;
    assert_eq!(rig.said().await, ["the community is off: DISABLE_API_BETTERMODE is set"; 2]);
    assert_eq!(rig.town.state(|state| state.messages.len() + state.posts.len()), 0);
}

fn member(table: bool, cache: bool, pages: bool, gone: bool) -> Value {
    let table = table.then(|| json!({ "name": "members", "key": "id", "columns": { "name": "Told" } }));
    json!([{ "do": "process_member", "member_id": "m1", "table": table, "cache": cache, "pages": pages, "gone": gone }])
}

fn known(name: &str) -> Member {
    Member {
        id: "m1".into(),
        email: None,
        name: Some(name.into()),
        username: None,
        status: None,
        updated_at: None,
    }
}

#[tokio::test]
async fn row_cache_and_page_follow_a_member() {
    let rig = start().await;
    rig.town.state(|state| drop(state.members.insert("m1".into(), known("Newest"))));
    rig.want("e1", "member:1", &member(true, true, true, false)).await;
    rig.until_actions(0, 0, 2, 0).await;
    assert_eq!(rig.store.row("members", "m1").unwrap()["name"].as_deref(), Some("Told"));
    rig.town.state(|state| {
        assert_eq!(state.cached["m1"].0.name.as_deref(), Some("Newest"));
        assert_eq!(state.pages.len(), 1);
        assert_eq!((state.pages[0].0.name.as_deref(), state.pages[0].1), (Some("Newest"), false));
    });
    rig.want("e2", "member:1", &member(false, true, true, true)).await;
    rig.until_actions(0, 0, 4, 0).await;
    rig.town.state(|state| {
        assert!(state.cached.is_empty());
        assert_eq!(state.dropped, ["m1"]);
        assert!(state.pages[1].1, "the page is marked");
    });
}

#[tokio::test]
async fn a_member_that_the_service_does_not_know_any_more_is_not_cached_and_their_page_waits_for_the_event() {
    let rig = start().await;
    rig.want("e1", "member:1", &member(true, true, true, false)).await;
    rig.until_actions(0, 0, 2, 0).await;
    rig.town.state(|state| {
        assert!(state.cached.is_empty() && state.pages.is_empty());
        assert_eq!(state.dropped, ["m1"]);
    });
}

#[tokio::test]
async fn without_a_community_what_was_told_is_taken() {
    let mut setup = setup();
    setup.parts.community = Access::Off("it is not configured".into());
    let rig = setup.start().await;
    let body = json!({
        "id": "e1", "kind": "member.updated", "subject": "member:1", "told": { "name": "Told" },
        "do": member(false, true, false, false),
    });
    assert_eq!(rig.send(&body).await.status(), 200);
    rig.until_actions(0, 0, 1, 0).await;
    assert_eq!(rig.town.state(|state| state.cached["m1"].0.name.clone()).as_deref(), Some("Told"));
}

#[tokio::test]
async fn the_row_waits_for_nobody() {
    let away = || Some(Fault::retry("away"));
    type Break = fn(&mut crate::town::State, Option<Fault>);
    let parts: [(&str, Break); 3] = [
        ("community", |state, fault| state.community_away = fault),
        ("cache", |state, fault| state.cache_away = fault),
        ("pages", |state, fault| state.pages_away = fault),
    ];
    for (what, break_it) in parts {
        let rig = start().await;
        rig.town.state(|state| {
            state.members.insert("m1".into(), known("Newest"));
            break_it(state, away());
        });
        rig.want("e1", "member:1", &member(true, true, true, false)).await;
        rig.until("the row is there", || async { rig.store.row("members", "m1").is_some() }).await;
        // It is the optional part that waits, and that is done when it is back.
        rig.until("it failed", || async { rig.log.all().iter().any(|line| line.contains("ending=later")) })
            .await;
        rig.town.state(|state| break_it(state, None));
        settle(&rig).await;
        rig.town.state(|state| {
            assert_eq!((state.cached.len(), state.pages.len()), (1, 1), "{what} is back");
        });
        let counts = bridge::Inbox::counts(&*rig.store).await.unwrap();
        assert_eq!(counts.dead, 0, "{what}");
    }
}

#[tokio::test]
async fn copies_and_activities_go_to_the_collections_or_into_the_database() {
    let works = json!([{ "do": "keep_copy" }, { "do": "track_activity", "member_id": "m1", "activity": "post.published" }]);
    for outside in [false, true] {
        let mut setup = setup();
        if outside {
            setup.parts.collections = Some(setup.town.clone());
        }
        let rig = setup.start().await;
        rig.want("e1", "member:1", &works).await;
        rig.until_actions(0, 0, 2, 0).await;
        let inside = (rig.store.copies().len(), rig.store.activities().len());
        let beside = rig.town.state(|state| (state.events.len(), state.activities.len()));
        assert_eq!((inside, beside), if outside { ((0, 0), (1, 1)) } else { ((1, 1), (0, 0)) });
    }
}

fn schedule(starts_at: &str, before: &[u64], text: &str, to: &[&str]) -> Value {
    json!([{ "do": "schedule_event", "event_id": "ev1", "starts_at": starts_at, "remind_before": before,
             "text": text, "to": to }])
}

#[tokio::test]
async fn reminders_go_out_at_their_time_to_those_who_registered_by_then() {
    let rig = start().await;
    rig.want("e1", "event:1", &schedule("2026-03-03T12:00:00Z", &[86_400, 3_600], "Soon", &[])).await;
    rig.until_actions(2, 0, 1, 0).await;
    rig.town.state(|state| state.registered = vec!["a".into(), "b".into(), "a".into()]);
    rig.clock.forward(86_400 + 1);
    rig.until("two messages", || async { rig.town.state(|state| state.messages.len()) == 2 }).await;
    rig.town.state(|state| state.registered = vec!["c".into()]);
    rig.clock.forward(86_400 - 3_600);
    rig.until("the last reminder", || async { rig.town.state(|state| state.messages.len()) == 3 }).await;
    let whom: Vec<_> = rig.town.state(|state| state.messages.iter().map(|(to, _)| to.clone()).collect());
    assert_eq!(whom, ["a", "b", "c"]);
}

#[tokio::test]
async fn an_event_that_is_moved_or_changed_is_reminded_of_once_at_its_newest_time_with_its_newest_text() {
    let rig = start().await;
    rig.want("e1", "event:1", &schedule("2026-03-03T12:00:00Z", &[3_600], "First", &["m1"])).await;
    rig.until_actions(1, 0, 1, 0).await;
    rig.want("e2", "event:1", &schedule("2026-03-03T12:00:00Z", &[3_600], "Changed", &["m1"])).await;
    rig.until_actions(2, 0, 2, 0).await;
    rig.want("e3", "event:1", &schedule("2026-03-05T12:00:00Z", &[3_600], "Moved", &["m1"])).await;
    rig.until_actions(3, 0, 3, 0).await;
    rig.clock.forward(2 * 86_400);
    rig.until("the earlier ones are void", || async { rig.town.state(|_| true) }).await;
    rig.until_actions(1, 0, 5, 0).await;
    assert!(rig.town.state(|state| state.messages.is_empty()));
    rig.clock.forward(2 * 86_400 - 3_500);
    rig.until_actions(0, 0, 7, 0).await;
    assert_eq!(rig.town.state(|state| state.messages.clone()), [("m1".into(), "Moved".into())]);
}

#[tokio::test]
async fn nobody_is_reminded_of_what_has_begun_or_too_late() {
    for (starts_at, before, text, reminders) in [
        ("2026-03-01T11:00:00Z", vec![3_600], "Soon", 0),
        ("2026-03-01T14:00:00Z", vec![86_400, 3_600, 3_600], "Soon", 1),
        ("2026-03-01T14:00:00Z", vec![3_600], "", 0),
        ("2026-03-01T14:00:00Z", vec![u64::MAX], "Soon", 0),
    ] {
        let rig = start().await;
        rig.want("e1", "event:1", &schedule(starts_at, &before, text, &["m1"])).await;
        rig.until_actions(reminders, 0, 1, 0).await;
        assert_eq!(
            rig.said().await[0],
            format!("scheduled, {reminders} reminders"),
            "{starts_at} {before:?}"
        );
    }
    // A server that was away until the event had begun sends nothing.
    let rig = start().await;
    rig.want("e1", "event:1", &schedule("2026-03-01T14:00:00Z", &[3_600], "Soon", &["m1"])).await;
    rig.until_actions(1, 0, 1, 0).await;
    rig.clock.forward(3 * 3_600);
    rig.until_actions(0, 0, 2, 0).await;
    assert_eq!(rig.town.state(|state| state.messages.len()), 0);
}

#[tokio::test]
async fn an_older_schedule_does_not_come_back() {
    let rig = start().await;
    let older = |id: &str, at: i64, starts: &str| {
        json!({ "id": id, "kind": "event.updated", "subject": "", "at": at,
                "do": schedule(starts, &[60], "x", &["m1"]) })
    };
    assert_eq!(rig.send(&older("e2", 0, "2026-03-05T12:00:00Z")).await.status(), 200);
    rig.until_actions(1, 0, 1, 0).await;
    assert_eq!(rig.send(&older("e1", -60, "2026-03-03T12:00:00Z")).await.status(), 200);
    rig.until_actions(1, 0, 2, 0).await;
    let known = rig.store.scheduled("ev1").await.unwrap().unwrap();
    assert_eq!(known.starts_at.to_string(), "2026-03-05T12:00:00Z");
}

/// A server that answers with these statuses, one after another, and keeps what it got.
async fn other_side(statuses: Vec<(u16, &'static str)>) -> (String, Arc<Mutex<Vec<(HeaderMap, Vec<u8>)>>>) {
    let got = Arc::new(Mutex::new(Vec::new()));
    let (kept, statuses) = (got.clone(), Arc::new(Mutex::new(statuses.into_iter())));
    let app = axum::Router::new().fallback(move |headers: HeaderMap, body: axum::body::Bytes| async move {
        kept.lock().unwrap().push((headers, body.to_vec()));
        let (status, header) = statuses.lock().unwrap().next().unwrap_or((200, ""));
        let status = axum::http::StatusCode::from_u16(status).unwrap();
        let name = if status.is_redirection() { "location" } else { "retry-after" };
        (status, [(name, if header.is_empty() { "0" } else { header })], "")
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook/secret-path", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (url, got)
}

#[tokio::test]
async fn a_call_keeps_its_id_until_it_is_taken() {
    let (url, got) = other_side(vec![(503, "600"), (429, ""), (204, "")]).await;
    let mut setup = setup();
    setup.parts.call_secret = Some(Secret::new("a secret"));
    let rig = setup.start().await;
    rig.want("e1", "s", &json!([{ "do": "call_url", "url": url }])).await;
    settle(&rig).await;
    let got = got.lock().unwrap();
    assert_eq!(got.len(), 3);
    for (headers, body) in got.iter() {
        assert_eq!(headers["webhook-id"], "landfall-toy-e1-1");
        assert!(headers["webhook-signature"].to_str().unwrap().starts_with("v1,"));
        assert_eq!(headers["content-type"], "application/json");
        assert_eq!(serde_json::from_slice::<Value>(body).unwrap()["id"], "e1");
    }
    assert_ne!(got[0].0["webhook-timestamp"], got[2].0["webhook-timestamp"], "each attempt has its own time");
}

#[tokio::test]
async fn a_call_that_is_not_wanted_is_a_dead_letter_and_a_redirect_is_not_followed() {
    for (status, header) in [(404, ""), (410, ""), (302, "http://127.0.0.1:1/elsewhere")] {
        let (url, got) = other_side(vec![(status, header)]).await;
        let rig = start().await;
        rig.want("e1", "s", &json!([{ "do": "call_url", "url": url }])).await;
        rig.until_actions(0, 0, 0, 1).await;
        assert_eq!(got.lock().unwrap().len(), 1, "{status}");
        assert!(!got.lock().unwrap()[0].0.contains_key("webhook-signature"));
        assert!(rig.said().await[0].contains(&status.to_string()));
    }
}

#[tokio::test]
async fn no_address_of_a_call_is_written_down() {
    let rig = start().await;
    for (id, url) in
        [("e1", "http://127.0.0.1:1/hook/secret-path"), ("e2", "ftp://x/secret-path"), ("e3", "secret-path")]
    {
        rig.want(id, "", &json!([{ "do": "call_url", "url": url }])).await;
    }
    rig.until_actions(1, 0, 0, 2).await;
    rig.until("the call failed", || async { rig.log.all().iter().any(|line| line.contains("ending=later")) })
        .await;
    for line in rig.log.all().into_iter().chain(rig.said().await) {
        assert!(!line.contains("secret-path") && !line.contains(KEY), "{line}");
    }
}
