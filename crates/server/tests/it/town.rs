//! A community, pages, a cache and collections in memory, with faults on purpose.

use async_trait::async_trait;
use base::Fault;
use bridge::Event;
use bridge::action::Activity;
use bridge::ports::{Cache, Collections, Community, Member, NewPost, PageKept, Pages, Sent, StoreState};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;

/// How the next calls that send something end, one after another; then all work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Send {
    /// It arrives, and the answer is lost.
    ArrivesUnknown,
    /// It gets lost, and so does the answer.
    LostUnknown,
    /// The service is busy.
    Busy,
    /// The service does not take it.
    Refused,
    /// The service cannot be reached.
    NoWay,
}

/// How a look-up ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Find {
    /// The service is busy.
    Busy,
    /// The service has nothing to look it up by.
    Cannot,
}

#[derive(Default)]
pub struct State {
    pub send: VecDeque<Send>,
    pub find: VecDeque<Find>,
    pub members: BTreeMap<String, Member>,
    pub registered: Vec<String>,
    /// Whom, what.
    pub messages: Vec<(String, String)>,
    /// Title, mark.
    pub posts: Vec<(String, String)>,
    pub finds: usize,
    pub cached: BTreeMap<String, (Member, Timestamp)>,
    pub dropped: Vec<String>,
    pub pages: Vec<(Member, bool)>,
    pub events: Vec<Event>,
    pub activities: Vec<Activity>,
    /// Why the community, the pages, the cache, the collections are away.
    pub community_away: Option<Fault>,
    pub pages_away: Option<Fault>,
    pub cache_away: Option<Fault>,
    pub collections_away: Option<Fault>,
    pub checks: usize,
}

#[derive(Default)]
pub struct Town(Mutex<State>);

impl Town {
    pub fn state<T>(&self, see: impl FnOnce(&mut State) -> T) -> T {
        see(&mut self.0.lock().unwrap())
    }

    fn sent(&self, arrives: impl FnOnce(&mut State) -> String) -> Result<Sent, Fault> {
        self.state(|state| {
            if let Some(fault) = &state.community_away {
                return Err(fault.clone());
            }
            match state.send.pop_front() {
                None => Ok(Sent::Done(arrives(state))),
                Some(Send::ArrivesUnknown) => {
                    arrives(state);
                    Ok(Sent::Unknown(Fault::retry("the answer was lost")))
                }
                Some(Send::LostUnknown) => Ok(Sent::Unknown(Fault::retry("the answer was lost"))),
                Some(Send::Busy) => Ok(Sent::Refused(Fault::retry("busy"))),
                Some(Send::Refused) => Ok(Sent::Refused(Fault::fail("not taken"))),
                Some(Send::NoWay) => Err(Fault::retry("no way")),
            }
        })
    }

    fn found(&self, look: impl FnOnce(&State) -> Option<String>) -> Result<Option<String>, Fault> {
        self.state(|state| {
            state.finds += 1;
            match state.find.pop_front() {
                None => Ok(look(state)),
                Some(Find::Busy) => Err(Fault::retry("busy")),
                Some(Find::Cannot) => Err(Fault::fail("this service has no search")),
            }
        })
    }
}

fn gone(fault: &Option<Fault>) -> Result<(), Fault> {
    fault.clone().map_or(Ok(()), Err)
}

#[async_trait]
impl Community for Town {
    async fn check(&self) -> Result<(), Fault> {
        self.state(|state| {
            state.checks += 1;
            gone(&state.community_away)
        })
    }
    async fn member(&self, id: &str) -> Result<Option<Member>, Fault> {
        self.state(|state| gone(&state.community_away).map(|()| state.members.get(id).cloned()))
    }
    async fn send_message(&self, to: &str, text: &str) -> Result<Sent, Fault> {
        self.sent(|state| {
            state.messages.push((to.into(), text.into()));
            format!("m{}", state.messages.len())
        })
    }
    async fn find_message(&self, to: &str, text: &str, _since: Timestamp) -> Result<Option<String>, Fault> {
        self.found(|state| {
            let at = state.messages.iter().position(|(whom, what)| whom == to && what == text);
            at.map(|at| format!("m{}", at + 1))
        })
    }
    async fn publish(&self, post: &NewPost, mark: &str) -> Result<Sent, Fault> {
        self.sent(|state| {
            state.posts.push((post.title.clone(), mark.into()));
            format!("p{}", state.posts.len())
        })
    }
    async fn find_post(&self, _space: &str, mark: &str, _since: Timestamp) -> Result<Option<String>, Fault> {
        self.found(|state| {
            state.posts.iter().position(|(_, found)| found == mark).map(|at| format!("p{}", at + 1))
        })
    }
    async fn registered(&self, _event_id: &str, limit: usize) -> Result<Vec<String>, Fault> {
        self.state(|state| {
            gone(&state.community_away)?;
            Ok(state.registered.iter().take(limit).cloned().collect())
        })
    }
}

#[async_trait]
impl Pages for Town {
    async fn check(&self) -> Result<(), Fault> {
        self.state(|state| gone(&state.pages_away))
    }
    async fn keep(&self, member: &Member, is_gone: bool) -> Result<PageKept, Fault> {
        self.state(|state| {
            gone(&state.pages_away)?;
            state.pages.push((member.clone(), is_gone));
            Ok(PageKept::Made(format!("page{}", state.pages.len())))
        })
    }
}

fn standing(away: &Option<Fault>, what: &'static str) -> StoreState {
    let away = away.as_ref().map(|fault| fault.what.clone());
    StoreState { what, away, since: "2026-03-01T11:00:00Z".parse().unwrap() }
}

#[async_trait]
impl Cache for Town {
    async fn get(&self, id: &str) -> Result<Option<Member>, Fault> {
        self.state(|state| Ok(state.cached.get(id).map(|(member, _)| member.clone())))
    }
    async fn put(&self, member: &Member, as_of: Timestamp) -> Result<bool, Fault> {
        self.state(|state| {
            gone(&state.cache_away)?;
            if state.cached.get(&member.id).is_some_and(|(_, known)| *known > as_of) {
                return Ok(false);
            }
            state.cached.insert(member.id.clone(), (member.clone(), as_of));
            Ok(true)
        })
    }
    async fn drop(&self, id: &str, _as_of: Timestamp) -> Result<(), Fault> {
        self.state(|state| {
            gone(&state.cache_away)?;
            state.cached.remove(id);
            state.dropped.push(id.into());
            Ok(())
        })
    }
    async fn state(&self) -> StoreState {
        Town::state(self, |state| standing(&state.cache_away, "redis"))
    }
}

#[async_trait]
impl Collections for Town {
    async fn event(&self, event: &Event) -> Result<(), Fault> {
        Town::state(self, |state| {
            gone(&state.collections_away)?;
            state.events.push(event.clone());
            Ok(())
        })
    }
    async fn activity(&self, activity: &Activity) -> Result<(), Fault> {
        Town::state(self, |state| {
            gone(&state.collections_away)?;
            state.activities.push(activity.clone());
            Ok(())
        })
    }
    async fn activities(&self, _member: &str, _limit: usize) -> Result<Vec<Activity>, Fault> {
        Ok(Vec::new())
    }
    async fn events(&self, _limit: usize) -> Result<Vec<Value>, Fault> {
        Ok(Vec::new())
    }
    async fn counts(&self) -> Result<(u64, u64), Fault> {
        Town::state(self, |state| Ok((state.events.len() as u64, state.activities.len() as u64)))
    }
    async fn state(&self) -> StoreState {
        Town::state(self, |state| standing(&state.collections_away, "mongodb"))
    }
}
