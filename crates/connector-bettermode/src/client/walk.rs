//! Connections, page by page.

use super::Client;
use crate::errors::Error;
use crate::queries::Operation;
use crate::types;
use futures::Stream;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::marker::PhantomData;

/// Pages of one walk at most: a service whose cursors never end must not be asked for ever.
const PAGES_MAX: u64 = 1_000_000;

/// A page of records.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The records.
    pub nodes: Vec<T>,
    /// Where the walk goes on; `None`: this was the last page.
    pub next: Option<String>,
    /// How many there are in all, if the service says so.
    pub total: Option<u64>,
}

/// A walk over a connection. It keeps the pages as small as the limits want them.
pub struct Walk<T> {
    client: Client,
    operation: &'static Operation,
    variables: Value,
    page: u64,
    after: Option<String>,
    pages: u64,
    over: bool,
    nodes: PhantomData<fn() -> T>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", bound = "T: DeserializeOwned")]
struct Connection<T> {
    #[serde(default, deserialize_with = "nodes")]
    nodes: Vec<T>,
    page_info: Option<PageInfo>,
    total_count: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    end_cursor: Option<String>,
    has_next_page: Option<bool>,
}

/// The nodes may be null; one of them is never. They are read by themselves, so that they may be raw.
fn nodes<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: DeserializeOwned,
{
    Option::<Vec<T>>::deserialize(deserializer).map(Option::unwrap_or_default)
}

impl<T: DeserializeOwned> Walk<T> {
    /// A walk from the start. `variables` is an object without `limit` and `after`.
    pub(crate) fn new(client: &Client, operation: &'static Operation, variables: Value) -> Self {
        Self {
            client: client.clone(),
            operation,
            variables,
            page: super::PAGE_MAX,
            after: None,
            pages: 0,
            over: false,
            nodes: PhantomData,
        }
    }

    /// With at most so many records a page.
    #[must_use]
    pub fn page_size(mut self, records: u64) -> Self {
        self.page = records;
        self
    }

    /// From a cursor on that a page gave.
    #[must_use]
    pub fn from(mut self, after: Option<String>) -> Self {
        self.after = after;
        self
    }

    /// The next page; `None`: there is none.
    pub async fn next_page(&mut self) -> Result<Option<Page<T>>, Error> {
        if self.over {
            return Ok(None);
        }
        let limit = self.client.page_size(self.operation, self.page);
        let mut variables = self.variables.clone();
        variables["limit"] = Value::from(limit);
        variables["after"] = Value::from(self.after.clone());
        let connection: Connection<T> = self.client.call(self.operation, variables).await?;
        let info = connection.page_info;
        let next = info
            .filter(|info| info.has_next_page == Some(true) && !connection.nodes.is_empty())
            .and_then(|info| info.end_cursor);
        self.pages += 1;
        if next.is_some() && (next == self.after || self.pages >= PAGES_MAX) {
            let (operation, what) = (self.operation.name, "the pages do not come to an end".to_owned());
            return Err(Error::Odd { operation, what });
        }
        self.over = next.is_none();
        self.after.clone_from(&next);
        Ok(Some(Page { nodes: connection.nodes, next, total: connection.total_count }))
    }

    /// All records, as far as there are no more than `most`; else an error that says so.
    pub async fn all(mut self, most: usize) -> Result<Vec<T>, Error> {
        let mut all = Vec::new();
        while let Some(page) = self.next_page().await? {
            all.extend(page.nodes);
            if all.len() > most {
                let (operation, what) = (self.operation.name, format!("there are more than {most} records"));
                return Err(Error::Odd { operation, what });
            }
        }
        Ok(all)
    }

    /// The records one by one; a page is asked for when the one before it is used up.
    pub fn stream(self) -> impl Stream<Item = Result<T, Error>> {
        let begin = (self, Vec::new().into_iter());
        futures::stream::try_unfold(
            begin,
            |(mut walk, mut nodes): (Self, std::vec::IntoIter<T>)| async move {
                loop {
                    if let Some(node) = nodes.next() {
                        return Ok(Some((node, (walk, nodes))));
                    }
                    match walk.next_page().await? {
                        None => return Ok(None),
                        Some(page) => nodes = page.nodes.into_iter(),
                    }
                }
            },
        )
    }

    /// How many there are, as the service says; asks for one record.
    pub(crate) async fn total(self) -> Result<Option<u64>, Error> {
        let first = self.page_size(1).next_page().await?;
        Ok(first.and_then(|page| page.total))
    }
}

/// Two readings of where an older page of a chat is found; the first page decides which one holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Onward {
    Next,
    Previous,
}

impl Onward {
    /// Which way the first page points.
    pub fn of(info: &types::ChatPageInfo) -> Option<Self> {
        match (info.has_next_page, info.has_previous_page) {
            (Some(true), _) => Some(Self::Next),
            (_, Some(true)) => Some(Self::Previous),
            _ => None,
        }
    }

    /// Where the next page begins.
    pub fn cursor(self, info: types::ChatPageInfo) -> Option<String> {
        match self {
            Self::Next => info.end_cursor.filter(|_| info.has_next_page == Some(true)),
            Self::Previous => info.start_cursor.filter(|_| info.has_previous_page == Some(true)),
        }
    }
}
