//! The source itself.

use crate::address::Address;
use crate::api::Api;
use crate::check;
use crate::columns::{Columns, Converted};
use crate::describe::{Described, describe};
use crate::explain::{Place, explain};
use crate::verdict::Tally;
use crate::walk::{Batch, Walk, begin};
use async_trait::async_trait;
use base::{Fault, Problem, Secret};
use connect::{Checkpoint, Completeness, Page, Sink, Source, SourceInfo, Stream};
use std::num::NonZeroU32;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use webclient::{Observer, Pace, ReadClient, Settings, SystemPace};

/// Requests at once, unless the project says otherwise.
pub const CONNECTIONS: usize = 4;

/// Requests at once at most: what one application was seen to take with gain.
pub const CONNECTIONS_MAX: usize = 20;

/// Pages between the one that is being asked for and the one that is being kept.
const PAGES_AHEAD: usize = 1;

/// Settings of the source.
#[derive(Clone)]
pub struct BubbleConfig {
    /// The address; ends in `/api/1.1`. What stands before that is the version, in whatever form.
    pub url: String,
    /// An admin token.
    pub api_key: Option<Secret>,
    /// Requests at once over all streams, 1 to [`CONNECTIONS_MAX`]. One stream is read by one request at a
    /// time, because each begins where the last one ended.
    pub connections: usize,
    /// Requests in a minute over all streams; `None`: as many as the service takes.
    pub requests_per_minute: Option<u32>,
    /// Is told of waits.
    pub observer: Option<Arc<dyn Observer>>,
}

impl BubbleConfig {
    /// The usual settings.
    pub fn new(url: impl Into<String>, api_key: Option<Secret>) -> Self {
        let connections = CONNECTIONS;
        Self { url: url.into(), api_key, connections, requests_per_minute: None, observer: None }
    }
}

/// One application's data.
pub struct BubbleSource {
    api: Arc<Api>,
}

impl BubbleSource {
    /// Checks the settings; asks the service nothing yet.
    pub fn new(config: BubbleConfig) -> Result<Self, Fault> {
        Self::with(config, Settings::default(), Arc::new(SystemPace::new()))
    }

    /// The same with other limits, and another idea of time. Connections and requests per minute are those of
    /// `config`.
    pub fn with(config: BubbleConfig, settings: Settings, pace: Arc<dyn Pace>) -> Result<Self, Fault> {
        let BubbleConfig { url, api_key, connections, requests_per_minute, observer } = config;
        let address = Address::parse(&url)?;
        if !(1..=CONNECTIONS_MAX).contains(&connections) {
            return Err(Fault::usage(format!(
                "connections must be 1 to {CONNECTIONS_MAX}, not {connections}"
            )));
        }
        let requests_per_minute = match requests_per_minute.map(NonZeroU32::new) {
            Some(None) => return Err(Fault::usage("requests_per_minute must be at least 1")),
            Some(some) => some,
            None => None,
        };
        let key = api_key.filter(|key| !key.is_empty());
        let settings = Settings { connections, requests_per_minute, ..settings };
        let http =
            ReadClient::new(address.url.clone(), key.as_ref(), settings, pace, observer).map_err(|e| {
                explain(
                    &e,
                    &Place {
                        address: address.url.as_str(),
                        environment: &address.environment,
                        stream: None,
                        exposed: None,
                        key: key.as_ref(),
                    },
                )
            })?;
        Ok(Self { api: Arc::new(Api::new(address, key, http)) })
    }
}

#[async_trait]
impl Source for BubbleSource {
    fn info(&self) -> SourceInfo {
        SourceInfo {
            connector: "bubble".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            address: self.api.address.url.to_string(),
            environment: Some(self.api.address.environment.clone()),
        }
    }

    async fn check(&self, streams: &[String]) -> Result<Vec<Problem>, Fault> {
        check::check(&self.api, streams).await
    }

    async fn discover(&self, count: bool) -> Result<Vec<Stream>, Fault> {
        let Some(types) = self.api.types().await? else {
            return Err(Fault::stop(format!(
                "the API at {} does not say which types it has",
                self.api.address.url
            ))
            .hint("write the types into landfall.toml by name (from = \"user\"): their fields are found then")
            .hint("or switch on the API documentation (Swagger) under Settings, API, and deploy"));
        };
        let mut streams = Vec::new();
        for one in types.iter() {
            let mut stream = describe(&self.api, &one.name).await?.stream;
            stream.total = stream.total.filter(|_| count);
            streams.push(stream);
        }
        Ok(streams)
    }

    async fn stream(&self, name: &str) -> Result<Stream, Fault> {
        Ok(describe(&self.api, name).await?.stream)
    }

    async fn total(&self, stream: &str) -> Result<Option<u64>, Fault> {
        self.api.total(stream).await
    }

    async fn extract(
        &self,
        stream: &str,
        page_size: usize,
        from: Option<Checkpoint>,
        sink: &mut dyn Sink,
    ) -> Result<Completeness, Fault> {
        let Described { stream: about, mut columns, keys } = describe(&self.api, stream).await?;
        let tally = match from {
            None => begin(&self.api, stream, &keys, about.total).await?,
            Some(checkpoint) => Tally::resume(checkpoint).ok_or_else(|| {
                Fault::usage(format!("the export of {stream} was begun by another version of this program"))
                    .hint("landfall move --fresh begins it anew")
            })?,
        };
        let (out, mut batches) = mpsc::channel(PAGES_AHEAD);
        let expected = about.total.or(tally.before);
        let walk = Walk::new(self.api.clone(), stream, keys, page_size, tally, out);
        // On a task of its own, so that the next page is asked for while this one is kept. Ends with this
        // scope.
        let mut task = JoinSet::new();
        task.spawn(walk.run());
        while let Some(batch) = batches.recv().await {
            sink.page(page(&mut columns, &batch, expected)?).await?;
        }
        match task.join_next().await {
            Some(Ok(outcome)) => outcome,
            _ => Err(Fault::bug(format!("the walk over {stream} ended without a word"))),
        }
    }
}

/// The records of a page as text.
fn page(columns: &mut Columns, batch: &Batch, expected: Option<u64>) -> Result<Page, Fault> {
    let (mut records, mut unreadable) = (Vec::with_capacity(batch.new.len()), Vec::new());
    for n in &batch.new {
        match columns.record(&batch.listing.fields(*n))? {
            Converted::Record(record) => records.push(record),
            Converted::Unreadable(bad) => unreadable.push(bad),
        }
    }
    let fields = columns.names();
    for record in &mut records {
        record.resize(fields.len(), None);
    }
    Ok(Page { fields, records, unreadable, checkpoint: batch.checkpoint.clone(), expected })
}
