//! The way that every request goes, whoever sent it.

use crate::body;
use crate::event::{Event, ID_BYTES_MAX, Told};
use crate::sender::{Judged, Refused, Request, Sender};
use base::Clock;
use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// What is particular to a kind of sender.
pub(super) trait Scheme: Send + Sync {
    /// Whether the request is from it; the body's bytes are signed, and not looked at otherwise.
    fn believe(&self, request: &Request<'_>, now: Timestamp) -> Result<(), Refused>;
    /// What it tells.
    fn read(&self, request: &Request<'_>, body: &Value) -> Result<Heard, Refused>;
}

/// What a request tells.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Heard {
    /// The id that the sender gave; `None`: [`derived_id`].
    pub id: Option<String>,
    /// What happened; empty: nothing that is to be kept.
    pub kind: String,
    /// The record it is about; empty: none that can be named.
    pub subject: String,
    /// When, by the sender's clock; `None`: when it came.
    pub occurred: Option<Timestamp>,
    /// In our words.
    pub told: Told,
    /// What is to be answered.
    pub answer: Option<Value>,
}

/// A sender of some kind under the name of its section.
pub(super) struct Frame<S> {
    pub name: String,
    pub scheme: S,
}

impl<S: Scheme> Sender for Frame<S> {
    fn name(&self) -> &str {
        &self.name
    }

    fn judge(&self, request: &Request<'_>, clock: &dyn Clock) -> Result<Judged, Refused> {
        if !request.route.is_empty() {
            return Err(Refused::NoRoute);
        }
        let now = clock.now();
        self.scheme.believe(request, now)?;
        let body = body::read(request.body)?;
        let Heard { id, kind, subject, occurred, told, answer } = self.scheme.read(request, &body)?;
        if kind.is_empty() {
            return Ok(Judged { event: None, answer });
        }
        let id = id.unwrap_or_else(|| derived_id(request.body));
        if !is_key(&id) || !is_key(&kind) {
            return Err(Refused::NotUnderstood("the event's id or kind is longer than it may be, or odd"));
        }
        let event = Event {
            sender: self.name.clone(),
            id,
            kind,
            subject: Some(subject).filter(|subject| is_key(subject)).unwrap_or_default(),
            // A clock that is ahead must not make all that follows look old.
            occurred: occurred.filter(|occurred| *occurred <= now).unwrap_or(now),
            told,
            body,
        };
        Ok(Judged { event: Some(event), answer })
    }
}

/// Whether a text can be a key of a table.
fn is_key(text: &str) -> bool {
    !text.is_empty() && text.len() <= ID_BYTES_MAX && !text.chars().any(char::is_control)
}

/// The id of an event whose sender gives none: the first half of the SHA-256 of its body, so that a
/// repetition is seen as one. Two events that say the same to the letter are one as well: a sender that
/// neither numbers nor dates what it tells cannot be told from one that repeats itself.
pub fn derived_id(body: &[u8]) -> String {
    let digest = Sha256::digest(body);
    format!("sha256-{}", hex::encode(&digest[..16]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::clock::FixedClock;

    /// Believes a body that begins with a blank, and hears what stands in it.
    struct Odd;

    impl Scheme for Odd {
        fn believe(&self, request: &Request<'_>, _: Timestamp) -> Result<(), Refused> {
            if request.body.starts_with(b" ") { Ok(()) } else { Err(Refused::NotBelieved("no blank")) }
        }
        fn read(&self, _: &Request<'_>, body: &Value) -> Result<Heard, Refused> {
            let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
            Ok(Heard {
                id: body["id"].as_str().map(str::to_owned),
                kind: text("kind"),
                subject: text("subject"),
                occurred: text("at").parse().ok(),
                ..Heard::default()
            })
        }
    }

    fn judged(route: &str, body: &str) -> Result<Option<String>, Refused> {
        let clock = FixedClock("2026-01-02T00:00:00Z".parse().expect("a moment"));
        let frame = Frame { name: "odd".to_owned(), scheme: Odd };
        let request = Request { route, headers: &[], query: &[], body: body.as_bytes() };
        let event = frame.judge(&request, &clock)?.event;
        Ok(event.map(|e| format!("{} {} {} {} [{}]", e.sender, e.id, e.kind, e.occurred, e.subject)))
    }

    #[test]
    fn route_then_signature_then_body_then_what_it_says() {
        let long = "x".repeat(ID_BYTES_MAX + 1);
        let bad = Err(Refused::NotUnderstood("the event's id or kind is longer than it may be, or odd"));
        for (name, route, body, expected) in [
            ("another route", "member", " {}", Err(Refused::NoRoute)),
            ("the signature comes before the body", "", "{", Err(Refused::NotBelieved("no blank"))),
            (
                "the body comes before its words",
                "",
                " [",
                Err(Refused::NotUnderstood("the body is not JSON")),
            ),
            ("nothing to keep", "", " {\"id\":\"1\"}", Ok(None)),
            (
                "whole",
                "",
                r#" {"id":"1","kind":"a.b","subject":"a:1","at":"2026-01-01T00:00:00Z"}"#,
                Ok(Some("odd 1 a.b 2026-01-01T00:00:00Z [a:1]".to_owned())),
            ),
            (
                "from the future",
                "",
                r#" {"id":"1","kind":"a.b","at":"2026-01-03T00:00:00Z"}"#,
                Ok(Some("odd 1 a.b 2026-01-02T00:00:00Z []".to_owned())),
            ),
            (
                "a subject that is no key",
                "",
                &format!(r#" {{"id":"1","kind":"a.b","subject":"{long}"}}"#),
                Ok(Some("odd 1 a.b 2026-01-02T00:00:00Z []".to_owned())),
            ),
            (
                "no id",
                "",
                r#" {"kind":"a.b"}"#,
                Ok(Some(
                    "odd sha256-5b2c3a6dc416e4ec49723de1dfc02ee4 a.b 2026-01-02T00:00:00Z []".to_owned(),
                )),
            ),
            ("an id too long", "", &format!(r#" {{"id":"{long}","kind":"a"}}"#), bad.clone()),
            ("a kind too long", "", &format!(r#" {{"id":"1","kind":"{long}"}}"#), bad.clone()),
            ("an empty id", "", r#" {"id":"","kind":"a"}"#, bad.clone()),
            ("a line break in the id", "", r#" {"id":"1\n","kind":"a"}"#, bad),
        ] {
            let found = judged(route, body);
            assert_eq!(found, expected, "{name}");
        }
    }

    #[test]
    fn a_repetition_has_the_same_derived_id_and_another_body_has_not() {
        assert_eq!(derived_id(b"{}"), derived_id(b"{}"));
        assert_ne!(derived_id(b"{}"), derived_id(b"{} "));
        assert!(is_key(&derived_id(b"")));
    }
}
