//! The window of an address and the quota of a month.

use super::support::circle;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn an_address_has_so_many_requests_in_a_while() {
    for (way, expected) in
        [("absent", None), ("seconds", Some("300")), ("date", Some("Thu, 01 Oct 2026 00:05:01 GMT"))]
    {
        let toml = format!("[window]\nrequests = 3\nseconds = 300\nretry_after = \"{way}\"\n");
        let circle = circle(10, &toml).await;
        for _ in 0..3 {
            assert_eq!(circle.get("/community").await.status, 200);
        }
        let reply = circle.get("/community").await;
        assert_eq!((reply.status, reply.header("retry-after")), (429, expected), "{way}");
        assert_eq!(circle.running.stats().rate_limited, 1);
        circle.running.advance(Duration::from_secs(299));
        assert_eq!(circle.get("/community").await.status, 429, "{way}");
        circle.running.advance(Duration::from_secs(1));
        assert_eq!(circle.get("/community").await.status, 200, "{way}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_has_so_many_calls_of_the_administration() {
    let circle = circle(10, "[quota]\nmonthly = 10\nused = 8\nretry_after = \"seconds\"\n").await;
    assert_eq!(circle.get("/community").await.status, 200);
    // What is refused for its token or leads nowhere costs nothing.
    let wrong = circle.send("GET", "/api/admin/v2/posts", Some("Bearer x"), None).await.expect("an answer");
    assert_eq!(wrong.status, 401);
    assert_eq!(circle.get("/nothing").await.status, 404);
    let token = circle.token_of(&circle.records("/community_members").await[0]["id"]).await;
    let refused = circle.get("/posts").await;
    let month = 31 * 86_400;
    assert_eq!((refused.status, refused.header("retry-after")), (429, Some(month.to_string().as_str())));
    assert_eq!(circle.as_member(&token, "/messages").await.status, 200, "members have no quota");
    let stats = circle.running.stats();
    assert_eq!((stats.quota_used, stats.quota_refused), (10, 1));
    circle.running.advance(Duration::from_secs(month));
    assert_eq!(circle.get("/posts").await.status, 200);
    assert_eq!(circle.running.stats().quota_used, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_counted_by_endpoint() {
    let circle = circle(10, "").await;
    circle.all("/community_members?status=all").await;
    circle.get("/posts").await;
    circle.get("/posts").await;
    circle.get("/posts/1").await;
    circle.get("/weather").await;
    let requests = circle.running.requests();
    let of = |name: &str| requests.get(name).copied().unwrap_or(0);
    assert_eq!((of("posts"), of("posts/show"), of("community_members"), of("nowhere")), (2, 1, 1, 1));
    let stats = circle.running.stats();
    assert_eq!((stats.requests, stats.quota_used), (5, 4));
    assert!(stats.bytes > 100);
}
