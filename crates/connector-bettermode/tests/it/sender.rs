//! Webhooks as the bridge hears them: who is believed, what is kept of it, what is answered.

use crate::rig::start;
use crate::standin::StandIn;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base::clock::FixedClock;
use base::{Clock, Secret};
use bridge::{Event, Judged, Refused, Request, Sender};
use connector_bettermode::{BettermodeSender, SenderSettings};
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use sandbox::bettermode::{Forgery, HandClock, Verdict};
use serde_json::{Value, json};
use sha2::Sha256;
use std::sync::{Arc, Mutex};

const SECRET: &str = "bm-signing-secret";

fn settings() -> SenderSettings {
    SenderSettings {
        name: "bettermode".into(),
        secrets: vec![Secret::new("next"), Secret::new(SECRET)],
        allow_unsigned: false,
        network_id: Some("net01".into()),
    }
}

fn signed(at: Timestamp, body: &[u8]) -> Vec<(String, String)> {
    let stamp = at.as_millisecond().to_string();
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(SECRET.as_bytes()).expect("any key");
    mac.update(stamp.as_bytes());
    mac.update(b":");
    mac.update(body);
    let signature: String = mac.finalize().into_bytes().iter().map(|b| format!("{b:02x}")).collect();
    let header = |name: &str, value: String| (name.to_owned(), value);
    vec![
        header("x-bettermode-signature", signature),
        header("x-bettermode-request-timestamp", stamp),
        header("content-type", "application/json".into()),
    ]
}

fn judged(
    settings: SenderSettings,
    route: &str,
    headers: &[(String, String)],
    body: &[u8],
) -> Result<Judged, Refused> {
    let sender = BettermodeSender::new(settings).expect("a sender");
    sender.judge(&Request { route, headers, query: &[], body }, &FixedClock(start()))
}

/// Of a signed webhook.
fn kept(body: &Value) -> Judged {
    let body = body.to_string().into_bytes();
    judged(settings(), "", &signed(start(), &body), &body).expect("believed")
}

fn event(body: &Value) -> Event {
    kept(body).event.expect("an event")
}

fn subscription(name: &str, object: Value, target: Value) -> Value {
    json!({"networkId": "net01", "type": "SUBSCRIPTION", "data": {"id": "9f0c", "name": name,
        "time": "2026-03-01T11:59:00.000Z", "actor": {"id": "actor"}, "object": object, "target": target}})
}

#[test]
fn nobody_is_believed_without_the_secret_unless_somebody_allows_it() {
    let body = subscription("member.updated", json!({"id": "m1"}), json!({})).to_string().into_bytes();
    let good = signed(start(), &body);
    let old = signed(start() - SignedDuration::from_mins(6), &body);
    let ahead = signed(start() + SignedDuration::from_mins(6), &body);
    let of_another = signed(start(), b"{}");
    let none: Vec<(String, String)> = Vec::new();
    let half = good[..1].to_vec();
    let rename = |(name, value): &(String, String)| (name.replace("bettermode", "tribe"), value.clone());
    let earlier: Vec<(String, String)> = good.iter().map(rename).collect();
    let strict = settings();
    let open = SenderSettings { allow_unsigned: true, ..settings() };
    let blind = SenderSettings { secrets: Vec::new(), ..open.clone() };
    let believed = |outcome: Result<Judged, Refused>| match outcome {
        Ok(judged) => judged.event.is_some(),
        Err(Refused::NotBelieved(why)) => {
            assert!(!why.is_empty());
            false
        }
        Err(other) => panic!("{other}"),
    };
    for (name, headers, expected) in [
        ("signed", &good, [true, true, true]),
        ("in the service's earlier name", &earlier, [true, true, true]),
        ("old", &old, [false, false, true]),
        ("from the future", &ahead, [false, false, true]),
        ("another body's", &of_another, [false, false, true]),
        ("unsigned", &none, [false, false, true]),
        ("half", &half, [false, false, true]),
    ] {
        for (settings, expected) in [&strict, &open, &blind].into_iter().zip(expected) {
            assert_eq!(
                believed(judged(settings.clone(), "", headers, &body)),
                expected,
                "{name}: {settings:?}"
            );
        }
    }
    for secrets in [vec![], vec![Secret::new("")]] {
        let nobody = SenderSettings { secrets, ..settings() };
        let fault = BettermodeSender::new(nobody).expect_err("anybody could send");
        assert!(fault.hints.iter().any(|hint| hint.contains("allow_unsigned")));
    }
}

