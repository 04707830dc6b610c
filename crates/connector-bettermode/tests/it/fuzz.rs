//! What the service sends, fuzzed: answers and webhooks.

use connector_bettermode::webhook::{Payload, SECRET_KEYS};
use connector_bettermode::wire;
use serde_json::Value;
use testkit::Fuzz;

const ANSWER: &[&str] = &[
    "{\"data\":",
    "{\"errors\":[",
    "\"members\":",
    "\"extensions\":{\"complexity\":",
    "{\"message\":\"x\"}",
    "\"status\":",
    "\"code\":",
    "\"path\":[",
    "null",
    "1.5e-3",
    "-",
    "\"\\ud800\"",
    "}",
    "]",
    ",",
    "<!DOCTYPE html>",
    " ",
    "\n",
];

const WEBHOOK: &[&str] = &[
    "{\"type\":\"SUBSCRIPTION\",\"data\":{",
    "\"id\":\"1\"",
    "\"name\":\"post.published\"",
    "\"name\":\"space_membership.deleted\"",
    "\"object\":{",
    "\"actor\":",
    "\"target\":{",
    "\"postId\":\"p\"",
    "\"password\":",
    "\"Access_Token\":",
    "{\"key\":\"otp\",\"value\":1}",
    "[null]",
    "null",
    "}",
    "]",
    ",",
    "\"\"",
];

#[test]
fn no_answer_is_taken_for_another_one() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/answer");
    Fuzz { name: "bettermode answer", corpus, pieces: ANSWER }.run(|bytes| {
        let answer = match wire::answer(bytes, false, "members") {
            Ok(answer) => answer,
            Err(malformed) => {
                assert!(malformed.what.len() < 100, "a reason is a sentence without a value");
                return (malformed.what, 0, false);
            }
        };
        let end = bytes.trim_ascii_end().len();
        for eighths in 1..8 {
            let part = wire::answer(&bytes[..end * eighths / 8], false, "members");
            assert!(part.expect_err("a part is no answer").cut, "a part of an answer is worth another try");
        }
        // serde_json's own tree knows nothing of how we take an answer apart.
        if let Ok(all) = serde_json::from_slice::<Value>(bytes) {
            let root = answer.root.as_ref().map_or(Value::Null, |raw| {
                serde_json::from_str(raw.get()).expect("a part of what could be read")
            });
            assert_eq!(root, all["data"]["members"]);
            assert_eq!(answer.errors.len(), all["errors"].as_array().map_or(0, Vec::len));
        }
        (String::new(), answer.errors.len().min(3), answer.root.is_some())
    });
}

#[test]
fn no_webhook_breaks_its_receiver_or_keeps_a_secret() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/webhook");
    Fuzz { name: "bettermode webhook", corpus, pieces: WEBHOOK }.run(|bytes| {
        let Ok(payload) = Payload::read(bytes) else { return (0, None, None) };
        assert!(!has_secret(&payload.document), "a secret is kept");
        let answer = serde_json::to_value(payload.succeeded()).expect("JSON");
        assert_eq!(answer["type"].as_str(), Some(payload.kind.word()));
        let told = payload.subscription();
        let again = Payload::read(payload.document.to_string().as_bytes()).expect("what is kept can be read");
        assert!(again == payload && again.subscription() == told, "what is kept tells the same");
        let key = told.as_ref().and_then(|told| told.record_key()).map(|key| key.kind.len().min(20));
        (1, told.map(|told| told.name.as_str().len().min(30)), key)
    });
}

/// Looks for secrets in its own way: by the text.
fn has_secret(value: &Value) -> bool {
    let plain = |key: &str| key.replace(['_', '-'], "").to_lowercase();
    match value {
        Value::Object(fields) => {
            fields.iter().any(|(key, inner)| SECRET_KEYS.contains(&plain(key).as_str()) || has_secret(inner))
        }
        Value::Array(items) => items.iter().any(has_secret),
        _ => false,
    }
}
