//! `call_url`: the event, posted to another address with the headers of Standard Webhooks 1.0.0:
//! `webhook-id`, the same on every attempt, `webhook-timestamp`, and with a secret `webhook-signature` (`v1,`
//! + base64 of HMAC-SHA256 over `id.timestamp.body`).

use base::{Fault, Secret};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bridge::{Action, Ending};
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use sha2::Sha256;
use std::time::Duration;
use webclient::{Poster, Url};

/// How long the other side may take: what Standard Webhooks advises its senders at most.
const TIMEOUT: Duration = Duration::from_secs(30);
/// In front of a secret that is base64.
const SECRET_PREFIX: &str = "whsec_";

/// Calls other addresses.
pub struct Calls {
    poster: Poster,
    /// The bytes that sign; `None`: nothing does.
    key: Option<Vec<u8>>,
}

impl Calls {
    /// Calls that are signed with this secret.
    pub fn new(secret: Option<Secret>) -> Result<Self, Fault> {
        let key = secret.map(|secret| key(&secret)).transpose()?;
        let poster = Poster::new(TIMEOUT).map_err(|error| Fault::new(error.class(), error.to_string()))?;
        Ok(Self { poster, key })
    }

    pub(super) async fn perform(&self, action: &Action, url: &str, now: Timestamp) -> Ending {
        let never = |what: String| Ending::Never { fault: Fault::usage(what) };
        let Some(url) = Url::parse(url).ok().filter(|url| matches!(url.scheme(), "https" | "http")) else {
            return never(format!("rule {} names no http or https address", action.rule));
        };
        let Ok(body) = serde_json::to_vec(&action.event) else {
            return Ending::Never { fault: Fault::bug("an event is no JSON") };
        };
        let (id, at) = (action.mark(), now.as_second().to_string());
        let signature = self.key.as_ref().map(|key| signature(key, &id, &at, &body));
        let mut headers = vec![("webhook-id", id.as_str()), ("webhook-timestamp", at.as_str())];
        headers.extend(signature.as_deref().map(|signature| ("webhook-signature", signature)));
        match self.poster.post(&url, &headers, body).await {
            Ok(answer) => ending(answer.status, answer.retry_after),
            // The same id again is the same call: repeating is safe, whatever became of this one.
            Err(error) => super::failed(Fault::new(error.class(), error.to_string())),
        }
    }
}

/// What the status means to Standard Webhooks: 410 asks never to be called again, 429 and 5xx to come later.
fn ending(status: u16, retry_after: Option<Duration>) -> Ending {
    let fault = |hint: &str| {
        let fault = Fault::fail(format!("the address answered with status {status}"));
        if hint.is_empty() { fault } else { fault.hint(hint) }
    };
    let wait = retry_after.and_then(|wait| SignedDuration::try_from(wait).ok());
    match status {
        200..=299 => Ending::done(format!("called, status {status}")),
        300..=399 => Ending::Never { fault: fault("redirects are not followed: name the final address") },
        410 => Ending::Never { fault: fault("it does not want these calls: take the rule out") },
        408 | 425 | 429 | 500..=599 => Ending::Later { fault: fault(""), wait },
        _ => Ending::Never { fault: fault("") },
    }
}

fn key(secret: &Secret) -> Result<Vec<u8>, Fault> {
    let text = secret.expose().trim();
    match text.strip_prefix(SECRET_PREFIX) {
        None => Ok(text.as_bytes().to_vec()),
        Some(coded) => STANDARD.decode(coded).map_err(|_| {
            Fault::usage(format!("the secret of calls begins with {SECRET_PREFIX} and is no base64"))
        }),
    }
}

fn signature(key: &[u8], id: &str, at: &str, body: &[u8]) -> String {
    let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(key) else {
        unreachable!("HMAC takes a key of any length")
    };
    for part in [id.as_bytes(), b".", at.as_bytes(), b".", body] {
        mac.update(part);
    }
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vector of the Standard Webhooks libraries' own tests.
    #[test]
    fn calls_are_signed_as_other_libraries_verify() {
        let key = key(&Secret::new("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")).unwrap();
        let body = br#"{"email":"test@example.com","username":"test_user"}"#;
        let signed = signature(&key, "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", "1649367553", body);
        assert_eq!(signed, "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=");
    }

    #[test]
    fn a_secret_that_cannot_be_read_is_refused_before_anything_is_sent() {
        for (secret, works) in [("whsec_AAAA", true), ("plain text", true), ("whsec_%%", false)] {
            assert_eq!(Calls::new(Some(Secret::new(secret))).is_ok(), works, "{secret}");
        }
    }

    #[test]
    fn a_status_decides_between_done_later_and_never() {
        for (status, expected) in [
            (200, "done"),
            (204, "done"),
            (301, "never"),
            (308, "never"),
            (400, "never"),
            (401, "never"),
            (404, "never"),
            (408, "later"),
            (410, "never"),
            (425, "later"),
            (429, "later"),
            (500, "later"),
            (503, "later"),
        ] {
            let wait = Some(Duration::from_secs(7));
            let found = match ending(status, wait) {
                Ending::Done { .. } => "done",
                Ending::Later { wait, .. } => {
                    assert_eq!(wait, Some(SignedDuration::from_secs(7)));
                    "later"
                }
                Ending::Never { .. } => "never",
                Ending::Unknown { .. } => "unknown",
            };
            assert_eq!(found, expected, "{status}");
        }
    }
}
