//! BetterMode as the community that the bridge talks to.
//!
//! What is sent is marked where the service keeps a mark (posts: `externalId`), and else known by what it
//! says (messages): a call whose answer was lost is looked for before it is made again.

use crate::client::Client;
use crate::destination::{Destination, Record, SKEW};
use crate::errors::Error;
use crate::types::{self, MemberStatus, Message, Moment, NewPost};
use ::bridge::ports::{Community, Member, NewPost as Planned, Sent};
use async_trait::async_trait;
use base::{Class, Fault};
use jiff::Timestamp;
use richtext::plain;
use std::collections::HashSet;
use std::future::Future;
use std::time::Duration;

/// How long a call of the port takes at most, its waits for the budget and its attempts included: whoever
/// holds an action for longer than this never has a second worker at it while the first one still asks.
pub const CALL_TIME_MAX: Duration = Duration::from_secs(60);

/// Messages of a chat that are looked at for one that may have been sent: more than a person gets in the time
/// between two attempts.
const MESSAGES_MAX: usize = 1_000;

/// A community.
#[derive(Debug, Clone)]
pub struct BettermodeCommunity {
    client: Client,
    time_max: Duration,
}

impl BettermodeCommunity {
    /// The community behind this client.
    pub fn new(client: Client) -> Self {
        Self { client, time_max: CALL_TIME_MAX }
    }

    /// The same with another limit than [`CALL_TIME_MAX`].
    #[must_use]
    pub fn within(self, time_max: Duration) -> Self {
        Self { time_max, ..self }
    }

    /// Asks, not for ever.
    async fn ask<T>(&self, call: impl Future<Output = Result<T, Error>>) -> Result<T, Fault> {
        match tokio::time::timeout(self.time_max, call).await {
            Ok(done) => done.map_err(fault),
            Err(_) => Err(self.too_long()),
        }
    }

    /// Sends, not for ever; what was on its way by then may have arrived.
    async fn send(&self, call: impl Future<Output = Result<String, Error>>) -> Result<Sent, Fault> {
        match tokio::time::timeout(self.time_max, call).await {
            Err(_) => Ok(Sent::Unknown(self.too_long())),
            Ok(Ok(id)) => Ok(Sent::Done(id)),
            Ok(Err(error)) if error.is_unknown_outcome() => Ok(Sent::Unknown(fault(error))),
            // The service may forbid it for this one person, or for this one space.
            Ok(Err(error @ Error::Forbidden { .. })) => Ok(Sent::Refused(fault(error))),
            Ok(Err(error)) if error.is_reject() => Ok(Sent::Refused(fault(error))),
            Ok(Err(error)) => Err(fault(error)),
        }
    }

    fn too_long(&self) -> Fault {
        Fault::retry(format!("BetterMode did not answer within {} seconds", self.time_max.as_secs()))
    }

    /// The newest message of ours to a member that says this and was sent since then.
    async fn message(&self, to: &str, text: &str, since: Timestamp) -> Result<Option<String>, Error> {
        let Some(chat) = self.client.chat_with_member(to).await? else { return Ok(None) };
        let earliest = since.checked_sub(SKEW).unwrap_or(Timestamp::MIN);
        let sent_at = |message: &Message| message.sent_at.as_ref().and_then(Moment::timestamp);
        let mut walk = self.client.messages(&chat);
        let mut seen = 0;
        while let Some(page) = walk.next_page().await? {
            for message in page {
                if sent_at(&message).is_some_and(|at| at < earliest) {
                    return Ok(None);
                }
                // There are two people in this chat.
                let ours = message.author_id.as_deref() != Some(to);
                if ours && message.content.as_deref().is_some_and(|content| says(content, text)) {
                    return Ok(Some(message.id));
                }
                seen += 1;
            }
            if seen >= MESSAGES_MAX {
                let what = format!("there are more than {MESSAGES_MAX} messages since then");
                return Err(Error::Odd { operation: crate::queries::MESSAGES.name, what });
            }
        }
        Ok(None)
    }

