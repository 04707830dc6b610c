//! Runs the files of `tests/slt`.

use crate::case;
use crate::outcome::outcomes;
use sqllogictest::{DB, DBOutput, DefaultColumnType, Normalizer, Runner};
use std::path::{Path, PathBuf};

/// Why an expression cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Refused(String);

/// Mappings, in the clothes of a database.
struct Mappings;

impl DB for Mappings {
    type Error = Refused;
    type ColumnType = DefaultColumnType;

    fn run(&mut self, text: &str) -> Result<DBOutput<DefaultColumnType>, Refused> {
        let case = case::parse(text).map_err(Refused)?;
        let outcomes = outcomes(&case).map_err(Refused)?;
        let line = |(row, outcome): (usize, String)| match case.records.get(row) {
            Some((record, _)) => vec![format!("{record} → {outcome}")],
            None => vec![outcome],
        };
        let rows = outcomes.into_iter().enumerate().map(line).collect();
        Ok(DBOutput::Rows { types: vec![DefaultColumnType::Text], rows })
    }
}

/// Letter by letter: blanks count.
fn exact(_: Normalizer, actual: &[Vec<String>], expected: &[String]) -> bool {
    actual.iter().map(|row| row.join(" ")).eq(expected.iter().cloned())
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/slt");
    let entries = std::fs::read_dir(folder).expect("the folder of the cases");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "slt"));
    files.sort();
    files
}

#[test]
fn every_function_and_rule_of_conversion_does_what_its_cases_say() {
    let mut failures = Vec::new();
    for file in files() {
        let mut runner = Runner::new(|| async { Ok(Mappings) });
        runner.with_validator(exact);
        if let Err(error) = runner.run_file(&file) {
            failures.push(error.to_string());
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_function_has_its_file_of_cases() {
    let names: Vec<_> =
        files().iter().map(|f| f.file_stem().unwrap().to_string_lossy().into_owned()).collect();
    for function in transform::functions::ALL {
        assert!(names.iter().any(|name| name == function.name), "no tests/slt/{}.slt", function.name);
    }
}
