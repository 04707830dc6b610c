//! A community behind the port of services: kinds of records as tables.

mod records;
mod shown;
mod tables;

use crate::client::{Client, MemberFilter, Walk};
use crate::destination::{Choice, Destination, Kind, can_change, mails};
use crate::errors::Error;
use crate::types::{EventRegistration, Post, PostType, PostTypeContext};
use async_trait::async_trait;
use base::{Fault, Problem, RejectCode};
use connect::destination::Table;
use connect::service::{Deleted, Fields, Lookup, Lost, Made, Refusal, Service, Thing, ThingSink};
use records::{Places, change, record};
use shown::shown;
use std::collections::HashMap;
use tokio::sync::OnceCell;

/// Calls under way at once: enough to reach the larger budgets at the time that an answer takes; the smaller
/// ones are kept by waiting.
const CALLS_AT_ONCE: usize = 4;

/// Members of a community that are listed once instead of looked up one by one: some tens of pages.
const LISTED_MAX: u64 = 5_000;

/// A community to write into.
pub struct BettermodeService {
    destination: Destination,
    network_id: String,
    /// The types of posts and replies that are written, asked for once.
    places: OnceCell<Places>,
    /// The members by their addresses in lower case, where they are few; of more each is looked up.
    listed: OnceCell<Option<HashMap<String, Vec<String>>>>,
}

impl BettermodeService {
    /// The community behind this client.
    pub fn new(client: Client, network_id: impl Into<String>) -> Self {
        Self {
            destination: Destination::new(client),
            network_id: network_id.into(),
            places: OnceCell::new(),
            listed: OnceCell::new(),
        }
    }

    fn client(&self) -> &Client {
        self.destination.client()
    }

    async fn places(&self) -> Result<&Places, Fault> {
        self.places
            .get_or_try_init(|| async {
                let post = first(self.client().writable_post_types(&PostTypeContext::Post).await?);
                let reply = first(self.client().writable_post_types(&PostTypeContext::Reply).await?);
                Ok(Places { post, reply })
            })
            .await
            .map_err(|error: Error| Fault::from(error))
    }

    /// The members that were there when the first was looked up, when they are few enough to be listed.
    async fn listed(&self) -> Result<Option<&HashMap<String, Vec<String>>>, Fault> {
        let list = async {
            if self.client().members_total().await?.is_none_or(|total| total > LISTED_MAX) {
                return Ok(None);
            }
            let mut listed: HashMap<String, Vec<String>> = HashMap::new();
            let mut walk = self.client().members(&MemberFilter::default());
            while let Some(page) = walk.next_page().await? {
                for member in page.nodes {
                    if let Some(email) = member.email {
                        listed.entry(email.to_lowercase()).or_default().push(member.id);
                    }
                }
            }
            Ok(Some(listed))
        };
        self.listed
            .get_or_try_init(|| list)
            .await
            .map(Option::as_ref)
            .map_err(|error: Error| Fault::from(error))
    }

    /// Members with this address. One who is listed may have gone since: the comparison sees that. One who
    /// came since is found by the service's own refusal of the address.
    async fn members_by_email(&self, email: &str) -> Result<Vec<String>, Fault> {
        if let Some(listed) = self.listed().await? {
            return Ok(listed.get(&email.to_lowercase()).cloned().unwrap_or_default());
        }
        Ok(self.client().get_member_by_email(email).await?.into_iter().map(|member| member.id).collect())
    }

    /// Replies to a post, to them, and so on: each with the post at the root.
    async fn replies(&self, post: &Post, sink: &mut Shown<'_>) -> Result<(), Fault> {
        let mut open = vec![post.id.clone()];
        while let Some(parent) = open.pop() {
            let mut walk = self.client().replies(&parent);
            while let Some(page) = walk.next_page().await? {
                for reply in page.nodes {
                    if reply.replies_count != Some(0) && reply.total_replies_count != Some(0) {
                        open.push(reply.id.clone());
                    }
                    sink.entry(crate::destination::Entry::Post(Box::new(reply)))?;
                }
            }
        }
        Ok(())
    }

    /// Walks a list to its end.
    async fn all<T: serde::de::DeserializeOwned>(
        mut walk: Walk<T>,
        sink: &mut Shown<'_>,
        entry: impl Fn(T) -> crate::destination::Entry,
    ) -> Result<(), Fault> {
        while let Some(page) = walk.next_page().await? {
            page.nodes.into_iter().try_for_each(|one| sink.entry(entry(one)))?;
        }
        Ok(())
    }
}

/// The usual type: the first one that has what we write.
fn first(types: Vec<PostType>) -> Option<PostType> {
    types.into_iter().next()
}

/// Hands records on as things.
struct Shown<'a> {
    kind: Kind,
    sink: &'a mut dyn ThingSink,
}

