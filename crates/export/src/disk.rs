//! The one door to the file system for everything that writes.
//!
//! A [`Watch`] sees every change before it is made and can make it fail, or tear a write: that is how tests
//! try a full disk and a kill at every moment.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Rights of every file: it holds personal data.
const FILE_MODE: u32 = 0o600;

/// A change that is about to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// A file is made, or emptied.
    Create,
    /// So many bytes are written.
    Write(usize),
    /// What was written is brought to the medium.
    Sync,
    /// A file is cut to so many bytes.
    Truncate(u64),
    /// A file takes its final name.
    Rename,
    /// A file is removed.
    Remove,
}

/// What shall become of a change.
#[derive(Debug)]
pub enum Verdict {
    /// It is made.
    Go,
    /// It fails, and nothing of it is made.
    Fail(io::Error),
    /// A write fails after so many bytes.
    Torn(usize, io::Error),
}

/// Sees every change before it is made.
pub trait Watch: Send + Sync {
    /// Judges a change of the file at `path`.
    fn judge(&self, change: Change, path: &Path) -> Verdict;
}

/// The file system, watched or not.
#[derive(Clone, Default)]
pub struct Disk {
    watch: Option<Arc<dyn Watch>>,
}

impl std::fmt::Debug for Disk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.watch.is_some() { "Disk(watched)" } else { "Disk" })
    }
}

impl Disk {
    /// A file system whose changes `watch` judges.
    pub fn watched(watch: Arc<dyn Watch>) -> Self {
        Self { watch: Some(watch) }
    }

    fn judge(&self, change: Change, path: &Path) -> io::Result<()> {
        match self.watch.as_ref().map(|watch| watch.judge(change, path)) {
            None | Some(Verdict::Go) => Ok(()),
            Some(Verdict::Fail(error) | Verdict::Torn(_, error)) => Err(error),
        }
    }

    /// Makes a file, or empties the one that is there.
    pub(crate) fn create(&self, path: &Path) -> io::Result<DiskFile> {
        self.judge(Change::Create, path)?;
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .mode(FILE_MODE)
            .open(path)?;
        Ok(DiskFile { file, path: path.to_owned(), disk: self.clone(), locked: false })
    }

    /// Opens a file that is there, for reading and writing.
    pub(crate) fn open(&self, path: &Path) -> io::Result<DiskFile> {
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        Ok(DiskFile { file, path: path.to_owned(), disk: self.clone(), locked: false })
    }

    /// Opens a file with the content it has, or makes an empty one.
    pub(crate) fn open_or_create(&self, path: &Path) -> io::Result<DiskFile> {
        match self.open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => self.create(path),
            other => other,
        }
    }

    /// A file in `folder` that has no name and goes when it is closed.
    pub(crate) fn scratch(&self, folder: &Path) -> io::Result<DiskFile> {
        self.judge(Change::Create, folder)?;
        Ok(DiskFile {
            file: tempfile::tempfile_in(folder)?,
            path: folder.to_owned(),
            disk: self.clone(),
            locked: false,
        })
    }

    /// Gives a file its final name; whatever had it is gone.
    pub(crate) fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.judge(Change::Rename, to)?;
        std::fs::rename(from, to)
    }

    /// Removes a file if it is there.
    pub(crate) fn remove(&self, path: &Path) -> io::Result<()> {
        if !path.try_exists()? {
            return Ok(());
        }
        self.judge(Change::Remove, path)?;
        match std::fs::remove_file(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }

    /// Brings the names in a folder to the medium.
    pub(crate) fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.judge(Change::Sync, folder)?;
        File::open(folder)?.sync_all()
    }
}

/// An open file whose changes are watched.
#[derive(Debug)]
pub(crate) struct DiskFile {
    file: File,
    path: PathBuf,
    disk: Disk,
    locked: bool,
}

impl DiskFile {
    /// The file itself, for reading and locking.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Keeps other processes out until the file is closed; `false`: another one was first.
    pub fn lock(&mut self) -> io::Result<bool> {
        match self.file.try_lock() {
            Ok(()) => self.locked = true,
            Err(TryLockError::WouldBlock) => return Ok(false),
            // A file system without locks: the lease of the run protects the folder.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(error),
        }
        Ok(true)
    }

    /// Writes at a place of the file.
    pub fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.torn(bytes, |part| self.file.write_all_at(part, offset))
    }

    /// Asks the watch, and writes as much as it allows.
    fn torn(&self, bytes: &[u8], write: impl FnOnce(&[u8]) -> io::Result<()>) -> io::Result<()> {
        let change = Change::Write(bytes.len());
        match self.disk.watch.as_ref().map(|watch| watch.judge(change, &self.path)) {
            None | Some(Verdict::Go) => write(bytes),
            Some(Verdict::Fail(error)) => Err(error),
            Some(Verdict::Torn(count, error)) => {
                write(&bytes[..count.min(bytes.len())])?;
                Err(error)
            }
        }
    }

    /// Cuts the file.
    pub fn truncate(&self, len: u64) -> io::Result<()> {
        self.disk.judge(Change::Truncate(len), &self.path)?;
        self.file.set_len(len)
    }

    /// Brings the content to the medium; a disk that is full may say so only now.
    pub fn sync(&self) -> io::Result<()> {
        self.disk.judge(Change::Sync, &self.path)?;
        self.file.sync_all()
    }
}

impl Drop for DiskFile {
    fn drop(&mut self) {
        // Closing is not enough: a child process that is just being started shares the lock for a moment.
        if self.locked {
            // If it fails, closing is all that can be done.
            drop(self.file.unlock());
        }
    }
}

impl Write for DiskFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.torn(bytes, |part| (&self.file).write_all(part))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
