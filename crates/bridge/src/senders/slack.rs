//! Slack's Events API.
//!
//! `X-Slack-Signature: v0=` and the hexadecimal HMAC-SHA256 over `v0:timestamp:body`, the timestamp being
//! `X-Slack-Request-Timestamp`. A `url_verification` wants its challenge back. An `event_callback` has an
//! `event_id`, which stays the same when it is sent again; the inner `event` says what happened. What Slack
//! sends as a form (commands, buttons) is not understood.
//! Source: docs.slack.dev, "Verifying requests from Slack" and "The Events API".

use super::frame::{Frame, Heard, Scheme};
use super::keys::{Keys, from_hex};
use super::{Settings, Unfit, window};
use crate::body;
use crate::event::Told;
use crate::sender::{Refused, Request, Sender};
use jiff::Timestamp;
use serde_json::{Value, json};

/// What the inner event tells, and what we call it.
const TOLD: [(&str, &str); 4] =
    [("user", "member_id"), ("channel", "space_id"), ("text", "text"), ("reaction", "reaction")];

struct Slack(Option<Keys>);

pub(super) fn make(settings: &Settings) -> Result<Box<dyn Sender>, Unfit> {
    Ok(Box::new(Frame { name: settings.name.clone(), scheme: Slack(Keys::of_text(settings)?) }))
}

impl Scheme for Slack {
    fn believe(&self, request: &Request<'_>, now: Timestamp) -> Result<(), Refused> {
        let Some(keys) = &self.0 else { return Ok(()) };
        let header = |name| request.header(name);
        let (Some(header), Some(time)) = (header("x-slack-signature"), header("x-slack-request-timestamp"))
        else {
            return Err(Refused::NotBelieved("the signature or its timestamp is missing"));
        };
        let signature = header.strip_prefix("v0=").and_then(from_hex);
        let message: [&[u8]; 4] = [b"v0:", time.as_bytes(), b":", request.body];
        if !signature.is_some_and(|signature| keys.sign_one_of(&message, &[signature])) {
            return Err(Refused::NotBelieved("the signature is wrong"));
        }
        window::within(time, now)
    }

