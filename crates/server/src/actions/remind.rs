//! `remind`: the time of a reminder has come.

use super::{Actions, failed};
use crate::limits::REMIND_MEMBERS_MAX;
use base::Fault;
use bridge::{Action, Ending, Planned, Work};
use std::collections::BTreeSet;

pub(super) async fn perform(actions: &Actions, action: &Action) -> Ending {
    let Work::Remind { event_id, scheduled_by, text, to } = &action.work else {
        return Ending::Never { fault: Fault::bug("nothing to remind of") };
    };
    let now = actions.clock.now();
    match actions.outbox.scheduled(event_id).await {
        Ok(Some(known)) if known.by == *scheduled_by && known.starts_at > now => {}
        Ok(Some(known)) if known.by == *scheduled_by => return Ending::done("no reminder: it has begun"),
        Ok(Some(known)) => {
            return Ending::done(format!("no reminder: action {} scheduled it anew", known.by));
        }
        Ok(None) => return Ending::done("no reminder: it is not scheduled any more"),
        Err(fault) => return failed(fault),
    }
    let whom = match whom(actions, event_id, to).await {
        Ok(whom) => whom,
        Err(fault) => return failed(fault),
    };
    let message = |(to, number): (String, u32)| Planned {
        rule: action.rule.clone(),
        number,
        lane: String::new(),
        due: now,
        work: Work::SendMessage { to, text: text.clone() },
    };
    let then: Vec<_> = whom.into_iter().zip(0..).map(message).collect();
    Ending::Done { effect: format!("{} messages queued", then.len()), writes: Vec::new(), then }
}

/// Whom to remind, each once.
async fn whom(actions: &Actions, event_id: &str, to: &[String]) -> Result<BTreeSet<String>, Fault> {
    if !to.is_empty() {
        return Ok(to.iter().cloned().collect());
    }
    let community = actions.community.wanted("the community")?;
    // One more than are reminded, so that too many are seen and not cut off.
    let registered = community.registered(event_id, REMIND_MEMBERS_MAX + 1).await?;
    if registered.len() > REMIND_MEMBERS_MAX {
        return Err(Fault::fail(format!("more than {REMIND_MEMBERS_MAX} members registered"))
            .hint("announce the event with a post, or name whom to remind in the rule"));
    }
    Ok(registered.into_iter().collect())
}
