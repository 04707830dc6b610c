//! The folder of an export: names of its files, and errors that name path and cause.

use crate::csv::CsvError;
use crate::disk::{Disk, DiskFile};
use crate::manifest::{Manifest, Seen};
use base::{Class, Fault};
use std::collections::HashMap;
use std::fs::DirBuilder;
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Rights of the folder: it holds personal data.
const FOLDER_MODE: u32 = 0o700;

/// The name of the manifest in the folder.
pub const MANIFEST_FILE: &str = "manifest.json";

/// What can go wrong with an export's files. No variant holds a value of a record.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FolderError {
    /// The file system said no.
    #[error("cannot {doing} {}: {cause}", path.display())]
    Io {
        /// What was tried: `write`, `rename`, …
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// Another process is extracting the same entity into the same folder.
    #[error("{} is being written by another process", path.display())]
    InUse {
        /// The part file.
        path: PathBuf,
    },
    /// An entity's name cannot be a file name.
    #[error("{entity:?} cannot be the name of a file")]
    BadName {
        /// The name.
        entity: String,
    },
    /// The manifest cannot be understood.
    #[error("{} is not a manifest that this version reads: {what}", path.display())]
    BadManifest {
        /// The manifest.
        path: PathBuf,
        /// Why, without values.
        what: String,
    },
    /// A page does not fit together; a mistake of the connector, not of the data.
    #[error("{entity}: a page that does not fit: {what}")]
    BadPage {
        /// The entity.
        entity: String,
        /// Why, without values.
        what: String,
    },
    /// A value is longer than a CSV field may be.
    #[error("{entity}: a value of field {field} is longer than {max} bytes")]
    TooLong {
        /// The entity.
        entity: String,
        /// The column.
        field: String,
        /// The limit.
        max: usize,
    },
    /// What was written reads back differently.
    #[error("{} is damaged: {what}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What differs.
        what: String,
    },
    /// A file of the export is no valid CSV.
    #[error("{}: {cause}", path.display())]
    Csv {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        cause: CsvError,
    },
}

impl FolderError {
    pub(crate) fn io(doing: &'static str, path: &Path, cause: io::Error) -> Self {
        Self::Io { doing, path: path.to_owned(), cause }
    }

    /// Whether room has run out: disk full, quota used up, or the largest allowed file reached.
    pub fn is_disk_full(&self) -> bool {
        matches!(self, Self::Io { cause, .. } if matches!(
            cause.kind(),
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge
        ))
    }
}

impl From<FolderError> for Fault {
    fn from(error: FolderError) -> Self {
        let class = match &error {
            FolderError::Io { .. } | FolderError::InUse { .. } | FolderError::Damaged { .. } => Class::Stop,
            FolderError::BadName { .. } | FolderError::BadManifest { .. } => Class::Usage,
            FolderError::TooLong { .. } | FolderError::Csv { .. } => Class::Fail,
            FolderError::BadPage { .. } => Class::Bug,
        };
        let full = error.is_disk_full();
        let fault = Fault::new(class, error.to_string());
        if full {
            return fault.hint(
                "free some room on that disk, then run the same command again; it goes on where it stopped",
            );
        }
        match error {
            FolderError::InUse { .. } => {
                fault.hint("wait for the other command to end, or use another export_dir")
            }
            FolderError::BadManifest { .. } => fault
                .hint("export again with `landfall move --fresh`")
                .hint("or move the manifest away to take the export without proof of completeness"),
            _ => fault,
        }
    }
}

/// The folder of an export.
#[derive(Debug, Clone)]
pub struct ExportFolder {
    path: PathBuf,
    disk: Disk,
    /// Files whose checksum was right, as they were then.
    seen: Arc<Mutex<HashMap<String, Seen>>>,
}

impl ExportFolder {
    /// Opens the folder; what is missing of it is made with mode 0700.
    pub fn open_or_create(path: impl Into<PathBuf>) -> Result<Self, FolderError> {
        Self::on(Disk::default(), path)
    }