    fn read(&self, _: &Request<'_>, body: &Value) -> Result<Heard, Refused> {
        let text = |path: &[&str]| body::at(body, path).and_then(body::plain);
        match text(&["type"]).as_deref() {
            Some("url_verification") => {
                let challenge =
                    text(&["challenge"]).ok_or(Refused::NotUnderstood("there is no challenge to answer"))?;
                Ok(Heard { answer: Some(json!({ "challenge": challenge })), ..Heard::default() })
            }
            Some("event_callback") => {
                let kind = text(&["event", "type"])
                    .ok_or(Refused::NotUnderstood("the body has no `event` with a `type`"))?;
                let seconds = body.get("event_time").and_then(Value::as_i64);
                let told = TOLD.iter().filter_map(|(theirs, ours)| {
                    Some(((*ours).to_owned(), text(&["event", theirs]).filter(|text| !text.is_empty())?))
                });
                Ok(Heard {
                    id: text(&["event_id"]),
                    kind,
                    occurred: seconds.and_then(|seconds| Timestamp::from_second(seconds).ok()),
                    told: told.collect::<Told>(),
                    ..Heard::default()
                })
            }
            // Slack counts what nobody takes as a fault; what it may add is no reason for one.
            Some(_) => Ok(Heard::default()),
            None => Err(Refused::NotUnderstood("the body has no `type`")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::support::Told as Came;
    use super::super::support::{NOW, case, hex_signature, judge, judged};
    use super::*;

    const BODY: &str = r#"{"token":"s3cret","team_id":"T1","type":"event_callback","event_id":"Ev1",
        "event_time":1699999995,"event":{"type":"message","user":"U1","channel":"C1","text":"hi"}}"#;
    const AT: &str = "1700000000";

    fn sign(secret: &str, at: &str, body: &str) -> String {
        format!("v0={}", hex_signature(secret, &format!("v0:{at}:{body}")))
    }

    fn signed(body: &str) -> Vec<(String, String)> {
        case(&[("x-slack-signature", &sign("s", AT, body)), ("x-slack-request-timestamp", AT)])
    }

    #[test]
    fn the_vector_of_the_documentation_fits() {
        let body = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=\
                    G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-\
                    collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F3977\
                    00885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.\
                    803a0bc887a14d10d2c447fce8b6703c";
        let headers = case(&[
            ("x-slack-signature", "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"),
            ("x-slack-request-timestamp", "1531420618"),
        ]);
        let then = Timestamp::from_second(1_531_420_618).expect("a moment");
        let found = judge("slack", "8f742231b10e8888abcd99yyyzzz85a5", &headers, body, then);
        // Believed, and then a form is no JSON.
        assert_eq!(found, Came::Odd("the body is not JSON"));
    }

    #[test]
    fn only_what_is_signed_by_a_secret_in_its_time_is_taken() {
        let (new, old, other) = (sign("new", AT, BODY), sign("old", AT, BODY), sign("other", AT, BODY));
        let (early, late) = (sign("new", "1699999699", BODY), sign("new", "1700000301", BODY));
        let wrong = Came::No("the signature is wrong");
        let far = Came::No("the timestamp is more than five minutes away");
        let missing = Came::No("the signature or its timestamp is missing");
        let good = Came::Event("message", "Ev1");
        for (name, signature, at, expected) in [
            ("the new secret", new.as_str(), AT, good),
            ("the old secret", &old, AT, good),
            ("another secret", &other, AT, wrong),
            ("another time", &new, "1700000001", wrong),
            ("without its prefix", &new[3..], AT, wrong),
            ("another prefix", &new.replace("v0", "v1"), AT, wrong),
            ("cut", &new[..40], AT, wrong),
            ("too old", &early, "1699999699", far),
            ("too far ahead", &late, "1700000301", far),
            ("no signature", "-", AT, missing),
            ("no time", &new, "-", missing),
        ] {
            let headers = case(&[("x-slack-signature", signature), ("x-slack-request-timestamp", at)]);
            assert_eq!(judge("slack", "new,old", &headers, BODY, NOW), expected, "{name}");
        }
    }

    #[test]
    fn a_challenge_is_answered_and_not_kept() {
        let body = r#"{"token":"x","challenge":"abc123","type":"url_verification"}"#;
        let (event, answer) = judged("slack", "s", &signed(body), body, NOW).expect("believed");
        assert_eq!((event, answer), (None, Some(json!({"challenge": "abc123"}))));
    }

    #[test]
    fn a_retry_is_the_same_event_and_tells_the_same() {
        let mut again = signed(BODY);
        again.push(("x-slack-retry-num".to_owned(), "1".to_owned()));
        let (first, _) = judged("slack", "s", &signed(BODY), BODY, NOW).expect("believed");
        let (second, answer) = judged("slack", "s", &again, BODY, NOW).expect("believed");
        assert_eq!((&first, answer), (&second, None));
        let event = first.expect("an event");
        assert_eq!(event.occurred.as_second(), 1_699_999_995);
        let told = [("member_id", "U1"), ("space_id", "C1"), ("text", "hi")];
        assert_eq!(event.told, told.map(|(name, text)| (name.to_owned(), text.to_owned())).into());
        assert_eq!(event.body.get("token"), None);
    }

    #[test]
    fn what_slack_may_send_besides_is_taken_and_what_it_does_not_is_refused() {
        for (body, expected) in [
            (r#"{"type":"app_rate_limited"}"#, Came::Nothing),
            (
                r#"{"type":"event_callback","event_id":"1"}"#,
                Came::Odd("the body has no `event` with a `type`"),
            ),
            (r#"{"type":"url_verification"}"#, Came::Odd("there is no challenge to answer")),
            (r#"{"event":{"type":"message"}}"#, Came::Odd("the body has no `type`")),
            (r#"{"type":"event_callback","event_id":7,"event":{"type":"a"}}"#, Came::Event("a", "7")),
        ] {
            assert_eq!(judge("slack", "s", &signed(body), body, NOW), expected, "{body}");
        }
    }
}
