//! Members at hand, for all processes.

use super::{Redis, WHAT};
use crate::member::{self, REMEMBERED_MIN};
use ::redis::Script;
use async_trait::async_trait;
use base::{Clock, Fault};
use bridge::ports::{Cache, Member, StoreState};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// Keeps a member unless something newer is known. 1: kept.
const PUT: &str = r"
-- KEYS: the member, its newest moment. ARGV: moment, JSON, its time and the moment's, ms.
local known = redis.call('GET', KEYS[2])
if known then
  local newest = string.sub(known, 1, #ARGV[1])
  if newest > ARGV[1] or (newest == ARGV[1] and #known > #newest) then return 0 end
end
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[4])
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
";

/// Drops a member unless something newer is known.
const DROP: &str = r"
-- KEYS: the member, its newest moment. ARGV: moment, the moment's time, ms.
local known = redis.call('GET', KEYS[2])
if known and string.sub(known, 1, #ARGV[1]) > ARGV[1] then return 0 end
redis.call('SET', KEYS[2], ARGV[1] .. ' dropped', 'PX', ARGV[2])
redis.call('DEL', KEYS[1])
return 1
";

/// Where members are.
pub(crate) const MEMBERS: &str = "bettermode:member:";
const NEWEST: &str = "bettermode:newest:";

/// Keys asked for at a time when all members are dropped.
const SCAN_COUNT: usize = 500;

/// Rounds of that walk, at most: five million keys.
const SCAN_ROUNDS_MAX: usize = 10_000;

/// Members in Redis; see [`crate::member`] for what older and newer mean.
pub struct RedisCache {
    redis: Redis,
    fresh: Duration,
    clock: Arc<dyn Clock>,
    since: Timestamp,
    put: Script,
    drop: Script,
}

impl RedisCache {
    /// Members that are served for `fresh` without having been told again.
    pub fn new(redis: Redis, fresh: Duration, clock: Arc<dyn Clock>) -> Self {
        let since = clock.now();
        Self { redis, fresh, clock, since, put: Script::new(PUT), drop: Script::new(DROP) }
    }

    /// Drops every member, and none of their moments.
    pub(crate) async fn empty(&self) -> Result<(), Fault> {
        let mut cursor = String::from("0");
        for _ in 0..SCAN_ROUNDS_MAX {
            let mut connection = self.redis.connection();
            let mut scan = ::redis::cmd("SCAN");
            scan.arg(&cursor).arg("MATCH").arg(format!("{MEMBERS}*")).arg("COUNT").arg(SCAN_COUNT);
            let page = self.redis.within("SCAN", async { scan.query_async(&mut connection).await }).await?;
            let (next, keys): (String, Vec<Vec<u8>>) = page;
            if !keys.is_empty() {
                let mut unlink = ::redis::cmd("UNLINK");
                unlink.arg(&keys);
                self.redis
                    .within("UNLINK", async { unlink.query_async::<()>(&mut connection).await })
                    .await?;
            }
            if next == "0" {
                return Ok(());
            }
            cursor = next;
        }
        Err(Fault::retry("Redis holds more keys than one walk takes"))
    }

    fn remembered(&self) -> u64 {
        millis(self.fresh.max(REMEMBERED_MIN))
    }
}

/// A moment as text of one length, so that texts compare as moments do: nanoseconds since before the first
/// moment that there is.
fn moment(at: Timestamp) -> String {
    format!("{:022}", at.as_nanosecond() - Timestamp::MIN.as_nanosecond())
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1)
}

#[async_trait]
impl Cache for RedisCache {
    async fn get(&self, id: &str) -> Result<Option<Member>, Fault> {
        if !member::takes(id) {
            return Ok(None);
        }
        let mut connection = self.redis.connection();
        let mut get = ::redis::cmd("GET");
        get.arg(format!("{MEMBERS}{id}"));
        let text = self
            .redis
            .within("GET", async { get.query_async::<Option<Vec<u8>>>(&mut connection).await })
            .await?;
        Ok(text.as_deref().and_then(member::read))
    }

    async fn put(&self, member: &Member, as_of: Timestamp) -> Result<bool, Fault> {
        let id = &member.id;
        if !member::takes(id) {
            return Ok(false);
        }
        let Some(text) = member::text(member)? else {
            self.drop(id, as_of).await?;
            return Ok(false);
        };
        let mut call = self.put.prepare_invoke();
        call.key(format!("{MEMBERS}{id}")).key(format!("{NEWEST}{id}"));
        call.arg(moment(as_of)).arg(text).arg(millis(self.fresh)).arg(self.remembered());
        let mut connection = self.redis.connection();
        let kept =
            self.redis.within("a put", async { call.invoke_async::<i64>(&mut connection).await }).await?;
        Ok(kept == 1)
    }

    async fn drop(&self, id: &str, as_of: Timestamp) -> Result<(), Fault> {
        if !member::takes(id) {
            return Ok(());
        }
        let mut call = self.drop.prepare_invoke();
        call.key(format!("{MEMBERS}{id}")).key(format!("{NEWEST}{id}"));
        call.arg(moment(as_of)).arg(self.remembered());
        let mut connection = self.redis.connection();
        self.redis.within("a drop", async { call.invoke_async::<i64>(&mut connection).await }).await?;
        Ok(())
    }

    async fn state(&self) -> StoreState {
        match self.redis.ping().await {
            Ok(()) => StoreState { what: WHAT, away: None, since: self.since },
            Err(fault) => StoreState { what: WHAT, away: Some(fault.what), since: self.clock.now() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_as_texts_compare_as_moments_do() {
        let moments = [
            Timestamp::MIN,
            Timestamp::from_nanosecond(-1).unwrap(),
            Timestamp::UNIX_EPOCH,
            Timestamp::from_nanosecond(1).unwrap(),
            "2026-11-21T10:00:00.000000001Z".parse().unwrap(),
            "2026-11-21T10:00:00.000000002Z".parse().unwrap(),
            Timestamp::MAX,
        ];
        for pair in moments.windows(2) {
            assert!(moment(pair[0]) < moment(pair[1]), "{pair:?}");
            assert_eq!(moment(pair[0]).len(), moment(pair[1]).len());
        }
    }
}
