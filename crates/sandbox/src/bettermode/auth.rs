//! Tokens: they look like JWTs, hold who they are for and until when, and cannot be made up.

use super::commands::Actor;
use super::moment::Moment;
use super::refusal::Refusal;
use super::scenario;
use super::state::GUEST;
use crate::rng::Rng;
use axum::http::{HeaderMap, header};
use base::Secret;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Kind {
    Guest,
    Member,
    App,
    Refresh,
}

/// Whoever asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Who {
    /// No header.
    Nobody,
    /// HTTP Basic: an app, by its credentials.
    Credentials { id: String, secret: Secret },
    /// The holder of a token.
    Holder { kind: Kind, member: String },
}

impl Who {
    /// The same as somebody who does something.
    pub fn actor(&self) -> Actor {
        match self {
            Who::Holder { kind, member } => Actor { member: member.clone(), app: *kind == Kind::App },
            _ => Actor::person(GUEST),
        }
    }
}

/// What a token says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Claims {
    sub: String,
    #[serde(rename = "type")]
    kind: Kind,
    network_id: String,
    /// Seconds since 1970.
    iat: i64,
    exp: i64,
    /// Grows with each revocation; tokens of older ones are void.
    ver: u64,
}

/// Makes and reads tokens.
pub(crate) struct Tokens {
    key: String,
    network: String,
    lives: scenario::Auth,
    version: AtomicU64,
}

impl Tokens {
    pub fn new(seed: u64, network: &str, lives: &scenario::Auth) -> Self {
        let key = Rng::new(seed, "bettermode tokens").token();
        Self { key, network: network.to_owned(), lives: lives.clone(), version: AtomicU64::new(1) }
    }

    /// A token for a member or a guest.
    pub fn mint(&self, kind: Kind, member: &str, now: Moment) -> String {
        let life = match kind {
            Kind::Guest => self.lives.guest_seconds,
            Kind::Member => self.lives.member_seconds,
            Kind::App => self.lives.app_seconds,
            // It outlives what it refreshes.
            Kind::Refresh => self.lives.app_seconds.max(self.lives.member_seconds),
        };
        let iat = now.0.div_euclid(1000);
        let claims = Claims {
            sub: member.to_owned(),
            kind,
            network_id: self.network.clone(),
            iat,
            exp: iat.saturating_add_unsigned(life),
            ver: self.version.load(SeqCst),
        };
        let part = |text: String| URL_SAFE_NO_PAD.encode(text);
        let payload = serde_json::to_string(&claims).unwrap_or_default();
        let head = part(r#"{"alg":"HS256","typ":"JWT"}"#.to_owned());
        let signed = format!("{head}.{}", part(payload));
        let seal = URL_SAFE_NO_PAD.encode(sha256(self.key.as_bytes(), signed.as_bytes()));
        format!("{signed}.{seal}")
    }

    /// Whose token it is; expired, revoked and made-up ones are refused.
    pub fn read(&self, token: &str, now: Moment) -> Result<(Kind, String), Refusal> {
        let parts = token.rsplit_once('.').and_then(|(signed, seal)| {
            let payload = signed.split_once('.')?.1;
            Some((signed, URL_SAFE_NO_PAD.decode(seal).ok()?, URL_SAFE_NO_PAD.decode(payload).ok()?))
        });
        let (signed, seal, payload) = parts.ok_or_else(Refusal::unauthorized)?;
        let claims: Claims = serde_json::from_slice(&payload).map_err(|_| Refusal::unauthorized())?;
        let genuine = sha256(self.key.as_bytes(), signed.as_bytes()) == seal;
        let valid = claims.exp > now.0.div_euclid(1000) && claims.ver == self.version.load(SeqCst);
        if genuine && valid { Ok((claims.kind, claims.sub)) } else { Err(Refusal::unauthorized()) }
    }

    /// Makes every token so far void.
    pub fn revoke(&self) {
        self.version.fetch_add(1, SeqCst);
    }

    /// Who asks, by the header `Authorization`.
    pub fn who(&self, headers: &HeaderMap, now: Moment) -> Result<Who, Refusal> {
        let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(Who::Nobody) };
        let value = value.to_str().map_err(|_| Refusal::unauthorized())?;
        if let Some(token) = value.strip_prefix("Bearer ") {
            let (kind, member) = self.read(token, now)?;
            if kind == Kind::Refresh {
                return Err(Refusal::unauthorized());
            }
            return Ok(Who::Holder { kind, member });
        }
        let pair = value.strip_prefix("Basic ").and_then(|text| STANDARD.decode(text.trim()).ok());
        let pair = pair.and_then(|pair| String::from_utf8(pair).ok());
        let pair = pair.as_deref().and_then(|pair| pair.split_once(':'));
        let (id, secret) = pair.ok_or_else(Refusal::unauthorized)?;
        Ok(Who::Credentials { id: id.to_owned(), secret: Secret::new(secret) })
    }
}

/// HMAC-SHA256.
pub(crate) fn sha256(key: &[u8], message: &[u8]) -> Vec<u8> {
    // A key of any length is taken; there is nothing that could fail.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}