#[test]
fn a_body_is_looked_at_after_its_signature_and_its_route() {
    let body = b"no JSON";
    let signature = signed(start(), body);
    for (route, headers, expected) in [
        ("member", &signature[..], Refused::NotUnderstood("the body is not a webhook of BetterMode")),
        ("", &signature[..], Refused::NotUnderstood("the body is not a webhook of BetterMode")),
        ("member", &[], Refused::NotBelieved("the signature or its timestamp is missing")),
        ("members", &signature[..], Refused::NoRoute),
        ("member/1", &[], Refused::NoRoute),
    ] {
        assert_eq!(judged(settings(), route, headers, body), Err(expected), "{route}");
    }
    // What it is about decides, and not where it was sent to.
    let body = subscription("post.published", json!({"id": "p1"}), json!({})).to_string().into_bytes();
    for route in ["", "member", "activity", "event"] {
        let judged = judged(settings(), route, &signed(start(), &body), &body).expect("believed");
        assert_eq!(judged.event.expect("an event").kind, "post.published", "{route}");
    }
}

#[test]
fn each_webhook_is_answered_as_the_service_expects_and_kept_if_something_happened() {
    let answer = |kind: &str, data: Value| json!({"type": kind, "status": "SUCCEEDED", "data": data});
    let of = |kind: &str, data: Value| json!({"type": kind, "networkId": "net01", "data": data});
    for (body, answered, kind) in [
        (of("TEST", json!({"challenge": "abc"})), answer("TEST", json!({"challenge": "abc"})), None),
        (
            subscription("member.created", json!({"id": "m1"}), json!({})),
            answer("SUBSCRIPTION", json!({})),
            Some("member.created"),
        ),
        (
            of("SUBSCRIPTION", json!({"name": "post.published"})),
            answer("SUBSCRIPTION", json!({})),
            Some("post.published"),
        ),
        (of("SUBSCRIPTION", json!(null)), answer("SUBSCRIPTION", json!({})), Some("subscription")),
        (of("APP_INSTALLED", json!({})), answer("APP_INSTALLED", json!({})), Some("app.installed")),
        (of("APP_UNINSTALLED", json!({})), answer("APP_UNINSTALLED", json!({})), Some("app.uninstalled")),
        (of("INTERACTION", json!({"id": "9"})), answer("INTERACTION", json!({})), None),
        (of("SOMETHING_NEW", json!({})), answer("SOMETHING_NEW", json!({})), None),
        (
            json!({"type": "SUBSCRIPTION", "networkId": "other", "data": {"id": "1", "name": "member.created"}}),
            answer("SUBSCRIPTION", json!({})),
            None,
        ),
        (
            json!({"type": "SUBSCRIPTION", "data": {"id": "1", "name": "x.y"}}),
            answer("SUBSCRIPTION", json!({})),
            Some("x.y"),
        ),
    ] {
        let judged = kept(&body);
        assert_eq!(judged.answer, Some(answered), "{body}");
        let event = judged.event;
        assert_eq!(event.as_ref().map(|event| event.kind.as_str()), kind, "{body}");
        if let Some(event) = event {
            assert!(!event.id.is_empty() && event.sender == "bettermode", "{body}");
        }
    }
    let installed = |at| {
        let body = of("APP_INSTALLED", json!({})).to_string().into_bytes();
        let judged = judged(settings(), "", &signed(at, &body), &body).expect("believed");
        judged.event.expect("an event").id
    };
    let later = start() + SignedDuration::from_secs(1);
    assert_eq!(installed(start()), installed(start()), "the same request is the same event");
    assert_ne!(installed(start()), installed(later), "it was installed twice");
}

