//! Budgets that all processes share, counted by Redis's own clock.

use super::Redis;
use crate::memory::{Recent, micros, possible};
use ::redis::Script;
use async_trait::async_trait;
use base::Fault;
use bridge::ports::{Allowed, Limits};
use jiff::SignedDuration;
use std::time::Duration;

/// Takes from a budget; the same arithmetic as `memory::window`. −1: taken; else how long to wait, µs.
///
/// A slice that ends beyond the present one was counted before somebody set the clock back: it counts as of
/// now, which is later than it was and therefore never too little.
const TAKE: &str = r"
-- KEYS: the counters. ARGV: cost, amount, window and slice, µs.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local cost, amount = tonumber(ARGV[1]), tonumber(ARGV[2])
local window, slice = tonumber(ARGV[3]), tonumber(ARGV[4])
local current = (math.floor(now / slice) + 1) * slice
local field = string.format('%.0f', current)
local longest = math.max(window, tonumber(redis.call('HGET', KEYS[1], 'longest') or 0))
local used, counting = 0, {}
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  local stop, taken = tonumber(all[i]), tonumber(all[i + 1])
  if stop and stop <= now - longest then
    redis.call('HDEL', KEYS[1], all[i])
  elseif stop then
    if stop > current then
      redis.call('HDEL', KEYS[1], all[i])
      redis.call('HINCRBY', KEYS[1], field, taken)
      stop = current
    end
    if stop > now - window then
      used = used + taken
      counting[#counting + 1] = { stop, taken }
    end
  end
end
if used + cost <= amount then
  redis.call('HINCRBY', KEYS[1], field, cost)
  redis.call('HSET', KEYS[1], 'longest', string.format('%.0f', longest))
  redis.call('PEXPIRE', KEYS[1], string.format('%.0f', math.ceil((longest + slice) / 1000)))
  return -1
end
table.sort(counting, function(a, b) return a[1] < b[1] end)
for _, one in ipairs(counting) do
  used = used - one[2]
  if used + cost <= amount then return one[1] + window - now end
end
return window
";

/// Counts what was taken elsewhere, whether the budget has it or not.
const CHARGE: &str = r"
-- KEYS: the counters. ARGV: longest window, µs; then pairs: how long ago a slice ended, µs, and its sum.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local longest = math.max(tonumber(ARGV[1]), tonumber(redis.call('HGET', KEYS[1], 'longest') or 0))
for i = 2, #ARGV, 2 do
  redis.call('HINCRBY', KEYS[1], string.format('%.0f', now - tonumber(ARGV[i])), ARGV[i + 1])
end
redis.call('HSET', KEYS[1], 'longest', string.format('%.0f', longest))
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', math.ceil(2 * longest / 1000)))
return 1
";

/// Where the counters are.
const COUNTERS: &str = "bettermode:ratelimit:";

/// Lua's numbers are exact up to here; a greater amount is no limit that anybody reaches.
const AMOUNT_MAX: u64 = 1 << 52;

/// Budgets in Redis: atomic across processes, and in no window of an endpoint's length is more than its
/// amount taken. An endpoint's window may change; what was taken before counts in the new one.
pub struct RedisLimits {
    redis: Redis,
    take: Script,
    charge: Script,
}

impl RedisLimits {
    /// The budgets on this server.
    pub fn new(redis: Redis) -> Self {
        Self { redis, take: Script::new(TAKE), charge: Script::new(CHARGE) }
    }

    /// Counts what was taken while nobody could count it here.
    pub(crate) async fn charge(&self, recent: &Recent) -> Result<(), Fault> {
        let mut call = self.charge.prepare_invoke();
        call.key(format!("{COUNTERS}{}", recent.endpoint)).arg(micros_of(recent.window));
        for slice in &recent.slices {
            call.arg(slice.ago).arg(slice.taken.min(AMOUNT_MAX));
        }
        let mut connection = self.redis.connection();
        self.redis.within("a charge", async { call.invoke_async::<i64>(&mut connection).await }).await?;
        Ok(())
    }
}

fn micros_of(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX).max(1)
}

#[async_trait]
impl Limits for RedisLimits {
    async fn take(
        &self,
        endpoint: &str,
        cost: u64,
        allowed: Allowed,
    ) -> Result<Option<SignedDuration>, Fault> {
        possible(endpoint, cost, allowed)?;
        let (window, slice) = micros(allowed);
        let mut call = self.take.prepare_invoke();
        call.key(format!("{COUNTERS}{endpoint}"))
            .arg(cost.min(AMOUNT_MAX))
            .arg(allowed.amount.min(AMOUNT_MAX));
        call.arg(window).arg(slice);
        let mut connection = self.redis.connection();
        let wait =
            self.redis.within("a take", async { call.invoke_async::<i64>(&mut connection).await }).await?;
        Ok((wait >= 0).then(|| SignedDuration::from_micros(wait)))
    }
}
