//! Reference pages and schemas, written from what the program itself knows.

mod codes;
mod commands;
mod invariants;
pub mod ledger;
mod types;

use crate::words::Failure;
use base::{Exit, Fault};
use std::path::Path;

/// A file of the reference.
struct Page {
    /// Its name.
    name: &'static str,
    /// What it has, for the index.
    what: &'static str,
    /// Makes it.
    text: fn() -> String,
}

const fn page(name: &'static str, what: &'static str, text: fn() -> String) -> Page {
    Page { name, what, text }
}

/// All of them, in the order of the index.
const PAGES: &[Page] = &[
    page("commands.md", "every command, with its options, examples and exit statuses", commands::page),
    page("project-file.md", "every key of `landfall.toml`", project::reference_markdown),
    page(
        "functions.md",
        "the functions of mappings, with examples",
        transform::functions::reference_markdown,
    ),
    page("types.md", "the types of columns, and which texts each of them takes", types::page),
    page("codes.md", "why a record was rejected or left out, and what to do", codes::page),
    page("ledger.md", "the tables in which it stands what was done", ledger::page),
    page("invariants.md", "what must always hold, and is asserted while a run goes on", invariants::page),
    page("ledger.sql", "the ledger's DDL, for an owner to run", ledger::ddl),
    page("landfall.schema.json", "JSON Schema of `landfall.toml`, for editors", || json(&project::schema())),
    page(
        "migration_report.schema.json",
        "JSON Schema of the report for machines",
        || json(&report::schema()),
    ),
];

/// Runs the command.
pub fn run(dir: &Path) -> Result<Exit, Failure> {
    std::fs::create_dir_all(dir).map_err(|e| Fault::fail(format!("cannot make {}: {e}", dir.display())))?;
    let index = ("README.md", index());
    for (name, text) in PAGES.iter().map(|page| (page.name, (page.text)())).chain([index]) {
        std::fs::write(dir.join(name), text).map_err(|e| Fault::fail(format!("cannot write {name}: {e}")))?;
    }
    Ok(Exit::Done)
}

fn json(schema: &impl std::fmt::Display) -> String {
    format!("{schema:#}\n")
}

fn index() -> String {
    let mut page = String::from(
        "# Reference\n\nWritten by the program about itself (`cargo xtask codegen`); nothing here is edited \
         by hand.\n\n| page | what it has |\n|---|---|\n",
    );
    for Page { name, what, .. } in PAGES {
        page.push_str(&format!("| [{name}]({name}) | {what} |\n"));
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So that a change of the program is a change of its reference, in the same commit.
    #[test]
    fn the_reference_in_the_repository_is_what_the_program_says() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference");
        for (name, text) in
            PAGES.iter().map(|page| (page.name, (page.text)())).chain([("README.md", index())])
        {
            let there = std::fs::read_to_string(folder.join(name)).unwrap_or_default();
            assert!(there == text, "docs/reference/{name} is stale; run `cargo xtask codegen`");
        }
    }

    #[test]
    fn every_page_is_written_and_ends_with_one_line_end() {
        let folder = testkit::scratch();
        run(folder.path()).expect("the pages");
        assert_eq!(folder.list().len(), PAGES.len() + 1);
        for Page { name, what, text } in PAGES {
            let text = text();
            assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{name}");
            assert!(text.lines().all(|line| line.trim_end() == line), "{name}: blanks at the end of a line");
            assert!(!what.is_empty() && folder.read("README.md").contains(name), "{name}");
        }
    }
}
