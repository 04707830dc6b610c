//! The tokens: of the administration, of the application that mints, and those minted for members.

use super::refusal::{Refusal, TokenFault};
use super::scenario::{Headless, Schemes};
use crate::rng::Rng;
use axum::http::{HeaderMap, header};
use base::Secret;
use std::collections::HashMap;
use std::sync::Mutex;

/// Tokens of members that are remembered. When there are as many, those that ended go, and if none did, all.
const MINTED_MAX: usize = 100_000;

/// The tokens.
pub(super) struct Tokens {
    pub admin: String,
    pub headless: String,
    schemes: Schemes,
    lives: Headless,
    minted: Mutex<Minted>,
}

struct Minted {
    rng: Rng,
    /// By token: the member's number, and when it ends.
    access: HashMap<String, (u32, i64)>,
}

/// What a member gets.
pub(super) struct Pair {
    pub access: String,
    pub access_ends: i64,
    pub refresh: String,
    pub refresh_ends: i64,
}

impl Tokens {
    pub fn new(seed: u64, schemes: Schemes, lives: Headless) -> Self {
        Self {
            admin: Rng::new(seed, "circle admin").token(),
            headless: Rng::new(seed, "circle headless").token(),
            schemes,
            lives,
            minted: Mutex::new(Minted { rng: Rng::new(seed, "circle members"), access: HashMap::new() }),
        }
    }

    /// Whether the administration's token came, in one of the ways that are accepted.
    pub fn check_admin(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let value = value(headers).ok_or(Refusal::BadToken)?;
        let (scheme, token) = value.split_once(' ').ok_or(Refusal::BadToken)?;
        let accepted = match self.schemes {
            Schemes::Both => scheme == "Bearer" || scheme == "Token",
            Schemes::Bearer => scheme == "Bearer",
            Schemes::Token => scheme == "Token",
        };
        let right = Secret::new(token) == Secret::new(&self.admin);
        if accepted && right { Ok(()) } else { Err(Refusal::BadToken) }
    }

    /// Whether the token came that may mint.
    pub fn check_headless(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let token = bearer(headers).ok_or(Refusal::MemberToken(TokenFault::Missing))?;
        let right = Secret::new(token) == Secret::new(&self.headless);
        if right { Ok(()) } else { Err(Refusal::MemberToken(TokenFault::Invalid)) }
    }

    /// Whose token came.
    pub fn member(&self, headers: &HeaderMap, now: i64) -> Result<u32, Refusal> {
        let token = bearer(headers).ok_or(Refusal::MemberToken(TokenFault::Missing))?;
        let minted = self.minted.lock().unwrap_or_else(|e| e.into_inner());
        match minted.access.get(token) {
            Some((member, ends)) if now < *ends => Ok(*member),
            Some(_) => Err(Refusal::MemberToken(TokenFault::Expired)),
            None => Err(Refusal::MemberToken(TokenFault::Invalid)),
        }
    }

    /// Tokens for a member.
    pub fn mint(&self, member: u32, now: i64) -> Pair {
        let mut minted = self.minted.lock().unwrap_or_else(|e| e.into_inner());
        let access_ends = now + self.lives.access_seconds as i64 * 1000;
        if minted.access.len() >= MINTED_MAX {
            minted.access.retain(|_, (_, ends)| now < *ends);
        }
        if minted.access.len() >= MINTED_MAX {
            minted.access.clear();
        }
        // Three parts like a JSON web token; what is in them is nobody's business.
        let mut token =
            || format!("eyJ{}.eyJ{}.{}", minted.rng.token(), minted.rng.token(), minted.rng.token());
        let (access, refresh) = (token(), token());
        minted.access.insert(access.clone(), (member, access_ends));
        Pair { access, access_ends, refresh, refresh_ends: now + self.lives.refresh_seconds as i64 * 1000 }
    }
}

fn value(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    value(headers)?.strip_prefix("Bearer ")
}
