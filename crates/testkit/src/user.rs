//! The user that a server runs as: PostgreSQL refuses to be root.

use std::io;
use std::path::{Path, PathBuf};

/// An account without privileges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct User {
    /// The user's number.
    pub uid: u32,
    /// The number of its group.
    pub gid: u32,
}

/// The user to change to: `None` unless we are root, then `postgres`, else `nobody`.
pub(crate) fn unprivileged() -> io::Result<Option<User>> {
    if !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    let accounts = std::fs::read_to_string("/etc/passwd")?;
    ["postgres", "nobody"]
        .iter()
        .find_map(|name| account(&accounts, name))
        .map(Some)
        .ok_or_else(|| io::Error::other("/etc/passwd has no user postgres or nobody to run PostgreSQL as"))
}

/// The account of that name; never one of number 0.
fn account(accounts: &str, name: &str) -> Option<User> {
    accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next()? != name {
            return None;
        }
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        (uid != 0).then_some(User { uid, gid })
    })
}

/// The first of the usual temporary folders that `user` can reach; our own user reaches what it is given.
pub(crate) fn reachable(first: &Path, user: Option<User>) -> io::Result<PathBuf> {
    if user.is_none() {
        return Ok(first.to_path_buf());
    }
    [first, Path::new("/tmp"), Path::new("/var/tmp"), Path::new("/dev/shm")]
        .into_iter()
        .find(|folder| folder.ancestors().all(open_to_all))
        .map(Path::to_path_buf)
        .ok_or_else(|| {
            io::Error::other(format!("no temporary folder that all users reach, {first:?} included"))
        })
}

/// Whether every user may pass through the folder.
fn open_to_all(folder: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(folder).is_ok_and(|m| m.is_dir() && m.permissions().mode() & 0o001 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNTS: &str =
        "root:x:0:0:root:/root:/bin/sh\nbroken\nnobody:x:65534:65533:n:/:/bin/false\nfake:x:0:7::/:\n";

    #[test]
    fn accounts_are_found_by_their_whole_name_and_never_root() {
        for (name, expected) in [
            ("nobody", Some(User { uid: 65534, gid: 65533 })),
            ("nob", None),
            ("root", None),
            ("fake", None),
            ("broken", None),
            ("postgres", None),
        ] {
            assert_eq!(account(ACCOUNTS, name), expected, "{name}");
        }
    }

    #[test]
    fn a_folder_that_others_cannot_enter_is_not_chosen() {
        use std::os::unix::fs::PermissionsExt as _;
        let only_ours = std::fs::Permissions::from_mode(0o700);
        let private = tempfile::Builder::new().permissions(only_ours).tempdir().unwrap();
        let user = Some(User { uid: 65534, gid: 65534 });
        let inside = private.path().join("inside");
        std::fs::create_dir(&inside).unwrap();
        let chosen = reachable(&inside, user).unwrap();
        assert!(!chosen.starts_with(private.path()), "{chosen:?}");
        assert_eq!(reachable(&inside, None).unwrap(), inside);
    }
}
