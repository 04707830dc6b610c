//! Looking for what was written.

use super::matching::{Fit, Marks, Wanted, best};
use super::{Destination, Entry, Record};
use crate::client::Walk;
use crate::errors::Error;
use crate::queries;
use crate::types::{
    Collection, Event, JsonText, Moment, NewCollection, NewEvent, NewMember, NewPost, NewSpace, Post, Space,
};
use jiff::Timestamp;
use std::time::Duration;

/// How long to wait before each look for something that may still be on its way: a request whose answer was
/// lost may be at work yet.
const LOOKS: [Duration; 3] = [Duration::ZERO, Duration::from_secs(3), Duration::from_secs(15)];

impl Destination {
    /// Looks for a record that was to be written, and was not before `since`; `None`: it is not there.
    /// [`Error::Many`]: several could be it, and a person has to decide.
    ///
    /// Members are looked up by external id, else by address. Everything else is searched for in the lists
    /// that it would be in: by external id or address, else by title and time. [`Error::Wrong`]: it has none
    /// of these, so that it could not be told from others.
    pub async fn find(&self, record: &Record, since: Timestamp) -> Result<Option<Entry>, Error> {
        match record {
            Record::Member { member, .. } => self.find_member(member).await,
            Record::Collection(collection) => self.find_collection(collection, since).await,
            Record::Space(space) => self.find_space(space, since).await,
            Record::Post { space_id, post } => {
                let title = said(post, "title");
                let wanted = wanted_post(post, title.as_deref(), since);
                let walk = self.client.scan_posts(space_id);
                self.find_post(walk, &wanted, queries::POSTS_SCAN.name).await
            }
            Record::Reply { post_id, reply } => {
                let walk = self.client.scan_replies(post_id);
                self.find_post(walk, &wanted_post(reply, None, since), queries::REPLIES_SCAN.name).await
            }
            Record::Event { space_id, event } => self.find_event(space_id, event, since).await,
        }
    }

    /// The same after an [`Error::UnknownOutcome`], with patience: looks again a little later before it says
    /// that nothing is there.
    pub async fn look_for(&self, record: &Record, since: Timestamp) -> Result<Option<Entry>, Error> {
        for wait in LOOKS {
            if !wait.is_zero() {
                self.client.sleep(wait).await;
            }
            if let Some(entry) = self.find(record, since).await? {
                return Ok(Some(entry));
            }
        }
        Ok(None)
    }

    async fn find_member(&self, member: &NewMember) -> Result<Option<Entry>, Error> {
        let mut found = None;
        if let Some(external_id) = &member.external_id {
            found = self.client.get_member_by_external_id(external_id).await?;
        }
        if found.is_none() {
            found = self.client.get_member_by_email(&member.email).await?;
        }
        Ok(found.map(|member| Entry::Member(Box::new(member))))
    }

    async fn find_collection(
        &self,
        collection: &NewCollection,
        since: Timestamp,
    ) -> Result<Option<Entry>, Error> {
        let marks = Marks {
            external_id: collection.external_id.as_deref(),
            external_url: None,
            title: Some(&collection.name),
            created_at: collection.created_at.as_ref(),
        };
        let wanted = Wanted { marks, since };
        let fit = |one: &Collection| {
            wanted.fit(&Marks {
                external_id: one.external_id.as_deref(),
                external_url: None,
                title: one.name.as_deref(),
                created_at: one.created_at.as_ref(),
            })
        };
        let found = self.client.collections().await?.into_iter().map(|one| (fit(&one), one)).collect();
        one_of(found, queries::COLLECTIONS.name).map(|found| found.map(Entry::Collection))
    }

