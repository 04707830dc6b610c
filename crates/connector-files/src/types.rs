//! Files, as streams; and how to recognise one later.

use crate::errors::FilesError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{File, Metadata};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use xxhash_rust::xxh3::xxh3_64;

/// Bytes at the start of a file by which it is recognised, with its size and time of modification: enough to
/// hold the header and many records, and read in no time.
const HEAD_BYTES: u64 = 64 << 10;

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Csv,
    Ndjson,
}

/// A file that is a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StreamFile {
    pub name: String,
    pub path: PathBuf,
    pub form: Form,
}

/// The streams of a folder, by name, and what is wrong with some files.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    pub files: BTreeMap<String, StreamFile>,
    pub wrong: Vec<FilesError>,
}

impl Listing {
    /// Looks into the folder. Files with other endings, hidden ones, and folders are none of ours.
    pub fn of(folder: &Path) -> Result<Self, FilesError> {
        let entries = std::fs::read_dir(folder).map_err(|cause| match cause.kind() {
            ErrorKind::NotFound => FilesError::FolderMissing { path: folder.to_owned() },
            ErrorKind::NotADirectory => FilesError::NoFolder { path: folder.to_owned() },
            _ => FilesError::Unreadable { path: folder.to_owned(), cause },
        })?;
        let mut listing = Self::default();
        let mut found: BTreeMap<String, Vec<StreamFile>> = BTreeMap::new();
        for entry in entries {
            let path = entry.map_err(FilesError::unreadable(folder))?.path();
            let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
            let form = match ending.as_deref() {
                Some("csv") => Form::Csv,
                Some("ndjson" | "jsonl") => Form::Ndjson,
                _ => continue,
            };
            if !path.is_file() {
                continue;
            }
            match path.file_stem().and_then(|stem| stem.to_str()) {
                Some(stem) if stem.starts_with('.') => {}
                Some(stem) => {
                    let name = stem.to_owned();
                    found.entry(name.clone()).or_default().push(StreamFile { name, path, form });
                }
                None => listing.wrong.push(FilesError::NameNotUtf8 { name: path.display().to_string() }),
            }
        }
        for (name, mut files) in found {
            if files.len() == 1 {
                listing.files.extend(files.pop().map(|file| (name, file)));
                continue;
            }
            let mut files: Vec<String> = files.iter().map(|file| file_name(&file.path)).collect();
            files.sort();
            listing.wrong.push(FilesError::SeveralFiles { name, files });
        }
        Ok(listing)
    }

    /// The file of a stream.
    pub fn take(mut self, name: &str, folder: &Path) -> Result<StreamFile, FilesError> {
        if let Some(file) = self.files.remove(name) {
            return Ok(file);
        }
        let several =
            |wrong: &FilesError| matches!(wrong, FilesError::SeveralFiles { name: n, .. } if n == name);
        if let Some(at) = self.wrong.iter().position(several) {
            return Err(self.wrong.swap_remove(at));
        }
        let nearest = base::names::nearest(name, self.files.keys().map(String::as_str)).map(str::to_owned);
        Err(FilesError::NoStream { name: name.to_owned(), nearest, folder: folder.to_owned() })
    }
}

/// The last part of a path, for people.
fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// By what a file is recognised when reading goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Fingerprint {
    pub size: u64,
    /// Nanoseconds since 1970.
    pub modified: i64,
    /// xxh3 of the file's first 64 KiB, hexadecimal.
    pub head: String,
}

impl Fingerprint {
    /// The file's present one.
    pub fn of(path: &Path) -> Result<Self, FilesError> {
        let fail = FilesError::unreadable(path);
        let file = File::open(path).map_err(&fail)?;
        let meta = file.metadata().map_err(&fail)?;
        let mut head = Vec::new();
        file.take(HEAD_BYTES).read_to_end(&mut head).map_err(&fail)?;
        Ok(Self { size: meta.len(), modified: modified(&meta), head: format!("{:016x}", xxh3_64(&head)) })
    }

    /// Whether the file still looks the same, without reading it.
    pub fn holds(&self, path: &Path) -> Result<bool, FilesError> {
        let meta = std::fs::metadata(path).map_err(FilesError::unreadable(path))?;
        Ok(meta.len() == self.size && modified(&meta) == self.modified)
    }
}

fn modified(meta: &Metadata) -> i64 {
    meta.mtime().wrapping_mul(1_000_000_000).wrapping_add(meta.mtime_nsec())
}

/// Where in a file reading goes on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Place {
    /// The byte of the file.
    pub byte: u64,
    /// Records (CSV) or lines (NDJSON) before it.
    pub number: u64,
    /// Records before it, unreadable ones included.
    pub records: u64,
    /// The fields seen before it, as the file names them; empty for CSV, which has a header.
    #[serde(default)]
    pub fields: Vec<String>,
}

/// What is kept with each page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Saved {
    /// The version of the form: [`Saved::VERSION`].
    pub version: u32,
    /// The file's name without ending.
    pub stream: String,
    pub file: Fingerprint,
    pub place: Place,
}

impl Saved {
    pub const VERSION: u32 = 1;
}
