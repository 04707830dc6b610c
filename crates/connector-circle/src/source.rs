//! The source itself.

use crate::address::{Address, DEFAULT_URL};
use crate::api::{Api, PER_PAGE_MAX};
use crate::budget::{Budget, Look, budget};
use crate::check;
use crate::describe::{describe, documented, named};
use crate::portable::{NotPortable, not_portable};
use crate::streams::{List, Lists, STREAMS};
use crate::tally::Tally;
use crate::walk::Walk;
use async_trait::async_trait;
use base::{Class, Fault, Problem, Secret};
use connect::{Checkpoint, Completeness, LeftBehind, Sink, Source, SourceInfo, Stream};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;
use webclient::{Observer, Pace, ReadClient, RetryPolicy, Settings, SystemPace};

/// Requests at once, unless the project says otherwise.
pub const CONNECTIONS: usize = 2;

/// Requests at once at most: more would only wait for each other.
pub const CONNECTIONS_MAX: usize = 8;

/// Requests in a minute, unless the project says otherwise: four a second.
pub const REQUESTS_PER_MINUTE: u32 = 240;

/// Requests in a minute at most. The service takes 2,000 from one network address in any five minutes; a
/// client lets a second's worth go at once, which makes 5 × 398 + 7.
pub const REQUESTS_PER_MINUTE_MAX: u32 = 398;

/// Lists that are asked for their counts when a total is wanted: each is a call.
const LISTS_COUNTED_MAX: usize = 500;

/// Settings of the source.
#[derive(Clone)]
pub struct CircleConfig {
    /// The address, with or without the API's path; by default [`DEFAULT_URL`].
    pub url: String,
    /// A token of the type Admin V2. It decides which community is read.
    pub token: Option<Secret>,
    /// The community; sent along, and compared with that of the token.
    pub community_id: Option<String>,
    /// Requests at once over all streams, 1 to [`CONNECTIONS_MAX`].
    pub connections: usize,
    /// Requests in a minute over all streams, 1 to [`REQUESTS_PER_MINUTE_MAX`].
    pub requests_per_minute: u32,
    /// Is told of waits.
    pub observer: Option<Arc<dyn Observer>>,
}

impl CircleConfig {
    /// The usual settings.
    pub fn new(token: Option<Secret>) -> Self {
        Self {
            url: DEFAULT_URL.to_owned(),
            token,
            community_id: None,
            connections: CONNECTIONS,
            requests_per_minute: REQUESTS_PER_MINUTE,
            observer: None,
        }
    }
}

/// When to try again: the service counts by five minutes, so waits add up to more than that.
pub fn settings() -> Settings {
    Settings {
        retry: RetryPolicy {
            attempts_max: 12,
            wait_first: Duration::from_secs(4),
            wait_max: Duration::from_secs(120),
            retry_after_max: Duration::from_secs(330),
            total_max: Duration::from_secs(30 * 60),
            ..RetryPolicy::default()
        },
        ..Settings::default()
    }
}

/// One community.
pub struct CircleSource {
    api: Api,
}

impl CircleSource {
    /// Checks the settings; asks the service nothing yet.
    pub fn new(config: CircleConfig) -> Result<Self, Fault> {
        Self::with(config, settings(), Arc::new(SystemPace::new()))
    }

    /// The same with other limits, and another idea of time. Connections and requests per minute are those of
    /// `config`.
    pub fn with(config: CircleConfig, settings: Settings, pace: Arc<dyn Pace>) -> Result<Self, Fault> {
        let CircleConfig { url, token, community_id, connections, requests_per_minute, observer } = config;
        let address = Address::parse(&url)?;
        if !(1..=CONNECTIONS_MAX).contains(&connections) {
            return Err(Fault::usage(format!(
                "connections must be 1 to {CONNECTIONS_MAX}, not {connections}"
            )));
        }
        if !(1..=REQUESTS_PER_MINUTE_MAX).contains(&requests_per_minute) {
            return Err(Fault::usage(format!(
                "requests_per_minute must be 1 to {REQUESTS_PER_MINUTE_MAX}, not {requests_per_minute}"
            ))
            .hint("Circle takes 2,000 requests in five minutes from one network address"));
        }
        let token = token.filter(|token| !token.is_empty());
        let community_id = community_id.map(|id| id.trim().to_owned()).filter(|id| !id.is_empty());
        let requests_per_minute = NonZeroU32::new(requests_per_minute);
        let settings = Settings { connections, requests_per_minute, ..settings };
        let http = ReadClient::new(address.url.clone(), token.as_ref(), settings, pace, observer).map_err(
            |error| Fault::usage(error.to_string()).hint("check CIRCLE_API_TOKEN for stray characters"),
        )?;
        Ok(Self { api: Api::new(address, token, community_id, http) })
    }