    async fn find_space(&self, space: &NewSpace, since: Timestamp) -> Result<Option<Entry>, Error> {
        let marks = Marks {
            external_id: space.external_id.as_deref(),
            external_url: space.external_url.as_deref(),
            title: Some(&space.name),
            created_at: space.created_at.as_ref(),
        };
        let wanted = Wanted { marks, since };
        let fit = |one: &Space| {
            let fit = wanted.fit(&Marks {
                external_id: one.external_id.as_deref(),
                external_url: one.external_url.as_deref(),
                title: one.name.as_deref(),
                created_at: one.created_at.as_ref(),
            });
            let same_place =
                space.collection_id.is_none() || one.collection_id() == space.collection_id.as_deref();
            if fit == Fit::Likely && !same_place { Fit::No } else { fit }
        };
        let (mut walk, mut found) = (self.client.spaces(), Vec::new());
        while let Some(page) = walk.next_page().await? {
            found.extend(page.nodes.into_iter().map(|one| (fit(&one), one)));
        }
        one_of(found, queries::SPACES.name).map(|found| found.map(Entry::Space))
    }

    /// Posts and replies: first by their marks, then the one that is it as a whole.
    async fn find_post(
        &self,
        mut walk: Walk<Post>,
        wanted: &Wanted<'_>,
        operation: &'static str,
    ) -> Result<Option<Entry>, Error> {
        if !wanted.is_known() {
            let what = "a post without external id, title or date could not be told from others";
            return Err(Error::Wrong { what: what.into() });
        }
        let mut found = Vec::new();
        while let Some(page) = walk.next_page().await? {
            let times: Vec<Option<Timestamp>> =
                page.nodes.iter().map(|post| post.created_at.as_ref().and_then(Moment::timestamp)).collect();
            let fits = page.nodes.into_iter().map(|post| {
                let candidate = Marks {
                    external_id: post.external_id.as_deref(),
                    external_url: post.external_url.as_deref(),
                    title: post.title.as_deref(),
                    created_at: post.created_at.as_ref(),
                };
                (wanted.fit(&candidate), post.id)
            });
            found.extend(fits.filter(|(fit, _)| *fit != Fit::No));
            if wanted.is_past(&times) {
                break;
            }
        }
        match one_of(found, operation)? {
            None => Ok(None),
            Some(id) => Ok(self.client.get_post(&id).await?.map(|post| Entry::Post(Box::new(post)))),
        }
    }

    async fn find_event(
        &self,
        space_id: &str,
        event: &NewEvent,
        since: Timestamp,
    ) -> Result<Option<Entry>, Error> {
        let marks = Marks { title: Some(&event.title), ..Marks::default() };
        let wanted = Wanted { marks, since };
        let same = |moment: &Moment, shown: &Option<Moment>| shown.as_ref().is_some_and(|at| at.is(moment));
        let fit = |one: &Event| {
            let candidate = Marks {
                title: one.title.as_deref(),
                created_at: one.created_at.as_ref(),
                ..Marks::default()
            };
            let same_place = one.space_id.as_deref() == Some(space_id);
            let same_time = same(&event.start_time, &one.start_time) && same(&event.end_time, &one.end_time);
            if same_place && same_time { wanted.fit(&candidate) } else { Fit::No }
        };
        let (mut walk, mut found) = (self.client.events(), Vec::new());
        while let Some(page) = walk.next_page().await? {
            found.extend(page.nodes.into_iter().map(|one| (fit(&one), one)));
        }
        let found = one_of(found, queries::EVENTS.name)?;
        Ok(found.map(|event| Entry::Event(Box::new(event))))
    }
}

fn one_of<T>(found: Vec<(Fit, T)>, operation: &'static str) -> Result<Option<T>, Error> {
    best(found).map_err(|count| Error::Many { operation, count })
}

/// The marks of a post; a reply has no title of its own.
fn wanted_post<'a>(post: &'a NewPost, title: Option<&'a str>, since: Timestamp) -> Wanted<'a> {
    let marks = Marks {
        external_id: post.external_id.as_deref(),
        external_url: post.external_url.as_deref(),
        title,
        created_at: post.created_at.as_ref(),
    };
    Wanted { marks, since }
}

/// A field of what a post says.
fn said(post: &NewPost, key: &str) -> Option<String> {
    let field = post.mapping_fields.iter().find(|field| field.key == key)?;
    field.value.as_ref().map(JsonText::to_text)
}
