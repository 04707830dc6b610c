//! Redis, and what goes on while it is away.
//!
//! **There.** Members and budgets are asked of Redis. The process takes note of the moments it hears of, so
//! that a Redis that lost its own is not told something older, and counts what it takes itself; but it keeps
//! no member: what another process changes would not reach it.
//!
//! **Away** from the first call on that fails, whatever it failed of. Members are kept within the process,
//! beginning with none; each one that is told or dropped is marked. A budget is what the process itself has
//! taken, of [`AWAY_SHARE`]'s part of the amount. Redis is asked again and again, with [`Backoff`].
//!
//! **Back** when it answers *and* has been told what happened meanwhile: every marked member is put or
//! dropped with its moment, so that Redis's own rule decides what is newest, and what was taken is charged.
//! While that goes on the process serves its own members; it changes over at an instant at which nothing is
//! marked. If more members were marked than it remembers, all members in Redis are dropped instead. So no
//! member is served that is older than the newest event this process has seen.
//!
//! *What it does not do:* several processes do not see each other's members while Redis is away; each serves
//! only what it was told itself, for at most as long as members are fresh. A single process never exceeds a
//! budget, whatever Redis does or loses. Several may, together, in the first window of an outage, by what
//! they had taken before it; from then on up to [`AWAY_SHARE`] of them stay within it.

use crate::memory::{Bounds, MemoryCache, MemoryLimits, Recent, possible};
use crate::redis::{Redis, RedisCache, RedisLimits, WHAT};
use crate::said::{Said, Tell};
use crate::time::Time;
use async_trait::async_trait;
use base::Fault;
use bridge::ports::{Allowed, Cache, Limits, Member, StoreState};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

/// While Redis is away each process takes this part of a budget: as many processes are meant to share one at
/// a time, a server and a move.
pub const AWAY_SHARE: u64 = 2;

/// Marked members, at most; then all are dropped instead.
const MARKED_MAX: usize = 10_000;

/// Rounds of telling Redis what happened meanwhile. Each is shorter than the one before unless members change
/// faster than Redis takes them; then the next attempt goes on.
const ROUNDS_MAX: usize = 64;

/// How long to wait before Redis is asked again: the first time, then twice as long, up to the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The first wait.
    pub first: Duration,
    /// The longest wait.
    pub last: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { first: Duration::from_millis(100), last: Duration::from_secs(5) }
    }
}

/// [`Cache`] and [`Limits`] that need Redis and do without it.
#[derive(Clone)]
pub struct WithFallback {
    inner: Arc<Inner>,
}

struct Inner {
    redis: Redis,
    shared: (RedisCache, RedisLimits),
    own: (MemoryCache, MemoryLimits),
    backoff: Backoff,
    time: Arc<dyn Time>,
    tell: Tell,
    standing: Mutex<Standing>,
}

/// Where things stand.
struct Standing {
    /// Why Redis is away; `None`: it is there.
    away: Option<String>,
    since: Timestamp,
    /// Members that were told or dropped while it is away.
    marked: BTreeSet<String>,
    /// More than could be marked.
    overflown: bool,
}

