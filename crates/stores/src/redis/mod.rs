//! Redis: members that all processes share, and budgets that they share.
//!
//! | key | what | lives |
//! |---|---|---|
//! | `bettermode:member:{id}` | the member, JSON | [`crate::member::FRESH`] or what is set |
//! | `bettermode:newest:{id}` | its newest moment, with ` dropped` after a drop | at least a day |
//! | `bettermode:ratelimit:{endpoint}` | a hash: end of a slice, µs → what was taken in it | its window |
//!
//! What must be atomic is a script, which Redis runs alone. Redis 5 and newer; one server or one with
//! replicas, not a cluster, because a member's two keys may be on different nodes of one.

mod cache;
mod fault;
mod limits;

pub use cache::RedisCache;
pub use limits::RedisLimits;

use ::redis::aio::{ConnectionManager, ConnectionManagerConfig};
use ::redis::{Client, FromRedisValue, RedisResult};
use base::{Fault, Secret};
use std::future::Future;
use std::time::Duration;

/// How long one call may take, connecting included. Redis answers within a millisecond; what takes longer
/// than this is as good as away.
pub const CALL_MAX: Duration = Duration::from_millis(250);

/// Calls that may wait for their answer at a time; the next one waits for its turn, within its own time.
const CALLS_MAX: usize = 1_024;

/// What it is called in [`bridge::ports::StoreState`].
pub(crate) const WHAT: &str = "redis";

/// A connection that all calls share, made when it is first needed and again when it is lost.
#[derive(Clone)]
pub struct Redis {
    connection: ConnectionManager,
    call_max: Duration,
}

impl Redis {
    /// Reads the address: `redis://`, `rediss://` (TLS) or `unix://`; nothing is sent yet. It must be called
    /// within a runtime of tokio. Fault: the address is none.
    pub fn open(url: &Secret) -> Result<Self, Fault> {
        Self::patient(url, CALL_MAX)
    }

    /// The same for a server whose calls may take so long, connecting included: one that is far away.
    pub fn patient(url: &Secret, call_max: Duration) -> Result<Self, Fault> {
        if url.expose().starts_with("rediss:") {
            // The driver takes the process's provider. One that is there already is as good.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        let not_one = |_| {
            let hint = "an address is redis://[user:password@]host[:6379][/database], or rediss:// with TLS";
            Fault::usage("REDIS_URL is no address of a Redis").hint(hint)
        };
        let client = Client::open(url.expose()).map_err(not_one)?;
        // One attempt per call: how often it is tried again is decided where calls are made.
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(call_max))
            .set_response_timeout(Some(call_max))
            .set_number_of_retries(0)
            .set_concurrency_limit(CALLS_MAX);
        let connection = ConnectionManager::new_lazy_with_config(client, config).map_err(not_one)?;
        Ok(Self { connection, call_max })
    }

    /// Whether it answers.
    pub async fn ping(&self) -> Result<(), Fault> {
        let mut connection = self.connection();
        let ping = ::redis::cmd("PING");
        self.within("PING", async { ping.query_async::<()>(&mut connection).await }).await
    }

    pub(crate) fn connection(&self) -> ConnectionManager {
        self.connection.clone()
    }

    /// What a call comes to, within its time. `what`: the command, for the fault.
    pub(crate) async fn within<T: FromRedisValue>(
        &self,
        what: &str,
        call: impl Future<Output = RedisResult<T>>,
    ) -> Result<T, Fault> {
        match tokio::time::timeout(self.call_max, call).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(fault::fault(what, &error)),
            Err(_) => Err(fault::late(what)),
        }
    }
}
