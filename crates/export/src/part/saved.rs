//! The checkpoint file: what of the part counts.

use super::Counts;
use crate::disk::DiskFile;
use crate::folder::{ExportFolder, FolderError, beside};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::io::{ErrorKind, Read, Seek};
use std::path::Path;
use xxhash_rust::xxh3::Xxh3;

/// The version of the checkpoint's form.
const VERSION: u32 = 1;

/// Bytes read at a time to compute a checksum.
const READ_BYTES: usize = 256 << 10;

/// `ENTITY.checkpoint.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Saved {
    pub version: u32,
    pub entity: String,
    pub source: Value,
    pub columns: Vec<String>,
    pub pages: u64,
    pub records: u64,
    pub part_bytes: u64,
    pub part_xxh3: String,
    pub unreadable: u64,
    pub rejects_bytes: u64,
    pub rejects_xxh3: String,
    pub counts: Counts,
    pub checkpoint: Value,
}

impl Saved {
    pub fn new(entity: &str, source: Value) -> Self {
        let nothing = checksum(&Xxh3::new());
        Self {
            version: VERSION,
            entity: entity.to_owned(),
            source,
            columns: Vec::new(),
            pages: 0,
            records: 0,
            part_bytes: 0,
            part_xxh3: nothing.clone(),
            unreadable: 0,
            rejects_bytes: 0,
            rejects_xxh3: nothing,
            counts: Counts::new(),
            checkpoint: Value::Null,
        }
    }
}

/// A checksum as it stands in the file.
pub(super) fn checksum(hash: &Xxh3) -> String {
    format!("{:016x}", hash.digest())
}

/// Replaces the checkpoint. The old one is removed before the new one takes its name: renaming over a file
/// makes ext4 flush it, which costs twenty times as much as the page itself. Between the two, the complete
/// new one stands beside the name, and [`read`] finds it there. After a power failure, the part's length and
/// checksum tell whether part and checkpoint belong together.
pub(super) fn write(folder: &ExportFolder, saved: &Saved) -> Result<(), FolderError> {
    let path = folder.checkpoint_path(&saved.entity);
    let new = beside(&path);
    let bytes = serde_json::to_vec(saved)
        .map_err(|error| FolderError::io("write", &path, std::io::Error::other(error)))?;
    if !path.exists() && new.exists() {
        // It is the only one there is, and must not be written over.
        folder.rename(&new, &path)?;
    }
    folder.write_beside(&path, &bytes)?;
    folder.remove(&path)?;
    folder.rename(&new, &path)
}

/// Removes the checkpoint; the one beside its name first, or it would come to life again.
pub(super) fn remove(folder: &ExportFolder, entity: &str) -> Result<(), FolderError> {
    let path = folder.checkpoint_path(entity);
    folder.remove(&beside(&path))?;
    folder.remove(&path)
}

/// Reads the checkpoint: `None` when there is none, `Err` inside when it cannot be trusted.
pub(super) fn read(
    folder: &ExportFolder,
    entity: &str,
) -> Result<Option<Result<Saved, String>>, FolderError> {
    let path = folder.checkpoint_path(entity);
    let bytes = match content(&path)? {
        Some(bytes) => bytes,
        None => match content(&beside(&path))? {
            // One that was never complete is the first one, and nothing was accepted yet.
            Some(bytes) if serde_json::from_slice::<Saved>(&bytes).is_ok() => bytes,
            _ => return Ok(None),
        },
    };
    Ok(Some(match serde_json::from_slice::<Saved>(&bytes) {
        Ok(saved) if saved.version == VERSION && saved.entity == entity => Ok(saved),
        Ok(_) => Err(format!("{} is of another version or entity", path.display())),
        Err(_) => Err(format!("{} cannot be read", path.display())),
    }))
}

fn content(path: &Path) -> Result<Option<Vec<u8>>, FolderError> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(FolderError::io("read", path, cause)),
    }
}

/// Opens a file that the checkpoint speaks of.
pub(super) fn open(folder: &ExportFolder, path: &Path) -> Result<Option<DiskFile>, FolderError> {
    match folder.disk().open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(FolderError::io("open", path, cause)),
    }
}

/// The hash over the file's first `len` bytes, if it is the expected one.
pub(super) fn verified(
    file: &DiskFile,
    path: &Path,
    len: u64,
    expected: &str,
) -> Result<Result<Xxh3, String>, FolderError> {
    let fail = |cause| FolderError::io("read", path, cause);
    let mut read = file.file();
    read.rewind().map_err(fail)?;
    let mut read = read.take(len);
    let mut hash = Xxh3::new();
    let mut buffer = vec![0; READ_BYTES];
    let mut seen = 0;
    loop {
        match read.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => {
                hash.update(&buffer[..count]);
                seen += count as u64;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(fail(error)),
        }
    }
    Ok(if seen < len {
        Err(format!("{} has {seen} of the {len} bytes that its checkpoint speaks of", path.display()))
    } else if checksum(&hash) != expected {
        Err(format!("{} has another content than its checkpoint says", path.display()))
    } else {
        Ok(hash)
    })
}
