//! The manifest: what an export holds, where it came from, and the proof that it is all of it.

use crate::folder::{ExportFolder, FolderError};
use base::{Clock, SystemClock};
use connect::{Completeness, LeftBehind, SourceInfo};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::Metadata;
use std::io::{ErrorKind, Read};
use std::os::unix::fs::MetadataExt;
use xxhash_rust::xxh3::Xxh3;

/// The version of the manifest's form.
pub const MANIFEST_VERSION: u32 = 1;

/// Bytes read at a time for a checksum.
const HASH_READ_BYTES: usize = 256 << 10;

/// Longer than any file system lets two changes look like one.
const TICK_SECONDS: i64 = 2;

/// `manifest.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of the form: [`MANIFEST_VERSION`].
    pub version: u32,
    /// The project's name.
    pub project: String,
    /// Where the records came from.
    pub source: SourceInfo,
    /// When the export began.
    pub started_at: Timestamp,
    /// When it was finished; `None` while entities are missing.
    #[serde(default)]
    pub finished_at: Option<Timestamp>,
    /// The entities that are finished, by name.
    pub entities: BTreeMap<String, EntityManifest>,
    /// Whether all entities of the project are in it.
    pub complete: bool,
    /// What the sources have and do not give.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_behind: Vec<LeftBehind>,
}

/// One finished entity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntityManifest {
    /// The source's stream.
    pub stream: String,
    /// The file's name in the folder: `users.csv`.
    pub file: String,
    /// The columns, in the file's order.
    pub columns: Vec<ColumnManifest>,
    /// Records in the file.
    pub records: u64,
    /// Records that the source showed once more and that are not in the file.
    pub repeats: u64,
    /// Records in `ENTITY.rejects.ndjson`.
    pub unreadable: u64,
    /// Whether no two records of the file have the same key.
    #[serde(default)]
    pub unique_keys: bool,
    /// Length of the file.
    pub bytes: u64,
    /// SHA-256 of the file, lower-case hexadecimal: for people and other tools.
    pub sha256: String,
    /// XXH3 of the file, 128 bits, lower-case hexadecimal: by which landfall sees whether it was edited. A
    /// manifest of before has none, and SHA-256 is taken.
    #[serde(default)]
    pub xxh3: String,
    /// The column that identifies a record.
    #[serde(default)]
    pub key: Option<String>,
    /// The column with the time of creation.
    #[serde(default)]
    pub created: Option<String>,
    /// The column that says which of two copies is newer.
    #[serde(default)]
    pub version: Option<String>,
    /// The evidence that nothing was left behind.
    pub completeness: Completeness,
    /// What became of passwords, when the entity has any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passwords: Option<Passwords>,
}

/// A column of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnManifest {
    /// The name in the file.
    pub name: String,
    /// The source's own name.
    pub original: String,
    /// What it holds, in the source's words or as inferred.
    pub kind: String,
}

/// What became of passwords.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Passwords {
    /// Hashes that were taken as they are.
    pub kept: u64,
    /// Plain texts that were hashed.
    pub hashed: u64,
    /// Passwords that cannot be used, by reason.
    pub unusable: BTreeMap<String, u64>,
}

/// Whether a file is still what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileState {
    /// Size and checksum are those of the manifest.
    Untouched,
    /// They differ.
    Edited,
    /// The file is not there, or the manifest does not know the entity.
    Missing,
}

impl Manifest {
    /// A manifest without entities.
    pub fn new(project: impl Into<String>, source: SourceInfo, started_at: Timestamp) -> Self {
        Self {
            version: MANIFEST_VERSION,
            project: project.into(),
            source,
            started_at,
            finished_at: None,
            entities: BTreeMap::new(),
            complete: false,
            left_behind: Vec::new(),
        }
    }

    /// Reads a manifest; the error says what is wrong without quoting it.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Version {
            version: u32,
        }
        let place = |error: &serde_json::Error| format!("line {} column {}", error.line(), error.column());
        let Version { version } = serde_json::from_slice(bytes)
            .map_err(|error| format!("no JSON object with a version ({})", place(&error)))?;
        if version != MANIFEST_VERSION {
            return Err(format!("it has version {version}, this program reads version {MANIFEST_VERSION}"));
        }
        serde_json::from_slice(bytes)
            .map_err(|error| format!("it lacks something or holds something else ({})", place(&error)))
    }

    /// Whether the entity's file is still what was written.
    ///
    /// The size is looked at first: when it differs, the file is not read. Otherwise all of it is read and
    /// its checksum compared, because a time of modification proves nothing. Within one process it does: a
    /// file that was read once and has not been touched since is not read again.
    pub fn check(&self, entity: &str, folder: &ExportFolder) -> Result<FileState, FolderError> {
        let Some(expected) = self.entities.get(entity) else { return Ok(FileState::Missing) };
        let path = folder.csv_path(entity);
        let fail = |cause| FolderError::io("read", &path, cause);
        let mut file = match std::fs::File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(FileState::Missing),
            Err(error) => return Err(fail(error)),
        };
        let seen = Seen::of(&file.metadata().map_err(fail)?, expected);
        if seen.bytes != expected.bytes {
            return Ok(FileState::Edited);
        }
        if folder.unchanged(entity, &seen) {
            return Ok(FileState::Untouched);
        }
        let mut sum = match expected.xxh3.as_str() {
            "" => Sum::Sha256(Sha256::new()),
            _ => Sum::Xxh3(Box::default()),
        };
        let mut buffer = vec![0; HASH_READ_BYTES];
        loop {
            match file.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => sum.update(&buffer[..count]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(fail(error)),
            }
        }
        if !sum.is_of(expected) {
            return Ok(FileState::Edited);
        }
        if seen.is_settled(SystemClock.now()) {
            folder.remember(entity, seen);
        }
        Ok(FileState::Untouched)
    }
}

/// A file as it was when its checksum was right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    bytes: u64,
    inode: u64,
    /// Of content and of status, in seconds and nanoseconds: nobody can set the latter.
    times: [i64; 4],
    /// The checksum that it was compared with.
    sha256: String,
}

impl Seen {
    fn of(metadata: &Metadata, expected: &EntityManifest) -> Self {
        let times = [metadata.mtime(), metadata.mtime_nsec(), metadata.ctime(), metadata.ctime_nsec()];
        Self { bytes: metadata.len(), inode: metadata.ino(), times, sha256: expected.sha256.clone() }
    }

    /// Whether a change from now on would show: a file's times are no finer than the system's ticks.
    fn is_settled(&self, now: Timestamp) -> bool {
        let [modified, _, changed, _] = self.times;
        modified.max(changed) + TICK_SECONDS < now.as_second()
    }
}

/// A checksum on its way.
enum Sum {
    Sha256(Sha256),
    Xxh3(Box<Xxh3>),
}

impl Sum {
    fn update(&mut self, bytes: &[u8]) {
        match self {
            Sum::Sha256(hash) => hash.update(bytes),
            Sum::Xxh3(hash) => hash.update(bytes),
        }
    }

    fn is_of(self, expected: &EntityManifest) -> bool {
        match self {
            Sum::Sha256(hash) => hex(&hash.finalize()) == expected.sha256,
            Sum::Xxh3(hash) => hex(&hash.digest128().to_be_bytes()) == expected.xxh3,
        }
    }
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
            out.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
        }
    }
    out
}
