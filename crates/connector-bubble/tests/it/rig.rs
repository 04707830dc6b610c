//! A source over the stub, and a sink that keeps what it is given as an export would.

use crate::stub::{KEY, Stub};
use async_trait::async_trait;
use base::{Fault, Secret};
use connect::{Checkpoint, Completeness, Page, Sink, Source, Unreadable};
use connector_bubble::{BubbleConfig, BubbleSource};
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;
use webclient::{Event, Observer, Pace, Settings};

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

pub fn source_at(url: &str, settings: Settings) -> BubbleSource {
    let config = BubbleConfig::new(url, Some(Secret::new(KEY)));
    BubbleSource::with(config, settings, Arc::new(TestPace::default())).expect("a source")
}

pub fn source(stub: &Stub) -> BubbleSource {
    source_at(&stub.url, Settings::default())
}

/// What an export keeps.
#[derive(Default)]
pub struct Export {
    /// Each record in its newest version: id to fields.
    pub records: BTreeMap<String, HashMap<String, String>>,
    pub unreadable: Vec<Unreadable>,
    /// Rows that came again in no newer version.
    pub repeats: usize,
    /// The size of each page.
    pub pages: Vec<usize>,
    pub checkpoint: Option<Checkpoint>,
    pub expected: Option<u64>,
}

#[async_trait]
impl Sink for Export {
    async fn page(&mut self, page: Page) -> Result<(), Fault> {
        self.pages.push(page.records.len() + page.unreadable.len());
        self.unreadable.extend(page.unreadable);
        for record in page.records {
            assert_eq!(record.len(), page.fields.len());
            let fields: HashMap<String, String> = page
                .fields
                .iter()
                .cloned()
                .zip(record)
                .filter_map(|(name, value)| Some((name, value?)))
                .collect();
            let id = fields.get("_id").cloned().unwrap_or_default();
            let same = self.records.insert(id, fields.clone()).is_some_and(|old| old == fields);
            self.repeats += usize::from(same);
        }
        self.checkpoint = Some(page.checkpoint);
        self.expected = page.expected;
        Ok(())
    }
}

impl Export {
    /// Goes on where the last page left off.
    pub async fn run(&mut self, source: &BubbleSource, page_size: usize) -> Result<Completeness, Fault> {
        source.extract("unit", page_size, self.checkpoint.clone(), self).await
    }

    /// Fails unless it holds exactly what the stub has, and `gone` besides.
    pub fn assert_holds(&self, stub: &Stub, gone: &[&str], name: &str) {
        let mut expected: Vec<String> = stub.world().rows.iter().map(|row| row.id.clone()).collect();
        expected.extend(gone.iter().map(|id| (*id).to_owned()));
        expected.sort();
        let held: Vec<String> = self.records.keys().cloned().collect();
        assert_eq!(held.len(), expected.len(), "{name}");
        assert!(held == expected, "{name}: other ids");
    }
}

/// The two lines of a fault that a person reads.
pub fn shown(fault: &Fault) -> String {
    format!("{} | {}", fault.what, fault.hints.join(" | "))
}
