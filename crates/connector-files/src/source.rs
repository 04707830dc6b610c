//! The folder as a source.

use crate::errors::FilesError;
use crate::kinds::Kind;
use crate::tally;
use crate::types::{Fingerprint, Listing, Saved, StreamFile};
use crate::walk::{Walk, key_index};
use async_trait::async_trait;
use base::{Fault, Problem};
use connect::{Checkpoint, Completeness, FieldInfo, Page, Sink, Source, SourceInfo, Stream};
use export::csv::EmptyMeans;
use std::path::PathBuf;

/// The name of this connector in project files and manifests.
const CONNECTOR: &str = "files";

/// Records of a file whose values are looked at to tell what its fields hold; more would make `discover` slow
/// and rarely change its mind.
const KIND_RECORDS_MAX: u64 = 100_000;

/// Records of a file that `check` reads to find what is wrong with it: about a second.
const CHECK_RECORDS_MAX: u64 = 1_000_000;

/// Records looked at together.
const LOT_RECORDS: usize = 1_024;

/// Fields with the time of creation, the better one first.
const CREATED: [&str; 2] = ["created_date", "created_at"];

/// Fields that say which of two copies is newer, the better one first.
const VERSION: [&str; 2] = ["modified_date", "updated_at"];

/// A folder of CSV and NDJSON files.
#[derive(Debug, Clone)]
pub struct FilesSource {
    folder: PathBuf,
    csv_empty: EmptyMeans,
}

impl FilesSource {
    /// The files in `folder`; `csv_empty` says what an empty field of a CSV file means.
    pub fn new(folder: PathBuf, csv_empty: EmptyMeans) -> Self {
        Self { folder, csv_empty }
    }

    fn file(&self, stream: &str) -> Result<StreamFile, FilesError> {
        Listing::of(&self.folder)?.take(stream, &self.folder)
    }

    /// Looks at a file's records to tell what its fields hold.
    fn describe(&self, file: &StreamFile, count: bool) -> Result<Stream, FilesError> {
        let mut walk = Walk::open(file, self.csv_empty, None)?;
        let mut kinds: Vec<Kind> = Vec::new();
        let mut seen = 0;
        while seen < KIND_RECORDS_MAX
            && let Some(lot) = walk.next(LOT_RECORDS)?
        {
            seen += (lot.records.len() + lot.unreadable.len()) as u64;
            kinds.resize(walk.names().len(), Kind::default());
            for record in &lot.records {
                for (kind, value) in kinds.iter_mut().zip(record) {
                    value.iter().for_each(|value| kind.see(value));
                }
            }
        }
        kinds.resize(walk.names().len(), Kind::default());
        let total = if count { Some(self.count(file, &walk)?) } else { None };
        let names = walk.names();
        let first_of =
            |wanted: &[&str]| wanted.iter().find(|w| names.iter().any(|n| n == *w)).map(|w| (*w).to_owned());
        Ok(Stream {
            name: file.name.clone(),
            display: None,
            fields: names
                .iter()
                .zip(walk.originals())
                .zip(&kinds)
                .map(|((name, original), kind)| FieldInfo {
                    name: name.clone(),
                    original: original.clone(),
                    kind: kind.word().to_owned(),
                })
                .collect(),
            key: key_index(names).map(|at| names[at].clone()),
            created: first_of(&CREATED),
            version: first_of(&VERSION),
            total,
        })
    }

    fn count(&self, file: &StreamFile, walk: &Walk) -> Result<u64, FilesError> {
        tally::records(&file.path, file.form, walk.blank_counts(self.csv_empty))
            .map_err(FilesError::unreadable(&file.path))
    }

    /// Reads a file to find what is wrong with it.
    fn try_out(&self, file: &StreamFile) -> Result<(), FilesError> {
        let mut walk = Walk::open(file, self.csv_empty, None)?;
        while walk.place().records < CHECK_RECORDS_MAX && walk.next(LOT_RECORDS)?.is_some() {}
        Ok(())
    }

    /// Everything that stands in the way of these streams.
    fn problems(&self, streams: &[String]) -> Result<Vec<FilesError>, FilesError> {
        let Listing { files, wrong } = Listing::of(&self.folder)?;
        let mut problems = Vec::new();
        for error in wrong {
            match &error {
                FilesError::SeveralFiles { name, .. } if !streams.contains(name) => {}
                _ => problems.push(error),
            }
        }
        let several: Vec<String> = problems
            .iter()
            .filter_map(|error| match error {
                FilesError::SeveralFiles { name, .. } => Some(name.clone()),
                _ => None,
            })
            .collect();
        let listing = |files| Listing { files, wrong: Vec::new() };
        for stream in streams.iter().filter(|stream| !several.contains(stream)) {
            let tried =
                listing(files.clone()).take(stream, &self.folder).and_then(|file| self.try_out(&file));
            problems.extend(tried.err());
        }
        Ok(problems)
    }

    /// Opens a walk at its start, or where it stopped if the file is still the same.
    fn begin(&self, stream: &str, from: Option<Checkpoint>) -> Result<Extraction, FilesError> {
        let file = self.file(stream)?;
        let print = Fingerprint::of(&file.path)?;
        let place = match from {
            None => None,
            Some(checkpoint) => {
                let saved = serde_json::from_value::<Saved>(checkpoint)
                    .ok()
                    .filter(|saved| saved.version == Saved::VERSION && saved.stream == stream)
                    .ok_or_else(|| FilesError::BadCheckpoint { name: stream.to_owned() })?;
                if saved.file != print {
                    return Err(FilesError::Changed { path: file.path });
                }
                Some(saved.place)
            }
        };
        let walk = Walk::open(&file, self.csv_empty, place.as_ref())?;
        let expected = self.count(&file, &walk)?;
        Ok(Extraction { file, print, walk, expected, resumed: place.is_some() })
    }
}

