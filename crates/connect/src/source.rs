//! Where records come from.
//!
//! A source offers *streams*. [`Source::extract`] walks one of them page by page and hands each page to a
//! [`Sink`] with a [`Checkpoint`]: what the sink has accepted is never asked for again, unless the service
//! itself shows it twice. The walk ends with a [`Completeness`], the evidence that nothing was left behind.

use async_trait::async_trait;
use base::{Fault, Problem};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Who the source is; goes into the manifest, holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceInfo {
    /// The connector's name: `bubble`, `files`.
    pub connector: String,
    /// The connector's version.
    pub version: String,
    /// Where it reads, without credentials.
    pub address: String,
    /// `live`, `test`, or what the service calls it; `None`: the source knows no environments.
    pub environment: Option<String>,
}

/// A stream that the source offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stream {
    /// Its name, as projects write it in `from`.
    pub name: String,
    /// The name for people, when the service has one.
    pub display: Option<String>,
    /// The fields that the service declares, or that were seen; the order is that of the export's columns.
    pub fields: Vec<FieldInfo>,
    /// The field that identifies a record (normalised), when the service has one.
    pub key: Option<String>,
    /// The field with the time of creation (normalised); an export is in order of creation, then key.
    pub created: Option<String>,
    /// The field that says which of two copies is newer (normalised).
    pub version: Option<String>,
    /// How many records the service says there are.
    pub total: Option<u64>,
}

/// A field of a stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldInfo {
    /// The normalised name (`base::names::normalise`): the export's column.
    pub name: String,
    /// The service's own name.
    pub original: String,
    /// What it holds, in the service's words or as inferred (`text`, `number`, `date`, `list of text`,
    /// `user`, …).
    pub kind: String,
}

/// One record: values in the order of its page's fields; `None` is absent or null.
///
/// Text is as it is; numbers are their digits; booleans `true` or `false`; lists and objects JSON text.
pub type Record = Vec<Option<String>>;

/// A record with something that no text can hold (NUL, a lone surrogate): it becomes a reject of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unreadable {
    /// The record's key, if that can be read.
    pub id: String,
    /// The field (normalised).
    pub field: String,
    /// The value, escaped as JSON escapes it.
    pub value: String,
    /// `bad_text`.
    pub code: base::RejectCode,
}

/// Where a walk can go on: a value that only the connector understands, kept beside the export.
pub type Checkpoint = serde_json::Value;

/// A page of records.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Page {
    /// The normalised names of the values in each record of this page.
    pub fields: Arc<[String]>,
    /// The records.
    pub records: Vec<Record>,
    /// Records that could not be read. A record stands in `records` or here, never in both.
    pub unreadable: Vec<Unreadable>,
    /// Where the walk goes on after this page.
    pub checkpoint: Checkpoint,
    /// How many records the service says there are, for the progress bar.
    pub expected: Option<u64>,
}

/// Takes the pages of one stream, in order.
#[async_trait]
pub trait Sink: Send {
    /// Takes a page; when this returns, page and checkpoint are kept together or not at all.
    async fn page(&mut self, page: Page) -> Result<(), Fault>;
}

/// The evidence that a walk saw everything. Counts that a source cannot know are `None`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Completeness {
    /// What the service said there were before the walk.
    pub declared_before: Option<u64>,
    /// What the service said there were after it.
    pub declared_after: Option<u64>,
    /// Records that came while the walk went on, and are in the export.
    #[serde(default)]
    pub appeared: u64,
    /// Records that changed while the walk went on; the newest version is in the export.
    #[serde(default)]
    pub changed: u64,
    /// Records seen that were gone at the end; they are in the export.
    #[serde(default)]
    pub vanished: u64,
    /// Whether the walk can prove that it saw everything.
    pub complete: bool,
    /// Why it cannot, or what was odd, sentences without values of records.
    #[serde(default)]
    pub remarks: Vec<String>,
}

/// Something that a source has and does not give, so that it is named and not lost in silence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftBehind {
    /// A word for it: `likes`, `direct_messages`.
    pub name: String,
    /// What it is and why it stays, one sentence without a full stop.
    pub why: String,
    /// How many there are, where what was read says so.
    pub count: Option<u64>,
}

/// A configured source.
#[async_trait]
pub trait Source: Send + Sync {
    /// Who it is.
    fn info(&self) -> SourceInfo;

    /// Whether a record that is shown several times is one record in several versions (a service that changes
    /// while it is read); in a file it is a mistake to be named.
    fn repeats_are_versions(&self) -> bool {
        true
    }

    /// What it has and does not give, with counts from the streams that it has read to their end.
    fn left_behind(&self) -> Vec<LeftBehind> {
        Vec::new()
    }

    /// Tries reach and rights; every problem that it finds. A fault means it could not even try.
    async fn check(&self, streams: &[String]) -> Result<Vec<Problem>, Fault>;

    /// The streams it offers; with `count`, also how many records each has.
    async fn discover(&self, count: bool) -> Result<Vec<Stream>, Fault>;

    /// One stream; a fault that names the nearest known stream when it is not offered.
    async fn stream(&self, name: &str) -> Result<Stream, Fault>;

    /// How many records the stream has now, if the source can say.
    async fn total(&self, stream: &str) -> Result<Option<u64>, Fault>;

    /// Walks a stream from the start, or on from a checkpoint, at `page_size` records a page, and hands every
    /// page to `sink` in the stream's order. Later pages may show a record again in a newer version (drift);
    /// the export keeps the newest.
    async fn extract(
        &self,
        stream: &str,
        page_size: usize,
        from: Option<Checkpoint>,
        sink: &mut dyn Sink,
    ) -> Result<Completeness, Fault>;
}
