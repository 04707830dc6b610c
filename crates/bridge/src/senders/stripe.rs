//! Stripe, and what signs like it.
//!
//! `Stripe-Signature: t=SECONDS,v1=HEX,…`: hexadecimal HMAC-SHA256 over `t.body`, one `v1` for each secret
//! that is in use; the key is the secret's text, `whsec_` and all. The body's `id`, `type` and `created` say
//! which event, what happened and when; `data.object` is the record.
//! Source: docs.stripe.com, "Verify webhook signatures manually" and "The Event object".

use super::frame::{Frame, Heard, Scheme};
use super::keys::{Keys, Signature, from_hex};
use super::{Settings, Unfit, window};
use crate::body;
use crate::sender::{Refused, Request, Sender};
use jiff::Timestamp;
use serde_json::Value;

struct Stripe(Option<Keys>);

pub(super) fn make(settings: &Settings) -> Result<Box<dyn Sender>, Unfit> {
    Ok(Box::new(Frame { name: settings.name.clone(), scheme: Stripe(Keys::of_text(settings)?) }))
}

/// The time and the signatures of the header; `None`: no time, or more than one.
fn parts(header: &str) -> Option<(&str, Vec<Signature>)> {
    let mut times = Vec::new();
    let mut signatures = Vec::new();
    for (name, value) in header.split(',').filter_map(|part| part.trim().split_once('=')) {
        match name {
            "t" => times.push(value),
            "v1" => signatures.extend(from_hex(value)),
            // `v0` is of test events and signs with something else.
            _ => {}
        }
    }
    match times.as_slice() {
        [time] => Some((*time, signatures)),
        _ => None,
    }
}

impl Scheme for Stripe {
    fn believe(&self, request: &Request<'_>, now: Timestamp) -> Result<(), Refused> {
        let Some(keys) = &self.0 else { return Ok(()) };
        let header =
            request.header("stripe-signature").ok_or(Refused::NotBelieved("the signature is missing"))?;
        let (time, signatures) = parts(header).ok_or(Refused::NotBelieved("the timestamp is missing"))?;
        if !keys.sign_one_of(&[time.as_bytes(), b".", request.body], &signatures) {
            return Err(Refused::NotBelieved("the signature is wrong"));
        }
        window::within(time, now)
    }

    fn read(&self, _: &Request<'_>, body: &Value) -> Result<Heard, Refused> {
        let text = |path: &[&str]| body::at(body, path).and_then(Value::as_str).map(str::to_owned);
        let kind = text(&["type"]).ok_or(Refused::NotUnderstood("the body has no `type`"))?;
        let object = text(&["data", "object", "object"]).zip(text(&["data", "object", "id"]));
        let created = body.get("created").and_then(Value::as_i64);
        Ok(Heard {
            id: text(&["id"]),
            kind,
            subject: object.map(|(object, id)| format!("{object}:{id}")).unwrap_or_default(),
            occurred: created.and_then(|seconds| Timestamp::from_second(seconds).ok()),
            ..Heard::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::support::{NOW, Told, case, hex_signature, judge, judged};

    const BODY: &str = r#"{"id":"evt_1","object":"event","type":"customer.updated","created":1699999990,
        "data":{"object":{"id":"cus_1","object":"customer","client_secret":"s3cret"}}}"#;
    const AT: &str = "1700000000";

    fn sign(secret: &str, at: &str, body: &str) -> String {
        hex_signature(secret, &format!("{at}.{body}"))
    }

    #[test]
    fn only_what_is_signed_by_a_secret_in_its_time_is_taken() {
        let (new, old, other) = (sign("new", AT, BODY), sign("old", AT, BODY), sign("other", AT, BODY));
        let body_only = hex_signature("new", BODY);
        let (wrong, far) =
            (Told::No("the signature is wrong"), Told::No("the timestamp is more than five minutes away"));
        let no_time = Told::No("the timestamp is missing");
        let good = Told::Event("customer.updated", "evt_1");
        let at = |at: &str| format!("t={at},v1={}", sign("new", at, BODY));
        for (name, header, expected) in [
            ("the new secret", format!("t={AT},v1={new}"), good),
            ("the old secret", format!("t={AT},v1={old}"), good),
            ("several", format!("t={AT},v1={other},v1={new},v0={other}"), good),
            ("in another order, with blanks", format!("v1={new}, t={AT}"), good),
            ("another secret", format!("t={AT},v1={other}"), wrong),
            ("another time", format!("t=1700000001,v1={new}"), wrong),
            ("the body alone", format!("t={AT},v1={body_only}"), wrong),
            ("only v0", format!("t={AT},v0={new}"), wrong),
            ("cut", format!("t={AT},v1={}", &new[..60]), wrong),
            ("no signature", format!("t={AT}"), wrong),
            ("no time", format!("v1={new}"), no_time),
            ("two times", format!("t={AT},t={AT},v1={new}"), no_time),
            ("nothing that can be read", "hello".to_owned(), no_time),
            ("missing", "-".to_owned(), Told::No("the signature is missing")),
            ("five minutes old", at("1699999700"), good),
            ("older", at("1699999699"), far),
            ("five minutes ahead", at("1700000300"), good),
            ("further ahead", at("1700000301"), far),
            ("no time at all", at("now"), Told::No("the timestamp cannot be read")),
        ] {
            let headers = case(&[("stripe-signature", &header)]);
            assert_eq!(judge("stripe", "new,old", &headers, BODY, NOW), expected, "{name}");
        }
    }

    #[test]
    fn the_body_says_which_record_changed_when() {
        let signed =
            |body: &str| case(&[("stripe-signature", &format!("t={AT},v1={}", sign("s", AT, body)))]);
        let (event, _) = judged("stripe", "s", &signed(BODY), BODY, NOW).expect("believed");
        let event = event.expect("an event");
        assert_eq!(event.subject, "customer:cus_1");
        assert_eq!(event.occurred.as_second(), 1_699_999_990);
        assert_eq!(event.body.pointer("/data/object/client_secret"), None);
        for (body, expected) in [
            (r#"{"id":"evt_1"}"#, Told::Odd("the body has no `type`")),
            (r#"{"id":"evt_1","type":7}"#, Told::Odd("the body has no `type`")),
            (r#"{"id":"evt_1","type":"a","created":"x","data":[]}"#, Told::Event("a", "evt_1")),
            (r#"{"id":"evt_1","type":"a","created":9223372036854775807}"#, Told::Event("a", "evt_1")),
        ] {
            assert_eq!(judge("stripe", "s", &signed(body), body, NOW), expected, "{body}");
        }
    }
}
