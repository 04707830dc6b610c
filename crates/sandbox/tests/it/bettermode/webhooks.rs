//! Webhooks: the handshake, what is sent for what happens, and how answers are judged.

use super::support::{By, NOON, Service, service};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use hmac::{Hmac, KeyInit, Mac};
use sandbox::bettermode::{Burst, Forgery, ListenProblem, Order, Verdict};
use serde_json::{Value, json};
use sha2::Sha256;
use std::sync::{Arc, Mutex};

/// How a listener answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    Good,
    Failed,
    Plain,
    Created,
    OtherChallenge,
    /// 500 to so many calls, then good.
    Broken(usize),
    /// No answer in time to so many calls, then good.
    Silent(usize),
}

/// What a listener got: headers and body.
type Calls = Arc<Mutex<Vec<(HeaderMap, Bytes)>>>;

struct Listener {
    url: String,
    calls: Calls,
}

impl Listener {
    async fn start(manner: Manner) -> Self {
        let calls = Calls::default();
        let router = Router::new().fallback(answer).with_state((manner, Arc::clone(&calls)));
        let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/hook", socket.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(socket, router).await });
        Self { url, calls }
    }

    /// The bodies of all calls but the handshake.
    fn events(&self) -> Vec<Value> {
        let calls = self.calls.lock().expect("calls");
        let bodies = calls.iter().map(|(_, body)| serde_json::from_slice::<Value>(body).expect("JSON"));
        bodies.filter(|body| body["type"] == "SUBSCRIPTION").collect()
    }

    fn names(&self) -> Vec<String> {
        self.events().iter().map(|event| event["data"]["name"].as_str().expect("a name").to_owned()).collect()
    }
}

async fn answer(State((manner, calls)): State<(Manner, Calls)>, headers: HeaderMap, body: Bytes) -> Response {
    let call: Value = serde_json::from_slice(&body).expect("JSON");
    let earlier = {
        let mut calls = calls.lock().expect("calls");
        calls.push((headers, body));
        calls.len() - 1
    };
    let test = call["type"] == "TEST";
    let data = if test { call["data"].clone() } else { json!({}) };
    let good = json!({"type": call["type"], "status": "SUCCEEDED", "data": data}).to_string();
    let json = |status: StatusCode, body: String| {
        (status, [("content-type", "application/json")], body).into_response()
    };
    match manner {
        Manner::Failed if !test => {
            let failed =
                json!({"type": call["type"], "status": "FAILED", "errorCode": 10, "errorMessage": "no"});
            json(StatusCode::OK, failed.to_string())
        }
        Manner::Plain => "OK".into_response(),
        Manner::Created => json(StatusCode::CREATED, good),
        Manner::OtherChallenge => json(
            StatusCode::OK,
            json!({"type": "TEST", "status": "SUCCEEDED", "data": {"challenge": "x"}}).to_string(),
        ),
        Manner::Broken(times) if !test && earlier <= times => json(StatusCode::INTERNAL_SERVER_ERROR, good),
        Manner::Silent(times) if !test && earlier <= times => {
            tokio::time::sleep(std::time::Duration::from_secs(60)).await;
            json(StatusCode::OK, good)
        }
        _ => json(StatusCode::OK, good),
    }
}

async fn listening(scenario: &str, manner: Manner, names: &[&str]) -> (Service, Listener) {
    let service = service(4, scenario).await;
    let listener = Listener::start(manner).await;
    service.running.listen(&listener.url, names).await.expect("a handshake");
    (service, listener)
}

