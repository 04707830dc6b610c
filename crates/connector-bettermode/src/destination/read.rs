//! Reading back what was written, many at a time.

use super::{Destination, Entry, Kind};
use crate::client::{IDS_MAX, Walk};
use crate::errors::Error;
use serde::de::DeserializeOwned;
use std::collections::{HashMap, HashSet};

impl Destination {
    /// The records with these ids, in their order; `None`: it is not there. Those that the service still
    /// shows after they were deleted are there, and [`Entry::is_gone`].
    pub async fn read(&self, kind: Kind, ids: &[String]) -> Result<Vec<Option<Entry>>, Error> {
        let wanted: HashSet<&str> = ids.iter().map(String::as_str).collect();
        let found = match kind {
            Kind::Member | Kind::Post | Kind::Reply => self.by_ids(kind, ids).await?,
            Kind::Collection => self.client.collections().await?.into_iter().map(Entry::Collection).collect(),
            Kind::Space => all_of(self.client.spaces(), Entry::Space, &wanted).await?,
            Kind::Event => {
                all_of(self.client.events(), |event| Entry::Event(Box::new(event)), &wanted).await?
            }
        };
        let found: HashMap<String, Entry> =
            found.into_iter().map(|entry| (entry.id().to_owned(), entry)).collect();
        Ok(ids.iter().map(|id| found.get(id).cloned()).collect())
    }

    /// By ids, where the service takes a list of them. What it does with ids that are not there is not
    /// documented: where it refuses the list, they are asked for one by one.
    async fn by_ids(&self, kind: Kind, ids: &[String]) -> Result<Vec<Entry>, Error> {
        let mut found = Vec::with_capacity(ids.len());
        for some in ids.chunks(IDS_MAX) {
            match self.list(kind, some).await {
                Ok(entries) => found.extend(entries),
                Err(Error::NotFound { .. } | Error::Refused { .. } | Error::Partial { .. }) => {
                    for id in some {
                        found.extend(self.one(kind, id).await?);
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }

    async fn list(&self, kind: Kind, ids: &[String]) -> Result<Vec<Entry>, Error> {
        Ok(match kind {
            Kind::Member => {
                let members = self.client.members_by_ids(ids).await?;
                members.into_iter().map(|member| Entry::Member(Box::new(member))).collect()
            }
            _ => {
                let posts = self.client.posts_by_ids(ids).await?;
                posts.into_iter().map(|post| Entry::Post(Box::new(post))).collect()
            }
        })
    }

    async fn one(&self, kind: Kind, id: &str) -> Result<Option<Entry>, Error> {
        Ok(match kind {
            Kind::Member => self.client.get_member(id).await?.map(|member| Entry::Member(Box::new(member))),
            _ => self.client.get_post(id).await?.map(|post| Entry::Post(Box::new(post))),
        })
    }
}

/// Walks a list until all that is wanted was seen.
async fn all_of<T: DeserializeOwned>(
    mut walk: Walk<T>,
    entry: impl Fn(T) -> Entry,
    wanted: &HashSet<&str>,
) -> Result<Vec<Entry>, Error> {
    let mut found = Vec::new();
    while found.len() < wanted.len()
        && let Some(page) = walk.next_page().await?
    {
        found.extend(page.nodes.into_iter().map(&entry).filter(|entry| wanted.contains(entry.id())));
    }
    Ok(found)
}
