//! Standard Webhooks 1.0.0, and Svix, whose headers have other names.
//!
//! `webhook-id`, `webhook-timestamp` (seconds), `webhook-signature`: a list with blanks between of `v1,` and
//! the base64 of HMAC-SHA256 over `id.timestamp.body`, or `v1a,` and the base64 of an Ed25519 signature of
//! the same. The key is the base64 behind `whsec_`; of `v1a` the public one behind `whpk_`. The body's `type`
//! is the kind, its `timestamp` when it happened.
//! Source: github.com/standard-webhooks/standard-webhooks, `spec/standard-webhooks.md`, version 1.0.0.

use super::frame::{Frame, Heard, Scheme};
use super::keys::{self, Keys, SIGNATURES_MAX, Signature};
use super::{Settings, Unfit, window};
use crate::body;
use crate::sender::{Refused, Request, Sender};
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use jiff::Timestamp;
use ring::signature::{ED25519, UnparsedPublicKey};
use serde_json::Value;

/// With or without `=` at the end: both are pasted.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The beginnings of the headers' names. They are never mixed: the first of which one is there counts.
const NAMES: [[&str; 3]; 2] = [
    ["webhook-id", "webhook-timestamp", "webhook-signature"],
    ["svix-id", "svix-timestamp", "svix-signature"],
];

/// The kind of an event whose body names none.
const UNNAMED: &str = "webhook";

/// What it is checked with.
struct Checks {
    keys: Keys,
    public: Vec<UnparsedPublicKey<Vec<u8>>>,
}

struct Standard(Option<Checks>);

pub(super) fn make(settings: &Settings) -> Result<Box<dyn Sender>, Unfit> {
    Ok(Box::new(Frame { name: settings.name.clone(), scheme: Standard(checks(settings)?) }))
}

fn checks(settings: &Settings) -> Result<Option<Checks>, Unfit> {
    let (mut keys, mut public) = (Vec::new(), Vec::new());
    for (at, part) in keys::parts(settings.secret.as_ref())?.into_iter().enumerate() {
        let bad = |what| Unfit::BadSecret { number: at + 1, what };
        let decoded = |text: &str| BASE64.decode(text).map_err(|_| bad("is no base64"));
        if let Some(text) = part.strip_prefix("whpk_") {
            let key = decoded(text)?;
            if key.len() != 32 {
                return Err(bad("is no public key of Ed25519: those have 32 bytes"));
            }
            public.push(UnparsedPublicKey::new(&ED25519, key));
        } else if part.starts_with("whsk_") {
            return Err(bad("is a private key; only its sender may have that, here belongs the `whpk_` one"));
        } else if part != "v1" && part != "v1a" {
            // Some pages show `v1,whsec_…`, and people paste it whole: the comma cut `v1` off.
            keys.push(decoded(part.strip_prefix("whsec_").unwrap_or(part))?);
        }
    }
    let keys = Keys::new(keys);
    match (keys.is_empty() && public.is_empty(), settings.allow_unsigned) {
        (false, _) => Ok(Some(Checks { keys, public })),
        (true, true) => Ok(None),
        (true, false) => Err(Unfit::NoSecret),
    }
}

/// The three headers of one generation; those that are missing are empty.
fn headers<'a>(request: &Request<'a>) -> [&'a str; 3] {
    let there = |names: &[&str; 3]| names.map(|name| request.header(name).unwrap_or_default());
    NAMES.iter().map(there).find(|found| found.iter().any(|text| !text.is_empty())).unwrap_or_default()
}

impl Checks {
    /// Whether one of the signatures in the header is one of the message.
    fn fit(&self, header: &str, message: &[&[u8]]) -> bool {
        let mut shared: Vec<Signature> = Vec::new();
        let mut fits = false;
        for (version, text) in header.split(' ').filter_map(|part| part.split_once(',')).take(SIGNATURES_MAX)
        {
            let Ok(bytes) = BASE64.decode(text) else { continue };
            match version {
                "v1" => shared.extend(Signature::try_from(bytes.as_slice())),
                "v1a" if !self.public.is_empty() => {
                    let whole = message.concat();
                    fits |= self.public.iter().any(|key| key.verify(&whole, &bytes).is_ok());
                }
                // Another version is another receiver's business.
                _ => {}
            }
        }
        self.keys.sign_one_of(message, &shared) || fits
    }
}

impl Scheme for Standard {
    fn believe(&self, request: &Request<'_>, now: Timestamp) -> Result<(), Refused> {
        let Some(checks) = &self.0 else { return Ok(()) };
        let [id, timestamp, signatures] = headers(request);
        if id.is_empty() || timestamp.is_empty() || signatures.is_empty() {
            return Err(Refused::NotBelieved("the id, the timestamp or the signature is missing"));
        }
        if !checks.fit(signatures, &[id.as_bytes(), b".", timestamp.as_bytes(), b".", request.body]) {
            return Err(Refused::NotBelieved("the signature is wrong"));
        }
        window::within(timestamp, now)
    }

    fn read(&self, request: &Request<'_>, body: &Value) -> Result<Heard, Refused> {
        let [id, timestamp, _] = headers(request);
        let text = |key: &str| body.get(key).and_then(body::plain).filter(|text| !text.is_empty());
        let sent = || Timestamp::from_second(window::seconds(timestamp)?).ok();
        Ok(Heard {
            id: Some(id.to_owned()).filter(|id| !id.is_empty()),
            kind: text("type").unwrap_or_else(|| UNNAMED.to_owned()),
            occurred: text("timestamp").and_then(|text| text.parse().ok()).or_else(sent),
            ..Heard::default()
        })
    }
}

#[cfg(test)]
mod tests;
