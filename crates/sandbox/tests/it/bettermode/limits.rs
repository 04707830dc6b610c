//! Limits on requests and complexity, on a clock that is moved by hand.

use super::support::{By, Reply, service};
use serde_json::{Value, json};
use std::time::Duration;

const CHEAP: &str = "{ network { id } }";
const DEAR: &str = "{ members(limit: 100) { nodes { id } } }";

fn verdict(reply: &Reply) -> u16 {
    if reply.status == 429 {
        assert_eq!(
            (reply.error(), reply.json()["data"].clone()),
            ((429, "Too many requests".to_owned()), Value::Null)
        );
    }
    reply.status
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_limit_nothing_is_refused() {
    let service = service(0, "").await;
    for _ in 0..50 {
        assert_eq!(verdict(&service.app(CHEAP).await), 200);
    }
    let stats =
        service.app("{ apiRateLimitStats { consumableType limit consumedPoints remainingPoints } }").await;
    assert_eq!(stats.data("/apiRateLimitStats/0/consumedPoints"), 51.0);
    assert!(stats.data("/apiRateLimitStats/0/remainingPoints").as_f64().is_some_and(|left| left > 1e8));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_of_requests_is_refused_until_its_window_ends() {
    let service = service(0, "[rate_limit]\nrequests = 3").await;
    for (after, expected) in [(0, 200), (1, 200), (1, 200), (1, 429), (6, 429), (1, 200)] {
        service.clock.advance(Duration::from_secs(after));
        let reply = service.app(CHEAP).await;
        assert_eq!(verdict(&reply), expected, "after {after} more seconds");
        assert!(!reply.headers.contains_key("retry-after"));
    }
    assert_eq!(service.running.stats().rate_limited, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn complexity_is_limited_like_requests_and_the_answer_may_say_until_when() {
    let scenario = "[rate_limit]\nrequests = 100\ncomplexity = 250\nretry_after = true";
    let service = service(2, scenario).await;
    assert_eq!(verdict(&service.app(DEAR).await), 200);
    service.clock.advance(Duration::from_millis(2_500));
    assert_eq!(verdict(&service.app(DEAR).await), 200);
    let reply = service.app(DEAR).await;
    assert_eq!((verdict(&reply), reply.headers["retry-after"].to_str().ok()), (429, Some("8")));
    assert_eq!(verdict(&service.app(CHEAP).await), 200, "a cheap one still fits");
    service.clock.advance(Duration::from_secs(8));
    assert_eq!(verdict(&service.app(DEAR).await), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_day_counts_what_the_burst_refused_and_ends_a_day_after_its_first_request() {
    let service = service(0, "[rate_limit]\nrequests = 2\nday_requests = 5").await;
    let mut seen = Vec::new();
    for _ in 0..2 {
        for _ in 0..3 {
            seen.push(verdict(&service.app(CHEAP).await));
        }
        service.clock.advance(Duration::from_secs(10));
    }
    assert_eq!(seen, [200, 200, 429, 200, 200, 429]);
    assert_eq!(verdict(&service.app(CHEAP).await), 429, "the day is used up");
    service.clock.advance(Duration::from_secs(24 * 3600 - 20));
    assert_eq!(verdict(&service.app(CHEAP).await), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn statistics_show_both_measures_in_both_windows() {
    let service = service(0, "[rate_limit]").await;
    let query =
        "{ apiRateLimitStats { consumableType limit consumedPoints remainingPoints duration resetsAt } }";
    service.app(CHEAP).await;
    service.clock.advance(Duration::from_secs(4));
    let stats = service.app(query).await.data("/apiRateLimitStats");
    let row = |kind: &str, limit: f64, used: f64, duration: f64, resets: &str| {
        json!({
            "consumableType": kind, "limit": limit, "consumedPoints": used, "remainingPoints": limit - used,
            "duration": duration, "resetsAt": resets,
        })
    };
    let expected = json!([
        row("Request", 20.0, 2.0, 10.0, "2026-03-01T12:00:10.000Z"),
        row("Complexity", 2_000.0, 6.0, 10.0, "2026-03-01T12:00:10.000Z"),
        row("Request", 50_000.0, 2.0, 86_400.0, "2026-03-02T12:00:00.000Z"),
        row("Complexity", 5_000_000.0, 6.0, 86_400.0, "2026-03-02T12:00:00.000Z"),
    ]);
    assert_eq!(stats, expected);
    let closed = self::service(0, "[rate_limit]\nstats = false").await;
    assert_eq!(closed.app(query).await.error().0, 403);
    let owner = By::Member(closed.running.owner_id.clone());
    assert_eq!(closed.ask(&owner, query, json!({})).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_otherwise_costs_a_request_too() {
    let service = service(0, "[rate_limit]\nrequests = 3\nquery_complexity = 150").await;
    assert_eq!(service.app("{ nothing }").await.status, 400);
    assert_eq!(service.ask(&By::Nobody, CHEAP, json!({})).await.error().0, 401);
    let nested = "{ posts(limit: 100) { nodes { tags { id } } } }";
    assert_eq!(service.app(nested).await.error(), (400, "The query is too complex".to_owned()));
    assert_eq!(verdict(&service.app(CHEAP).await), 429);
}
