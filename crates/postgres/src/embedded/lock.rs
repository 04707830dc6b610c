//! Who owns `.landfall/`, and who writes: locks that the kernel gives back when their holders die, each with
//! a note in its file.

use base::{Clock, Fault, SystemClock};
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The file in `.landfall/` that its owner holds.
const FILE: &str = "lock";

/// The file that the one writer holds, who need not be the owner.
const WRITER: &str = "writer";

/// Tries to take the lock, and the pause between them: somebody who only looks whether it is held has it for
/// a moment.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(10);

/// Who holds the lock. It is written for people and for the commands that look for the socket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Its process.
    pub pid: u32,
    /// Its machine.
    pub host: String,
    /// Since when, UTC.
    pub since: String,
    /// What it is doing: `landfall move`.
    pub command: String,
    /// The socket on which it serves the others, once it does.
    pub socket: Option<PathBuf>,
}

impl Holder {
    /// For messages: `landfall move (pid 7 on build-1, since 2026-01-02T03:04:05Z)`.
    pub fn shown(&self) -> String {
        format!("{} (pid {} on {}, since {})", self.command, self.pid, self.host, self.since)
    }
}

/// A lock, held until it is dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
    holder: Holder,
}

impl Lock {
    /// Becomes the owner, or says who is.
    pub(super) fn take(dir: &Path, command: &str) -> Result<Self, Fault> {
        Self::take_file(&dir.join(FILE), command)?.ok_or_else(|| taken(dir))
    }

    /// Becomes the writer, or says who is.
    pub(crate) fn take_writer(dir: &Path, command: &str) -> Result<Self, Fault> {
        let path = dir.join(WRITER);
        Self::take_file(&path, command)?.ok_or_else(|| {
            let who = read(&path).map_or_else(|| "it".into(), |holder| holder.shown());
            Fault::stop(format!("another landfall command is writing: {who}"))
                .hint("wait for it to end, or stop it with Ctrl-C; then run this command again")
        })
    }

    /// `None`: somebody has it.
    fn take_file(path: &Path, command: &str) -> Result<Option<Self>, Fault> {
        let file = open(path)?;
        let mut left = TRIES;
        loop {
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => break,
                Err(rustix::io::Errno::AGAIN) if left > 0 => {
                    left -= 1;
                    std::thread::park_timeout(PAUSE);
                }
                Err(rustix::io::Errno::AGAIN) => return Ok(None),
                Err(error) => return Err(unusable(path, &error.into())),
            }
        }
        let name = rustix::system::uname();
        let holder = Holder {
            pid: std::process::id(),
            host: name.nodename().to_string_lossy().into_owned(),
            since: SystemClock.now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            command: command.to_owned(),
            socket: None,
        };
        let mut lock = Self { file, holder };
        lock.write().map_err(|error| unusable(path, &error))?;
        Ok(Some(lock))
    }

    /// Says on which socket the others are served.
    pub(super) fn publish(&mut self, dir: &Path, socket: &Path) -> Result<(), Fault> {
        self.holder.socket = Some(socket.to_owned());
        self.write().map_err(|error| unusable(&dir.join(FILE), &error))
    }

    fn write(&mut self) -> std::io::Result<()> {
        let text = serde_json::to_vec(&self.holder).map_err(std::io::Error::other)?;
        self.file.set_len(0)?;
        std::os::unix::fs::FileExt::write_all_at(&self.file, &text, 0)?;
        self.file.flush()
    }
}

/// Who owns the folder; `None`: nobody. The note may be missing for a moment after the lock was taken.
pub(super) fn holder(dir: &Path) -> Result<Option<Option<Holder>>, Fault> {
    holder_of(&dir.join(FILE))
}

/// Whether somebody writes.
pub(super) fn is_written(dir: &Path) -> Result<bool, Fault> {
    Ok(holder_of(&dir.join(WRITER))?.is_some())
}

fn holder_of(path: &Path) -> Result<Option<Option<Holder>>, Fault> {
    if !path.exists() {
        return Ok(None);
    }
    let file = open(path)?;
    match flock(&file, FlockOperation::NonBlockingLockShared) {
        Ok(()) => Ok(None),
        Err(rustix::io::Errno::AGAIN) => Ok(Some(read(path))),
        Err(error) => Err(unusable(path, &error.into())),
    }
}

fn read(path: &Path) -> Option<Holder> {
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

fn open(path: &Path) -> Result<File, Fault> {
    std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(|error| unusable(path, &error))
}

fn taken(dir: &Path) -> Fault {
    let who = read(&dir.join(FILE)).map_or_else(|| "another process".into(), |holder| holder.shown());
    Fault::stop(format!("{} is in use by {who}", dir.display())).hint("wait until it is done, or stop it")
}

fn unusable(path: &Path, error: &std::io::Error) -> Fault {
    let fault = Fault::usage(format!("{} cannot be used: {}", path.display(), error.kind()));
    match error.kind() {
        ErrorKind::PermissionDenied => fault.hint("run as the user who made the folder"),
        _ => fault,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holds_the_lock_and_the_others_read_who() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path();
        assert_eq!(holder(dir).unwrap(), None, "no file");
        let mut lock = Lock::take(dir, "landfall move").unwrap();
        let found = holder(dir).unwrap().unwrap().unwrap();
        assert_eq!(
            (found.pid, found.command.as_str(), &found.socket),
            (std::process::id(), "landfall move", &None)
        );
        let fault = Lock::take(dir, "landfall demo").unwrap_err();
        assert_eq!(fault.class, base::Class::Stop);
        for part in ["landfall move (pid ", " on ", "since 20"] {
            assert!(fault.what.contains(part), "{fault}");
        }
        lock.publish(dir, Path::new("/x")).unwrap();
        assert_eq!(holder(dir).unwrap().unwrap().unwrap().socket, Some("/x".into()));
        drop(lock);
        assert_eq!(holder(dir).unwrap(), None, "given back");
        assert!(Lock::take(dir, "landfall move").is_ok());
    }

    #[test]
    fn one_writes_whoever_owns_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path();
        assert!(!is_written(dir).unwrap());
        let _owner = Lock::take(dir, "landfall db").unwrap();
        let writer = Lock::take_writer(dir, "landfall move").unwrap();
        assert!(is_written(dir).unwrap());
        let fault = Lock::take_writer(dir, "landfall rollback").unwrap_err();
        assert_eq!(fault.class, base::Class::Stop);
        assert!(fault.what.contains("landfall move (pid "), "{fault}");
        drop(writer);
        assert!(Lock::take_writer(dir, "landfall rollback").is_ok());
    }
}