#[test]
fn an_event_is_told_in_the_words_of_the_bridge() {
    let html = |text: &str| json!([{"key": "content", "type": "html", "value": json!(text).to_string()}, {"key": "title", "type": "text", "value": "\"Field\""}]);
    for (name, object, target, subject, told) in [
        (
            "member.updated",
            json!({"id": "m1", "email": "ada@example.test", "name": "Ada", "username": "ada",
                "status": "VERIFIED", "password": "x"}),
            json!({"memberId": "m1"}),
            "member:m1",
            json!({"member_id": "m1", "email": "ada@example.test", "name": "Ada", "username": "ada",
                "status": "VERIFIED"}),
        ),
        ("member.deleted", json!([null]), json!({"memberId": "m1"}), "member:m1", json!({"member_id": "m1"})),
        ("member.deleted", json!(null), json!({}), "", json!({})),
        (
            "member_invitation.created",
            json!({"id": "i1", "inviteeEmail": "bob@example.test", "inviteeName": "Bob"}),
            json!({}),
            "member_invitation:i1",
            json!({"email": "bob@example.test", "name": "Bob"}),
        ),
        (
            "space_membership.created",
            json!({"spaceId": "s1", "memberId": "m1"}),
            json!({"spaceId": "s1", "memberId": "m1"}),
            "space_membership:s1/m1",
            json!({"member_id": "m1", "space_id": "s1"}),
        ),
        (
            "post.published",
            json!({"id": "p1", "ownerId": "m1", "createdById": "bot", "isReply": false, "title": "Hello",
                "spaceId": "s1", "mappingFields": html("<p>Hi <b>all</b></p><p>&amp; you</p>")}),
            json!({"postId": "p1"}),
            "post:p1",
            json!({"member_id": "m1", "space_id": "s1", "post_id": "p1", "title": "Hello",
                "text": "Hi all\n& you", "reply": "false"}),
        ),
        (
            "post.published",
            json!({"id": "p2", "createdById": "m2", "isReply": true, "shortContent": "Short",
                "mappingFields": [null]}),
            json!({"postId": "p2", "spaceId": "s1"}),
            "post:p2",
            json!({"member_id": "m2", "space_id": "s1", "post_id": "p2", "text": "Short", "reply": "true"}),
        ),
        (
            "post.deleted",
            json!({"id": "p1", "ownerId": "m1", "mappingFields": html("")}),
            json!({}),
            "post:p1",
            json!({"member_id": "actor", "post_id": "p1", "title": "Field", "reply": "false"}),
        ),
        (
            "reaction.added",
            json!({"reaction": "+1", "participantId": "m2"}),
            json!({"postId": "p1"}),
            "reaction:p1/m2",
            json!({"member_id": "m2", "post_id": "p1", "reaction": "+1"}),
        ),
        (
            "event.updated",
            json!({"id": "e1", "title": "Circle", "content": "<p>We sit</p>", "startTime": "2026-04-01T18:00:00+02:00",
                "endTime": "soon", "url": "https://x.test/e1", "spaceId": "s1"}),
            json!({}),
            "event:e1",
            json!({"member_id": "actor", "space_id": "s1", "event_id": "e1", "title": "Circle",
                "text": "We sit", "starts_at": "2026-04-01T16:00:00Z", "url": "https://x.test/e1"}),
        ),
        (
            "event_registration.created",
            json!({"id": "r1", "eventId": "e1", "memberId": "m1"}),
            json!({}),
            "event_registration:r1",
            json!({"member_id": "m1", "event_id": "e1"}),
        ),
        (
            "space.created",
            json!({"id": "s1", "name": "News"}),
            json!({}),
            "space:s1",
            json!({"member_id": "actor", "space_id": "s1"}),
        ),
        ("tag.created", json!({"id": 7}), json!({}), "", json!({"member_id": "actor"})),
    ] {
        let body = subscription(name, object, target);
        let event = event(&body);
        assert_eq!(event.kind, name);
        assert_eq!(event.id, "9f0c", "{name}");
        assert_eq!(event.subject, subject, "{name}");
        assert_eq!(json!(event.told), told, "{name}");
        assert_eq!(event.occurred.to_string(), "2026-03-01T11:59:00Z", "{name}");
        assert!(!event.body.to_string().contains("password"), "{name}: secrets are kept nowhere");
        assert_eq!(event.body["data"]["id"], "9f0c", "{name}");
    }
}

#[test]
fn what_claims_another_time_than_it_can_have_happened_at_has_the_time_of_its_sending() {
    for (time, occurred) in [
        (json!("2026-02-01T00:00:00.000Z"), "2026-02-01T00:00:00Z"),
        (json!("2026-03-01T12:05:00.000Z"), "2026-03-01T12:05:00Z"),
        (json!("2027-03-01T12:00:00.000Z"), "2026-03-01T12:00:00Z"),
        (json!("yesterday"), "2026-03-01T12:00:00Z"),
        (json!(1_740_000_000), "2026-03-01T12:00:00Z"),
        (json!(null), "2026-03-01T12:00:00Z"),
    ] {
        let mut body = subscription("member.updated", json!({"id": "m1"}), json!({}));
        body["data"]["time"] = time.clone();
        assert_eq!(event(&body).occurred.to_string(), occurred, "{time}");
    }
}

