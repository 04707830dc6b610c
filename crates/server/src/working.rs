//! The workers: they claim actions that are due, do them, and write down how they ended.

use crate::common::Core;
use crate::guarded::{guarded, in_time};
use crate::limits::{BEGUN_BEYOND_MAX, FINISH_TRIES};
use crate::log::Level;
use crate::stopping::{asked, pause};
use base::Fault;
use bridge::ports::Performer;
use bridge::{Action, Ending};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

/// Does actions until the wish to stop, and then lets those under way end within [`crate::Times::stop`]. One
/// that takes longer is left to its hold: whoever takes it then is told that it may have happened.
pub(crate) async fn working(
    core: Arc<Core>,
    performer: Arc<dyn Performer>,
    busy: Arc<AtomicU64>,
    mut stop: watch::Receiver<bool>,
) {
    let mut running = JoinSet::new();
    while !*stop.borrow() {
        let free = core.config.workers.max(1) - running.len();
        let mut away = false;
        if free > 0 {
            match claim(&core, free).await {
                Ok(actions) => {
                    for action in actions {
                        running.spawn(one(core.clone(), performer.clone(), action));
                    }
                }
                Err(fault) => {
                    core.metrics.faults.one(&["claiming"]);
                    core.log(Level::Error, "no actions claimed", &[("fault", &fault)]);
                    away = true;
                }
            }
        }
        busy.store(running.len() as u64, Relaxed);
        if away {
            pause(core.config.times.pause, &mut stop).await;
        } else {
            let idle = running.len() < core.config.workers;
            tokio::select! {
                () = asked(&mut stop) => {}
                Some(_) = running.join_next() => {}
                () = core.to_work.notified(), if idle => {}
                () = tokio::time::sleep(core.config.times.look), if idle => {}
            }
        }
        while running.try_join_next().is_some() {}
        busy.store(running.len() as u64, Relaxed);
    }
    let all = async { while running.join_next().await.is_some() {} };
    if timeout(core.config.times.stop, all).await.is_err() {
        core.log(Level::Warning, "actions left to their holds", &[("actions", &running.len())]);
    }
    busy.store(0, Relaxed);
}

/// Claims what is due.
async fn claim(core: &Core, free: usize) -> Result<Vec<Action>, Fault> {
    let hold = SignedDuration::try_from(core.config.times.hold).unwrap_or(SignedDuration::MAX);
    guarded("claiming", core.parts.outbox.claim(free, hold)).await?
}

/// One attempt at one action.
async fn one(core: Arc<Core>, performer: Arc<dyn Performer>, action: Action) {
    let begun = Instant::now();
    let begun_max = core.config.backoff.attempts_max.saturating_add(BEGUN_BEYOND_MAX);
    let ending = if action.attempts >= begun_max {
        // Whoever began it did not live to give it up: it may be what ends the server.
        let fault = Fault::fail(format!("{begun_max} attempts were begun"));
        Ending::Never { fault }
    } else {
        attempt(&core, &*performer, &action).await
    };
    let (ending, later) = settled(&core, &action, ending);
    finish(&core, &action, ending, later, begun).await;
}

/// Performs, with a bound in time; who runs out of it, or panics, has ended nobody knows how.
async fn attempt(core: &Core, performer: &dyn Performer, action: &Action) -> Ending {
    let time = core.config.times.action;
    match guarded(action.work.word(), timeout(time, performer.perform(action))).await {
        Ok(Ok(ending)) => ending,
        Ok(Err(_)) => {
            let fault = Fault::retry(format!("no end within {} s", time.as_secs_f32()));
            Ending::Unknown { fault }
        }
        Err(panicked) => Ending::Never { fault: panicked },
    }
}

/// The ending as it is written, and when to try again: the last attempt is never followed by another one.
fn settled(core: &Core, action: &Action, ending: Ending) -> (Ending, Timestamp) {
    let now = core.now();
    let attempt = action.attempts.saturating_add(1);
    let given_up = |fault: Fault, how: &str| {
        let what = format!("given up after {attempt} attempts{how}: {}", fault.what);
        Ending::Never { fault: Fault { what, ..fault } }
    };
    match ending {
        Ending::Later { fault, wait } => {
            match core.config.backoff.wait(attempt, wait, core.dice.fraction()) {
                Some(pause) => {
                    let later = now.checked_add(pause).unwrap_or(Timestamp::MAX);
                    (Ending::Later { fault, wait }, later)
                }
                None => (given_up(fault, ""), now),
            }
        }
        Ending::Unknown { fault } if attempt >= core.config.backoff.attempts_max => {
            (given_up(fault, ", and whether it happened is not known"), now)
        }
        other => (other, now),
    }
}

/// Writes the ending down.
async fn finish(core: &Core, action: &Action, ending: Ending, later: Timestamp, begun: Instant) {
    let (work, taken) = (action.work.word(), begun.elapsed());
    core.metrics.action_seconds.time(taken);
    let mut tries = 0;
    say(core, action, &ending, taken.as_millis());
    if matches!(ending, Ending::Unknown { .. }) {
        core.metrics.actions.one(&[work, "unknown"]);
        return;
    }
    loop {
        let outbox = &core.parts.outbox;
        let fault = match in_time("the outbox", core.config.times.keep, outbox.finish(action, &ending, later))
            .await
        {
            Ok(true) => {
                core.metrics.actions.one(&[work, word(&ending)]);
                return;
            }
            Ok(false) => {
                core.metrics.actions.one(&[work, "lost"]);
                core.log(Level::Warning, "action taken by another server", &[("action", &action.id)]);
                return;
            }
            Err(fault) => fault,
        };
        core.metrics.faults.one(&["finishing"]);
        core.log(Level::Error, "end of an action not written", &[("action", &action.id), ("fault", &fault)]);
        tries += 1;
        let held = begun.elapsed() + core.config.times.pause < core.config.times.hold;
        if tries >= FINISH_TRIES || !held {
            core.metrics.actions.one(&[work, "unknown"]);
            return;
        }
        tokio::time::sleep(core.config.times.pause).await;
    }
}

fn word(ending: &Ending) -> &'static str {
    match ending {
        Ending::Done { .. } => "done",
        Ending::Later { .. } => "later",
        Ending::Never { .. } => "dead",
        Ending::Unknown { .. } => "unknown",
    }
}

fn say(core: &Core, action: &Action, ending: &Ending, ms: u128) {
    let (level, said): (_, &dyn std::fmt::Display) = match ending {
        Ending::Done { effect, .. } => (Level::Info, effect),
        Ending::Later { fault, .. } => (Level::Warning, fault),
        Ending::Unknown { fault } => (Level::Warning, fault),
        Ending::Never { fault } => (Level::Error, fault),
    };
    core.log(
        level,
        "action ended",
        &[
            ("action", &action.id),
            ("work", &action.work.word()),
            ("rule", &action.rule),
            ("attempt", &(action.attempts + 1)),
            ("ending", &word(ending)),
            ("ms", &ms),
            ("said", said),
        ],
    );
}
