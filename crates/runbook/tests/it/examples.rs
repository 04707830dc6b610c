//! The runbooks that are shipped are read without a problem, and call only commands that the program has.

use crate::support::book;
use std::path::{Path, PathBuf};

fn runbooks() -> Vec<PathBuf> {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let mut found = Vec::new();
    for example in std::fs::read_dir(examples).unwrap().flatten() {
        let Ok(folder) = std::fs::read_dir(example.path().join("runbooks")) else { continue };
        let files = folder.flatten().map(|f| f.path()).filter(|p| p.extension().is_some_and(|e| e == "md"));
        found.extend(files.filter(|p| !p.ends_with("README.md")));
    }
    found.sort();
    found
}

#[test]
fn every_shipped_runbook_has_no_problem() {
    let files = runbooks();
    assert!(!files.is_empty());
    for file in files {
        let book = book(&std::fs::read_to_string(&file).unwrap());
        assert!(book.steps().count() > 0, "{}", file.display());
    }
}

#[test]
fn a_runbook_that_another_one_names_is_there() {
    for file in runbooks() {
        let text = std::fs::read_to_string(&file).unwrap();
        for named in text.split("landfall runbook run ").skip(1) {
            let name =
                named.split_whitespace().next().unwrap_or_default().trim_end_matches(['`', '.', ',', ')']);
            let example = file.parent().and_then(Path::parent).unwrap();
            assert!(example.join(name).is_file(), "{}: {name}", file.display());
        }
    }
}

#[test]
fn a_command_of_the_program_that_a_step_calls_is_there() {
    let commands = Path::new(env!("CARGO_MANIFEST_DIR")).join("../landfall/src/commands");
    let mut calls = 0;
    for file in runbooks() {
        let book = book(&std::fs::read_to_string(&file).unwrap());
        let scripts = book.steps().flat_map(|s| [s.kind.command(), s.kind.check()]).flatten();
        for called in scripts.flat_map(|c| c.script.split("landfall ").skip(1)) {
            let verb = called.split_whitespace().next().unwrap_or_default();
            // One file a verb; `move` is a word of the language.
            let there =
                [format!("{verb}.rs"), format!("{verb}_.rs")].iter().any(|f| commands.join(f).is_file());
            assert!(there, "{}: landfall {verb}", file.display());
            calls += 1;
        }
    }
    assert!(calls > 0);
}