fn hex_hmac(secret: &str, message: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key");
    mac.update(message);
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_listens_only_after_a_proper_handshake() {
    let service = service(0, "").await;
    for (manner, verdict) in [
        (Manner::Plain, Verdict::Wrong("the Content-Type is not application/json")),
        (Manner::Created, Verdict::Status(201)),
        (Manner::OtherChallenge, Verdict::Wrong("data.challenge is not that of the call")),
    ] {
        let listener = Listener::start(manner).await;
        let problem = service.running.listen(&listener.url, &[]).await.expect_err("a refusal");
        assert_eq!(problem, ListenProblem::Handshake(verdict), "{manner:?}");
        service.running.people().join("X", &format!("{manner:?}@example.test")).expect("a new member");
        service.running.settle().await;
        assert_eq!(listener.events().len(), 0, "{manner:?}");
    }
    for url in ["https://127.0.0.1/x", "http://example.test/x"] {
        assert_eq!(service.running.listen(url, &[]).await, Err(ListenProblem::Elsewhere), "{url}");
    }
    let gone = service.running.listen("http://127.0.0.1:9/x", &[]).await;
    assert_eq!(gone, Err(ListenProblem::Handshake(Verdict::Unanswered)));

    let listener = Listener::start(Manner::Good).await;
    service.running.listen(&listener.url, &[]).await.expect("a handshake");
    let (headers, body) = listener.calls.lock().expect("calls")[0].clone();
    let test: Value = serde_json::from_slice(&body).expect("JSON");
    let challenge = test["data"]["challenge"].clone();
    let network = &service.running.network_id;
    assert_eq!(
        test,
        json!({
            "networkId": network, "context": "NETWORK", "currentSettings": [], "type": "TEST",
            "data": {"challenge": challenge},
        })
    );
    assert_eq!(headers["content-type"], "application/json");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_is_signed_over_timestamp_and_body() {
    for (scenario, signature, timestamp) in [
        ("", "x-bettermode-signature", "x-bettermode-request-timestamp"),
        ("[webhooks]\nheaders = \"tribe\"", "x-tribe-signature", "x-tribe-request-timestamp"),
    ] {
        let (service, listener) = listening(scenario, Manner::Good, &[]).await;
        service.member("Ada").await;
        service.running.settle().await;
        for (headers, body) in listener.calls.lock().expect("calls").iter() {
            assert_eq!(headers[timestamp], NOON.to_string().as_str(), "milliseconds since 1970");
            let message = [NOON.to_string().as_bytes(), b":", body.as_ref()].concat();
            assert_eq!(headers[signature], hex_hmac(&service.running.signing_secret, &message).as_str());
            let other =
                if signature.starts_with("x-tribe") { "x-bettermode-signature" } else { "x-tribe-signature" };
            assert!(!headers.contains_key(other), "pairs are never mixed");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_is_told_by_its_name_and_in_order() {
    let (service, listener) = listening("", Manner::Good, &[]).await;
    let ada = service.member("Ada").await;
    let space = service.space("Room").await;
    let people = service.running.people();
    people.join_space(&ada, &space).expect("entered");
    people.rename(&ada, "Ada L").expect("renamed");
    let post = service.discussion(&space, "T").await;
    let reply = service.create_reply(&By::App, &post, service.post_input(None, "<p>R</p>").await).await;
    people.react(&ada, &post, "+1").expect("a reaction");
    people.edit_post(&post, "<p>New</p>").expect("an edit");
    people.delete_post(&reply.text("/createReply/id")).expect("a deletion");
    let mut draft = service.post_input(Some("D"), "<p>B</p>").await;
    draft["publish"] = json!(false);
    service.create_post(&By::App, &space, draft).await.data("/createPost");
    people.suspend(&ada).expect("a suspension");
    people.delete_member(&ada).expect("a deletion");
    people.delete_space(&space).expect("a deletion");
    service.running.settle().await;
    let expected = [
        "member.created",
        "member.verified",
        "space.created",
        "space_membership.created",
        "space_membership.created",
        "member.updated",
        "post.created",
        "post.published",
        "post.created",
        "post.published",
        "reaction.added",
        "post.updated",
        "post.deleted",
        "post.created",
        "member.suspended",
        "member.deleted",
        "space.deleted",
    ];
    assert_eq!(listener.names(), expected);
    let told: Vec<String> = service.running.events().into_iter().map(|(_, name)| name).collect();
    assert_eq!(told, expected);
    assert!(service.running.deliveries().iter().all(|delivery| delivery.verdict == Verdict::Accepted));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_has_the_envelope_of_the_service() {
    let (service, listener) = listening("", Manner::Good, &["post.published", "member.*"]).await;
    let ada = service.member("Ada").await;
    let space = service.space("Room").await;
    let mut input = service.post_input(Some("Hello"), "<p>B</p>").await;
    input["ownerId"] = json!(ada);
    let post = service.create_post(&By::App, &space, input).await.text("/createPost/id");
    let reply = service.create_reply(&By::App, &post, service.post_input(None, "<p>R</p>").await).await;
    service.running.people().rename(&ada, "Ada L").expect("renamed");
    service.running.settle().await;
    assert_eq!(
        listener.names(),
        ["member.created", "member.verified", "post.published", "post.published", "member.updated"]
    );
    let events = listener.events();
    let event = &events[2];
    let (network, bot) = (json!(service.running.network_id), json!(service.running.bot_id));
    for (pointer, value) in [
        ("/networkId", network.clone()),
        ("/context", json!("NETWORK")),
        ("/entityId", network.clone()),
        ("/currentSettings", json!([])),
        ("/type", json!("SUBSCRIPTION")),
        ("/data/time", json!("2026-03-01T12:00:00.000Z")),
        ("/data/noun", json!("POST")),
        ("/data/verb", json!("PUBLISHED")),
        ("/data/verbAction", json!("PUBLISHED")),
        ("/data/shortDescription", json!("Publish Post")),
        ("/data/actor/id", bot),
        ("/data/actor/roleType", json!("admin")),
        ("/data/actor/sessionInfo", json!({})),
        ("/data/object/id", json!(post)),
        ("/data/object/ownerId", json!(ada)),
        ("/data/object/isReply", json!(false)),
        ("/data/object/status", json!("PUBLISHED")),
        ("/data/target/networkId", network),
        ("/data/target/spaceId", json!(space)),
        ("/data/target/postId", json!(post)),
        ("/entities/owner/id", json!(ada)),
    ] {
        assert_eq!(event.pointer(pointer), Some(&value), "{pointer}: {event}");
    }
    assert_eq!(events[3]["data"]["object"]["isReply"], true);
    assert_eq!(events[3]["data"]["object"]["repliedToIds"], json!([post]));
    assert_eq!(events[3]["data"]["target"]["postId"], reply.data("/createReply/id"));
    let member = &events[4]["data"];
    assert_eq!((&member["object"]["name"], &member["oldObject"]["name"]), (&json!("Ada L"), &json!("Ada")));
    assert_eq!(
        (&member["object"]["password"], &member["object"]["attributes"]),
        (&Value::Null, &json!([null]))
    );
    let ids: std::collections::HashSet<&str> =
        events.iter().filter_map(|event| event["data"]["id"].as_str()).collect();
    assert_eq!(ids.len(), 5, "each event has an id of its own");

    let (service, listener) =
        listening("[webhooks]\nsession_array = true\nentities = false", Manner::Good, &[]).await;
    service.member("Ada").await;
    service.running.settle().await;
    let event = listener.events()[0].clone();
    assert_eq!((&event["data"]["actor"]["sessionInfo"], event.get("entities")), (&json!([null]), None));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_gets_no_answer_is_sent_again_and_what_is_refused_is_not() {
    for (manner, verdicts) in [
        (Manner::Good, vec!["Accepted"]),
        (Manner::Failed, vec!["Refused"]),
        (Manner::Broken(2), vec!["Status(500)", "Status(500)", "Accepted"]),
        (Manner::Broken(9), vec!["Status(500)", "Status(500)", "Status(500)"]),
        (Manner::Silent(1), vec!["Unanswered", "Accepted"]),
    ] {
        // Only who is silent is waited for; the others may be slow on a busy machine.
        let timeout = if matches!(manner, Manner::Silent(_)) { 500 } else { 10_000 };
        let switches = format!("[webhooks]\nattempts = 3\ntimeout = {timeout}\npause = 1");
        let (service, listener) = listening(&switches, manner, &["member.created"]).await;
        service.member("Ada").await;
        service.running.settle().await;
        let deliveries = service.running.deliveries();
        let seen: Vec<String> = deliveries.iter().map(|delivery| format!("{:?}", delivery.verdict)).collect();
        assert_eq!(seen.len(), verdicts.len(), "{manner:?}: {seen:?}");
        assert!(
            seen.iter().zip(&verdicts).all(|(seen, expected)| seen.starts_with(expected)),
            "{manner:?}: {seen:?}"
        );
        let attempts: Vec<u64> = deliveries.iter().map(|delivery| delivery.attempt).collect();
        assert_eq!(attempts, (1..=verdicts.len() as u64).collect::<Vec<_>>());
        let ids: Vec<Value> = listener.events().iter().map(|event| event["data"]["id"].clone()).collect();
        assert!(ids.iter().all(|id| *id == json!(deliveries[0].event)), "the same data.id each time");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn events_come_twice_late_and_in_another_order_on_demand() {
    let (service, listener) = listening("[webhooks]\ncopies = 2", Manner::Good, &["member.created"]).await;
    service.running.hold();
    let members = [service.member("Ada").await, service.member("Bob").await, service.member("Eve").await];
    service.running.settle().await;
    assert_eq!(listener.events().len(), 0, "held back");
    service.running.release(Order::Reversed);
    service.running.settle().await;
    let ids: Vec<Value> =
        listener.events().iter().map(|event| event["data"]["object"]["id"].clone()).collect();
    let [ada, bob, eve] = members.map(|id| json!(id));
    assert_eq!(ids, [&eve, &eve, &bob, &bob, &ada, &ada].map(Clone::clone));
    let first = listener.events()[0]["data"]["id"].as_str().expect("an id").to_owned();
    assert_eq!(service.running.redeliver(&first).await, [Verdict::Accepted]);
    let last = listener.events().pop().expect("an event");
    assert_eq!((&last["data"]["id"], &last["data"]["object"]["id"]), (&json!(first), &eve));
    assert_eq!(service.running.redeliver("nothing").await, []);
    service.running.hold();
    for n in 0..8 {
        service.member(&format!("M{n}")).await;
    }
    service.running.release(Order::Shuffled(7));
    service.running.settle().await;
    let names: Vec<Value> = listener.events()[7..]
        .iter()
        .step_by(2)
        .map(|event| event["data"]["object"]["name"].clone())
        .collect();
    let kept: Vec<Value> = (0..8).map(|n| json!(format!("M{n}"))).collect();
    assert!(names != kept && kept.iter().all(|name| names.contains(name)), "{names:?}");
    service.running.deafen();
    service.member("Zoe").await;
    service.running.settle().await;
    assert_eq!(listener.events().len(), 7 + 16);
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_are_spoiled_on_demand() {
    let (service, listener) = listening("", Manner::Good, &["member.created"]).await;
    service.member("Ada").await;
    service.running.settle().await;
    let event = service.running.events()[0].0.clone();
    let secret = service.running.signing_secret.clone();
    for (forgery, signed, age) in [
        (Forgery::Secret, false, 0),
        (Forgery::Body, false, 0),
        (Forgery::Age(600_000), true, 600_000),
        (Forgery::Age(-600_000), true, -600_000),
    ] {
        service.running.forge(&event, forgery).await;
        let (headers, body) = listener.calls.lock().expect("calls").last().expect("a call").clone();
        let timestamp = headers["x-bettermode-request-timestamp"].to_str().expect("text").to_owned();
        assert_eq!(timestamp, (NOON - age).to_string(), "{forgery:?}");
        let message = [timestamp.as_bytes(), b":", body.as_ref()].concat();
        let genuine = headers["x-bettermode-signature"] == hex_hmac(&secret, &message).as_str();
        assert_eq!(genuine, signed, "{forgery:?}");
    }
    service.running.forge(&event, Forgery::Unsigned).await;
    let (headers, _) = listener.calls.lock().expect("calls").last().expect("a call").clone();
    assert!(!headers.contains_key("x-bettermode-signature"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_sends_so_many_events_each_once() {
    let (service, listener) = listening("", Manner::Good, &[]).await;
    let burst = service.running.burst(200, 100_000).await;
    assert_eq!(burst, Burst { accepted: 200, refused: 0, unanswered: 0 });
    let events = listener.events();
    let ids: std::collections::HashSet<&str> =
        events.iter().filter_map(|event| event["data"]["id"].as_str()).collect();
    assert_eq!((events.len(), ids.len()), (200, 200));
    assert!(events.iter().all(|event| event["data"]["name"] == "member.updated"));
    let (service, _listener) = listening("", Manner::Failed, &[]).await;
    assert_eq!(service.running.burst(3, 1_000).await, Burst { accepted: 0, refused: 3, unanswered: 0 });
}

#[tokio::test(flavor = "multi_thread")]
async fn listeners_of_a_scenario_listen_from_the_start() {
    let listener = Listener::start(Manner::Good).await;
    let scenario = format!("[[webhooks.listener]]\nurl = \"{}\"\nnames = [\"member.created\"]", listener.url);
    let service = service(2, &scenario).await;
    service.member("Ada").await;
    service.running.settle().await;
    assert_eq!(listener.names(), ["member.created"], "and hear nothing of what was before");
    let types =
        service.app("{ globalEventTypes { name noun verb requiredScope } }").await.data("/globalEventTypes");
    let created = json!({
        "name": "member.created", "noun": "MEMBER", "verb": "CREATED", "requiredScope": "member:view",
    });
    assert!(types.as_array().expect("types").contains(&created));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moderated_post_waits_and_the_names_tell_what_became_of_the_objection() {
    let (service, listener) =
        listening("[posts]\nmoderated = true", Manner::Good, &["post.*", "moderation.*"]).await;
    let people = service.running.people();
    let (space, ada) = (service.space("Room").await, service.member("Ada").await);
    people.join_space(&ada, &space).expect("entered");
    let [good, bad] =
        ["Good", "Bad"].map(|title| people.post(&ada, &space, title, "<p>B</p>").expect("a post"));
    let query = format!("{{ post(id: \"{good}\") {{ status }} }}");
    assert_eq!(service.app(&query).await.data("/post/status"), "BLOCKED");
    assert_eq!((people.moderate(&good, true), people.moderate(&bad, false)), (Ok(true), Ok(true)));
    assert_eq!(people.moderate(&good, true), Ok(false), "it waits no longer");
    assert_eq!(service.app(&query).await.data("/post/status"), "PUBLISHED");
    assert_eq!(service.app(&query.replace(&good, &bad)).await.error().0, 404);
    service.running.settle().await;
    let blocked = ["post.created", "post.blocked", "moderation.created"];
    let expected = [
        blocked.as_slice(),
        &blocked,
        &["post.unblocked", "post.published", "moderation.rejected", "post.deleted", "moderation.accepted"],
    ]
    .concat();
    assert_eq!(listener.names(), expected);
}
