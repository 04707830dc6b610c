//! Faults: what is done, what is lost, and how it looks from outside.

use super::support::{By, Reply, Service, service};
use sandbox::bettermode::{Fault, FaultKind, Records};
use serde_json::{Value, json};
use std::time::Duration;

const MAKE: &str = "mutation { createCollection(input: {name: \"New\"}) { id } }";

impl Service {
    fn collections(&self) -> usize {
        self.running.records(Records::Collections).len()
    }

    /// Creates a collection while a fault strikes.
    async fn make(&self, kind: FaultKind) -> Result<Reply, reqwest::Error> {
        let fault = Fault { milliseconds: 20, ..Fault::next(kind, "createCollection") };
        self.running.arm(fault);
        self.try_ask(&By::App, MAKE, json!({})).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_lost_before_or_after_the_deed() {
    let service = service(0, "").await;
    for (kind, done) in [
        (FaultKind::Dropped, 0),
        (FaultKind::Silent, 0),
        (FaultKind::DroppedAfter, 1),
        (FaultKind::SilentAfter, 1),
        (FaultKind::CutAfter, 1),
    ] {
        let before = service.collections();
        let lost = service.make(kind).await;
        assert!(lost.is_err(), "{kind:?}: {lost:?}");
        assert_eq!(service.collections() - before, done, "{kind:?}");
        assert_eq!(service.app(MAKE).await.status, 200, "the next one is answered");
    }
    assert_eq!(service.running.stats().errors_injected, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silence_outlasts_a_clients_patience() {
    let service = service(0, "").await;
    let fault = Fault { milliseconds: 60_000, ..Fault::next(FaultKind::SilentAfter, "createCollection") };
    service.running.arm(fault);
    let impatient = tokio::time::timeout(Duration::from_millis(100), service.app(MAKE)).await;
    assert!(impatient.is_err(), "no answer comes");
    assert_eq!(service.collections(), 1, "and yet it was done");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_answer_comes_before_or_after_the_deed() {
    let service = service(0, "").await;
    for (kind, status, body, done) in [
        (FaultKind::Broken, 500, "Internal server error", 0),
        (FaultKind::BrokenAfter, 500, "Internal server error", 1),
        (FaultKind::Unavailable, 503, "<!DOCTYPE html>", 0),
        (FaultKind::Html, 200, "<!DOCTYPE html>", 0),
        (FaultKind::TruncatedAfter, 200, "{\"data\":", 1),
        (FaultKind::Unauthorized, 200, "Unauthorized", 0),
        (FaultKind::Forbidden, 200, "Forbidden resource", 0),
        (FaultKind::TooMany, 429, "Too many requests", 0),
    ] {
        let before = service.collections();
        let reply = service.make(kind).await.expect("an answer");
        assert_eq!(reply.status, status, "{kind:?}");
        assert!(reply.text.contains(body), "{kind:?}: {}", reply.text);
        assert_eq!(service.collections() - before, done, "{kind:?}");
        let whole = serde_json::from_str::<Value>(&reply.text).is_ok();
        let broken = [FaultKind::Unavailable, FaultKind::Html, FaultKind::TruncatedAfter].contains(&kind);
        assert_eq!(whole, !broken, "{kind:?}: {}", reply.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_action_fails_without_an_error_and_nothing_is_done() {
    let service = service(4, "").await;
    let ada = service.member("Ada").await;
    service.running.arm(Fault { fields: Vec::new(), ..Fault::next(FaultKind::Failed, "") });
    assert_eq!(service.app("{ network { id } }").await.status, 200, "a query gives no Action");
    assert!(service.app(MAKE).await.data("/createCollection/id").is_string(), "nor does this mutation");
    let delete = format!("mutation {{ deleteMember(id: \"{ada}\") {{ status }} }}");
    let reply = service.app(&delete).await;
    assert_eq!(reply.data("/deleteMember/status"), "failed");
    assert_eq!(service.running.record(Records::Members, &ada).expect("still there")["status"], "VERIFIED");
    assert_eq!(service.app(&delete).await.data("/deleteMember/status"), "succeeded");
    let space = service.space("Room").await;
    service.running.arm(Fault::next(FaultKind::Failed, "removeSpaceMembers"));
    let bot = &service.running.bot_id;
    let remove = format!(
        "mutation {{ removeSpaceMembers(spaceId: \"{space}\", memberIds: [\"{bot}\"]) {{ status }} }}"
    );
    assert_eq!(service.app(&remove).await.data("/removeSpaceMembers"), json!([{"status": "failed"}]));
    assert_eq!(service.running.space_members(&space).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_enum_has_a_value_that_nobody_knows() {
    let service = service(4, "").await;
    service.running.arm(Fault::next(FaultKind::UnknownEnum, "members"));
    let query = "{ members(limit: 3, orderBy: \"createdAt\") { nodes { id status emailStatus } } }";
    let nodes = service.app(query).await.data("/members/nodes");
    assert_eq!(
        (&nodes[0]["status"], &nodes[0]["emailStatus"]),
        (&json!("SOMETHING_NEW"), &json!("verified"))
    );
    assert_eq!(nodes[1]["status"], "VERIFIED", "the others are as they were");
    let again = service.app(query).await.data("/members/nodes/0/status");
    assert_eq!(again, "VERIFIED");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_of_the_data_is_missing_and_an_error_says_so() {
    let service = service(4, "").await;
    service.running.arm(Fault::next(FaultKind::Partial, "members"));
    let query = "{ network { id } members(limit: 3) { pageInfo { hasNextPage } nodes { id name } } }";
    let reply = service.app(query).await;
    let body = reply.json();
    assert_eq!(reply.status, 200);
    assert_eq!(body["data"]["members"]["nodes"], Value::Null);
    assert_eq!(body["data"]["members"]["pageInfo"]["hasNextPage"], true, "the rest is there");
    assert_eq!(body["data"]["network"]["id"], json!(service.running.network_id));
    assert_eq!((reply.error().0, &body["errors"][0]["path"]), (500, &json!(["members", "nodes"])));
    assert_eq!(body["errors"][0]["locations"][0]["line"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_a_scenario_strike_the_nth_request_for_a_field() {
    let scenario = "[[fault]]\nkind = \"500\"\nfields = [\"createCollection\"]\nat = [2, 3]\n\
        [[fault]]\nkind = \"429\"\nfields = [\"posts\"]\nevery = 2\ntimes = 1";
    let service = service(0, scenario).await;
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(service.app(MAKE).await.status);
        seen.push(service.app("{ posts(limit: 1) { totalCount } }").await.status);
    }
    assert_eq!(seen, [200, 200, 500, 429, 500, 200, 200, 200]);
    service.running.arm(Fault { times: None, ..Fault::next(FaultKind::Broken, "posts") });
    assert_eq!(service.app("{ posts(limit: 1) { totalCount } }").await.status, 500);
    service.running.disarm();
    assert_eq!(service.app("{ posts(limit: 1) { totalCount } }").await.status, 200);
    assert_eq!(service.running.stats().fields["posts"], 6);
}
