//! `codegen`: the reference pages and schemas, made by the program itself.

use super::{Command, flags};
use crate::doors::say;
use crate::failure::Failure;
use crate::repository::{Repository, run};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub const COMMAND: Command = Command {
    name: "codegen",
    arguments: "[--check]",
    about: "writes docs/reference from the program; with --check says which files differ",
    run: codegen,
};

/// All of it is generated: a file there that the program does not make is removed.
const FOLDER: &str = "docs/reference";

fn codegen(repository: &Repository, arguments: &[String]) -> Result<(), Failure> {
    let [check] = flags(arguments, ["--check"])?;
    let fresh = testkit::scratch();
    let program = program(&repository.built()?)?;
    run(repository.program(program).arg("internal-docs").arg(fresh.path()))?;
    let folder = repository.root().join(FOLDER);
    let changes = plan(&read(&folder)?, read(fresh.path())?);
    for change in &changes {
        say(format_args!("{FOLDER}/{}: {}", change.file.display(), change.word()));
    }
    if !check {
        return changes.iter().try_for_each(|change| change.apply(&folder));
    }
    match changes.len() {
        0 => Ok(()),
        _ => Err(Failure::failed("the reference is not what the program says; run `cargo xtask codegen`")),
    }
}

/// The program, among what cargo says it built for the tests.
fn program(messages: &[Value]) -> Result<String, Failure> {
    let ours =
        |message: &&Value| message["target"]["kind"][0] == "bin" && message["target"]["name"] == "landfall";
    let path = |message: &Value| message["executable"].as_str().map(str::to_owned);
    // The tests of the binary itself are a binary, too.
    let plain = |message: &&Value| message["profile"]["test"] == false;
    let found = messages.iter().filter(ours).filter(plain).find_map(path);
    found.ok_or_else(|| Failure::failed("cargo did not say where the program is"))
}

type Files = BTreeMap<PathBuf, Vec<u8>>;

/// One file that is not as it should be.
#[derive(Debug, PartialEq, Eq)]
struct Change {
    file: PathBuf,
    /// What it should hold; `None`: it should not be there.
    content: Option<Vec<u8>>,
    /// Whether it is there.
    there: bool,
}

/// What has to change so that `present` becomes `wanted`, by name.
fn plan(present: &Files, wanted: Files) -> Vec<Change> {
    let stale = present.keys().filter(|file| !wanted.contains_key(*file)).cloned();
    let stale = stale.map(|file| Change { file, content: None, there: true }).collect::<Vec<_>>();
    let differing = wanted.into_iter().filter(|(file, content)| present.get(file) != Some(content));
    let differing = differing.map(|(file, content)| {
        let there = present.contains_key(&file);
        Change { file, content: Some(content), there }
    });
    let mut changes: Vec<_> = stale.into_iter().chain(differing).collect();
    changes.sort_by(|a, b| a.file.cmp(&b.file));
    changes
}

impl Change {
    fn word(&self) -> &'static str {
        match (&self.content, self.there) {
            (None, _) => "stale",
            (Some(_), true) => "differs",
            (Some(_), false) => "missing",
        }
    }

    fn apply(&self, folder: &Path) -> Result<(), Failure> {
        let path = folder.join(&self.file);
        let outcome = match &self.content {
            None => std::fs::remove_file(&path),
            Some(content) => {
                let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
                made.and_then(|()| std::fs::write(&path, content))
            }
        };
        outcome.map_err(|fault| Failure::failed(format_args!("{}: {fault}", path.display())))
    }
}

/// Every file below `folder`, by its path from there; none when the folder is missing.
fn read(folder: &Path) -> Result<Files, Failure> {
    fn walk(root: &Path, folder: &Path, files: &mut Files) -> std::io::Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                walk(root, &path, files)?;
            } else {
                files.insert(path.strip_prefix(root).unwrap_or(&path).to_path_buf(), std::fs::read(&path)?);
            }
        }
        Ok(())
    }
    let mut files = Files::new();
    if folder.exists() {
        walk(folder, folder, &mut files)
            .map_err(|fault| Failure::failed(format_args!("{}: {fault}", folder.display())))?;
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_told_from_its_tests() {
        let built = |kind: &str, name: &str, test: bool, path: &str| {
            let target = serde_json::json!({ "kind": [kind], "name": name });
            serde_json::json!({ "target": target, "profile": { "test": test }, "executable": path })
        };
        let messages = [
            built("bin", "landfall", true, "a"),
            built("bin", "xtask", false, "b"),
            built("bin", "landfall", false, "c"),
        ];
        assert_eq!(program(&messages).unwrap(), "c");
        assert!(program(&messages[..2]).is_err());
    }

    #[test]
    fn the_plan_names_each_file_that_is_not_as_it_should_be_and_mends_it() {
        let (present, wanted) = (testkit::scratch(), testkit::scratch());
        for (name, content) in [("same.md", "s"), ("old.md", "o"), ("sub/changed.md", "1")] {
            present.write(name, content);
        }
        for (name, content) in [("same.md", "s"), ("sub/changed.md", "2"), ("new/deep.md", "n")] {
            wanted.write(name, content);
        }
        let make = || plan(&read(present.path()).unwrap(), read(wanted.path()).unwrap());
        let words: Vec<_> = make().iter().map(|c| format!("{} {}", c.file.display(), c.word())).collect();
        assert_eq!(words, ["new/deep.md missing", "old.md stale", "sub/changed.md differs"]);
        make().iter().try_for_each(|change| change.apply(present.path())).unwrap();
        assert_eq!(make(), []);
        assert_eq!(read(&present.join("absent")).unwrap(), Files::new());
    }
}
