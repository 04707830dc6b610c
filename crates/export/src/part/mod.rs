//! The growing file of one entity while it is extracted: `ENTITY.csv.part`, with a checkpoint beside it.
//!
//! The part has no header; each record has as many fields as there were columns when it came, so that columns
//! can be added later. The checkpoint is replaced as a whole after each page and says how much of the part
//! counts. A process that is killed leaves at most bytes behind that length, which nobody reads.

mod bits;
mod finish;
mod order;
mod rejects;
mod saved;
mod scan;

use crate::csv::{FIELD_BYTES_MAX, put_field};
use crate::disk::DiskFile;
use crate::folder::{ExportFolder, FolderError};
use crate::summed::Sums;
use connect::{Record, Unreadable};
use saved::Saved;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use xxhash_rust::xxh3::Xxh3;

/// What is counted while records are extracted, by name; the counts of a page are added to those of the pages
/// before.
pub type Counts = BTreeMap<String, u64>;

/// The growing file of one entity.
pub struct Part {
    folder: ExportFolder,
    saved: Saved,
    file: DiskFile,
    hash: Xxh3,
    rejects: Option<DiskFile>,
    rejects_hash: Xxh3,
    /// The page that is being written, kept for its memory.
    buffer: Vec<u8>,
}

/// What was found when an extraction was to go on.
pub enum Resumed {
    /// It goes on after the last page that was accepted.
    Part(Box<Part>),
    /// There is nothing to go on from.
    Nothing,
    /// There is something that cannot be trusted; begin anew with [`Part::create`], and say why.
    Damaged(String),
}

impl Resumed {
    /// The part, if it goes on.
    pub fn part(self) -> Option<Part> {
        match self {
            Self::Part(part) => Some(*part),
            Self::Nothing | Self::Damaged(_) => None,
        }
    }
}

/// Columns that decide the final file's order and content. A column that no page had counts as NULL
/// everywhere.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FinishOrder {
    /// Identifies a record; without one, nothing is recognised as a repeat.
    pub key: Option<String>,
    /// The time of creation; without one, the order is that of the key alone.
    pub created: Option<String>,
    /// Says which of two copies is newer; without one, it is the one that came later.
    pub version: Option<String>,
}

/// What the final file holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finished {
    /// Records in the file.
    pub records: u64,
    /// Showings of a record that are not in the file, because a newer one is.
    pub repeats: u64,
    /// Records in `ENTITY.rejects.ndjson`.
    pub unreadable: u64,
    /// The header.
    pub columns: Vec<String>,
    /// Length and checksums of the file.
    pub sums: Sums,
    /// Whether no two records of the file have the same key.
    pub unique_keys: bool,
    /// Whether the pages came in the file's order already.
    pub in_order: bool,
}

impl Part {
    /// Begins an entity, from nothing. What an earlier extraction left unfinished is gone; a finished file
    /// stays until this one is. `source` says where the records come from, for the one who resumes.
    pub fn create(folder: &ExportFolder, entity: &str, source: &impl Serialize) -> Result<Self, FolderError> {
        ExportFolder::check_name(entity)?;
        let path = folder.part_path(entity);
        let source = serde_json::to_value(source).map_err(|error| {
            FolderError::io("write", &folder.checkpoint_path(entity), std::io::Error::other(error))
        })?;
        let mut file = folder.disk().open_or_create(&path).map_err(|e| FolderError::io("make", &path, e))?;
        lock(&mut file, &path)?;
        // The checkpoint goes first: without it, what else is there counts for nothing.
        saved::remove(folder, entity)?;
        folder.remove(&folder.rejects_part_path(entity))?;
        file.truncate(0).map_err(|cause| FolderError::io("empty", &path, cause))?;
        Ok(Self {
            folder: folder.clone(),
            saved: Saved::new(entity, source),
            file,
            hash: Xxh3::new(),
            rejects: None,
            rejects_hash: Xxh3::new(),
            buffer: Vec::new(),
        })
    }

