//! A folder with files, and a sink that remembers.

use async_trait::async_trait;
use base::Fault;
use connect::{Checkpoint, Completeness, Page, Record, Sink, Source, Unreadable};
use connector_files::FilesSource;
use export::csv::EmptyMeans;
use std::path::Path;
use tempfile::TempDir;

pub fn folder(files: &[(&str, &str)]) -> TempDir {
    let temp = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(temp.path().join(name), text).unwrap();
    }
    temp
}

pub fn source(folder: &TempDir) -> FilesSource {
    FilesSource::new(folder.path().to_owned(), EmptyMeans::Null)
}

/// A record in which `~` stands for NULL.
pub fn record(texts: &[&str]) -> Record {
    texts.iter().map(|text| (*text != "~").then(|| (*text).to_owned())).collect()
}

/// Remembers pages; can fail at one, and can change a file after one.
#[derive(Default)]
pub struct Memory<'a> {
    pub pages: Vec<Page>,
    pub fail_at: Option<usize>,
    pub change: Option<(usize, &'a (dyn Fn() + Sync))>,
}

#[async_trait]
impl Sink for Memory<'_> {
    async fn page(&mut self, page: Page) -> Result<(), Fault> {
        if self.fail_at == Some(self.pages.len()) {
            return Err(Fault::stop("the test says so"));
        }
        self.pages.push(page);
        match self.change {
            Some((at, change)) if at == self.pages.len() => change(),
            _ => {}
        }
        Ok(())
    }
}

impl Memory<'_> {
    pub fn checkpoint(&self) -> Option<Checkpoint> {
        self.pages.last().map(|page| page.checkpoint.clone())
    }

    /// All records, each as wide as the widest page.
    pub fn records(&self) -> Vec<Record> {
        let width = self.pages.iter().map(|page| page.fields.len()).max().unwrap_or(0);
        let mut all = Vec::new();
        for page in &self.pages {
            for record in &page.records {
                assert_eq!(record.len(), page.fields.len(), "a record is as wide as its page");
                let mut record = record.clone();
                record.resize(width, None);
                all.push(record);
            }
        }
        all
    }

    pub fn unreadable(&self) -> Vec<Unreadable> {
        self.pages.iter().flat_map(|page| page.unreadable.clone()).collect()
    }
}

pub async fn extract(
    source: &FilesSource,
    stream: &str,
    page_size: usize,
) -> (Memory<'static>, Result<Completeness, Fault>) {
    let mut memory = Memory::default();
    let outcome = source.extract(stream, page_size, None, &mut memory).await;
    (memory, outcome)
}

/// Writes a file and gives it back the time of modification that it had.
pub fn rewrite_unnoticed(path: &Path, text: &str) {
    let modified = std::fs::metadata(path).unwrap().modified().unwrap();
    std::fs::write(path, text).unwrap();
    std::fs::File::options().write(true).open(path).unwrap().set_modified(modified).unwrap();
}
