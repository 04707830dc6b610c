//! A port that panics is a fault and not the end of the server.

use base::Fault;
use futures::FutureExt;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

/// Awaits `work`; a panic in it is a fault that says `where_`. What it was at is left to itself: nothing of
/// it is used again.
pub(crate) async fn guarded<T>(where_: &str, work: impl Future<Output = T>) -> Result<T, Fault> {
    AssertUnwindSafe(work).catch_unwind().await.map_err(|_| Fault::bug(format!("{where_} panicked")))
}

/// [`guarded`] work that gives a result, with a bound in time.
pub(crate) async fn in_time<T>(
    where_: &str,
    time: Duration,
    work: impl Future<Output = Result<T, Fault>>,
) -> Result<T, Fault> {
    match guarded(where_, tokio::time::timeout(time, work)).await {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => Err(Fault::retry(format!("{where_} took longer than {} s", time.as_secs_f32()))),
        Err(panicked) => Err(panicked),
    }
}