impl Shown<'_> {
    fn entry(&mut self, entry: crate::destination::Entry) -> Result<(), Fault> {
        if entry.is_gone() {
            return Ok(());
        }
        self.sink.thing(entry.id(), shown(self.kind, &entry))
    }
}

/// The kind that a table holds.
fn kind(table: &str) -> Result<Kind, Fault> {
    tables::kind_of(table).ok_or_else(|| Fault::bug(format!("BetterMode has no kind {table}")))
}

/// What a call that writes came to.
fn made(kind: Kind, done: Result<String, Error>) -> Result<Made, Fault> {
    match done {
        Ok(id) => Ok(Made::Done(id)),
        Err(error @ Error::UnknownOutcome { .. }) => Ok(Made::Unknown(error.into())),
        Err(error @ (Error::Refused { .. } | Error::Failed { .. } | Error::Wrong { .. })) => {
            Ok(Made::Refused(Refusal {
                column: String::new(),
                code: RejectCode::Check,
                reason: format!("the {} was refused: {error}", kind.word()),
            }))
        }
        Err(error) => Err(error.into()),
    }
}

#[async_trait]
impl Service for BettermodeService {
    fn address(&self) -> String {
        format!("{}, network {}", self.client().address(), self.network_id)
    }

    async fn tables(&self) -> Result<Vec<Table>, Fault> {
        Ok(tables::tables())
    }

    async fn check(&self, tables: &[String]) -> Result<Vec<Problem>, Fault> {
        let mut problems = Vec::new();
        self.client().network().await?;
        let places = self.places().await?;
        for (table, there) in [("posts", places.post.is_some()), ("comments", places.reply.is_some())] {
            if tables.iter().any(|t| t == table) && !there {
                problems.push(
                    Problem::error(format!(
                        "the community has no type for {table} with the fields that are written"
                    ))
                    .hint("add a post type with a title and a content, and one for replies with a content"),
                );
            }
        }
        if tables.iter().any(|t| t == "events") {
            problems.push(Problem::note(
                "events are made now and by the app: BetterMode takes neither the day on which an event was \
                 made nor who made it",
            ));
        }
        Ok(problems)
    }

    async fn count(&self, table: &str) -> Result<Option<u64>, Fault> {
        Ok(match kind(table)? {
            Kind::Member => self.client().members_total().await?,
            Kind::Collection => Some(self.client().collections().await?.len() as u64),
            Kind::Space => self.client().spaces_total().await?,
            Kind::Post => self.client().posts_total().await?,
            Kind::Event => self.client().events_total().await?,
            Kind::Reply => None,
        })
    }

    fn calls_at_once(&self) -> usize {
        CALLS_AT_ONCE
    }

    fn lookups(&self, table: &str) -> Vec<Lookup> {
        match table {
            "members" => vec![Lookup { column: "email".into(), folds_case: true }],
            "spaces" => vec![Lookup { column: "slug".into(), folds_case: false }],
            _ => Vec::new(),
        }
    }

    async fn look_up(&self, table: &str, column: &str, value: &str) -> Result<Vec<String>, Fault> {
        match (table, column) {
            ("members", "email") => self.members_by_email(value).await,
            ("spaces", "slug") => {
                Ok(self.client().get_space_by_slug(value).await?.into_iter().map(|space| space.id).collect())
            }
            _ => Err(Fault::bug(format!("{table} cannot be looked up by {column}"))),
        }
    }

    async fn create(&self, table: &str, fields: &Fields, mark: &str) -> Result<Made, Fault> {
        let kind = kind(table)?;
        let record = match record(kind, fields, mark, self.places().await?) {
            Ok(record) => record,
            Err(why) => return Ok(Made::Refused(why)),
        };
        let done = self.destination.create(&record).await;
        // A member whose further columns were not taken is there all the same; verify tells which.
        made(kind, done.map(|created| created.entry.id().to_owned()))
    }

    async fn find(&self, table: &str, lost: &Lost<'_>) -> Result<Option<String>, Fault> {
        let kind = kind(table)?;
        let Some(fields) = lost.fields else {
            if kind == Kind::Member {
                let found = self.client().get_member_by_external_id(lost.mark).await?;
                return Ok(found.map(|member| member.id));
            }
            return Err(Fault::usage(format!(
                "whether a {} was made cannot be told without its record",
                kind.word()
            ))
            .hint("landfall move    looks for it; then roll back"));
        };
        let record = match record(kind, fields, lost.mark, self.places().await?) {
            Ok(record) => record,
            Err(_) => return Ok(None),
        };
        let found = self.destination.look_for(&record, lost.since).await?;
        Ok(found.filter(|entry| !entry.is_gone()).map(|entry| entry.id().to_owned()))
    }

    async fn update(&self, table: &str, key: &str, fields: &Fields) -> Result<Made, Fault> {
        let kind = kind(table)?;
        if !can_change(kind) {
            return Ok(Made::Refused(Refusal {
                column: String::new(),
                code: RejectCode::ExistsDifferent,
                reason: format!("BetterMode does not let a {} be changed", kind.word()),
            }));
        }
        let change = match change(kind, fields, self.places().await?) {
            Ok(change) => change,
            Err(why) => return Ok(Made::Refused(why)),
        };
        made(kind, self.destination.update(key, &change).await.map(|entry| entry.id().to_owned()))
    }