/// One walk through a file that is handed to a sink.
struct Extraction {
    file: StreamFile,
    print: Fingerprint,
    walk: Walk,
    /// Records that the file has, by a count that does not rely on the walk.
    expected: u64,
    resumed: bool,
}

impl Extraction {
    fn page(&mut self, page_size: usize) -> Result<Option<Page>, FilesError> {
        let lot = self.walk.next(page_size)?;
        // Before the page is handed on: what was read after a change may be of another state of the file.
        if !self.print.holds(&self.file.path)? {
            return Err(FilesError::Changed { path: self.file.path.clone() });
        }
        let Some(lot) = lot else { return Ok(None) };
        Ok(Some(self.with_checkpoint(lot)))
    }

    fn with_checkpoint(&self, lot: crate::walk::Lot) -> Page {
        let saved = Saved {
            version: Saved::VERSION,
            stream: self.file.name.clone(),
            file: self.print.clone(),
            place: self.walk.place(),
        };
        Page {
            fields: lot.fields,
            records: lot.records,
            unreadable: lot.unreadable,
            // Numbers and strings: this cannot fail.
            checkpoint: serde_json::to_value(saved).unwrap_or_default(),
            expected: Some(self.expected),
        }
    }

    /// A page without records, so that the sink learns the columns of a file that has none.
    fn bare_page(&self) -> Page {
        let fields = self.walk.names().into();
        self.with_checkpoint(crate::walk::Lot { fields, ..Default::default() })
    }

    fn completeness(&self) -> Result<Completeness, FilesError> {
        if Fingerprint::of(&self.file.path)? != self.print {
            return Err(FilesError::Changed { path: self.file.path.clone() });
        }
        let read = self.walk.place().records;
        let complete = read == self.expected;
        let odd = || format!("the file has {} records by its line ends, {read} were read", self.expected);
        Ok(Completeness {
            declared_before: Some(self.expected),
            // The file did not change.
            declared_after: Some(self.expected),
            complete,
            remarks: if complete { Vec::new() } else { vec![odd()] },
            ..Completeness::default()
        })
    }
}

/// Runs what reads files where it holds nobody up.
async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Fault::bug("reading a file came to an unplanned end"))
}

#[async_trait]
impl Source for FilesSource {
    fn repeats_are_versions(&self) -> bool {
        false
    }

    fn info(&self) -> SourceInfo {
        SourceInfo {
            connector: CONNECTOR.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            address: self.folder.display().to_string(),
            environment: None,
        }
    }

    async fn check(&self, streams: &[String]) -> Result<Vec<Problem>, Fault> {
        let (this, streams) = (self.clone(), streams.to_vec());
        let problems = apart(move || this.problems(&streams)).await??;
        let problem = |error: FilesError| {
            let problem = Problem::error(error.to_string());
            match error.hint() {
                Some(hint) => problem.hint(hint),
                None => problem,
            }
        };
        Ok(problems.into_iter().map(problem).collect())
    }

    async fn discover(&self, count: bool) -> Result<Vec<Stream>, Fault> {
        let this = self.clone();
        let (streams, wrong) = apart(move || {
            let Listing { files, mut wrong } = Listing::of(&this.folder)?;
            let mut streams = Vec::new();
            for file in files.values() {
                match this.describe(file, count) {
                    Ok(stream) => streams.push(stream),
                    Err(error) => wrong.push(error),
                }
            }
            Ok::<_, FilesError>((streams, wrong))
        })
        .await??;
        let mut faults = wrong.into_iter().map(Fault::from);
        let Some(first) = faults.next() else { return Ok(streams) };
        // All of them at once: a person mends a folder in one go.
        Err(faults.fold(first, |mut all, fault| {
            all.what = format!("{}; {}", all.what, fault.what);
            all.hints.extend(fault.hints);
            all
        }))
    }

    async fn stream(&self, name: &str) -> Result<Stream, Fault> {
        let (this, name) = (self.clone(), name.to_owned());
        Ok(apart(move || this.file(&name).and_then(|file| this.describe(&file, false))).await??)
    }

    async fn total(&self, stream: &str) -> Result<Option<u64>, Fault> {
        let (this, name) = (self.clone(), stream.to_owned());
        let count = move || {
            let file = this.file(&name)?;
            let walk = Walk::open(&file, this.csv_empty, None)?;
            this.count(&file, &walk)
        };
        Ok(Some(apart(count).await??))
    }

    async fn extract(
        &self,
        stream: &str,
        page_size: usize,
        from: Option<Checkpoint>,
        sink: &mut dyn Sink,
    ) -> Result<Completeness, Fault> {
        let (this, name) = (self.clone(), stream.to_owned());
        let mut extraction = apart(move || this.begin(&name, from)).await??;
        let mut pages = 0;
        loop {
            let (back, page) = apart(move || {
                let page = extraction.page(page_size);
                (extraction, page)
            })
            .await?;
            extraction = back;
            let Some(page) = page? else { break };
            sink.page(page).await?;
            pages += 1;
        }
        if pages == 0 && !extraction.resumed {
            sink.page(extraction.bare_page()).await?;
        }
        Ok(apart(move || extraction.completeness()).await??)
    }
}