    /// What an export of these streams costs, in calls of the monthly quota.
    pub async fn budget(&self, streams: &[String], page_size: usize, look: Look) -> Result<Budget, Fault> {
        budget(&self.api, streams, page_size, look).await
    }

    /// What the API does not give, with the counts of the streams that this source has read to their end.
    pub fn not_portable(&self) -> Vec<NotPortable> {
        not_portable(&self.api.counts())
    }

    /// Calls so far; one that was repeated because it failed counts once.
    pub fn calls(&self) -> u64 {
        self.api.calls()
    }
}

#[async_trait]
impl Source for CircleSource {
    fn left_behind(&self) -> Vec<LeftBehind> {
        let left = |one: NotPortable| LeftBehind {
            name: one.name.to_owned(),
            why: one.why.to_owned(),
            count: one.count,
        };
        self.not_portable().into_iter().map(left).collect()
    }

    fn info(&self) -> SourceInfo {
        SourceInfo {
            connector: "circle".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            address: self.api.address.url.to_string(),
            environment: None,
        }
    }

    async fn check(&self, streams: &[String]) -> Result<Vec<Problem>, Fault> {
        check::check(&self.api, streams).await
    }

    async fn discover(&self, count: bool) -> Result<Vec<Stream>, Fault> {
        let mut streams = Vec::with_capacity(STREAMS.len());
        let mut refusals = Vec::new();
        for spec in STREAMS {
            let mut stream = match describe(&self.api, spec).await {
                Ok(stream) => stream,
                // A plan without courses refuses courses; the other streams are there.
                Err(fault) if fault.class == Class::Stop => {
                    refusals.push(fault);
                    documented(spec)
                }
                Err(fault) => return Err(fault),
            };
            stream.total = stream.total.filter(|_| count);
            streams.push(stream);
        }
        match refusals.pop() {
            Some(fault) if refusals.len() + 1 == STREAMS.len() => Err(fault),
            _ => Ok(streams),
        }
    }

    async fn stream(&self, name: &str) -> Result<Stream, Fault> {
        describe(&self.api, named(name)?).await
    }

    async fn total(&self, stream: &str) -> Result<Option<u64>, Fault> {
        let spec = named(stream)?;
        match spec.lists {
            Lists::One => self.api.count(spec, &List::default()).await,
            Lists::WithArchived => {
                // The second list may hold the records of the first again.
                let mut ids = self.api.read(spec, &List::default(), |_| Some(())).await?.0;
                ids.extend(self.api.read(spec, &List { at: 1, parent: None }, |_| Some(())).await?.0);
                Ok(Some(ids.len() as u64))
            }
            Lists::PerParent(_) => {
                let (parents, _) = self.api.parents(spec).await?;
                if parents.len() > LISTS_COUNTED_MAX {
                    return Ok(None);
                }
                let mut total = Some(0);
                for parent in parents {
                    let count = self.api.count(spec, &List::of(parent)).await?;
                    total = total.zip(count).map(|(total, count)| total + count);
                }
                Ok(total)
            }
        }
    }

    async fn extract(
        &self,
        stream: &str,
        page_size: usize,
        from: Option<Checkpoint>,
        sink: &mut dyn Sink,
    ) -> Result<Completeness, Fault> {
        let spec = named(stream)?;
        let tally = match from {
            None => Tally::new(spec, page_size.clamp(1, PER_PAGE_MAX) as u64),
            Some(checkpoint) => Tally::resume(spec, checkpoint).ok_or_else(|| {
                Fault::usage(format!("the export of {stream} was begun by another version of this program"))
                    .hint("landfall move --fresh begins it anew")
            })?,
        };
        Walk::new(&self.api, spec, tally, sink).run().await
    }
}
