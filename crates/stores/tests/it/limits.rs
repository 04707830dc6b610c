//! Budgets: in no window more than is allowed, whoever counts and however many take.

use crate::bed::{WITHOUT_REDIS, all, open};
use bridge::ports::{Allowed, Limits};
use futures::future::join_all;
use jiff::SignedDuration;
use std::sync::Arc;
use std::time::{Duration, Instant};
use stores::RedisLimits;
use stores::fallback::AWAY_SHARE;

const HOUR: SignedDuration = SignedDuration::from_hours(1);

#[tokio::test]
async fn a_budget_is_taken_once_and_each_endpoint_has_its_own() {
    let server = testkit::Redis::start().unwrap();
    for store in all(&server.url()) {
        let (name, limits) = (store.name, store.limits);
        let share = if name == WITHOUT_REDIS { AWAY_SHARE } else { 1 };
        let allowed = Allowed { amount: 6 * share, window: HOUR };
        for endpoint in ["members", "posts"] {
            let endpoint = format!("{name}/{endpoint}");
            for cost in [1, 2, 0, 3] {
                assert_eq!(limits.take(&endpoint, cost, allowed).await.unwrap(), None, "{endpoint} {cost}");
            }
            let wait = limits.take(&endpoint, 1, allowed).await.unwrap().unwrap();
            assert!(wait > SignedDuration::ZERO && wait <= HOUR + HOUR / 60, "{endpoint}: {wait:?}");
            let more = limits.take(&endpoint, 6, allowed).await.unwrap().unwrap();
            assert!(more <= HOUR + HOUR / 60, "{endpoint}: {more:?}");
        }
    }
}

#[tokio::test]
async fn what_could_never_be_taken_is_refused_instead_of_waited_for() {
    let server = testkit::Redis::start().unwrap();
    for store in all(&server.url()) {
        let allowed = Allowed { amount: 2, window: HOUR };
        let fault = store.limits.take("members", 3, allowed).await.unwrap_err();
        assert_eq!(fault.class, base::Class::Usage, "{}", store.name);
    }
}

#[tokio::test]
async fn what_was_taken_counts_in_another_window_too() {
    let server = testkit::Redis::start().unwrap();
    for store in all(&server.url()) {
        let share = if store.name == WITHOUT_REDIS { AWAY_SHARE } else { 1 };
        let allowed = |window| Allowed { amount: 2 * share, window };
        let take = async |window| store.limits.take(store.name, 1, allowed(window)).await.unwrap();
        assert_eq!(take(HOUR).await, None, "{}", store.name);
        assert_eq!(take(24 * HOUR).await, None, "{}", store.name);
        assert!(take(HOUR).await.is_some(), "{}", store.name);
        assert!(take(24 * HOUR).await.is_some(), "{}", store.name);
    }
}

#[tokio::test]
async fn two_handles_take_exactly_what_there_is() {
    let server = testkit::Redis::start().unwrap();
    let allowed = Allowed { amount: 50, window: HOUR };
    let handles = [0, 1].map(|_| Arc::new(RedisLimits::new(open(&server.url()))));
    let takes = (0..200).map(|n| {
        let limits = Arc::clone(&handles[n % 2]);
        async move { limits.take("shared", 1, allowed).await.unwrap().is_none() }
    });
    let taken = join_all(takes).await.into_iter().filter(|taken| *taken).count();
    assert_eq!(taken, 50);
}

/// One take is known to have happened between its beginning and its end. When more than the amount lie
/// wholly within a window, the budget was exceeded, whatever the clocks say.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_window_holds_more_than_is_allowed_with_two_handles_at_full_speed() {
    let server = testkit::Redis::start().unwrap();
    for (amount, window) in [(1, 20), (5, 30), (40, 50)] {
        let allowed = Allowed { amount, window: SignedDuration::from_millis(window) };
        let taker = |_| {
            let limits = RedisLimits::new(open(&server.url()));
            tokio::spawn(async move {
                let mut taken = Vec::new();
                for _ in 0..400 {
                    let begin = Instant::now();
                    if limits.take(&format!("e{amount}"), 1, allowed).await.unwrap().is_none() {
                        taken.push((begin, Instant::now()));
                    }
                }
                taken
            })
        };
        let takers: Vec<_> = (0..2).map(taker).collect();
        let mut taken = Vec::new();
        for taker in takers {
            taken.extend(taker.await.unwrap());
        }
        assert!(taken.len() as u64 >= amount);
        let window = Duration::from_millis(window.unsigned_abs());
        for (_, end) in &taken {
            let within = |(b, e): &&(Instant, Instant)| e <= end && end.duration_since(*b) < window;
            let count = taken.iter().filter(within).count() as u64;
            assert!(count <= amount, "{count} of {amount} in one window");
        }
    }
}