    /// Goes on with an entity after the last page that was accepted.
    pub fn resume(folder: &ExportFolder, entity: &str) -> Result<Resumed, FolderError> {
        ExportFolder::check_name(entity)?;
        let Some(saved) = saved::read(folder, entity)? else { return Ok(Resumed::Nothing) };
        let saved = match saved {
            Ok(saved) => saved,
            Err(why) => return Ok(Resumed::Damaged(why)),
        };
        let path = folder.part_path(entity);
        let mut file = match saved::open(folder, &path)? {
            Some(file) => file,
            None => return Ok(Resumed::Damaged(format!("{} is gone", path.display()))),
        };
        lock(&mut file, &path)?;
        let hash = match saved::verified(&file, &path, saved.part_bytes, &saved.part_xxh3)? {
            Ok(hash) => hash,
            Err(why) => return Ok(Resumed::Damaged(why)),
        };
        let mut rejects = None;
        let mut rejects_hash = Xxh3::new();
        if saved.rejects_bytes > 0 {
            let path = folder.rejects_part_path(entity);
            let Some(file) = saved::open(folder, &path)? else {
                return Ok(Resumed::Damaged(format!("{} is gone", path.display())));
            };
            match saved::verified(&file, &path, saved.rejects_bytes, &saved.rejects_xxh3)? {
                Ok(hash) => rejects_hash = hash,
                Err(why) => return Ok(Resumed::Damaged(why)),
            }
            file.truncate(saved.rejects_bytes).map_err(|cause| FolderError::io("cut", &path, cause))?;
            rejects = Some(file);
        }
        file.truncate(saved.part_bytes).map_err(|cause| FolderError::io("cut", &path, cause))?;
        let folder = folder.clone();
        let part = Self { folder, saved, file, hash, rejects, rejects_hash, buffer: Vec::new() };
        Ok(Resumed::Part(Box::new(part)))
    }

    /// The entity.
    pub fn entity(&self) -> &str {
        &self.saved.entity
    }

    /// What [`create`](Self::create) was told about the source.
    pub fn source(&self) -> &Value {
        &self.saved.source
    }

    /// The connector's checkpoint of the last page; `None` before the first.
    pub fn checkpoint(&self) -> Option<&Value> {
        (self.saved.pages > 0).then_some(&self.saved.checkpoint)
    }

    /// The columns so far.
    pub fn columns(&self) -> &[String] {
        &self.saved.columns
    }

    /// Records so far, repeats included.
    pub fn records(&self) -> u64 {
        self.saved.records
    }

    /// Unreadable records so far, repeats included.
    pub fn unreadable(&self) -> u64 {
        self.saved.unreadable
    }

    /// The sum of what was counted so far.
    pub fn counts(&self) -> &Counts {
        &self.saved.counts
    }

    /// Names columns before the first page, so that they come in this order and are there even if no record
    /// comes.
    pub fn declare(&mut self, columns: &[String]) {
        for column in columns {
            if !self.saved.columns.contains(column) {
                self.saved.columns.push(column.clone());
            }
        }
    }

    /// Takes a page: when this returns, page and checkpoint are kept together, even if the process is killed.
    /// After an error they are kept together or not at all: the page can be given again to this part; for a
    /// resumed one, its [`checkpoint`](Self::checkpoint) says where to go on.
    ///
    /// Columns may be added by later pages; records before them read as NULL there. `more` is added to the
    /// counts.
    pub fn append(
        &mut self,
        page_fields: &[String],
        rows: &[Record],
        unreadable: &[Unreadable],
        checkpoint: &Value,
        more: &Counts,
    ) -> Result<(), FolderError> {
        let columns = self.encode(page_fields, rows)?;
        let path = self.folder.part_path(&self.saved.entity);
        self.file
            .write_at(&self.buffer, self.saved.part_bytes)
            .map_err(|cause| FolderError::io("write", &path, cause))?;
        let mut hash = self.hash.clone();
        hash.update(&self.buffer);

        let mut next = self.saved.clone();
        next.columns = columns;
        next.part_bytes += self.buffer.len() as u64;
        next.part_xxh3 = saved::checksum(&hash);
        next.records += rows.len() as u64;
        next.pages += 1;
        next.checkpoint.clone_from(checkpoint);
        for (name, count) in more {
            *next.counts.entry(name.clone()).or_default() += count;
        }
        let mut rejects_hash = self.rejects_hash.clone();
        if !unreadable.is_empty() {
            let lines = rejects::lines(unreadable, self.saved.pages, self.saved.records);
            self.write_rejects(&lines)?;
            rejects_hash.update(&lines);
            next.rejects_bytes += lines.len() as u64;
            next.rejects_xxh3 = saved::checksum(&rejects_hash);
            next.unreadable += unreadable.len() as u64;
        }
        saved::write(&self.folder, &next)?;
        (self.saved, self.hash, self.rejects_hash) = (next, hash, rejects_hash);
        Ok(())
    }

