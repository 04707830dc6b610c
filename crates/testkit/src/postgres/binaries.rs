//! Where PostgreSQL's programs are.

use crate::doors;
use std::io;
use std::path::{Path, PathBuf};

/// The folder with `initdb` and `postgres`: the newest of Debian's, else the one on the PATH.
pub fn binaries() -> io::Result<PathBuf> {
    let path = doors::variable("PATH").unwrap_or_default();
    newest(Path::new("/usr/lib/postgresql"))
        .or_else(|| std::env::split_paths(&path).find(|folder| complete(folder)))
        .ok_or_else(|| {
            let text = "PostgreSQL is not installed: no /usr/lib/postgresql/*/bin, no initdb on the PATH";
            io::Error::new(io::ErrorKind::NotFound, text)
        })
}

/// The `bin` folder of the highest version below `root` that has both programs.
fn newest(root: &Path) -> Option<PathBuf> {
    let versions = std::fs::read_dir(root).ok()?.flatten();
    versions
        .filter_map(|entry| {
            let version: u32 = entry.file_name().to_str()?.parse().ok()?;
            let folder = entry.path().join("bin");
            complete(&folder).then_some((version, folder))
        })
        .max()
        .map(|(_, folder)| folder)
}

fn complete(folder: &Path) -> bool {
    folder.join("initdb").is_file() && folder.join("postgres").is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_complete_version_wins_by_number() {
        let root = crate::scratch();
        for name in
            ["9/bin/initdb", "9/bin/postgres", "15/bin/initdb", "15/bin/postgres", "17/bin/initdb", "x/y"]
        {
            root.write(name, "");
        }
        assert_eq!(newest(root.path()), Some(root.join("15/bin")));
        assert_eq!(newest(&root.join("9")), None);
    }
}
