//! What the server can do: one file a kind of work, each over ports only.

mod activity;
mod call;
mod copy;
mod member;
mod message;
mod post;
mod remind;
mod schedule;

pub use call::Calls;

use crate::limits::CLOCK_SLACK_SECONDS;
use crate::parts::{Access, Parts};
use async_trait::async_trait;
use base::{Class, Clock, Fault};
use bridge::ports::{Cache, Collections, Community, Pages, Performer};
use bridge::{Action, Ending, Outbox, Work};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// Does every kind of work.
pub struct Actions {
    outbox: Arc<dyn Outbox>,
    community: Access<dyn Community>,
    pages: Access<dyn Pages>,
    cache: Option<Arc<dyn Cache>>,
    collections: Option<Arc<dyn Collections>>,
    calls: Calls,
    clock: Arc<dyn Clock>,
}

impl Actions {
    /// With the parts of a server. Fails when no HTTP client can be made.
    pub fn new(parts: &Parts) -> Result<Self, Fault> {
        Ok(Self {
            outbox: parts.outbox.clone(),
            community: parts.community.clone(),
            pages: parts.pages.clone(),
            cache: parts.cache.clone(),
            collections: parts.collections.clone(),
            calls: Calls::new(parts.call_secret.clone())?,
            clock: parts.clock.clone(),
        })
    }
}

#[async_trait]
impl Performer for Actions {
    async fn perform(&self, action: &Action) -> Ending {
        if let Some(fault) = action.work.impossible() {
            return Ending::Never { fault };
        }
        match &action.work {
            Work::ProcessMember { .. } => member::perform(self, action).await,
            Work::TrackActivity { member_id, activity } => {
                activity::perform(self.collections.as_deref(), action, member_id, activity).await
            }
            Work::ScheduleEvent { .. } => schedule::perform(&*self.outbox, self.clock.now(), action).await,
            Work::Remind { .. } => remind::perform(self, action).await,
            Work::SendMessage { to, text } => message::perform(&self.community, action, to, text).await,
            Work::PublishPost { .. } => post::perform(&self.community, action).await,
            Work::CallUrl { url } => self.calls.perform(action, url, self.clock.now()).await,
            Work::KeepCopy => copy::perform(self.collections.as_deref(), action).await,
            Work::Incomplete { .. } => Ending::Never { fault: Fault::bug("half an action was tried") },
        }
    }
}

/// How an attempt ends that failed before anything happened.
fn failed(fault: Fault) -> Ending {
    match fault.class {
        Class::Retry => Ending::Later { fault, wait: None },
        _ => Ending::Never { fault },
    }
}

/// How it ends when it could not be found out whether an earlier attempt did it. One that can be asked again
/// stays unknown; where nobody can say, a person decides: it is never done twice.
fn not_found_out(fault: Fault) -> Ending {
    match fault.class {
        Class::Retry => Ending::Unknown { fault },
        _ => Ending::Never {
            fault: fault
                .at("whether it happened cannot be looked up")
                .hint("look yourself, and send it by hand when it is not there"),
        },
    }
}

/// From when on something is looked for that an attempt may have made which began at `begun`.
fn since(begun: Timestamp) -> Timestamp {
    begun.checked_sub(SignedDuration::from_secs(CLOCK_SLACK_SECONDS)).unwrap_or(begun)
}
