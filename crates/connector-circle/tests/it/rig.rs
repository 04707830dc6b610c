//! A source over the stub, and a sink that keeps what it is given as an export would.

use crate::stub::{Stub, TOKEN};
use async_trait::async_trait;
use base::{Fault, Secret};
use connect::{Checkpoint, Completeness, Page, Sink, Source, Unreadable};
use connector_circle::{CircleConfig, CircleSource, settings};
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use webclient::{Event, Observer, Pace};

/// Waiting takes no time.
#[derive(Default)]
pub struct TestPace(Mutex<Duration>);

impl Pace for TestPace {
    fn elapsed(&self) -> Duration {
        *self.0.lock().expect("not poisoned")
    }
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }
    fn fraction(&self) -> f64 {
        0.5
    }
    fn sleep(&self, time: Duration) -> webclient::pace::Sleep<'_> {
        *self.0.lock().expect("not poisoned") += time;
        Box::pin(tokio::task::yield_now())
    }
}

/// Keeps the waits that it is told of.
#[derive(Default)]
pub struct Watcher(pub Mutex<Vec<Event>>);

impl Observer for Watcher {
    fn event(&self, event: &Event) {
        self.0.lock().expect("not poisoned").push(event.clone());
    }
}

pub fn config(url: &str) -> CircleConfig {
    CircleConfig { url: url.to_owned(), ..CircleConfig::new(Some(Secret::new(TOKEN))) }
}

pub fn source_with(config: CircleConfig) -> CircleSource {
    CircleSource::with(config, settings(), Arc::new(TestPace::default())).expect("a source")
}

pub fn source(stub: &Stub) -> CircleSource {
    source_with(config(&stub.url))
}

/// What an export keeps.
#[derive(Default)]
pub struct Export {
    /// Each record in its newest version: key to fields.
    pub records: BTreeMap<String, HashMap<String, String>>,
    pub unreadable: Vec<Unreadable>,
    /// The size of each page.
    pub pages: Vec<usize>,
    pub checkpoint: Option<Checkpoint>,
    pub expected: Option<u64>,
    /// Pages that are taken before the disk is full.
    pub room: Option<usize>,
}

#[async_trait]
impl Sink for Export {
    async fn page(&mut self, page: Page) -> Result<(), Fault> {
        if self.room.is_some_and(|room| self.pages.len() >= room) {
            return Err(Fault::stop("the disk is full"));
        }
        self.pages.push(page.records.len() + page.unreadable.len());
        self.unreadable.extend(page.unreadable);
        for record in page.records {
            assert_eq!(record.len(), page.fields.len());
            let pairs = page.fields.iter().cloned().zip(record);
            let fields: HashMap<String, String> = pairs.filter_map(|(name, v)| Some((name, v?))).collect();
            let key = fields.get("_key").or(fields.get("id")).cloned().unwrap_or_default();
            let version = |fields: &HashMap<String, String>| fields.get("updated_at").cloned();
            let is_older = self.records.get(&key).is_some_and(|old| version(old) > version(&fields));
            if !is_older {
                self.records.insert(key, fields);
            }
        }
        // What an export keeps is text.
        let text = page.checkpoint.to_string();
        self.checkpoint = Some(serde_json::from_str(&text).expect("JSON"));
        self.expected = page.expected;
        Ok(())
    }
}

impl Export {
    /// Goes on where the last page left off.
    pub async fn run(
        &mut self,
        source: &CircleSource,
        stream: &str,
        page_size: usize,
    ) -> Result<Completeness, Fault> {
        source.extract(stream, page_size, self.checkpoint.clone(), self).await
    }

    /// The keys of what it holds.
    pub fn keys(&self) -> Vec<&str> {
        self.records.keys().map(String::as_str).collect()
    }
}

/// All of a stream, a hundred a page.
pub async fn export(stub: &Stub, stream: &str) -> (Export, Completeness) {
    let mut export = Export::default();
    let outcome = export.run(&source(stub), stream, 100).await;
    let outcome = outcome.unwrap_or_else(|fault| panic!("{stream}: {}", shown(&fault)));
    (export, outcome)
}

/// Why a stream cannot be exported.
pub async fn fault(stub: &Stub, stream: &str) -> Fault {
    Export::default().run(&source(stub), stream, 100).await.expect_err("it fails")
}

/// The two lines of a fault that a person reads.
pub fn shown(fault: &Fault) -> String {
    format!("{} | {}", fault.what, fault.hints.join(" | "))
}

/// Ids as the keys of an export, in their order.
pub fn keys(ids: impl IntoIterator<Item = u64>) -> Vec<String> {
    let mut keys: Vec<String> = ids.into_iter().map(|id| id.to_string()).collect();
    keys.sort();
    keys
}