    /// Those who come, each once.
    async fn coming(&self, event_id: &str, limit: usize) -> Result<Vec<String>, Error> {
        let mut walk = self.client.event_registrations(event_id);
        let (mut seen, mut coming) = (HashSet::new(), Vec::new());
        while coming.len() < limit {
            let page = match walk.next_page().await {
                Ok(Some(page)) => page.nodes,
                Ok(None) | Err(Error::NotFound { .. }) => break,
                Err(error) => return Err(error),
            };
            let stand = page.into_iter().filter(types::EventRegistration::stands);
            coming.extend(stand.filter_map(|one| one.member_id).filter(|id| seen.insert(id.clone())));
        }
        coming.truncate(limit);
        Ok(coming)
    }
}

/// Whether a message says a text: the service shows messages as HTML, and may have written ours anew, taking
/// it for HTML or for text.
fn says(content: &str, text: &str) -> bool {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let shown = words(&plain(content));
    content == text || shown == words(text) || shown == words(&plain(text))
}

/// A budget that is used up is one to wait for, here: nobody has a run to resume.
fn fault(error: Error) -> Fault {
    match error {
        error @ Error::BudgetSpent { .. } => Fault { class: Class::Retry, ..error.into() },
        error => error.into(),
    }
}

fn member_of(member: types::Member) -> Option<Member> {
    if matches!(member.status, Some(MemberStatus::Deleted | MemberStatus::Removed)) {
        return None;
    }
    Some(Member {
        id: member.id,
        email: member.email,
        name: member.name.or(member.display_name),
        username: member.username,
        status: member.status.map(|status| status.word().to_owned()),
        updated_at: member.updated_at.as_ref().and_then(Moment::timestamp),
    })
}

#[async_trait]
impl Community for BettermodeCommunity {
    async fn check(&self) -> Result<(), Fault> {
        self.ask(async { self.client.network().await.map(drop) }).await
    }

    /// One who was deleted is not there, although the service shows that there was one.
    async fn member(&self, id: &str) -> Result<Option<Member>, Fault> {
        let found = self.ask(self.client.get_member(id)).await?;
        Ok(found.and_then(member_of))
    }

    async fn send_message(&self, to: &str, text: &str) -> Result<Sent, Fault> {
        self.send(async {
            let sent = self.client.send_direct_message(to, text).await?;
            // It is there; without an id of its own, by that of its chat.
            let id = sent.message.map(|message| message.id).or(sent.chat_id);
            Ok(id.unwrap_or_else(|| to.to_owned()))
        })
        .await
    }

    async fn find_message(&self, to: &str, text: &str, since: Timestamp) -> Result<Option<String>, Fault> {
        self.ask(self.message(to, text, since)).await
    }

    async fn publish(&self, post: &Planned, mark: &str) -> Result<Sent, Fault> {
        self.send(async {
            let mut new = self.client.usual_post(&post.content, &post.title).await?;
            new.owner_id.clone_from(&post.author_id);
            new.external_id = Some(mark.to_owned());
            Ok(self.client.create_post_of(&post.space_id, &new).await?.id)
        })
        .await
    }

    async fn find_post(&self, space: &str, mark: &str, since: Timestamp) -> Result<Option<String>, Fault> {
        let post = NewPost { external_id: Some(mark.to_owned()), ..NewPost::published("", Vec::new()) };
        let record = Record::Post { space_id: space.to_owned(), post };
        let destination = Destination::new(self.client.clone());
        let found = self.ask(destination.find(&record, since)).await?;
        Ok(found.map(|entry| entry.id().to_owned()))
    }

    /// Of an event that is not there any more, nobody.
    async fn registered(&self, event_id: &str, limit: usize) -> Result<Vec<String>, Fault> {
        self.ask(self.coming(event_id, limit)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_known_by_what_it_says_however_it_is_written() {
        for (content, text, same) in [
            ("Welcome", "Welcome", true),
            ("<p>Welcome</p>", "Welcome", true),
            ("<p>One</p><p>two</p>", "One\ntwo", true),
            ("a &lt; b &amp; c", "a < b & c", true),
            ("<p>Hello <b>you</b></p>", "<p>Hello <strong>you</strong></p>", true),
            ("Welcome back", "Welcome", false),
            ("welcome", "Welcome", false),
            ("", "Welcome", false),
        ] {
            assert_eq!(says(content, text), same, "{content:?} {text:?}");
        }
    }
}
