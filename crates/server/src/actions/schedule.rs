//! `schedule_event`: what will take place, and its reminders.
//!
//! A reminder is an action of its own that is due when it is to go out. It names the action that scheduled
//! it. When the event is moved, another action schedules it, and the earlier reminders find that out when
//! their time has come: they end without a message. An event that is changed without being moved is reminded
//! of with the newest text, once.

use super::failed;
use crate::limits::REMINDERS_MAX;
use base::Fault;
use bridge::{Action, Ending, Outbox, Planned, Work, Write};
use jiff::{SignedDuration, Timestamp};

pub(super) async fn perform(outbox: &dyn Outbox, now: Timestamp, action: &Action) -> Ending {
    let Work::ScheduleEvent { event_id, starts_at, .. } = &action.work else {
        return Ending::Never { fault: Fault::bug("no event to schedule") };
    };
    match outbox.scheduled(event_id).await {
        // A replayed dead letter, say.
        Ok(Some(known)) if known.occurred > action.event.occurred => {
            return Ending::done(format!("nothing: action {} scheduled it by a newer event", known.by));
        }
        Ok(_) => {}
        Err(fault) => return failed(fault),
    }
    let then = reminders(action, now);
    let effect = format!("scheduled, {} reminders", then.len());
    let writes = vec![Write::Scheduled { event_id: event_id.clone(), starts_at: *starts_at }];
    Ending::Done { effect, writes, then }
}

/// The reminders that are still to come: none for an event that has begun, and none whose time had passed
/// already when the event told of it; one whose time passed since then goes out at once.
fn reminders(action: &Action, now: Timestamp) -> Vec<Planned> {
    let Work::ScheduleEvent { event_id, starts_at, remind_before, text, to } = &action.work else {
        return Vec::new();
    };
    if text.is_empty() || *starts_at <= now {
        return Vec::new();
    }
    let mut before = remind_before.clone();
    before.sort_unstable();
    before.dedup();
    let due = |seconds: &u64| {
        let early = SignedDuration::from_secs(i64::try_from(*seconds).ok()?);
        starts_at.checked_sub(early).ok().filter(|due| *due > action.event.occurred)
    };
    let dues = before.iter().filter_map(due).take(REMINDERS_MAX).zip(0..);
    let remind = |(due, number)| Planned {
        rule: action.rule.clone(),
        number,
        // Days from now: it must not hold up what happens to the record until then.
        lane: String::new(),
        due,
        work: Work::Remind {
            event_id: event_id.clone(),
            scheduled_by: action.id,
            text: text.clone(),
            to: to.clone(),
        },
    };
    dues.map(remind).collect()
}
