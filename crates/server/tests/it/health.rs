//! `/health` and `/metrics` with parts that are away.

use crate::rig::{setup, start};
use base::Fault;
use serde_json::{Value, json};
use server::Access;

#[tokio::test]
async fn the_database_away_is_down_and_any_other_part_away_is_degraded_and_refuses_nothing() {
    for (what, expected, status) in [
        ("", "ok", 200),
        ("database", "down", 503),
        ("community", "degraded", 200),
        ("pages", "degraded", 200),
        ("cache", "degraded", 200),
        ("collections", "degraded", 200),
    ] {
        let mut setup = setup();
        setup.parts.collections = Some(setup.town.clone());
        let rig = setup.start().await;
        let fault = Some(Fault::retry("it does not answer"));
        match what {
            "" => {}
            "database" => rig.store.away(fault),
            "community" => rig.town.state(|state| state.community_away = fault),
            "pages" => rig.town.state(|state| state.pages_away = fault),
            "cache" => rig.town.state(|state| state.cache_away = fault),
            _ => rig.town.state(|state| state.collections_away = fault),
        }
        let answer = rig.get("/health").await;
        assert_eq!(answer.status().as_u16(), status, "{what}");
        let health: Value = answer.json().await.unwrap();
        assert_eq!(health["status"], expected, "{what}: {health}");
        let dependencies = health["dependencies"].as_object().unwrap();
        assert_eq!(dependencies.len(), 5);
        for (name, dependency) in dependencies {
            let state = if name == what { "away" } else { "up" };
            assert_eq!(dependency["state"], state, "{name} while {what} is away");
            assert_eq!(dependency["because"].is_string(), name == what);
            assert!(dependency["age_seconds"].is_u64());
        }
        assert_eq!(health["integrations"], json!({ "bettermode": "on", "circle": "off" }));
        assert_eq!(health["counts"].is_null(), what == "database");

        let body = json!({ "id": "e1", "kind": "k", "subject": "s" });
        let taken = rig.send(&body).await.status().as_u16();
        assert_eq!(taken, if what == "database" { 503 } else { 200 }, "{what}");
    }
}

#[tokio::test]
async fn what_is_switched_off_is_off_and_not_away() {
    let mut setup = setup();
    setup.parts.community = Access::Off("DISABLE_API_BETTERMODE is set".into());
    setup.parts.pages = Access::Off("it is not configured".into());
    setup.parts.cache = None;
    let rig = setup.start().await;
    let health: Value = rig.get("/health").await.json().await.unwrap();
    assert_eq!(health["status"], "ok");
    assert_eq!(health["dependencies"]["community"]["state"], "off");
    assert_eq!(health["dependencies"]["community"]["because"], "DISABLE_API_BETTERMODE is set");
    assert!(health["dependencies"].get("cache").is_none());
}

#[tokio::test]
async fn watchers_do_not_hammer_the_services() {
    let mut setup = setup();
    setup.config.times.believe_services = std::time::Duration::from_secs(60);
    let rig = setup.start().await;
    let all = (0..50).map(|_| rig.get("/health"));
    for answer in futures::future::join_all(all).await {
        assert_eq!(answer.status(), 200);
    }
    assert_eq!(rig.town.state(|state| state.checks), 1);
}

#[tokio::test]
async fn the_age_of_a_state_is_that_of_the_state_and_not_of_the_question() {
    let rig = start().await;
    rig.store.away(Some(Fault::retry("away")));
    let age = || async {
        let health: Value = rig.get("/health").await.json().await.unwrap();
        health["dependencies"]["database"]["age_seconds"].as_i64().unwrap()
    };
    assert_eq!(age().await, 0);
    rig.clock.forward(90);
    assert_eq!(age().await, 90);
    rig.store.away(None);
    assert_eq!(age().await, 0);
}

#[tokio::test]
async fn figures_say_what_happened() {
    let rig = start().await;
    rig.want("e1", "s", &json!([{ "do": "keep_copy" }])).await;
    rig.until_actions(0, 0, 1, 0).await;
    rig.client.post(rig.at("/webhooks/stranger/%22%0A")).send().await.unwrap();
    rig.until("the figures", || async {
        let answer = rig.get("/metrics").await;
        assert_eq!(answer.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
        let text = answer.text().await.unwrap();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let (_, value) = line.rsplit_once(' ').unwrap();
            assert!(value.parse::<f64>().is_ok(), "{line}");
        }
        [
            "landfall_webhooks_total{sender=\"toy\",outcome=\"kept\"} 1\n",
            "landfall_webhooks_total{sender=\"unknown\",outcome=\"no_sender\"} 1\n",
            "landfall_keep_seconds_count 1\n",
            "landfall_group_events_sum 1\n",
            "landfall_events_judged_total 1\n",
            "landfall_actions_total{work=\"keep_copy\",ending=\"done\"} 1\n",
            "landfall_outbox_done 1\n",
            "landfall_outbox_dead 0\n",
            "landfall_database_up 1\n",
        ]
        .iter()
        .all(|line| text.contains(line))
    })
    .await;
    rig.store.away(Some(Fault::retry("away")));
    let text = rig.get("/metrics").await.text().await.unwrap();
    assert!(text.contains("landfall_database_up 0\n") && !text.contains("landfall_outbox_dead"), "{text}");
}