impl WithFallback {
    /// Over this Redis, which need not be there. It must be made within a runtime of tokio; what asks for
    /// Redis in the background ends with the last clone.
    pub fn new(redis: Redis, bounds: Bounds, backoff: Backoff, time: Arc<dyn Time>, tell: Tell) -> Self {
        let shared =
            (RedisCache::new(redis.clone(), bounds.fresh, time.clone()), RedisLimits::new(redis.clone()));
        let own = (MemoryCache::new(bounds, time.clone()), MemoryLimits::new(time.clone()));
        let standing = Standing { away: None, since: time.now(), marked: BTreeSet::new(), overflown: false };
        let standing = Mutex::new(standing);
        Self { inner: Arc::new(Inner { redis, shared, own, backoff, time, tell, standing }) }
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does `own` if Redis is away. The lock is held over it: the change back waits for it or comes before.
    fn while_away<T>(&self, own: impl FnOnce(&mut Standing) -> T) -> Option<T> {
        let mut standing = self.lock();
        standing.away.is_some().then(|| own(&mut standing))
    }

    /// Redis is away from now on, for this reason; whoever finds it out first says so and begins to ask.
    fn away(self: &Arc<Self>, fault: &Fault) {
        let mut standing = self.lock();
        if standing.away.is_some() {
            return;
        }
        standing.away = Some(fault.what.clone());
        standing.since = self.time.now();
        drop(standing);
        (self.tell)(Said::Away { what: WHAT, why: fault.what.clone() });
        tokio::spawn(ask(Arc::downgrade(self), self.backoff));
    }

    /// Tells Redis what happened meanwhile; when nothing is left it is there again.
    async fn come_back(&self) -> Result<(), Fault> {
        self.redis.ping().await?;
        let mut charged = Charged::default();
        for _ in 0..ROUNDS_MAX {
            let (marked, overflown, taken) = {
                let mut standing = self.lock();
                let taken = charged.rest(self.own.1.recent());
                if standing.marked.is_empty() && !standing.overflown && taken.is_empty() {
                    standing.away = None;
                    standing.since = self.time.now();
                    self.own.0.empty();
                    return Ok(());
                }
                (std::mem::take(&mut standing.marked), std::mem::take(&mut standing.overflown), taken)
            };
            if let Err(fault) = self.hand_over(&marked, overflown, &taken).await {
                let mut standing = self.lock();
                standing.overflown |= overflown;
                marked.iter().for_each(|id| standing.mark(id));
                return Err(fault);
            }
        }
        Err(Fault::retry("members change faster than Redis takes them"))
    }

    async fn hand_over(
        &self,
        marked: &BTreeSet<String>,
        overflown: bool,
        taken: &[Recent],
    ) -> Result<(), Fault> {
        for recent in taken {
            self.shared.1.charge(recent).await?;
        }
        let mut unknown = overflown;
        for id in marked {
            match self.own.0.known(id) {
                Some(known) => match &known.member {
                    Some(member) => {
                        self.shared.0.put(member, known.newest).await?;
                    }
                    None => self.shared.0.drop(id, known.newest).await?,
                },
                // It had to make room: what Redis has of it may be older than what was known here.
                None => unknown = true,
            }
        }
        if unknown { self.shared.0.empty().await } else { Ok(()) }
    }

    fn state_away(&self) -> Option<StoreState> {
        let standing = self.lock();
        let away = standing.away.clone()?;
        Some(StoreState { what: WHAT, away: Some(away), since: standing.since })
    }
}

impl Standing {
    fn mark(&mut self, id: &str) {
        if self.marked.len() < MARKED_MAX || self.marked.contains(id) {
            self.marked.insert(id.to_owned());
        } else {
            self.overflown = true;
        }
    }
}

/// What Redis was charged with in this attempt to come back: endpoint and slice → sum. Another attempt begins
/// anew, because Redis may have lost it; it may be charged twice then, which is never too little.
#[derive(Default)]
struct Charged(HashMap<(String, i64), u64>);

impl Charged {
    /// What it has not been charged with; from now on it has.
    fn rest(&mut self, recent: Vec<Recent>) -> Vec<Recent> {
        let mut rest = recent;
        for endpoint in &mut rest {
            for slice in &mut endpoint.slices {
                let charged = self.0.entry((endpoint.endpoint.clone(), slice.end)).or_default();
                let sum = slice.taken;
                slice.taken = sum.saturating_sub(*charged);
                *charged = sum.max(*charged);
            }
            endpoint.slices.retain(|slice| slice.taken > 0);
        }
        rest.retain(|endpoint| !endpoint.slices.is_empty());
        rest
    }
}

/// Asks for Redis until it is back, or nobody needs it any more.
async fn ask(inner: Weak<Inner>, backoff: Backoff) {
    let mut wait = backoff.first;
    loop {
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(backoff.last);
        let Some(inner) = inner.upgrade() else { return };
        if inner.come_back().await.is_ok() {
            (inner.tell)(Said::Back { what: WHAT });
            return;
        }
    }
}

#[async_trait]
impl Cache for WithFallback {
    async fn get(&self, id: &str) -> Result<Option<Member>, Fault> {
        let inner = &self.inner;
        let own = || inner.while_away(|_| inner.own.0.get_now(id));
        if let Some(member) = own() {
            return Ok(member);
        }
        match inner.shared.0.get(id).await {
            Ok(member) => Ok(member),
            Err(fault) => {
                inner.away(&fault);
                // `None` again: it has come back in between; a member that is not found is asked for.
                Ok(own().flatten())
            }
        }
    }

