//! The pages of a data source, also where the service gives up before the end of its list.
//!
//! A list that is `incomplete` looks finished and is not. Pages are therefore always asked for in the order
//! in which they were made: where such a list ends, a further one begins at the moment that its last page
//! was made, without the pages of that moment that were there already.

use super::Client;
use super::session::{Method, Request};
use crate::errors::Error;
use crate::limits::{LIST_MAX, PAGE_MAX};
use crate::types::Page;
use serde_json::{Value, json};
use std::collections::HashSet;

/// Lists that follow each other at most: at the ten thousand pages or so after which the service gives up,
/// more pages than a workspace holds.
const SLICES_MAX: usize = 10_000;

const CALL: &str = "query the data source";

/// What is asked of a data source.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// Which pages; `None`: all.
    pub filter: Option<Value>,
    /// Ids of the properties to show, without percent-encoding; empty: all.
    pub properties: Vec<String>,
}

/// A walk over the pages of a data source.
#[derive(Debug)]
pub struct QueryWalk {
    client: Client,
    data_source_id: String,
    query: Query,
    state: State,
}

#[derive(Debug)]
struct State {
    slices: usize,
    /// Where this list begins, as the service writes times.
    since: Option<String>,
    cursor: Option<String>,
    /// The latest moment seen, and the pages that were made in it.
    moment: String,
    of_moment: HashSet<String>,
    /// Whether this list has shown a page that was not known.
    is_new: bool,
    /// Whether pages came in the order in which they were made.
    is_ordered: bool,
    done: bool,
}

impl QueryWalk {
    pub(super) fn new(client: Client, data_source_id: &str, query: Query) -> Self {
        let state = State {
            slices: 1,
            since: None,
            cursor: None,
            moment: String::new(),
            of_moment: HashSet::new(),
            is_new: false,
            is_ordered: true,
            done: false,
        };
        Self { client, data_source_id: data_source_id.to_owned(), query, state }
    }

    /// The next pages; `None`: there are no more. A list of none is not the end.
    pub async fn next_page(&mut self) -> Result<Option<Vec<Page>>, Error> {
        if self.state.done {
            return Ok(None);
        }
        let body = self.body();
        let path = ["data_sources", self.data_source_id.as_str(), "query"];
        let shown = &self.query.properties;
        let query: Vec<(&str, &str)> = match shown.len() {
            0..=LIST_MAX => shown.iter().map(|id| ("filter_properties[]", id.as_str())).collect(),
            _ => Vec::new(),
        };
        let request = Request { query: &query, ..Request::new(CALL, Method::Ask(&body), &path) };
        let list = self.client.session.list(&request).await?;
        let mut pages = Vec::with_capacity(list.results.len());
        for raw in &list.results {
            let page: Page = serde_json::from_str(raw.get()).map_err(|_| odd("an entry is no page"))?;
            if self.state.take(&page) && !page.in_trash {
                pages.push(page);
            }
        }
        match list.next {
            Some(next) if self.state.cursor.as_ref() == Some(&next) => {
                return Err(odd("the next page of the list is the same again"));
            }
            Some(next) => self.state.cursor = Some(next),
            None if list.incomplete => self.state.slice()?,
            None => self.state.done = true,
        }
        Ok(Some(pages))
    }

    /// All that is left, at most so many pages; the rest is not asked for.
    pub async fn first(mut self, most: usize) -> Result<Vec<Page>, Error> {
        let mut all = Vec::new();
        while all.len() < most
            && let Some(mut pages) = self.next_page().await?
        {
            all.append(&mut pages);
        }
        all.truncate(most);
        Ok(all)
    }

    fn body(&self) -> Value {
        let since = |at: &String| json!({"timestamp": "created_time", "created_time": {"on_or_after": at}});
        let since = self.state.since.as_ref().map(since);
        let filter = match (self.query.filter.clone(), since) {
            (Some(filter), Some(since)) => Some(json!({"and": [since, filter]})),
            (filter, since) => filter.or(since),
        };
        let mut body = json!({
            "page_size": PAGE_MAX,
            "sorts": [{"timestamp": "created_time", "direction": "ascending"}],
        });
        if let Some(filter) = filter {
            body["filter"] = filter;
        }
        if let Some(cursor) = &self.state.cursor {
            body["start_cursor"] = Value::from(cursor.as_str());
        }
        body
    }
}

impl State {
    /// Notes a page; `false`: it was there already.
    fn take(&mut self, page: &Page) -> bool {
        // Times of one form sort as their texts do.
        self.is_ordered &= page.created_time >= self.moment;
        if page.created_time > self.moment {
            self.moment.clone_from(&page.created_time);
            self.of_moment.clear();
        }
        let is_new = self.of_moment.insert(page.id.clone());
        self.is_new |= is_new;
        is_new
    }

    /// Begins a further list at the last moment that was seen.
    fn slice(&mut self) -> Result<(), Error> {
        if !self.is_ordered {
            return Err(odd("the list is incomplete, and not in the order in which its pages were made"));
        }
        let stuck = self.since.as_ref() == Some(&self.moment) || !self.is_new;
        if stuck || self.slices == SLICES_MAX {
            return Err(Error::Incomplete { call: CALL, moment: self.moment.clone() });
        }
        self.slices += 1;
        self.since = Some(self.moment.clone());
        self.cursor = None;
        self.is_new = false;
        Ok(())
    }
}

fn odd(what: &str) -> Error {
    Error::Odd { call: CALL, what: what.to_owned() }
}