    fn write_rejects(&mut self, lines: &[u8]) -> Result<(), FolderError> {
        let path = self.folder.rejects_part_path(&self.saved.entity);
        let file = match self.rejects.take() {
            Some(file) => file,
            None => {
                self.folder.disk().create(&path).map_err(|cause| FolderError::io("make", &path, cause))?
            }
        };
        let written = file.write_at(lines, self.saved.rejects_bytes);
        self.rejects = Some(file);
        written.map_err(|cause| FolderError::io("write", &path, cause))
    }

    /// Puts the page's records into the buffer; the columns with those that the page adds.
    fn encode(&mut self, page_fields: &[String], rows: &[Record]) -> Result<Vec<String>, FolderError> {
        let entity = &self.saved.entity;
        let bad = |what: String| FolderError::BadPage { entity: entity.clone(), what };
        let mut columns = self.saved.columns.clone();
        let mut names = HashSet::new();
        for field in page_fields {
            if !names.insert(field) {
                return Err(bad(format!("it names field {field} twice")));
            }
            if !columns.contains(field) {
                columns.push(field.clone());
            }
        }
        if page_fields.is_empty() && !rows.is_empty() {
            return Err(bad("it has records and no fields".to_owned()));
        }
        let from: Vec<Option<usize>> =
            columns.iter().map(|column| page_fields.iter().position(|field| field == column)).collect();
        self.buffer.clear();
        for row in rows {
            if row.len() != page_fields.len() {
                let what =
                    format!("a record of {} values where the page has {}", row.len(), page_fields.len());
                return Err(bad(what));
            }
            for (index, from) in from.iter().enumerate() {
                if index > 0 {
                    self.buffer.push(b',');
                }
                let value = from.and_then(|field| row[field].as_deref());
                if value.is_some_and(|value| value.len() > FIELD_BYTES_MAX) {
                    let (entity, field) = (entity.clone(), columns[index].clone());
                    return Err(FolderError::TooLong { entity, field, max: FIELD_BYTES_MAX });
                }
                put_field(&mut self.buffer, value);
            }
            self.buffer.push(b'\n');
        }
        Ok(columns)
    }

    /// Makes the final file: in order of (created as an instant, key), a record that the source showed
    /// several times once, in its newest version (the greatest version; of equal ones the later). Records
    /// whose time of creation cannot be read come last.
    ///
    /// A record that was shown readable and unreadable counts as what it was shown last. Memory is bounded.
    /// The part and its checkpoint are removed when the final files have their names; after a crash before
    /// that, the part is resumed and finished again, with the same result.
    pub fn finish(self, order: FinishOrder) -> Result<Finished, FolderError> {
        finish::finish(self, order, finish::Repeats::Newest, crate::sort::SORT_CHUNK_BYTES)
    }

    /// Like [`finish`](Self::finish), for a source in which each line counts: nothing is taken for a repeat,
    /// and records of the same key all stand in the file, in the order they came.
    pub fn finish_with_repeats(self, order: FinishOrder) -> Result<Finished, FolderError> {
        finish::finish(self, order, finish::Repeats::Keep, crate::sort::SORT_CHUNK_BYTES)
    }

    /// Like [`finish`](Self::finish), with another bound for what is sorted in memory.
    pub fn finish_in_chunks(self, order: FinishOrder, chunk_bytes: usize) -> Result<Finished, FolderError> {
        finish::finish(self, order, finish::Repeats::Newest, chunk_bytes)
    }
}

/// Two processes that extract the same entity would tear each other's file.
fn lock(file: &mut DiskFile, path: &Path) -> Result<(), FolderError> {
    match file.lock() {
        Ok(true) => Ok(()),
        Ok(false) => Err(FolderError::InUse { path: path.to_owned() }),
        Err(cause) => Err(FolderError::io("lock", path, cause)),
    }
}
