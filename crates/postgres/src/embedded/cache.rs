//! Where `pglite-oxide` unpacks its runtime: 62 MB, once per user and version, from the program itself.
//!
//! Nothing is downloaded. The folder is `$XDG_CACHE_HOME/pglite-oxide`, else `~/.cache/pglite-oxide`; the
//! crate takes no other. When neither can be written, a program can start itself again with `XDG_CACHE_HOME`
//! set to what [`elsewhere`] says.

use base::Fault;
use std::path::{Path, PathBuf};

/// The folder.
pub fn folder() -> Option<PathBuf> {
    // The same call as in pglite-oxide.
    directories::ProjectDirs::from("dev", "pglite-oxide", "pglite-oxide")
        .map(|dirs| dirs.cache_dir().to_owned())
}

/// A value for `XDG_CACHE_HOME` under `.landfall/`, when the usual folder cannot be used.
pub fn elsewhere(dir: &Path) -> Option<PathBuf> {
    check(folder().as_deref(), dir).is_err().then(|| place(dir))
}

/// Whether the folder can be used.
pub(super) fn check(folder: Option<&Path>, dir: &Path) -> Result<(), Fault> {
    let seen = match folder {
        None => "there is no home folder for it".to_owned(),
        Some(folder) => {
            let tried = std::fs::create_dir_all(folder).and_then(|()| tempfile::tempfile_in(folder));
            match tried {
                Ok(_) => return Ok(()),
                Err(error) => format!("{} cannot be written: {}", folder.display(), error.kind()),
            }
        }
    };
    Err(Fault::usage(format!("the embedded PostgreSQL has no place to unpack itself: {seen}"))
        .hint(format!("export XDG_CACHE_HOME={}", place(dir).display())))
}

fn place(dir: &Path) -> PathBuf {
    std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned()).join("cache")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_cannot_be_written_is_named_with_a_way_out() {
        let folder = tempfile::tempdir().unwrap();
        let (file, good) = (folder.path().join("file"), folder.path().join("a/b"));
        std::fs::write(&file, "").unwrap();
        let dir = Path::new("/project/.landfall");
        assert_eq!(check(Some(&good), dir), Ok(()));
        for (place, words) in [(Some(file.join("x")), "cannot be written"), (None, "no home folder")] {
            let fault = check(place.as_deref(), dir).unwrap_err();
            assert!(fault.what.contains(words), "{fault}");
            assert_eq!(fault.hints, ["export XDG_CACHE_HOME=/project/.landfall/cache"]);
        }
    }
}
