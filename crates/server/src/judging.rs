//! The loop that has new events judged: woken by reception, and by a timer.

use crate::common::Core;
use crate::guarded::guarded;
use crate::limits::JUDGE_EVENTS;
use crate::log::Level;
use crate::stopping::{asked, pause};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Judges until the wish to stop. What is not judged by then is judged by the next server.
pub(crate) async fn judging(core: Arc<Core>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let judge = core.parts.inbox.judge(JUDGE_EVENTS, &*core.parts.decide);
        let wait = match guarded("judging", judge).await.and_then(|judged| judged) {
            Ok(0) => core.config.times.look,
            Ok(judged) => {
                core.metrics.judged.add(&[], judged as u64);
                core.to_work.notify_one();
                // Fewer than the limit: all are judged; more come with a wake-up call.
                if judged < JUDGE_EVENTS { core.config.times.look } else { Duration::ZERO }
            }
            Err(fault) => {
                core.metrics.faults.one(&["judging"]);
                core.log(Level::Error, "events not judged", &[("fault", &fault)]);
                pause(core.config.times.pause, &mut stop).await;
                continue;
            }
        };
        tokio::select! {
            () = asked(&mut stop) => {}
            () = core.to_judge.notified() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}
