//! What goes wrong on purpose.

use super::support::circle;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_strikes_the_requests_it_names() {
    let toml = "[[fault]]\nkind = \"status\"\nstatus = 503\nendpoints = [\"posts\"]\nat = [2]\n";
    let circle = circle(10, toml).await;
    let mut seen = Vec::new();
    for path in ["/posts", "/comments?space_id=7002", "/posts/1", "/posts", "/posts"] {
        seen.push(circle.get(path).await.status);
    }
    assert_eq!(seen, [200, 200, 404, 503, 200]);
    assert_eq!(circle.running.stats().errors_injected, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_fault_does_what_it_is_called() {
    for (kind, status, json, length) in [
        ("kind = \"status\"\nstatus = 500", Some(500), true, true),
        ("kind = \"status-html\"\nstatus = 502", Some(502), false, true),
        ("kind = \"html-200\"", Some(200), false, true),
        ("kind = \"truncated\"", Some(200), false, false),
        ("kind = \"slow\"\nmilliseconds = 1", Some(200), true, false),
        ("kind = \"late\"\nmilliseconds = 1", Some(200), true, false),
        ("kind = \"cut\"", None, false, false),
        ("kind = \"dropped\"", None, false, false),
    ] {
        let circle = circle(30, &format!("[[fault]]\n{kind}\ntimes = 1\n")).await;
        let whole = || async { circle.get("/community_members").await };
        let struck = circle.try_get("/community_members").await;
        assert_eq!(struck.as_ref().ok().map(|reply| reply.status), status, "{kind}");
        if let Ok(reply) = struck {
            assert_eq!(reply.json() != Value::Null, json, "{kind}");
            let short = reply.body.len() < whole().await.body.len() && kind.contains("truncated");
            assert_eq!(short, !json && !length, "{kind}");
        }
        assert_eq!(whole().await.json()["records"].as_array().map(Vec::len), Some(10), "{kind}: once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_struck_429_says_when_to_come_again_as_the_window_does() {
    let fault = "[[fault]]\nkind = \"status\"\nstatus = 429\n";
    let circle = circle(10, &format!("[window]\nretry_after = \"seconds\"\n{fault}")).await;
    let reply = circle.get("/posts").await;
    assert_eq!((reply.status, reply.header("retry-after")), (429, Some("1")));
    assert_eq!(circle.running.stats().rate_limited, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn statuses_have_the_bodies_of_the_service() {
    for (status, key, words) in [
        (401, "message", "You cannot perform this action."),
        (403, "errors", "The limit of members is reached."),
        (409, "message", "Something went wrong"),
    ] {
        let circle = circle(10, &format!("[[fault]]\nkind = \"status\"\nstatus = {status}\n")).await;
        let reply = circle.get("/posts").await;
        assert_eq!((reply.status, &reply.json()[key]), (status, &json!(words)));
        assert_eq!(reply.json().get("message").is_some(), key == "message");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_may_be_lost_after_the_work() {
    let lost =
        "[[fault]]\nkind = \"dropped\"\nendpoints = [\"community_members\"]\nafter_work = true\ntimes = 1\n";
    let drift = "[[drift]]\nstream = \"community_members\"\nbefore = 1\ninsert = 1\n";
    for (after_work, changes) in [(true, 1), (false, 0)] {
        let toml = format!("{}{drift}", lost.replace("true", &after_work.to_string()));
        let circle = circle(20, &toml).await;
        assert!(circle.try_get("/community_members").await.is_err());
        assert_eq!(circle.running.changes().len(), changes, "after_work = {after_work}");
    }
}
