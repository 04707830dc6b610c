//! Whether a webhook is from the service.

use base::{Clock, Secret};
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// How far a webhook's time may be from ours, to both sides: what the service's own apps use.
pub const WINDOW: SignedDuration = SignedDuration::from_mins(5);

/// Letters of a signature: SHA-256 in hexadecimal.
const SIGNATURE_CHARS: usize = 64;

/// Timestamps below this are seconds: in milliseconds it is 1973.
const SECONDS_BELOW: i64 = 100_000_000_000;

/// The two headers that a webhook is judged by, of one generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Headers<'a> {
    /// The signature.
    pub signature: &'a str,
    /// When it was sent, as the header has it: what is signed is its text.
    pub timestamp: &'a str,
}

/// Why a webhook is not believed. All of them are answered alike, with 401.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.why())]
pub enum Refused {
    /// No secret is set, so nothing can be believed.
    NoSecret,
    /// A header is missing, or stands alone of its generation.
    Missing,
    /// It is signed by none of the secrets.
    Wrong,
    /// Its timestamp is no time.
    NoTime,
    /// It is too old, or from the future.
    Outside,
}

impl Refused {
    /// The reason in words.
    pub fn why(self) -> &'static str {
        match self {
            Self::NoSecret => "no signing secret is set",
            Self::Missing => "the signature or its timestamp is missing",
            Self::Wrong => "the signature is wrong",
            Self::NoTime => "the timestamp cannot be read",
            Self::Outside => "the timestamp is more than five minutes away",
        }
    }
}

impl<'a> Headers<'a> {
    /// Picks the two headers. The names of today count as soon as one of them is there; else those of before
    /// the service changed its name. Headers of the two generations are never mixed. `get` finds a header by
    /// its name in small letters.
    pub fn pick(get: impl Fn(&str) -> Option<&'a str>) -> Result<Self, Refused> {
        for (signature, timestamp) in [
            ("x-bettermode-signature", "x-bettermode-request-timestamp"),
            ("x-tribe-signature", "x-tribe-request-timestamp"),
        ] {
            match (get(signature), get(timestamp)) {
                (Some(signature), Some(timestamp)) => return Ok(Self { signature, timestamp }),
                (None, None) => {}
                _ => return Err(Refused::Missing),
            }
        }
        Err(Refused::Missing)
    }

    /// When it was sent; `None`: the header is no time, which [`verify`] refuses.
    pub fn sent(&self) -> Option<Timestamp> {
        time(self.timestamp)
    }
}

/// The secrets of a setting, which may hold several with commas between them, while one takes over from
/// another.
pub fn parse_secrets(setting: &str) -> Vec<Secret> {
    setting.split(',').map(str::trim).filter(|secret| !secret.is_empty()).map(Secret::new).collect()
}

/// Whether the body was signed with one of the secrets, within [`WINDOW`] of now: the lower-case hexadecimal
/// of HMAC-SHA256 over `timestamp:body`, the key being the secret's text. Every secret is tried, and each
/// comparison takes the same time whatever it finds.
pub fn verify(secrets: &[Secret], headers: &Headers, body: &[u8], clock: &dyn Clock) -> Result<(), Refused> {
    if secrets.iter().all(Secret::is_empty) {
        return Err(Refused::NoSecret);
    }
    if headers.signature.len() != SIGNATURE_CHARS {
        return Err(Refused::Wrong);
    }
    let given = headers.signature.as_bytes();
    let mut fits = subtle::Choice::from(0);
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        let expected = signature(secret, headers.timestamp, body);
        fits |= expected.as_bytes().ct_eq(given);
    }
    if !bool::from(fits) {
        return Err(Refused::Wrong);
    }
    let sent = headers.sent().ok_or(Refused::NoTime)?;
    let away = clock.now().duration_since(sent).abs();
    if away > WINDOW { Err(Refused::Outside) } else { Ok(()) }
}

