//! Folders that vanish, and a disk that is soon full.

use crate::doors;
use std::ffi::CString;
use std::io;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A folder of a test, removed with everything in it when dropped.
#[derive(Debug)]
pub struct Scratch(TempDir);

/// An empty folder for one test. Panics when the machine has no room for one.
pub fn scratch() -> Scratch {
    match tempfile::Builder::new().prefix("landfall-").tempdir() {
        Ok(folder) => Scratch(folder),
        Err(fault) => panic!("no scratch folder: {fault}"),
    }
}

impl Scratch {
    /// Where it is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// The path of something in it.
    pub fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.path().join(name)
    }

    /// Writes a file, with the folders on the way to it, and gives its path.
    #[track_caller]
    pub fn write(&self, name: impl AsRef<Path>, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).unwrap_or_else(|fault| panic!("{}: {fault}", parent.display()));
        }
        std::fs::write(&path, content).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()));
        path
    }

    /// The text of a file in it.
    #[track_caller]
    pub fn read(&self, name: impl AsRef<Path>) -> String {
        let path = self.join(name);
        std::fs::read_to_string(&path).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()))
    }

    /// The names of everything in it, folders with a `/` at the end, sorted.
    pub fn list(&self) -> Vec<String> {
        let mut names = Vec::new();
        collect(self.path(), "", &mut names);
        names.sort();
        names
    }
}

fn collect(folder: &Path, prefix: &str, names: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            let name = format!("{name}/");
            collect(&entry.path(), &name, names);
            names.push(name);
        } else {
            names.push(name);
        }
    }
}

/// A folder on a disk of a few bytes, for "disk full".
#[derive(Debug)]
pub struct TinyDisk {
    folder: Scratch,
}

/// A folder on a disk of `bytes` (rounded up to pages), open to all users. `Err` is the reason why this
/// machine has none: only root may mount. A test without one limits the program's files instead
/// (`Program::file_bytes_max`).
pub fn tiny_disk(bytes: u64) -> Result<TinyDisk, String> {
    let folder = scratch();
    let options = CString::new(format!("size={bytes},mode=0777")).map_err(|fault| fault.to_string())?;
    let flags = rustix::mount::MountFlags::NOSUID | rustix::mount::MountFlags::NODEV;
    rustix::mount::mount("tmpfs", folder.path(), "tmpfs", flags, options.as_c_str())
        .map_err(|fault| format!("a small tmpfs cannot be mounted: {fault}"))?;
    Ok(TinyDisk { folder })
}

impl TinyDisk {
    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Makes it larger; what is on it stays. Panics when the system refuses.
    #[track_caller]
    pub fn grow(&self, bytes: u64) {
        let options = CString::new(format!("size={bytes}")).unwrap_or_default();
        let flags = rustix::mount::MountFlags::NOSUID | rustix::mount::MountFlags::NODEV;
        let grown = rustix::mount::mount_remount(self.folder.path(), flags, options.as_c_str());
        grown.unwrap_or_else(|fault| panic!("the small disk cannot grow: {fault}"));
    }
}

impl Drop for TinyDisk {
    fn drop(&mut self) {
        let _ = rustix::mount::unmount(self.folder.path(), rustix::mount::UnmountFlags::DETACH);
    }
}

/// A folder of one test session, that every user can enter: servers that run as somebody else stand in it.
/// The name tells whose it is, so that [`sweep`] finds what a killed session left behind.
pub fn session() -> io::Result<Scratch> {
    use std::os::unix::fs::PermissionsExt as _;
    let root = crate::user::reachable(&temporary(), crate::user::unprivileged()?)?;
    let prefix = format!("{SESSION}{}-", std::process::id());
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).permissions(std::fs::Permissions::from_mode(0o755));
    builder.tempdir_in(root).map(Scratch)
}

const SESSION: &str = "landfall-session-";

/// Removes the folders of sessions whose process is gone, and says how many there were.
pub fn sweep() -> io::Result<usize> {
    let root = crate::user::reachable(&temporary(), crate::user::unprivileged()?)?;
    let mut removed = 0;
    for entry in std::fs::read_dir(root)?.flatten() {
        let name = entry.file_name();
        let owner = name.to_str().and_then(|n| n.strip_prefix(SESSION)).and_then(|n| n.split('-').next());
        let Some(owner) = owner.and_then(|pid| pid.parse().ok()).and_then(rustix::process::Pid::from_raw)
        else {
            continue;
        };
        if rustix::process::test_kill_process(owner) == Err(rustix::io::Errno::SRCH) {
            unmount_below(&entry.path());
            removed += usize::from(std::fs::remove_dir_all(entry.path()).is_ok());
        }
    }
    Ok(removed)
}

/// Takes away the small disks that killed tests left under `folder`, which could not be removed otherwise.
pub fn unmount_below(folder: &Path) {
    let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    for target in mounts.lines().filter_map(|line| line.split(' ').nth(1)).map(Path::new) {
        if target.starts_with(folder) {
            let _ = rustix::mount::unmount(target, rustix::mount::UnmountFlags::DETACH);
        }
    }
}

/// The folder for temporary things.
pub(crate) fn temporary() -> PathBuf {
    doors::variable("TMPDIR").filter(|v| !v.is_empty()).map_or_else(|| PathBuf::from("/tmp"), PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scratch_folder_lists_what_is_in_it_and_vanishes() {
        let folder = scratch();
        folder.write("b/c.txt", "see");
        folder.write("a.txt", "ay");
        assert_eq!(folder.read("b/c.txt"), "see");
        assert_eq!(folder.list(), ["a.txt", "b/", "b/c.txt"]);
        let path = folder.path().to_path_buf();
        drop(folder);
        assert!(!path.exists());
    }

    #[test]
    fn a_tiny_disk_is_full_after_its_bytes_and_leaves_no_mount() {
        let disk = match tiny_disk(64 * 1024) {
            Ok(disk) => disk,
            Err(reason) => {
                assert!(!rustix::process::geteuid().is_root() || reason.contains("mount"), "{reason}");
                return;
            }
        };
        let path = disk.path().to_path_buf();
        let fault = std::fs::write(path.join("big"), vec![7; 1024 * 1024]).unwrap_err();
        assert_eq!(fault.kind(), io::ErrorKind::StorageFull);
        drop(disk);
        let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap();
        assert!(!mounts.contains(path.to_str().unwrap()));
        assert!(!path.exists());
    }

    #[test]
    fn the_folder_of_a_dead_session_is_swept_and_that_of_a_living_one_stays() {
        let living = session().unwrap();
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let gone = child.id();
        child.wait().unwrap();
        let dead = living.path().with_file_name(format!("{SESSION}{gone}-x"));
        std::fs::create_dir_all(dead.join("pg")).unwrap();
        assert!(sweep().unwrap() >= 1);
        assert!(!dead.exists());
        assert!(living.path().exists());
    }
}
