//! The repository's text files.

use std::io;
use std::path::Path;

/// A text file of the repository.
#[derive(Debug)]
pub struct File {
    /// Its path from the root, with `/`.
    pub path: String,
    /// What it holds.
    pub text: String,
}

/// What is made by programs, and what is nobody's.
const SKIPPED: &[&str] = &["target", ".git", ".landfall", "landfall-demo", "node_modules", "Cargo.lock"];

/// No file that people write is larger.
const BYTES_MAX: u64 = 1024 * 1024;

/// All text files below `root`, by path; what is not UTF-8 is no text.
pub fn read(root: &Path) -> io::Result<Vec<File>> {
    let mut files = Vec::new();
    walk(root, "", &mut files)?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn walk(folder: &Path, prefix: &str, files: &mut Vec<File>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type()?;
        let path = format!("{prefix}{name}");
        if SKIPPED.contains(&name.as_str()) {
            continue;
        }
        if kind.is_dir() {
            walk(&entry.path(), &format!("{path}/"), files)?;
        } else if kind.is_file() && entry.metadata()?.len() <= BYTES_MAX {
            let text = String::from_utf8(std::fs::read(entry.path())?).ok();
            files.extend(text.map(|text| File { path, text }));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_and_what_programs_make_is_not() {
        let folder = testkit::scratch();
        for (name, content) in [
            ("a.rs", &b"a"[..]),
            ("target/b.rs", b"b"),
            ("x/.landfall/c.rs", b"c"),
            ("x/d.md", b"d"),
            ("x/e.bin", b"\xff\xfe"),
        ] {
            folder.write(name, content);
        }
        let paths: Vec<_> = read(folder.path()).unwrap().into_iter().map(|file| file.path).collect();
        assert_eq!(paths, ["a.rs", "x/d.md"]);
    }
}