    async fn put(&self, member: &Member, as_of: Timestamp) -> Result<bool, Fault> {
        let inner = &self.inner;
        let own = || {
            inner.while_away(|standing| {
                standing.mark(&member.id);
                inner.own.0.put_now(member, as_of)
            })
        };
        if let Some(kept) = own() {
            return kept;
        }
        // Redis may have lost the moments that it knew.
        if inner.own.0.refuses(&member.id, as_of) {
            return Ok(false);
        }
        match inner.shared.0.put(member, as_of).await {
            Ok(kept) => {
                inner.own.0.elsewhere(&member.id, as_of);
                Ok(kept)
            }
            Err(fault) => {
                inner.away(&fault);
                own().unwrap_or(Err(fault))
            }
        }
    }

    async fn drop(&self, id: &str, as_of: Timestamp) -> Result<(), Fault> {
        let inner = &self.inner;
        let own = || {
            inner.while_away(|standing| {
                standing.mark(id);
                inner.own.0.drop_now(id, as_of);
            })
        };
        if own().is_some() {
            return Ok(());
        }
        match inner.shared.0.drop(id, as_of).await {
            Ok(()) => {
                inner.own.0.drop_now(id, as_of);
                Ok(())
            }
            Err(fault) => {
                inner.away(&fault);
                own().ok_or(fault)
            }
        }
    }

    async fn state(&self) -> StoreState {
        let inner = &self.inner;
        if let Some(state) = inner.state_away() {
            return state;
        }
        if let Err(fault) = inner.redis.ping().await {
            inner.away(&fault);
        }
        inner.state_away().unwrap_or_else(|| StoreState { what: WHAT, away: None, since: inner.lock().since })
    }
}

#[async_trait]
impl Limits for WithFallback {
    async fn take(
        &self,
        endpoint: &str,
        cost: u64,
        allowed: Allowed,
    ) -> Result<Option<SignedDuration>, Fault> {
        possible(endpoint, cost, allowed)?;
        let inner = &self.inner;
        let own = |allowed| inner.own.1.take_now(endpoint, cost, allowed);
        let part = Allowed { amount: (allowed.amount / AWAY_SHARE).max(cost), ..allowed };
        if let Some(taken) = inner.while_away(|_| own(part)) {
            return Ok(taken?.err());
        }
        // Taken here first, so that the process stays within the amount also when Redis forgets its counters.
        let taken = match own(allowed)? {
            Ok(taken) => taken,
            Err(wait) => return Ok(Some(wait)),
        };
        match inner.shared.1.take(endpoint, cost, allowed).await {
            Ok(None) => Ok(None),
            Ok(Some(wait)) => {
                inner.own.1.give_back(endpoint, taken);
                Ok(Some(wait))
            }
            Err(fault) => {
                inner.away(&fault);
                inner.own.1.give_back(endpoint, taken);
                match inner.while_away(|_| own(part)) {
                    Some(taken) => Ok(taken?.err()),
                    None => Err(fault),
                }
            }
        }
    }
}
