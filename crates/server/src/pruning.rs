//! The loop that forgets judged events that are older than `keep_days`.

use crate::common::Core;
use crate::guarded::guarded;
use crate::limits::FORGET_EVENTS;
use crate::log::Level;
use crate::stopping::pause;
use jiff::SignedDuration;
use std::sync::Arc;
use tokio::sync::watch;

/// Forgets until the wish to stop.
pub(crate) async fn pruning(core: Arc<Core>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        match prune(&core, &stop).await {
            Ok(0) => {}
            Ok(forgotten) => core.log(Level::Info, "old events forgotten", &[("events", &forgotten)]),
            Err(fault) => {
                core.metrics.faults.one(&["pruning"]);
                core.log(Level::Warning, "old events not forgotten", &[("fault", &fault)]);
            }
        }
        pause(core.config.times.prune, &mut stop).await;
    }
}

/// Forgets what is old enough, a small transaction at a time; how many.
async fn prune(core: &Core, stop: &watch::Receiver<bool>) -> Result<usize, base::Fault> {
    let age = SignedDuration::from_hours(24 * i64::from(core.config.keep_days));
    // A moment that no calendar has is before every event.
    let Ok(before) = core.now().checked_sub(age) else { return Ok(0) };
    let mut all = 0;
    while !*stop.borrow() {
        let forgotten = guarded("forgetting", core.parts.inbox.forget(before, FORGET_EVENTS)).await??;
        all += forgotten;
        if forgotten < FORGET_EVENTS {
            break;
        }
    }
    Ok(all)
}
