//! The ports towards services and optional stores.

use crate::action::{Action, Activity, Ending};
use crate::event::Event;
use async_trait::async_trait;
use base::Fault;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Does actions of some kinds.
#[async_trait]
pub trait Performer: Send + Sync {
    /// Does it, or finds that an earlier attempt did ([`Action::unknown_since`]). It never fails: what went
    /// wrong is an ending.
    async fn perform(&self, action: &Action) -> Ending;
}

/// A member of the community as others need them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The service's id.
    pub id: String,
    /// Their address, when the service tells it.
    pub email: Option<String>,
    /// Their name.
    pub name: Option<String>,
    /// Their name in addresses.
    pub username: Option<String>,
    /// `VERIFIED`, `Suspended`…, as the service says it.
    pub status: Option<String>,
    /// When the service changed them last.
    pub updated_at: Option<Timestamp>,
}

/// What a call that sends something came to.
#[derive(Debug)]
pub enum Sent {
    /// It is there, under this id.
    Done(String),
    /// The service does not take it, and nothing was made.
    Refused(Fault),
    /// The answer was lost: whether it happened must be looked up before anything is tried again.
    Unknown(Fault),
}

/// The community that the bridge talks to.
///
/// Faults: [`base::Class::Retry`] when trying later may help; anything else is for a person. A fault of a
/// call that sends something means that nothing was made; what is not known is [`Sent::Unknown`].
#[async_trait]
pub trait Community: Send + Sync {
    /// Whether it answers, with the credentials we have.
    async fn check(&self) -> Result<(), Fault>;
    /// A member; `None`: there is none of that id.
    async fn member(&self, id: &str) -> Result<Option<Member>, Fault>;
    /// Sends a direct message in the app's name.
    async fn send_message(&self, to: &str, text: &str) -> Result<Sent, Fault>;
    /// The id of a message of ours with this text that the member got since then.
    async fn find_message(&self, to: &str, text: &str, since: Timestamp) -> Result<Option<String>, Fault>;
    /// Publishes a post that carries `mark`.
    async fn publish(&self, post: &NewPost, mark: &str) -> Result<Sent, Fault>;
    /// The id of a post that carries `mark` and was made since then.
    async fn find_post(&self, space: &str, mark: &str, since: Timestamp) -> Result<Option<String>, Fault>;
    /// Who registered for an event, at most `limit`.
    async fn registered(&self, event_id: &str, limit: usize) -> Result<Vec<String>, Fault>;
}

/// A post to be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPost {
    /// Where.
    pub space_id: String,
    /// Its title.
    pub title: String,
    /// What it says, HTML.
    pub content: String,
    /// In whose name; `None`: the app's.
    pub author_id: Option<String>,
}

/// Pages about members, in Notion.
#[async_trait]
pub trait Pages: Send + Sync {
    /// Whether it answers, with the credentials we have.
    async fn check(&self) -> Result<(), Fault>;
    /// Makes or changes the page of a member: one per member, never two, written only when something
    /// differs. `gone`: the page stays and is marked.
    async fn keep(&self, member: &Member, gone: bool) -> Result<PageKept, Fault>;
}

/// What keeping a page came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageKept {
    /// A new one, its id.
    Made(String),
    /// It was changed.
    Changed(String),
    /// It is as it should be.
    Same(String),
    /// The member is gone and never had one.
    None,
}

/// Members at hand: `bettermode:member:{id}` → JSON, with a time to live.
#[async_trait]
pub trait Cache: Send + Sync {
    /// A member that is still fresh.
    async fn get(&self, id: &str) -> Result<Option<Member>, Fault>;
    /// Keeps a member as of this moment; one that is there as of a later one stays. Whether it was kept.
    async fn put(&self, member: &Member, as_of: Timestamp) -> Result<bool, Fault>;
    /// Drops a member as of this moment: an older one does not come back.
    async fn drop(&self, id: &str, as_of: Timestamp) -> Result<(), Fault>;
    /// How it stands.
    async fn state(&self) -> StoreState;
}

/// Counters of a budget that several processes share.
#[async_trait]
pub trait Limits: Send + Sync {
    /// Takes `cost` of what an endpoint allows in a window; else how long to wait.
    async fn take(
        &self,
        endpoint: &str,
        cost: u64,
        allowed: Allowed,
    ) -> Result<Option<SignedDuration>, Fault>;
}

/// What an endpoint allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowed {
    /// So much…
    pub amount: u64,
    /// … in any window of this length.
    pub window: SignedDuration,
}

/// The two collections of events and activities, where they are kept outside of the inbox's database.
#[async_trait]
pub trait Collections: Send + Sync {
    /// Keeps a copy of an event, once.
    async fn event(&self, event: &Event) -> Result<(), Fault>;
    /// Keeps an activity, once.
    async fn activity(&self, activity: &Activity) -> Result<(), Fault>;
    /// What a member did, newest first.
    async fn activities(&self, member: &str, limit: usize) -> Result<Vec<Activity>, Fault>;
    /// Copies of events, newest first, as they are kept.
    async fn events(&self, limit: usize) -> Result<Vec<Value>, Fault>;
    /// How many events and activities there are.
    async fn counts(&self) -> Result<(u64, u64), Fault>;
    /// How it stands.
    async fn state(&self) -> StoreState;
}

/// How it stands with a part that the server can do without.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StoreState {
    /// What it is: `redis`, `in process`, `mongodb`, `postgres`.
    pub what: &'static str,
    /// Why it is away; `None`: it is there.
    pub away: Option<String>,
    /// When that was found out.
    pub since: Timestamp,
}
