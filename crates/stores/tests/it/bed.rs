//! What the tests share: a clock by hand, members, stores to be compared, and waiting for what must come.

use base::{Clock, Secret};
use bridge::ports::{Cache, Limits, Member};
use jiff::Timestamp;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use stores::fallback::Backoff;
use stores::memory::Bounds;
use stores::{MemoryCache, MemoryLimits, Redis, RedisCache, RedisLimits, Said, Tell, Time, WithFallback};

/// How long something that must come may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Redis is asked often, so that no test waits.
pub const EAGER: Backoff = Backoff { first: Duration::from_millis(5), last: Duration::from_millis(50) };

/// A time that stands still until it is moved.
#[derive(Default)]
pub struct Hand(Mutex<Duration>);

impl Hand {
    pub fn move_on(&self, time: Duration) {
        *self.0.lock().unwrap() += time;
    }
}

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        at(0)
    }
}

impl Time for Hand {
    fn elapsed(&self) -> Duration {
        *self.0.lock().unwrap()
    }
}

/// The n-th moment.
pub fn at(n: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + n).unwrap()
}

pub fn member(id: &str, name: &str) -> Member {
    let name = Some(name.to_owned());
    Member { id: id.into(), email: None, name, username: None, status: None, updated_at: None }
}

/// Where nobody listens.
pub fn nowhere() -> String {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    format!("redis://127.0.0.1:{port}/")
}

/// A busy machine must not look like a server that is away.
const CALL: Duration = Duration::from_secs(2);

pub fn open(url: &str) -> Redis {
    Redis::patient(&Secret::new(url), CALL).unwrap()
}

/// Hears what a store says.
#[derive(Default, Clone)]
pub struct Ear(Arc<Mutex<Vec<Said>>>);

impl Ear {
    pub fn tell(&self) -> Tell {
        let heard = Arc::clone(&self.0);
        Arc::new(move |said| heard.lock().unwrap().push(said))
    }

    pub fn heard(&self) -> Vec<Said> {
        self.0.lock().unwrap().clone()
    }
}

pub fn with_fallback(url: &str, bounds: Bounds, ear: &Ear) -> WithFallback {
    WithFallback::new(open(url), bounds, EAGER, Arc::new(stores::SystemTime::new()), ear.tell())
}

/// A store of members and one of budgets, to be compared with others.
pub struct Stores {
    pub name: &'static str,
    pub cache: Arc<dyn Cache>,
    pub limits: Arc<dyn Limits>,
}

pub const WITHOUT_REDIS: &str = "fallback, Redis away";

/// All stores that must behave alike, over this Redis.
pub fn all(url: &str) -> Vec<Stores> {
    let time: Arc<dyn Time> = Arc::new(stores::SystemTime::new());
    let bounds = Bounds::default();
    let fallback = |name, url: &str| {
        let both = Arc::new(with_fallback(url, bounds, &Ear::default()));
        Stores { name, cache: both.clone(), limits: both }
    };
    vec![
        Stores {
            name: "memory",
            cache: Arc::new(MemoryCache::new(bounds, time.clone())),
            limits: Arc::new(MemoryLimits::new(time.clone())),
        },
        Stores {
            name: "redis",
            cache: Arc::new(RedisCache::new(open(url), bounds.fresh, time)),
            limits: Arc::new(RedisLimits::new(open(url))),
        },
        fallback("fallback", url),
        fallback(WITHOUT_REDIS, &nowhere()),
    ]
}

/// Asks until the answer is yes.
pub async fn until(what: &str, mut probe: impl AsyncFnMut() -> bool) {
    let asked = async {
        while !probe().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, asked).await.is_ok(), "{what}: it never came");
}
