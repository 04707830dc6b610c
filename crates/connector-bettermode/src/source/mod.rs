//! A community as a source: its members, collections, spaces, posts, replies and events.

mod below;
mod check;
mod rows;
mod streams;
mod tally;
mod walk;

use crate::client::Client;
use async_trait::async_trait;
use base::{Fault, Problem};
use connect::{Checkpoint, Completeness, Sink, Source, SourceInfo, Stream};
use streams::{About, STREAMS};
use tally::Tally;
use walk::{Walker, count};

/// One community's records.
#[derive(Debug)]
pub struct BettermodeSource {
    client: Client,
}

impl BettermodeSource {
    /// A source that asks nothing yet.
    pub fn new(client: Client) -> Self {
        Self { client }
    }
}

#[async_trait]
impl Source for BettermodeSource {
    fn info(&self) -> SourceInfo {
        SourceInfo {
            connector: "bettermode".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            address: self.client.address().to_owned(),
            environment: None,
        }
    }

    async fn check(&self, streams: &[String]) -> Result<Vec<Problem>, Fault> {
        check::check(&self.client, streams).await
    }

    async fn discover(&self, counted: bool) -> Result<Vec<Stream>, Fault> {
        let mut streams = Vec::new();
        for about in STREAMS {
            let total = if counted { count(&self.client, about).await? } else { None };
            streams.push(about.stream(total));
        }
        Ok(streams)
    }

    async fn stream(&self, name: &str) -> Result<Stream, Fault> {
        let about = About::of(name)?;
        Ok(about.stream(count(&self.client, about).await?))
    }

    async fn total(&self, stream: &str) -> Result<Option<u64>, Fault> {
        count(&self.client, About::of(stream)?).await
    }

    async fn extract(
        &self,
        stream: &str,
        page_size: usize,
        from: Option<Checkpoint>,
        sink: &mut dyn Sink,
    ) -> Result<Completeness, Fault> {
        let about = About::of(stream)?;
        let tally = match from {
            None => Tally::new(),
            Some(checkpoint) => Tally::resume(checkpoint).ok_or_else(|| {
                Fault::usage(format!("the export of {stream} was begun by another version of this program"))
                    .hint("landfall move --fresh begins it anew")
            })?,
        };
        let page_size = (page_size as u64).clamp(1, crate::PAGE_MAX);
        let columns = about.columns();
        Walker { client: &self.client, about, columns, page_size, tally, sink }.run().await
    }
}
