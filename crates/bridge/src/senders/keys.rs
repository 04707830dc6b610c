//! Keys of HMAC-SHA256, several at once, and comparing that takes the same time whatever it finds.

use super::{Settings, Unfit};
use base::Secret;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};

/// Secrets of one setting at most: one takes over from another, and nobody changes more at once.
pub(super) const SECRETS_MAX: usize = 8;
/// Signatures of one request that are looked at; a sender that rotates its secret sends two or three.
pub(super) const SIGNATURES_MAX: usize = 16;

/// A signature: 32 bytes.
pub(super) type Signature = [u8; 32];

/// Secrets of one sender; none is empty.
pub(super) struct Keys(Vec<Vec<u8>>);

/// The parts of a setting with commas between them.
pub(super) fn parts(setting: Option<&Secret>) -> Result<Vec<&str>, Unfit> {
    let text = setting.map_or("", Secret::expose);
    let parts: Vec<&str> = text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
    if parts.len() > SECRETS_MAX { Err(Unfit::TooMany) } else { Ok(parts) }
}

impl Keys {
    /// Keys that are what they are; empty ones are left out.
    pub(super) fn new(keys: Vec<Vec<u8>>) -> Self {
        Self(keys.into_iter().filter(|key| !key.is_empty()).collect())
    }

    /// The secrets of a sender whose keys are their text; `None`: it has none and need not sign.
    pub(super) fn of_text(settings: &Settings) -> Result<Option<Self>, Unfit> {
        let parts = parts(settings.secret.as_ref())?;
        let keys = Self::new(parts.into_iter().map(|part| part.as_bytes().to_vec()).collect());
        match (keys.0.is_empty(), settings.allow_unsigned) {
            (false, _) => Ok(Some(keys)),
            (true, true) => Ok(None),
            (true, false) => Err(Unfit::NoSecret),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one of the keys makes one of the signatures of a message, given in parts. Every pair is
    /// compared.
    pub(super) fn sign_one_of(&self, message: &[&[u8]], signatures: &[Signature]) -> bool {
        let mut fits = Choice::from(0);
        for key in &self.0 {
            let expected = hmac(key, message);
            for signature in signatures.iter().take(SIGNATURES_MAX) {
                fits |= expected.ct_eq(signature);
            }
        }
        fits.into()
    }
}

/// HMAC-SHA256 (RFC 2104).
pub(super) fn hmac(key: &[u8], message: &[&[u8]]) -> Signature {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key)
        .unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
    message.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

/// A signature as 64 hexadecimal digits.
pub(super) fn from_hex(text: &str) -> Option<Signature> {
    let mut signature = Signature::default();
    hex::decode_to_slice(text, &mut signature).ok()?;
    Some(signature)
}

/// Whether a text is one of several, found out in the same time wherever it differs.
pub(super) fn is_one_of(text: &str, known: &[Secret]) -> bool {
    let mut fits = Choice::from(0);
    for one in known {
        fits |= one.expose().as_bytes().ct_eq(text.as_bytes());
    }
    fits.into()
}
