//! The walk over one stream: asks, lets [`super::tally`] decide, hands on.

use super::below;
use super::rows::{self, Row};
use super::streams::{About, Shape};
use super::tally::{Next, Tally};
use crate::client::{Client, Page, Walk, read};
use crate::errors::Error;
use crate::queries;
use base::Fault;
use connect::{Completeness, Record, Sink, Unreadable};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::sync::Arc;

/// A record as it came.
pub(crate) type Node = Box<RawValue>;

/// One walk.
pub(crate) struct Walker<'a> {
    pub client: &'a Client,
    pub about: &'static About,
    /// The names of its columns.
    pub columns: Arc<[String]>,
    pub page_size: u64,
    pub tally: Tally,
    pub sink: &'a mut dyn Sink,
}

/// Records on their way to the sink.
#[derive(Default)]
pub(crate) struct Batch {
    pub records: Vec<Record>,
    pub unreadable: Vec<Unreadable>,
}

impl Batch {
    /// Adds a record.
    pub fn push(&mut self, row: Row) {
        match row.content {
            Ok(record) => self.records.push(record),
            Err(bad) => self.unreadable.push(bad),
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.records.len() + self.unreadable.len()
    }
}

impl Walker<'_> {
    /// Sweeps until the proof holds, or as often as makes sense.
    pub async fn run(mut self) -> Result<Completeness, Fault> {
        loop {
            if !self.tally.kept.swept {
                self.sweep().await?;
                self.tally.kept.swept = true;
            }
            let total = total(self.client, self.about).await?;
            let mut next = self.tally.judge(total);
            if next == Next::Compare {
                let ids = ids(self.client, self.about).await?;
                next = self.tally.compare(&ids, total);
            }
            match next {
                Next::Over(completeness) => return Ok(below::settled(self.about, &self.tally, completeness)),
                Next::Compare | Next::Sweep => self.tally.sweep_again(),
            }
        }
    }

    /// One sweep, from where it stands to its end.
    async fn sweep(&mut self) -> Result<(), Fault> {
        let mut pages = Pages::new(self.client, self.about, self.page_size, self.tally.kept.after.clone());
        while let Some(Page { nodes, next, total }) = pages.next_page().await? {
            self.tally.declare(total);
            if self.about.shape == Shape::Below {
                self.below(&nodes).await?;
                self.tally.kept.done.clear();
                self.tally.kept.after = next;
                continue;
            }
            let mut batch = Batch::default();
            for node in &nodes {
                match rows::row(self.about, &self.columns, node.get()) {
                    Some(row) if self.tally.take(row.id, row.version) => batch.push(row),
                    Some(_) => {}
                    None if node.get() == "null" => {}
                    None => return Err(odd(self.about, "shows a record that is none")),
                }
            }
            self.tally.kept.swept = next.is_none();
            self.tally.kept.after = next;
            self.hand_on(batch).await?;
        }
        Ok(())
    }

    /// Hands records on, with the checkpoint behind them.
    pub async fn hand_on(&mut self, batch: Batch) -> Result<(), Fault> {
        if batch.len() == 0 {
            return Ok(());
        }
        let Batch { records, unreadable } = batch;
        let expected = self.tally.expected().filter(|_| self.about.shape != Shape::Below);
        let (fields, checkpoint) = (self.columns.clone(), self.tally.checkpoint());
        self.sink.page(connect::Page { fields, records, unreadable, checkpoint, expected }).await
    }
}

/// The ids that are there now.
async fn ids(client: &Client, about: &'static About) -> Result<Vec<u64>, Fault> {
    let mut ids = Vec::new();
    let mut pages = Pages::of(client, about, about.ids, crate::PAGE_MAX, None);
    while let Some(page) = pages.next_page().await? {
        let there = page.nodes.iter().map(|node| node.get()).filter(|raw| *raw != "null");
        ids.extend(there.map(rows::hash));
    }
    Ok(ids)
}

/// Pages of a connection, or a plain list as its only page.
enum Pages<'a> {
    Walk(Walk<Node>),
    List(Option<&'a Client>),
}

impl<'a> Pages<'a> {
    /// What a sweep walks over: of [`Shape::Below`] what the records are below.
    fn new(client: &'a Client, about: &About, page_size: u64, after: Option<String>) -> Self {
        let operation = if about.shape == Shape::Below { about.ids } else { about.operation };
        Self::of(client, about, operation, page_size, after)
    }

    fn of(
        client: &'a Client,
        about: &About,
        operation: &'static queries::Operation,
        page_size: u64,
        after: Option<String>,
    ) -> Self {
        match about.shape {
            Shape::List => Pages::List(Some(client)),
            Shape::Pages | Shape::Below => {
                let walk = Walk::new(client, operation, variables(about));
                Pages::Walk(walk.page_size(page_size).from(after))
            }
        }
    }

    async fn next_page(&mut self) -> Result<Option<Page<Node>>, Error> {
        match self {
            Pages::Walk(walk) => walk.next_page().await,
            Pages::List(client) => match client.take() {
                Some(client) => list(client).await.map(Some),
                None => Ok(None),
            },
        }
    }
}

async fn list(client: &Client) -> Result<Page<Node>, Error> {
    let raw = client.raw(&queries::COLLECTIONS, json!({})).await?;
    let nodes: Vec<Node> = read(&queries::COLLECTIONS, &raw)?;
    let total = Some(nodes.len() as u64);
    Ok(Page { nodes, next: None, total })
}

/// How many the walk goes over, as the service says now.
async fn total(client: &Client, about: &About) -> Result<Option<u64>, Fault> {
    match about.shape {
        Shape::List => Ok(list(client).await?.total),
        Shape::Pages | Shape::Below => {
            Ok(Walk::<Node>::new(client, about.ids, variables(about)).total().await?)
        }
    }
}

/// How many records a stream has, if the service can say.
pub(crate) async fn count(client: &Client, about: &About) -> Result<Option<u64>, Fault> {
    match about.shape {
        // Of posts it is known how many there are; of what is below them only post by post.
        Shape::Below => Ok(None),
        Shape::Pages | Shape::List => total(client, about).await,
    }
}

/// What is asked for besides the page.
fn variables(about: &About) -> Value {
    match about.name {
        "members" => crate::MemberFilter::default().variables(),
        _ => json!({}),
    }
}

pub(crate) fn odd(about: &About, what: &str) -> Fault {
    Fault::stop(format!("{}: BetterMode {what}", about.name))
        .hint("run the same command again: what was exported is kept")
}
