//! The service: its state, and the way of a request through it.

use super::data::{Data, Served, Stream};
use super::endpoint::Endpoint;
use super::limits::{Month, Windows};
use super::params::Params;
use super::refusal::{Refusal, error};
use super::running::Counters;
use super::scenario::Scenario;
use super::tokens::Tokens;
use super::{admin, headless};
use crate::rng::Rng;
use crate::scenario::RetryAfter;
use crate::scenario::strike::{Strikes, retry_after};
use crate::serve::answer::Answer;
use crate::serve::query::names_token;
use crate::serve::time::Time;
use axum::http::{HeaderMap, Method, Uri, header};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// A status that a faulty answer has when the limits say to come again.
const TOO_MANY: u16 = 429;

/// Everything a request needs.
pub(super) struct App {
    pub scenario: Scenario,
    pub seed: u64,
    pub port: u16,
    pub tokens: Tokens,
    pub counters: Counters,
    pub time: Time,
    /// Numbers every random choice.
    pub turn: AtomicU64,
    pub downloads: AtomicU64,
    pub windows: Windows,
    pub month: Month,
    pub strikes: Strikes,
    pub data: RwLock<Data>,
    pub served: [Mutex<Served>; Stream::ALL.len()],
}

/// A request, taken apart.
pub(super) struct Request<'r> {
    pub method: &'r Method,
    pub uri: &'r Uri,
    pub headers: &'r HeaderMap,
    pub body: &'r [u8],
    pub address: IpAddr,
}

impl App {
    pub fn data(&self) -> RwLockReadGuard<'_, Data> {
        self.data.read().unwrap_or_else(|e| e.into_inner())
    }

    pub fn data_mut(&self) -> RwLockWriteGuard<'_, Data> {
        self.data.write().unwrap_or_else(|e| e.into_inner())
    }

    pub fn served(&self, stream: Stream) -> MutexGuard<'_, Served> {
        self.served[stream as usize].lock().unwrap_or_else(|e| e.into_inner())
    }

    /// The answer to a request; everything about it is counted.
    pub async fn answer(&self, request: &Request<'_>) -> Answer {
        self.wait().await;
        let now = self.time.now();
        let endpoint = Endpoint::of(request.uri.path());
        self.counters.request(endpoint.as_ref().map_or("nowhere", Endpoint::name));
        if let Err(seconds) = self.windows.take(request.address, now) {
            self.counters.rate_limited.fetch_add(1, Relaxed);
            let way = self.scenario.window.as_ref().map_or(RetryAfter::Absent, |window| window.retry_after);
            return retry_after(error(TOO_MANY, "Rate limit exceeded", None), way, seconds, now);
        }
        let Some(endpoint) = endpoint else { return self.refuse(&Refusal::Nowhere) };
        let member = match self.admit(request, &endpoint, now) {
            Ok(member) => member,
            Err(refusal) => return self.refuse(&refusal),
        };
        if endpoint.is_admin()
            && let Err(seconds) = self.month.take(now)
        {
            self.counters.quota_refused.fetch_add(1, Relaxed);
            let way = self.scenario.quota.as_ref().map_or(RetryAfter::Absent, |quota| quota.retry_after);
            let message = "The monthly limit of API requests is reached";
            return retry_after(error(TOO_MANY, message, None), way, seconds, now);
        }
        let strike = self.strikes.strike(endpoint.name());
        if strike.is_some() {
            self.counters.errors_injected.fetch_add(1, Relaxed);
        }
        let answer = match strike {
            Some(strike) if strike.prevents() => Answer::html(200, ""),
            _ => self.go(request, endpoint, member, now).unwrap_or_else(|refusal| self.refuse(&refusal)),
        };
        match strike {
            Some(strike) => strike.spoil(answer, |status| self.struck(status, now)).await,
            None => answer,
        }
    }

    /// Whether the verb and the token are right; the member whose token it is.
    fn admit(
        &self,
        request: &Request<'_>,
        endpoint: &Endpoint<'_>,
        now: i64,
    ) -> Result<Option<u32>, Refusal> {
        let verb = if *endpoint == Endpoint::AuthToken { "POST" } else { "GET" };
        if request.method.as_str() != verb {
            self.counters.writes_attempted.fetch_add(1, Relaxed);
            return Err(Refusal::Verb(verb));
        }
        let query = request.uri.query().unwrap_or_default();
        if !matches!(endpoint, Endpoint::Storage(..)) && names_token(query) {
            self.counters.tokens_in_query.fetch_add(1, Relaxed);
            return Err(Refusal::BadToken);
        }
        match endpoint {
            Endpoint::Blob(..) | Endpoint::Storage(..) => Ok(None),
            Endpoint::AuthToken => self.tokens.check_headless(request.headers).map(|()| None),
            Endpoint::Headless(_) => {
                let member = self.tokens.member(request.headers, now)?;
                self.counters.active(member);
                Ok(Some(member))
            }
            _ => {
                self.tokens.check_admin(request.headers)?;
                if self.scenario.auth.eligible { Ok(None) } else { Err(Refusal::NotEligible) }
            }
        }
    }

    fn go(
        &self,
        request: &Request<'_>,
        endpoint: Endpoint<'_>,
        member: Option<u32>,
        now: i64,
    ) -> Result<Answer, Refusal> {
        let query = request.uri.query().unwrap_or_default();
        if let Endpoint::Storage(key, _) = endpoint {
            let authorised = request.headers.contains_key(header::AUTHORIZATION);
            return Ok(self.storage(key, query, authorised, now));
        }
        let params = Params::read(query)?;
        let answer = match endpoint {
            Endpoint::Community => admin::community(self, now),
            Endpoint::List(list) => admin::list(self, list, &params, now),
            Endpoint::Show(list, id) => admin::show(self, list, id, now),
            Endpoint::MemberSearch => admin::search(self, &params, now),
            Endpoint::AccessGroupMembers(id) => admin::access_group_members(self, id, &params, now),
            Endpoint::Leaderboard => admin::leaderboard(self, &params, now),
            Endpoint::AuthToken => headless::auth_token(self, request.body, now),
            Endpoint::Headless(call) => headless::get(self, call, member.unwrap_or(0), &params, now),
            Endpoint::Blob(key, name) => Ok(self.blob(key, name, now)),
            Endpoint::Storage(..) => Err(Refusal::Nowhere),
        };
        self.counters.unknown_parameters.fetch_add(params.unknown() as u64, Relaxed);
        answer
    }

    fn refuse(&self, refusal: &Refusal) -> Answer {
        refusal.answer(self.scenario.errors, self.counters.refused.fetch_add(1, Relaxed))
    }

    /// The error of a fault.
    fn struck(&self, status: u16, now: i64) -> Answer {
        if status != TOO_MANY {
            return self.refuse(&Refusal::Status(status));
        }
        let way = self.scenario.window.as_ref().map_or(RetryAfter::Absent, |window| window.retry_after);
        retry_after(error(TOO_MANY, "Rate limit exceeded", None), way, 1, now)
    }

    async fn wait(&self) {
        let rng = || Rng::new(self.seed ^ self.turn.fetch_add(1, Relaxed).rotate_left(32), "latency");
        self.scenario.latency.pass(rng).await;
    }
}