/// A listener that keeps what is judged to be an event.
#[derive(Clone)]
struct Ear {
    sender: Arc<BettermodeSender>,
    clock: Arc<HandClock>,
    events: Arc<Mutex<Vec<Event>>>,
}

async fn hear(
    State(ear): State<Ear>,
    Path(route): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let text = |value: &axum::http::HeaderValue| value.to_str().ok().map(str::to_owned);
    let headers: Vec<(String, String)> =
        headers.iter().filter_map(|(name, value)| Some((name.to_string(), text(value)?))).collect();
    let request = Request { route: &route, headers: &headers, query: &[], body: &body };
    match ear.sender.judge(&request, &*ear.clock as &dyn Clock) {
        Ok(judged) => {
            ear.events.lock().expect("not poisoned").extend(judged.event);
            axum::Json(judged.answer).into_response()
        }
        Err(Refused::NotBelieved(_)) => StatusCode::UNAUTHORIZED.into_response(),
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_do_in_the_community_is_heard_and_what_is_forged_is_not() {
    for scenario in ["", "[webhooks]\nheaders = \"tribe\"\nsession_array = true\nentities = false"] {
        let service = StandIn::new(4, scenario).await;
        let sender = BettermodeSender::new(SenderSettings {
            secrets: vec![Secret::new(service.running.signing_secret.clone())],
            network_id: Some(service.running.network_id.clone()),
            ..settings()
        });
        let ear = Ear {
            sender: Arc::new(sender.expect("a sender")),
            clock: service.clock.clone(),
            events: Arc::default(),
        };
        let router = Router::new().route("/webhooks/bettermode/{route}", axum::routing::post(hear));
        let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/webhooks/bettermode/member", socket.local_addr().expect("an address"));
        tokio::spawn(axum::serve(socket, router.with_state(ear.clone())).into_future());
        service.running.listen(&url, &[]).await.expect("the handshake is answered");
        let ada = service.join("Ada");
        let space = service.space("News", &[ada.as_str()]).await;
        let people = service.running.people();
        let post = people.post(&ada, &space, "Hello", "<p>World</p>").expect("a post");
        let reply = people.reply(&ada, &post, "<p>Me, too</p>").expect("a reply");
        people.react(&ada, &post, "+1").expect("a reaction");
        service.running.settle().await;
        let verdicts: Vec<Verdict> =
            service.running.deliveries().into_iter().map(|one| one.verdict).collect();
        assert!(verdicts.iter().all(|verdict| *verdict == Verdict::Accepted), "{verdicts:?}");
        let events = ear.events.lock().expect("not poisoned").clone();
        let told = |kind: &str, subject: &str| {
            let found = events.iter().find(|event| event.kind == kind && event.subject == subject);
            found.unwrap_or_else(|| panic!("no {kind} of {subject}")).told.clone()
        };
        assert_eq!(told("member.created", &format!("member:{ada}"))["email"], "ada@example.test");
        let published = told("post.published", &format!("post:{post}"));
        assert_eq!((published["member_id"].as_str(), published["reply"].as_str()), (ada.as_str(), "false"));
        assert_eq!((published["title"].as_str(), published["text"].as_str()), ("Hello", "World"));
        assert_eq!(told("post.published", &format!("post:{reply}"))["reply"], "true");
        assert_eq!(told("reaction.added", &format!("reaction:{post}/{ada}"))["reaction"], "+1");
        assert!(!json!(events).to_string().contains("verificationCode"));

        let (id, _) = service.running.events().pop().expect("an event");
        let before = events.len();
        for forgery in [Forgery::Secret, Forgery::Body, Forgery::Age(300_001), Forgery::Unsigned] {
            let verdicts = service.running.forge(&id, forgery).await;
            assert_eq!(verdicts, [Verdict::Status(401)], "{forgery:?}");
        }
        assert_eq!(ear.events.lock().expect("not poisoned").len(), before);
        assert_eq!(service.running.redeliver(&id).await, [Verdict::Accepted]);
        let again = ear.events.lock().expect("not poisoned").pop().expect("it came again");
        assert_eq!(events.iter().filter(|event| event.id == again.id).count(), 1, "under the same id");
    }
}
