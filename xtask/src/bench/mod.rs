//! How fast: the benchmarks, each against a yardstick in the same rounds, each with its bar.
//!
//! A figure is a ratio inside a round, because seconds of one minute say nothing about another one on a
//! shared machine. No bar fails a benchmark; what breaks or comes to wrong results does.

mod bridge;
mod cost;
mod export;
mod hash;
mod http;
mod lines;
mod machine;
mod moves;
mod options;
mod proc;
mod program;
mod served;
mod server;
mod start;
mod table;
mod tools;

use crate::doors::say;
use crate::failure::Failure;
use crate::repository::Repository;
pub use options::Options;
use options::What;
use program::Program;
use std::path::PathBuf;
use table::Found;

/// Where benchmarks leave their files; each part clears what it uses.
const WORK: &str = "target/bench";

/// What every benchmark is given.
#[derive(Debug)]
struct Bench<'a> {
    repository: &'a Repository,
    program: Program,
    options: &'a Options,
    work: PathBuf,
}

/// Measures what was asked for, and writes the table.
pub fn run(repository: &Repository, options: &Options) -> Result<(), Failure> {
    let work = repository.root().join(WORK);
    std::fs::create_dir_all(&work).map_err(Failure::failed)?;
    // What a benchmark that was killed left behind is large.
    testkit::files::sweep().map_err(Failure::failed)?;
    let program = Program::find(repository, options.program.as_deref(), work.join("home"))?;
    let bench = Bench { repository, program, options, work };
    let mut all = Found::default();
    for what in &options.what {
        let found = part(*what)(&bench).unwrap_or_else(|failure| Found {
            broken: failure.words().map(String::from).into_iter().collect(),
            ..Found::default()
        });
        found.lines.iter().map(table::plain).for_each(say);
        found.notes.iter().for_each(say);
        found.broken.iter().for_each(|words| say(format_args!("broken: {words}")));
        all.add(found);
    }
    let machine = machine::describe(repository, all.postgres.as_deref(), options.program.is_none());
    say(format_args!("measured on {machine}"));
    if let Some(file) = &options.table {
        let there = std::fs::read_to_string(file).ok();
        let text = table::placed(there.as_deref(), &table::markdown(&all, &machine));
        std::fs::write(file, text)
            .map_err(|e| Failure::failed(format_args!("cannot write {}: {e}", file.display())))?;
        say(format_args!("written to {}", file.display()));
    }
    match all.broken.len() {
        0 => Ok(()),
        n => {
            Err(Failure::failed(format_args!("{n} of the benchmarks broke; the figures of the others stand")))
        }
    }
}

fn part(what: What) -> fn(&Bench<'_>) -> Result<Found, Failure> {
    match what {
        What::Move => moves::run,
        What::Memory => moves::memory,
        What::Hash => hash::run,
        What::Export => export::run,
        What::Start => start::run,
        What::Tools => tools::run,
        What::Bridge => bridge::run,
    }
}
