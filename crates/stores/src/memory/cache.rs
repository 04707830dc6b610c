//! Members at hand, within the process.

use crate::member::{self, FRESH, REMEMBERED_MIN};
use crate::memory::WHAT;
use crate::time::Time;
use async_trait::async_trait;
use base::Fault;
use bridge::ports::{Cache, Member, StoreState};
use jiff::Timestamp;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How much is kept, and how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Members whose newest moment is known, at most.
    pub members_max: usize,
    /// How long a member is served without having been told again.
    pub fresh: Duration,
}

impl Default for Bounds {
    /// Ten thousand members, ten minutes.
    fn default() -> Self {
        Self { members_max: 10_000, fresh: FRESH }
    }
}

/// A bounded cache. When it is full the member that was told of longest ago makes room; its moment is not
/// lost but becomes that of everybody who is not known: what is older than it is refused for all of them.
pub struct MemoryCache {
    bounds: Bounds,
    time: Arc<dyn Time>,
    since: Timestamp,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    slots: HashMap<String, Slot>,
    /// The same by the time at which they are forgotten, the first one first.
    order: BTreeSet<(Duration, String)>,
    /// The newest moment of all that had to make room.
    floor: Option<Timestamp>,
}

struct Slot {
    newest: Timestamp,
    dropped: bool,
    member: Option<(Member, Duration)>,
    forgotten_at: Duration,
}

/// What is known of one member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) newest: Timestamp,
    pub(crate) member: Option<Member>,
}

/// What happened to a member.
#[derive(Clone, Copy)]
enum News<'a> {
    Told(&'a Member),
    Dropped,
    /// Somebody else keeps what was told; only its moment counts here.
    Elsewhere,
}

impl MemoryCache {
    /// An empty one.
    pub fn new(bounds: Bounds, time: Arc<dyn Time>) -> Self {
        Self { bounds, since: time.now(), time, kept: Mutex::default() }
    }

    /// See [`Cache::get`].
    pub fn get_now(&self, id: &str) -> Option<Member> {
        let kept = self.lock();
        let (member, until) = kept.slots.get(id)?.member.as_ref()?;
        (self.time.elapsed() < *until).then(|| member.clone())
    }

    /// See [`Cache::put`].
    pub fn put_now(&self, member: &Member, as_of: Timestamp) -> Result<bool, Fault> {
        let Some(_) = member::text(member)? else {
            self.drop_now(&member.id, as_of);
            return Ok(false);
        };
        Ok(self.news(&member.id, as_of, News::Told(member)))
    }

    /// See [`Cache::drop`].
    pub fn drop_now(&self, id: &str, as_of: Timestamp) {
        self.news(id, as_of, News::Dropped);
    }

    /// Takes note that somebody else keeps this member as of this moment: nothing older is served from here.
    pub(crate) fn elsewhere(&self, id: &str, as_of: Timestamp) {
        self.news(id, as_of, News::Elsewhere);
    }

    /// Whether a member as of this moment would be refused, because something newer is known here.
    pub(crate) fn refuses(&self, id: &str, as_of: Timestamp) -> bool {
        self.lock().refuses(id, as_of, false)
    }

    /// What is known of a member; `None`: nothing, or not any more.
    pub(crate) fn known(&self, id: &str) -> Option<Known> {
        let kept = self.lock();
        let slot = kept.slots.get(id)?;
        let now = self.time.elapsed();
        let member = slot.member.as_ref().filter(|(_, until)| now < *until).map(|(member, _)| member.clone());
        Some(Known { newest: slot.newest, member })
    }

    /// Forgets all members, and none of their moments.
    pub(crate) fn empty(&self) {
        self.lock().slots.values_mut().for_each(|slot| slot.member = None);
    }

    fn news(&self, id: &str, as_of: Timestamp, news: News<'_>) -> bool {
        if !member::takes(id) {
            return false;
        }
        let now = self.time.elapsed();
        let mut kept = self.lock();
        kept.forget(now);
        let is_drop = matches!(news, News::Dropped);
        if kept.refuses(id, as_of, is_drop) {
            return false;
        }
        let forgotten_at = now + self.bounds.fresh.max(REMEMBERED_MIN);
        let member = match news {
            News::Told(member) => Some((member.clone(), now + self.bounds.fresh)),
            News::Dropped | News::Elsewhere => None,
        };
        kept.set(id, Slot { newest: as_of, dropped: is_drop, member, forgotten_at }, self.bounds.members_max);
        true
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// Whether something newer is known.
    fn refuses(&self, id: &str, as_of: Timestamp, is_drop: bool) -> bool {
        let (newest, dropped) = match self.slots.get(id) {
            Some(slot) => (Some(slot.newest), slot.dropped),
            None => (self.floor, false),
        };
        newest.is_some_and(|newest| as_of < newest || (as_of == newest && dropped && !is_drop))
    }

    /// Forgets those whose time is over.
    fn forget(&mut self, now: Duration) {
        while self.order.first().is_some_and(|(at, _)| *at <= now) {
            self.take_first();
        }
    }

    fn take_first(&mut self) -> Option<Slot> {
        let (_, id) = self.order.pop_first()?;
        self.slots.remove(&id)
    }

    fn set(&mut self, id: &str, slot: Slot, members_max: usize) {
        self.order.insert((slot.forgotten_at, id.to_owned()));
        if let Some(old) = self.slots.insert(id.to_owned(), slot) {
            let new_at = self.slots[id].forgotten_at;
            if old.forgotten_at != new_at {
                self.order.remove(&(old.forgotten_at, id.to_owned()));
            }
        }
        while self.slots.len() > members_max.max(1) {
            if let Some(gone) = self.take_first() {
                self.floor = self.floor.max(Some(gone.newest));
            }
        }
    }
}

#[async_trait]
impl Cache for MemoryCache {
    async fn get(&self, id: &str) -> Result<Option<Member>, Fault> {
        Ok(self.get_now(id))
    }

    async fn put(&self, member: &Member, as_of: Timestamp) -> Result<bool, Fault> {
        self.put_now(member, as_of)
    }

    async fn drop(&self, id: &str, as_of: Timestamp) -> Result<(), Fault> {
        self.drop_now(id, as_of);
        Ok(())
    }

    async fn state(&self) -> StoreState {
        StoreState { what: WHAT, away: None, since: self.since }
    }
}
