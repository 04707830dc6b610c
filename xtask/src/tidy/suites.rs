//! Tests that are written are run: one integration test binary per crate, which lists all its files.

use super::files::File;
use super::{Problem, Rule};
use std::collections::BTreeMap;

/// The one root of a crate's integration tests, below its `tests`.
const ROOT: &str = "it/main.rs";

/// Test files that no binary holds, and binaries beyond the one.
pub fn problems(files: &[File]) -> Vec<Problem> {
    let roots: BTreeMap<&str, &str> =
        files.iter().filter_map(|file| Some((suite(file, ROOT)?, &*file.text))).collect();
    let mut problems = Vec::new();
    for file in files.iter().filter(|file| file.path.ends_with(".rs")) {
        let Some((folder, rest)) = split(&file.path) else { continue };
        let message = match rest.split('/').collect::<Vec<_>>()[..] {
            [_] => Some(format!("is a test binary of its own; move it into {folder}/it/")),
            ["it", "main.rs"] => None,
            ["it", name] | ["it", name, "mod.rs"] => {
                let name = name.strip_suffix(".rs").unwrap_or(name);
                let root = roots.get(folder).copied().unwrap_or_default();
                (!declares(root, name))
                    .then(|| format!("is not run: `mod {name};` is missing in {folder}/{ROOT}"))
            }
            _ => None,
        };
        let file = file.path.clone();
        problems.extend(message.map(|message| Problem { file, line: None, rule: Rule::Suite, message }));
    }
    problems
}

/// The `tests` folder of `file` when it is the file `name` in one.
fn suite<'a>(file: &'a File, name: &str) -> Option<&'a str> {
    split(&file.path).filter(|(_, rest)| *rest == name).map(|(folder, _)| folder)
}

/// `crates/x/tests` and what follows, for a file in such a folder.
fn split(path: &str) -> Option<(&str, &str)> {
    let at = path.find("/tests/")?;
    // `src/…/tests/` holds unit tests.
    (!path[..at].contains("/src")).then(|| (&path[..at + "/tests".len()], &path[at + "/tests/".len()..]))
}

fn declares(root: &str, module: &str) -> bool {
    let declaration = format!("mod {module};");
    root.lines().any(|line| line.trim_start().trim_start_matches("pub ").starts_with(&declaration))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_file_that_no_binary_lists_is_found() {
        let main = "//! Tests.\nmod listed;\n    mod folder;\n// mod commented;\n";
        let files = [
            ("crates/a/tests/it/main.rs", main),
            ("crates/a/tests/it/listed.rs", ""),
            ("crates/a/tests/it/forgotten.rs", ""),
            ("crates/a/tests/it/commented.rs", ""),
            ("crates/a/tests/it/folder/mod.rs", ""),
            ("crates/a/tests/it/folder/inner.rs", ""),
            ("crates/a/tests/it/lost/mod.rs", ""),
            ("crates/a/tests/own.rs", ""),
            ("crates/a/tests/data/x.csv", ""),
            ("crates/a/src/part/tests/unit.rs", ""),
            ("crates/b/tests/it/no_root.rs", ""),
        ]
        .map(|(path, text)| File { path: path.into(), text: text.into() });
        let found: Vec<_> = problems(&files).into_iter().map(|problem| problem.file).collect();
        assert_eq!(
            found,
            [
                "crates/a/tests/it/forgotten.rs",
                "crates/a/tests/it/commented.rs",
                "crates/a/tests/it/lost/mod.rs",
                "crates/a/tests/own.rs",
                "crates/b/tests/it/no_root.rs",
            ]
        );
    }
}
