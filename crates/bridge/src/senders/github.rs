//! GitHub, and what signs like it.
//!
//! `X-Hub-Signature-256: sha256=` and the hexadecimal HMAC-SHA256 of the body; `X-GitHub-Event` is the kind,
//! `X-GitHub-Delivery` the id, the same when it is delivered again. Nothing is dated, so that only the id
//! keeps a repetition out; and the id is not signed. The content type of the hook must be JSON.
//! Source: docs.github.com, "Validating webhook deliveries" and "Webhook events and payloads".

use super::frame::{Frame, Heard, Scheme};
use super::keys::{Keys, from_hex};
use super::{Settings, Unfit};
use crate::sender::{Refused, Request, Sender};
use jiff::Timestamp;
use serde_json::Value;

struct GitHub(Option<Keys>);

pub(super) fn make(settings: &Settings) -> Result<Box<dyn Sender>, Unfit> {
    Ok(Box::new(Frame { name: settings.name.clone(), scheme: GitHub(Keys::of_text(settings)?) }))
}

impl Scheme for GitHub {
    fn believe(&self, request: &Request<'_>, _: Timestamp) -> Result<(), Refused> {
        let Some(keys) = &self.0 else { return Ok(()) };
        let header =
            request.header("x-hub-signature-256").ok_or(Refused::NotBelieved("the signature is missing"))?;
        let signature = header.strip_prefix("sha256=").and_then(from_hex);
        if signature.is_some_and(|signature| keys.sign_one_of(&[request.body], &[signature])) {
            Ok(())
        } else {
            Err(Refused::NotBelieved("the signature is wrong"))
        }
    }

    fn read(&self, request: &Request<'_>, _: &Value) -> Result<Heard, Refused> {
        let kind =
            request.header("x-github-event").ok_or(Refused::NotUnderstood("no kind of event is named"))?;
        // A ping only asks whether anybody is there.
        let kind = if kind == "ping" { String::new() } else { kind.to_owned() };
        let id = request.header("x-github-delivery").map(str::to_owned);
        Ok(Heard { id, kind, ..Heard::default() })
    }
}

#[cfg(test)]
mod tests {
    use super::super::support::{NOW, Told, case, hex_signature, judge};
    use super::*;

    const BODY: &str = "{\"action\":\"opened\"}";

    #[test]
    fn the_vector_of_the_documentation_fits() {
        let header = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        let keys = Keys::new(vec![b"It's a Secret to Everybody".to_vec()]);
        let headers = [("x-hub-signature-256".to_owned(), header.to_owned())];
        let request = Request { route: "", headers: &headers, query: &[], body: b"Hello, World!" };
        assert_eq!(GitHub(Some(keys)).believe(&request, NOW), Ok(()));
    }

    #[test]
    fn only_what_is_signed_by_a_secret_is_taken() {
        let good = format!("sha256={}", hex_signature("new", BODY));
        let old = format!("sha256={}", hex_signature("old", BODY));
        let upper = format!("sha256={}", hex_signature("new", BODY).to_uppercase());
        let bare = hex_signature("new", BODY);
        let cut = &good[..good.len() - 2];
        let sha1 = format!("sha1={}", &bare[..40]);
        let other = format!("sha256={}", hex_signature("other", BODY));
        let empty = format!("sha256={}", hex_signature("", BODY));
        let (wrong, missing) = (Told::No("the signature is wrong"), Told::No("the signature is missing"));
        for (name, signature, body, expected) in [
            ("the new secret", good.as_str(), BODY, Told::Event("issues", "d1")),
            ("the old secret", &old, BODY, Told::Event("issues", "d1")),
            ("capital letters", &upper, BODY, Told::Event("issues", "d1")),
            ("without its prefix", &bare, BODY, wrong),
            ("cut", cut, BODY, wrong),
            ("SHA-1", &sha1, BODY, wrong),
            ("another secret", &other, BODY, wrong),
            ("the empty secret", &empty, BODY, wrong),
            ("another body", &good, "{}", wrong),
            ("two in one header", &format!("{other},{good}"), BODY, wrong),
            ("no hexadecimal", "sha256=zz", BODY, wrong),
            ("empty", "", BODY, wrong),
            ("missing", "-", BODY, missing),
        ] {
            let headers = case(&[
                ("x-hub-signature-256", signature),
                ("x-github-event", "issues"),
                ("x-github-delivery", "d1"),
            ]);
            assert_eq!(judge("github", "new, old", &headers, body, NOW), expected, "{name}");
        }
    }

    #[test]
    fn headers_say_what_happened_and_a_ping_is_nothing() {
        let signature = format!("sha256={}", hex_signature("new", BODY));
        let signed = ("x-hub-signature-256", signature.as_str());
        let derived = super::super::derived_id(BODY.as_bytes());
        for (headers, expected) in [
            (vec![signed, ("x-github-event", "push"), ("x-github-delivery", "1")], Told::Event("push", "1")),
            (vec![signed, ("x-github-event", "push")], Told::Event("push", &derived)),
            (vec![signed, ("x-github-event", "ping"), ("x-github-delivery", "1")], Told::Nothing),
            (vec![signed, ("x-github-delivery", "1")], Told::Odd("no kind of event is named")),
        ] {
            assert_eq!(judge("github", "new", &case(&headers), BODY, NOW), expected, "{headers:?}");
        }
    }
}
