//! What all calls go through: the limits, an attempt, its verdict.

use crate::config::{NotionConfig, Ports};
use crate::errors::Error;
use crate::limits;
use crate::verdict::{Asked, Verdict, judge};
use crate::wire;
use base::Fault;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;
use std::sync::Arc;
use webclient::{Authorization, Call, Exchange, Pace, Payload, Url};

/// The version of the paths, which is another one than that of the API.
const PATHS: &str = "v1";

/// Entries of one page of a list, as it is asked for: the most that there are.
const PAGE_SIZE: &str = "100";

/// Pages of a list that is read whole: a hundred thousand blocks or references, more than anybody has made.
const LIST_PAGES_MAX: usize = 1_000;

/// One connection.
pub(crate) struct Session {
    exchange: Exchange,
    authorization: Authorization,
    pace: Arc<dyn Pace>,
}

/// How a request is sent.
#[derive(Clone, Copy)]
pub(crate) enum Method<'a> {
    /// It asks.
    Get,
    /// It asks with a document: a query.
    Ask(&'a Value),
    /// It makes something.
    Post(&'a Value),
    /// It changes something.
    Patch(&'a Value),
}

/// A request.
#[derive(Clone, Copy)]
pub(crate) struct Request<'a> {
    /// What is asked for: `create a page`.
    pub call: &'static str,
    pub method: Method<'a>,
    /// The path behind the version.
    pub path: &'a [&'a str],
    pub query: &'a [(&'a str, &'a str)],
}

impl<'a> Request<'a> {
    pub fn new(call: &'static str, method: Method<'a>, path: &'a [&'a str]) -> Self {
        Self { call, method, path, query: &[] }
    }

    pub fn asked(&self) -> Asked<'a> {
        let (repeatable, sent) = match self.method {
            Method::Get => (true, None),
            Method::Ask(body) => (true, Some(body)),
            Method::Post(body) | Method::Patch(body) => (false, Some(body)),
        };
        Asked { call: self.call, repeatable, sent }
    }
}

impl Session {
    pub fn new(config: &NotionConfig, ports: Ports) -> Result<Self, Fault> {
        let base = webclient::address(&config.url)
            .map_err(|e| Fault::usage(format!("the address of Notion {e}")).hint("set NOTION_API_URL"))?;
        if config.token.is_empty() {
            return Err(Fault::usage("Notion wants a token, and there is none").hint("set NOTION_API_TOKEN"));
        }
        let usage = |e: webclient::Error| Fault::usage(e.to_string());
        let authorization = Authorization::bearer(&config.token).map_err(usage)?;
        let settings = ports.settings();
        let Ports { pace, observer, .. } = ports;
        let exchange = Exchange::new(base, settings, Arc::clone(&pace), observer).map_err(usage)?;
        Ok(Self { exchange, authorization, pace })
    }

    pub fn base(&self) -> &Url {
        self.exchange.base()
    }

    pub fn pace(&self) -> &dyn Pace {
        &*self.pace
    }

    /// Sends a request until there is a verdict, and reads its answer.
    pub async fn call<T: DeserializeOwned>(&self, request: &Request<'_>) -> Result<T, Error> {
        let text = self.text(request).await?;
        wire::read(&text).map_err(|what| request.asked().unreadable(what))
    }

    /// The same for a page of a list.
    pub async fn list(&self, request: &Request<'_>) -> Result<wire::List, Error> {
        let text = self.text(request).await?;
        wire::list(&text).map_err(|what| request.asked().unreadable(what))
    }

    /// All entries of a list that is not long.
    pub async fn whole_list(&self, call: &'static str, path: &[&str]) -> Result<Vec<Box<RawValue>>, Error> {
        let (mut cursor, mut entries) = (None::<String>, Vec::new());
        for _ in 0..LIST_PAGES_MAX {
            let mut query = vec![("page_size", PAGE_SIZE)];
            query.extend(cursor.as_deref().map(|cursor| ("start_cursor", cursor)));
            let request = Request { query: &query, ..Request::new(call, Method::Get, path) };
            let list = self.list(&request).await?;
            entries.extend(list.results);
            match list.next {
                Some(next) if cursor.as_ref() == Some(&next) => {
                    return Err(Error::Odd {
                        call,
                        what: "the next page of the list is the same again".into(),
                    });
                }
                Some(next) => cursor = Some(next),
                None => return Ok(entries),
            }
        }
        Err(Error::Odd { call, what: format!("the list has more than {LIST_PAGES_MAX} pages") })
    }

    async fn text(&self, request: &Request<'_>) -> Result<String, Error> {
        let asked = request.asked();
        if let Some(exceeded) = asked.sent.and_then(limits::exceeded) {
            return Err(Error::TooLarge { call: request.call, exceeded });
        }
        let body = asked.sent.map(Value::to_string).unwrap_or_default();
        let payload = match request.method {
            Method::Get => Payload::None,
            Method::Ask(_) | Method::Post(_) => Payload::Json(body.as_bytes()),
            Method::Patch(_) => Payload::Patch(body.as_bytes()),
        };
        let segments: Vec<&str> = std::iter::once(PATHS).chain(request.path.iter().copied()).collect();
        let call = Call {
            segments: &segments,
            query: request.query,
            authorization: Some(&self.authorization),
            payload,
        };
        let path = format!("{}/{}", self.base().path().trim_end_matches('/'), segments.join("/"));
        let mut attempts = self.exchange.attempts();
        loop {
            let number = attempts.number();
            match judge(asked, number, self.exchange.once(&call, number).await, &path) {
                Verdict::Done(text) => return Ok(text),
                Verdict::Over(error) => return Err(error),
                Verdict::Again { cause, retry_after, error } => {
                    if !attempts.again(&call, cause, retry_after).await {
                        return Err(error);
                    }
                }
            }
        }
    }
}
