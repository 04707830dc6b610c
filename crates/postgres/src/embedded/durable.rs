//! Committed means on the disk.
//!
//! PostgreSQL in WebAssembly runs with `fsync=off`, and its `fsync` would reach the file's buffer and not the
//! disk. A killed process loses nothing by that: what was written is in the kernel. For a machine that loses
//! its power the multiplexer does it itself: before a client hears that its transaction is over, the segments
//! of the write-ahead log that have changed go to the disk; after a checkpoint, so does everything else.

use std::collections::HashMap;
use std::fs::File;
use std::io::Result;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// What the disk is known to hold.
#[derive(Debug)]
pub(super) struct Durable {
    base: PathBuf,
    /// Changes of `global/pg_control`, which every checkpoint writes.
    control: Stamp,
    segments: HashMap<PathBuf, Stamp>,
}

/// When and how a file was changed last.
type Stamp = (i64, i64, u64);

impl Durable {
    /// Of a database whose files all are on the disk, or will be by a first [`Durable::everything`].
    pub(super) fn new(base: &Path) -> Self {
        Self { base: base.to_owned(), control: (0, 0, 0), segments: HashMap::new() }
    }

    /// Makes sure of what was committed so far.
    pub(super) fn commit(&mut self) -> Result<()> {
        let control = stamp(&self.base.join("global/pg_control"))?;
        if control != self.control {
            self.everything()?;
            self.control = control;
            self.segments = self.read_segments()?;
            return Ok(());
        }
        let now = self.read_segments()?;
        let mut renamed = self.segments.len() != now.len();
        for (path, stamp) in &now {
            let known = self.segments.get(path);
            if known != Some(stamp) {
                File::open(path)?.sync_data()?;
                renamed |= known.is_none();
            }
        }
        if renamed {
            File::open(self.base.join("pg_wal"))?.sync_all()?;
        }
        self.segments = now;
        Ok(())
    }

    /// Writes all that the file system has in memory.
    pub(super) fn everything(&self) -> Result<()> {
        rustix::fs::syncfs(File::open(&self.base)?)?;
        Ok(())
    }

    fn read_segments(&self) -> Result<HashMap<PathBuf, Stamp>> {
        let mut found = HashMap::new();
        for entry in std::fs::read_dir(self.base.join("pg_wal"))? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                found.insert(entry.path(), stamp(&entry.path())?);
            }
        }
        Ok(found)
    }
}

fn stamp(path: &Path) -> Result<Stamp> {
    let meta = std::fs::metadata(path)?;
    Ok((meta.mtime(), meta.mtime_nsec(), meta.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn every_change_of_log_and_control_file_is_seen_once() {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path();
        fs::create_dir_all(base.join("pg_wal/archive_status")).unwrap();
        fs::create_dir_all(base.join("global")).unwrap();
        fs::write(base.join("global/pg_control"), "1").unwrap();
        fs::write(base.join("pg_wal/1"), "a").unwrap();
        let mut durable = Durable::new(base);
        durable.commit().unwrap();
        let known = durable.segments.clone();
        assert_eq!(known.len(), 1);
        durable.commit().unwrap();
        assert_eq!(durable.segments, known, "nothing changed");
        fs::write(base.join("pg_wal/1"), "ab").unwrap();
        fs::write(base.join("pg_wal/2"), "c").unwrap();
        durable.commit().unwrap();
        assert_eq!(durable.segments.len(), 2);
        assert_ne!(durable.segments[&base.join("pg_wal/1")], known[&base.join("pg_wal/1")]);
        fs::write(base.join("global/pg_control"), "12").unwrap();
        let before = durable.control;
        durable.commit().unwrap();
        assert_ne!(durable.control, before, "a checkpoint is seen");
        fs::remove_dir_all(base.join("pg_wal")).unwrap();
        assert!(durable.commit().is_err(), "a log that is gone is no success");
    }
}