    async fn read(&self, table: &str, keys: &[String], _: &[String]) -> Result<Vec<Option<Fields>>, Fault> {
        let kind = kind(table)?;
        let found = self.destination.read(kind, keys).await?;
        let there = |entry: Option<crate::destination::Entry>| {
            entry.filter(|entry| !entry.is_gone()).map(|entry| shown(kind, &entry))
        };
        Ok(found.into_iter().map(there).collect())
    }

    async fn list(&self, table: &str, _: &[String], sink: &mut dyn ThingSink) -> Result<(), Fault> {
        use crate::destination::Entry;
        let kind = kind(table)?;
        let mut sink = Shown { kind, sink };
        let client = self.client();
        match kind {
            Kind::Member => {
                let walk = client.members(&MemberFilter::default());
                Self::all(walk, &mut sink, |m| Entry::Member(Box::new(m))).await
            }
            Kind::Collection => {
                let all = client.collections().await?;
                all.into_iter().try_for_each(|one| sink.entry(Entry::Collection(one)))
            }
            Kind::Space => Self::all(client.spaces(), &mut sink, Entry::Space).await,
            Kind::Post => Self::all(client.posts(&[]), &mut sink, |p| Entry::Post(Box::new(p))).await,
            Kind::Event => Self::all(client.events(), &mut sink, |e| Entry::Event(Box::new(e))).await,
            Kind::Reply => {
                let mut walk = client.posts(&[]);
                while let Some(page) = walk.next_page().await? {
                    for post in page.nodes.iter().filter(|post| post.total_replies_count != Some(0)) {
                        self.replies(post, &mut sink).await?;
                    }
                }
                Ok(())
            }
        }
    }

    async fn delete(&self, table: &str, key: &str) -> Result<Deleted, Fault> {
        let gone = !self.destination.delete(kind(table)?, key).await?;
        Ok(if gone { Deleted::Gone } else { Deleted::Done })
    }

    async fn built_on(&self, table: &str, key: &str) -> Result<Vec<Thing>, Fault> {
        let thing = |table: &str, key: String| Thing { table: table.into(), key };
        let client = self.client();
        Ok(match kind(table)? {
            Kind::Post | Kind::Reply => {
                let mut replies = client.replies(key);
                let page = replies.next_page().await?;
                let there = page.into_iter().flat_map(|p| p.nodes).filter(|reply| !is_gone(reply));
                there.map(|reply| thing("comments", reply.id)).collect()
            }
            Kind::Space => {
                let mut posts = client.posts(&[key.to_owned()]);
                let page = posts.next_page().await?;
                let there = page.into_iter().flat_map(|p| p.nodes).filter(|post| !is_gone(post));
                there.map(|post| thing("posts", post.id)).collect()
            }
            Kind::Collection => {
                let mut spaces = client.spaces();
                let mut found = Vec::new();
                while let Some(page) = spaces.next_page().await? {
                    let held = page.nodes.into_iter().filter(|s| s.collection_id() == Some(key));
                    found.extend(held.map(|space| thing("spaces", space.id)));
                }
                found
            }
            // Nobody was registered by the run: no input takes it.
            Kind::Event => match client.get_event(key).await?.and_then(|event| event.registrations_count) {
                Some(count) => (0..count.min(1)).map(|_| thing("registrations", key.to_owned())).collect(),
                None => {
                    let page = client.event_registrations(key).next_page().await?;
                    let there = page.into_iter().flat_map(|p| p.nodes).filter(EventRegistration::stands);
                    there.filter_map(|one| Some(thing("registrations", one.id.or(one.member_id)?))).collect()
                }
            },
            // All of them: those of the run are still there while a rollback is only counted.
            Kind::Member => {
                let mut found = Vec::new();
                for (table, replies) in [("posts", false), ("comments", true)] {
                    let mut walk = client.member_posts(key, replies);
                    while let Some(page) = walk.next_page().await? {
                        let there = page.nodes.into_iter().filter(|post| !is_gone(post));
                        found.extend(there.map(|post| thing(table, post.id)));
                    }
                }
                found
            }
        })
    }

    fn mails(&self, table: &str, things: u64) -> Option<u64> {
        let choice = match kind(table).ok()? {
            Kind::Member => Choice::JoinVerified,
            Kind::Collection | Kind::Space => Choice::Spaces,
            Kind::Post => Choice::Posts,
            Kind::Reply => Choice::Replies,
            Kind::Event => Choice::SilentEvents,
        };
        mails(choice, things).count
    }
}

fn is_gone(post: &Post) -> bool {
    post.status == Some(crate::types::PostStatus::Deleted)
}