/// The signature of a body.
fn signature(secret: &Secret, timestamp: &str, body: &[u8]) -> String {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret.expose().as_bytes())
        .unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
    mac.update(timestamp.as_bytes());
    mac.update(b":");
    mac.update(body);
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Milliseconds since 1970, as the service sends them; seconds are understood, too.
fn time(text: &str) -> Option<Timestamp> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: i64 = text.parse().ok()?;
    if number < SECONDS_BELOW {
        Timestamp::from_second(number).ok()
    } else {
        Timestamp::from_millisecond(number).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::clock::FixedClock;

    /// Computed by another program.
    const BODY: &str = concat!(
        r#"{"networkId":"net01","context":"NETWORK","currentSettings":[],"type":"TEST","#,
        r#""data":{"challenge":"abc123"}}"#
    );
    const SIGNED: &str = "d7edb4e66dc7e0ec7b6e24687b25dd6169480dead9fb6390ed7800d43c6eebf1";
    const AT: &str = "1700000000000";
    const SECRET: &str = "bm-signing-secret";

    fn judged(
        secrets: &str,
        signature: &str,
        timestamp: &str,
        body: &str,
        now_ms: i64,
    ) -> Result<(), Refused> {
        let clock = FixedClock(Timestamp::from_millisecond(now_ms).expect("a timestamp"));
        verify(&parse_secrets(secrets), &Headers { signature, timestamp }, body.as_bytes(), &clock)
    }

    fn signed(timestamp: &str) -> String {
        signature(&Secret::new(SECRET), timestamp, BODY.as_bytes())
    }

    #[test]
    fn a_webhook_is_believed_only_with_its_own_signature_in_its_own_time() {
        let now = 1_700_000_000_000;
        let (upper, one_off) = (SIGNED.to_uppercase(), format!("e{}", &SIGNED[1..]));
        let cut = &SIGNED[..63];
        for (name, secrets, signature, timestamp, body, now, expected) in [
            ("the known case", SECRET, SIGNED, AT, BODY, now, Ok(())),
            ("another secret", "other", SIGNED, AT, BODY, now, Err(Refused::Wrong)),
            ("the old of two", "new, bm-signing-secret", SIGNED, AT, BODY, now, Ok(())),
            ("the new of two", "bm-signing-secret,old", SIGNED, AT, BODY, now, Ok(())),
            ("no secret", "", SIGNED, AT, BODY, now, Err(Refused::NoSecret)),
            ("only commas", " , ,", SIGNED, AT, BODY, now, Err(Refused::NoSecret)),
            ("another body", SECRET, SIGNED, AT, "{}", now, Err(Refused::Wrong)),
            ("another time", SECRET, SIGNED, "1700000000001", BODY, now, Err(Refused::Wrong)),
            ("the time written otherwise", SECRET, SIGNED, "01700000000000", BODY, now, Err(Refused::Wrong)),
            ("one letter off", SECRET, &one_off, AT, BODY, now, Err(Refused::Wrong)),
            ("capital letters", SECRET, &upper, AT, BODY, now, Err(Refused::Wrong)),
            ("cut", SECRET, cut, AT, BODY, now, Err(Refused::Wrong)),
            ("none", SECRET, "", AT, BODY, now, Err(Refused::Wrong)),
            ("five minutes old", SECRET, SIGNED, AT, BODY, now + 300_000, Ok(())),
            ("older", SECRET, SIGNED, AT, BODY, now + 300_001, Err(Refused::Outside)),
            ("five minutes ahead", SECRET, SIGNED, AT, BODY, now - 300_000, Ok(())),
            ("further ahead", SECRET, SIGNED, AT, BODY, now - 300_001, Err(Refused::Outside)),
        ] {
            assert_eq!(judged(secrets, signature, timestamp, body, now), expected, "{name}");
        }
    }

    #[test]
    fn a_signed_timestamp_must_be_a_time() {
        let now = 1_700_000_000_000;
        for (timestamp, expected) in [
            (AT, Ok(())),
            ("1700000000", Ok(())),
            ("", Err(Refused::NoTime)),
            ("-1700000000000", Err(Refused::NoTime)),
            ("1700000000000.5", Err(Refused::NoTime)),
            ("2023-11-14T22:13:20Z", Err(Refused::NoTime)),
            ("99999999999999999999", Err(Refused::NoTime)),
            ("9223372036854775807", Err(Refused::NoTime)),
            ("0", Err(Refused::Outside)),
        ] {
            assert_eq!(judged(SECRET, &signed(timestamp), timestamp, BODY, now), expected, "{timestamp:?}");
        }
    }

    #[test]
    fn headers_of_two_generations_are_never_mixed() {
        let (new, new_at) = (("x-bettermode-signature", "n"), ("x-bettermode-request-timestamp", "1"));
        let (old, old_at) = (("x-tribe-signature", "o"), ("x-tribe-request-timestamp", "2"));
        for (there, expected) in [
            (vec![new, new_at], Ok(("n", "1"))),
            (vec![old, old_at], Ok(("o", "2"))),
            (vec![old, old_at, new, new_at], Ok(("n", "1"))),
            (vec![old, new_at], Err(Refused::Missing)),
            (vec![new, old_at], Err(Refused::Missing)),
            (vec![new, old, old_at], Err(Refused::Missing)),
            (vec![old], Err(Refused::Missing)),
            (vec![], Err(Refused::Missing)),
        ] {
            let get = |name: &str| there.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
            let picked = Headers::pick(get).map(|headers| (headers.signature, headers.timestamp));
            assert_eq!(picked, expected, "{there:?}");
        }
    }
}
