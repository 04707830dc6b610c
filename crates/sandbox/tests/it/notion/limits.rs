//! The windows of a minute.

use super::support::{VERSION, notion};
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_has_so_many_requests_a_minute() {
    for (way, header) in
        [("seconds", Some("60")), ("date", Some("Thu, 01 Oct 2026 08:31:16 GMT")), ("absent", None)]
    {
        let notion = notion(&format!("[window]\nconnection = 2\nretry_after = \"{way}\"\n")).await;
        notion.get("/users/me").await;
        notion.get("/users/me").await;
        let reply = notion.ask("GET", "/users/me", &Value::Null).await;
        assert_eq!((reply.status, &reply.json()["code"]), (429, &json!("rate_limited")), "{way}");
        assert_eq!(reply.header("retry-after"), header, "{way}");
        assert_eq!(reply.json()["additional_data"]["rate_limit_reason"], "connection_limit");
        notion.running.advance(Duration::from_secs(59));
        let reply = notion.ask("GET", "/users/me", &Value::Null).await;
        assert_eq!(reply.status, 429);
        assert!(way != "seconds" || reply.header("retry-after") == Some("1"));
        notion.running.advance(Duration::from_secs(1));
        notion.get("/users/me").await;
        assert_eq!(notion.running.stats().rate_limited, 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_connections_share_the_limit_of_the_workspace() {
    let notion = notion("[window]\nworkspace = 2\nreason = \"list\"\n").await;
    notion.get("/users/me").await;
    let stranger = format!("Bearer {}", notion.running.stranger_key);
    let headers = [("Authorization", stranger.as_str()), ("Notion-Version", VERSION)];
    let reply = notion.send("GET", "/v1/users/me", &headers, None).await.expect("an answer");
    assert_eq!(reply.status, 200);
    let reply = notion.ask("GET", "/users/me", &Value::Null).await;
    assert_eq!(reply.status, 429);
    assert_eq!(reply.json()["additional_data"]["rate_limit_reason"], json!(["workspace_limit"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_counted_by_endpoint() {
    let notion = notion("").await;
    notion.member(&json!({})).await;
    notion.query(&json!({})).await;
    notion.query(&json!({})).await;
    notion.ask("GET", "/weather", &Value::Null).await;
    let requests = notion.running.requests();
    let of = |name: &str| requests.get(name).copied().unwrap_or(0);
    assert_eq!((of("pages/create"), of("data_sources/query"), of("nowhere")), (1, 2, 1));
    let stats = notion.running.stats();
    assert_eq!((stats.requests, stats.writes), (4, 1));
    assert!(stats.bytes > 100);
}