    /// Like [`open_or_create`](Self::open_or_create), on a file system whose changes are watched.
    pub fn on(disk: Disk, path: impl Into<PathBuf>) -> Result<Self, FolderError> {
        let path = path.into();
        DirBuilder::new()
            .recursive(true)
            .mode(FOLDER_MODE)
            .create(&path)
            .map_err(|cause| FolderError::io("make the folder", &path, cause))?;
        Ok(Self { path, disk, seen: Arc::default() })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the entity's file is as it was when its checksum was right.
    pub(crate) fn unchanged(&self, entity: &str, seen: &Seen) -> bool {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).get(entity) == Some(seen)
    }

    /// The checksum of the entity's file was right.
    pub(crate) fn remember(&self, entity: &str, seen: Seen) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(entity.to_owned(), seen);
    }

    /// The finished export of an entity: `users.csv`.
    pub fn csv_path(&self, entity: &str) -> PathBuf {
        self.path.join(format!("{entity}.csv"))
    }

    /// The records of an entity that no CSV can hold: `users.rejects.ndjson`; there only when there are any.
    pub fn rejects_path(&self, entity: &str) -> PathBuf {
        self.path.join(format!("{entity}.rejects.ndjson"))
    }

    /// The manifest.
    pub fn manifest_path(&self) -> PathBuf {
        self.path.join(MANIFEST_FILE)
    }

    pub(crate) fn part_path(&self, entity: &str) -> PathBuf {
        self.path.join(format!("{entity}.csv.part"))
    }

    pub(crate) fn rejects_part_path(&self, entity: &str) -> PathBuf {
        self.path.join(format!("{entity}.rejects.ndjson.part"))
    }

    pub(crate) fn checkpoint_path(&self, entity: &str) -> PathBuf {
        self.path.join(format!("{entity}.checkpoint.json"))
    }

    /// The file system that it is on.
    pub fn disk(&self) -> &Disk {
        &self.disk
    }

    /// Refuses a name that would leave the folder or hide in it.
    pub(crate) fn check_name(entity: &str) -> Result<(), FolderError> {
        let bad = entity.is_empty()
            || entity.starts_with('.')
            || entity.chars().any(|c| matches!(c, '/' | '\\') || c.is_control());
        if bad { Err(FolderError::BadName { entity: entity.to_owned() }) } else { Ok(()) }
    }

    /// The manifest, if there is one.
    pub fn manifest(&self) -> Result<Option<Manifest>, FolderError> {
        let path = self.manifest_path();
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(FolderError::io("read", &path, cause)),
        };
        Manifest::parse(&bytes).map(Some).map_err(|what| FolderError::BadManifest { path, what })
    }

    /// Writes the manifest: beside its name, brought to the medium, renamed.
    pub fn write_manifest(&self, manifest: &Manifest) -> Result<(), FolderError> {
        let path = self.manifest_path();
        let mut bytes = serde_json::to_vec_pretty(manifest)
            .map_err(|error| FolderError::io("write", &path, io::Error::other(error)))?;
        bytes.push(b'\n');
        self.replace(&path, &bytes)?;
        self.disk.sync_folder(&self.path).map_err(|cause| FolderError::io("sync", &self.path, cause))
    }

    /// Gives a file new content, all of it or nothing, brought to the medium.
    fn replace(&self, path: &Path, bytes: &[u8]) -> Result<(), FolderError> {
        let file = self.write_beside(path, bytes)?;
        let beside = beside(path);
        file.sync().map_err(|cause| FolderError::io("sync", &beside, cause))?;
        self.rename(&beside, path)
    }

    /// Writes the file that is to take the name `path`.
    pub(crate) fn write_beside(&self, path: &Path, bytes: &[u8]) -> Result<DiskFile, FolderError> {
        let beside = beside(path);
        let mut file = self.disk.create(&beside).map_err(|cause| FolderError::io("make", &beside, cause))?;
        file.write_all(bytes).map_err(|cause| FolderError::io("write", &beside, cause))?;
        Ok(file)
    }

    pub(crate) fn rename(&self, from: &Path, to: &Path) -> Result<(), FolderError> {
        self.disk.rename(from, to).map_err(|cause| FolderError::io("rename to", to, cause))
    }

    pub(crate) fn remove(&self, path: &Path) -> Result<(), FolderError> {
        self.disk.remove(path).map_err(|cause| FolderError::io("remove", path, cause))
    }
}

/// The name under which a file is written before it takes its own.
pub(crate) fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    PathBuf::from(name)
}
