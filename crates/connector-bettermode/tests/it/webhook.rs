//! A webhook from the wire to its answer, as a receiver uses it.

use base::clock::FixedClock;
use connector_bettermode::webhook::{
    EventName, Headers, Payload, PayloadType, Refused, Route, parse_secrets, verify,
};
use jiff::Timestamp;
use serde_json::json;

const BODY: &str = concat!(
    r#"{"networkId":"net01","context":"NETWORK","currentSettings":[],"type":"TEST","#,
    r#""data":{"challenge":"abc123"}}"#
);
const SIGNATURE: &str = "d7edb4e66dc7e0ec7b6e24687b25dd6169480dead9fb6390ed7800d43c6eebf1";

#[test]
fn the_handshake_is_believed_and_answered() {
    let headers =
        [("X-Bettermode-Signature", SIGNATURE), ("X-Bettermode-Request-Timestamp", "1700000000000")];
    let get =
        |name: &str| headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| *value);
    let headers = Headers::pick(get).expect("both headers");
    let secrets = parse_secrets("next-secret, bm-signing-secret");
    let clock = FixedClock(Timestamp::from_millisecond(1_700_000_060_000).expect("a timestamp"));
    verify(&secrets, &headers, BODY.as_bytes(), &clock).expect("believed");
    let payload = Payload::read(BODY.as_bytes()).expect("a payload");
    assert_eq!((&payload.kind, payload.challenge()), (&PayloadType::Test, Some("abc123")));
    let answer = serde_json::to_value(payload.succeeded()).expect("JSON");
    assert_eq!(answer, json!({"type": "TEST", "status": "SUCCEEDED", "data": {"challenge": "abc123"}}));
    let mut changed = BODY.as_bytes().to_vec();
    changed[5] ^= 1;
    assert_eq!(verify(&secrets, &headers, &changed, &clock), Err(Refused::Wrong));
}

#[test]
fn an_event_has_what_a_receiver_needs() {
    let body = json!({"type": "SUBSCRIPTION", "networkId": "net01", "data": {"id": "9f0c", "name": "reaction.added",
        "time": "2025-03-01T10:00:00.000Z", "actor": {"id": "mem1"}, "target": {"postId": "pst1"},
        "object": {"reaction": "+1", "token": "s3cret"}}});
    let payload = Payload::read(body.to_string().as_bytes()).expect("a payload");
    let told = payload.subscription().expect("a subscription");
    assert_eq!(told.name, EventName::ReactionAdded);
    assert_eq!(told.name.route(), Some(Route::Activity));
    assert_eq!(told.record_key().expect("a key").to_string(), "reaction:pst1/mem1");
    assert!(told.time.and_then(|time| time.timestamp()).is_some());
    assert!(!serde_json::to_string(&told.object).expect("JSON").contains("s3cret"));
}
