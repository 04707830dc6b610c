//! What goes wrong on purpose.

use super::support::{notion, text};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn statuses_have_the_codes_of_the_service() {
    for (status, code, retry) in [
        (403, "restricted_resource", None),
        (409, "conflict_error", None),
        (429, "rate_limited", Some("1")),
        (500, "internal_server_error", None),
        (503, "service_unavailable", None),
        (504, "gateway_timeout", None),
        (529, "service_overload", Some("1")),
    ] {
        let notion = notion(&format!("[[fault]]\nkind = \"status\"\nstatus = {status}\ntimes = 1\n")).await;
        let reply = notion.ask("GET", "/users/me", &Value::Null).await;
        assert_eq!((reply.status, &reply.json()["code"]), (status, &json!(code)));
        assert_eq!(reply.header("retry-after"), retry, "{status}");
        assert_eq!(reply.json().get("additional_data").is_some(), status == 429, "{status}");
        notion.get("/users/me").await;
        assert_eq!(notion.running.stats().errors_injected, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_may_have_been_made_although_the_answer_says_no_or_never_comes() {
    for (kind, status, made) in [
        ("kind = \"status\"\nstatus = 500\nafter_work = true", Some(500), 1),
        ("kind = \"status\"\nstatus = 500", Some(500), 0),
        ("kind = \"dropped\"\nafter_work = true", None, 1),
        ("kind = \"dropped\"", None, 0),
        ("kind = \"status-html\"\nstatus = 502\nafter_work = true", Some(502), 1),
        ("kind = \"html-200\"", Some(200), 0),
        ("kind = \"cut\"", None, 1),
        ("kind = \"truncated\"", Some(200), 1),
        ("kind = \"late\"\nmilliseconds = 1", Some(200), 1),
        ("kind = \"slow\"\nmilliseconds = 1", Some(200), 1),
    ] {
        let notion = notion(&format!("[[fault]]\n{kind}\nendpoints = [\"pages/create\"]\ntimes = 1\n")).await;
        let body = notion.row(&json!({"Name": {"title": text("Ada")}}));
        let reply = notion.try_ask("POST", "/pages", &body).await;
        assert_eq!(reply.as_ref().ok().map(|reply| reply.status), status, "{kind}");
        assert_eq!(notion.running.pages(&notion.running.members_source_id).len(), made, "{kind}");
        assert_eq!(notion.running.stats().writes, made as u64, "{kind}");
        if let Ok(reply) = reply {
            let html = reply.header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
            assert_eq!(html, kind.contains("html"), "{kind}");
            assert_eq!(reply.header("cf-ray").is_some(), html, "{kind}: a page of the proxy in front");
            assert_eq!(reply.header("x-notion-request-id").is_none(), html, "{kind}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_strikes_the_endpoints_it_names() {
    let notion =
        notion("[[fault]]\nkind = \"status\"\nstatus = 409\nendpoints = [\"pages/update\"]\nat = [2]\n")
            .await;
    let row = notion.member(&json!({})).await;
    let mut seen = Vec::new();
    for _ in 0..3 {
        notion.get(&format!("/pages/{row}")).await;
        seen.push(notion.ask("PATCH", &format!("/pages/{row}"), &json!({"is_locked": true})).await.status);
    }
    assert_eq!(seen, [200, 409, 200]);
}
