//! `fuzz`: the fuzz tests of the suite, with fresh seeds, for as long as one likes.

use super::Command;
use crate::doors::say;
use crate::failure::Failure;
use crate::repository::{Repository, output};
use serde_json::Value;
use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

pub const COMMAND: Command = Command {
    name: "fuzz",
    arguments: "[--minutes N]",
    about: "mutates the corpus of every parser with fresh seeds; says how often, and what broke",
    run: fuzz,
};

/// Minutes without `--minutes`.
const MINUTES: u64 = 10;
/// Seconds of one target in a round: long enough to get deep, short enough for many seeds.
const ROUND_SECONDS: u64 = 60;
/// The tests that are targets; `testkit::fuzz` reads the variables below.
const TARGETS: &str = "fuzz::no_";

fn fuzz(repository: &Repository, arguments: &[String]) -> Result<(), Failure> {
    let time = Duration::from_secs(60 * minutes(arguments)?);
    let folder = testkit::scratch();
    let report = folder.join("report.tsv");
    let suites = suites(repository, folder.path())?;
    // The builder draws its keys from the system: chance without another dependency.
    let chance = RandomState::new();
    let (start, mut broke, mut rounds) = (Instant::now(), 0, 0u64);
    while start.elapsed() < time {
        let seed = chance.hash_one(rounds) >> 16;
        say(format_args!("── round {}: LANDFALL_FUZZ_SEED={seed}", rounds + 1));
        for suite in &suites {
            let mut command = repository.program(suite);
            command.args([TARGETS, "--quiet"]);
            command.env("LANDFALL_FUZZ_SEED", seed.to_string());
            command.env("LANDFALL_FUZZ_SECONDS", ROUND_SECONDS.to_string());
            command.env("LANDFALL_FUZZ_REPORT", &report);
            if let Err(failure) = output(&mut command) {
                failure.words().into_iter().for_each(say);
                broke += 1;
            }
        }
        rounds += 1;
    }
    let lines = std::fs::read_to_string(&report).unwrap_or_default();
    let figures = figures(&lines);
    let minutes = start.elapsed().as_secs() / 60;
    say(format_args!("{rounds} rounds in {minutes} minutes; {broke} times a target broke"));
    say(table(&figures));
    match (broke, figures.is_empty()) {
        (0, false) => Ok(()),
        (0, true) => Err(Failure::failed("no target was run")),
        _ => Err(Failure::failed(
            "what broke them is in the corpora as broke-…, and in every test from now on",
        )),
    }
}

/// Builds the tests and copies those that have a corpus, so that work on the sources goes on meanwhile.
fn suites(repository: &Repository, folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut suites = Vec::new();
    for (number, suite) in with_corpus(&repository.built()?).into_iter().enumerate() {
        let copy = folder.join(format!("suite-{number}"));
        std::fs::copy(&suite, &copy).map_err(|fault| Failure::failed(format_args!("{suite}: {fault}")))?;
        suites.push(copy);
    }
    Ok(suites)
}

/// The integration tests, among what cargo says it built, of packages with a folder `tests/corpus`.
fn with_corpus(messages: &[Value]) -> Vec<String> {
    let mut suites = Vec::new();
    for message in messages {
        let manifest = Path::new(message["manifest_path"].as_str().unwrap_or_default());
        let corpus = manifest.with_file_name("tests").join("corpus");
        let suite = message["executable"].as_str().filter(|_| message["target"]["kind"][0] == "test");
        suites.extend(suite.filter(|_| corpus.is_dir()).map(str::to_owned));
    }
    suites
}

fn minutes(arguments: &[String]) -> Result<u64, Failure> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        [] => Ok(MINUTES),
        ["--minutes", number] => match number.parse() {
            Ok(minutes) if minutes > 0 => Ok(minutes),
            _ => Err(Failure::usage(format!("--minutes takes a number of minutes, not {number:?}"))),
        },
        _ => Err(Failure::usage(format!("unexpected argument {:?}", words.join(" ")))),
    }
}

/// What a target did in all rounds.
#[derive(Debug, Default, PartialEq, Eq)]
struct Figures {
    rounds: u64,
    executions: u64,
    seconds: u64,
    /// The most outcomes of one round.
    outcomes: u64,
    /// The most memory that a round took, in bytes.
    memory: u64,
}

/// Sums up lines of name, seed, executions, seconds, outcomes, memory.
fn figures(report: &str) -> BTreeMap<&str, Figures> {
    let mut all: BTreeMap<&str, Figures> = BTreeMap::new();
    for line in report.lines() {
        let mut cells = line.split('\t');
        let name = cells.next().unwrap_or_default();
        let mut number = || cells.next().and_then(|cell| cell.parse::<u64>().ok()).unwrap_or(0);
        let (_seed, executions, seconds, outcomes, memory) =
            (number(), number(), number(), number(), number());
        let figures = all.entry(name).or_default();
        figures.rounds += 1;
        figures.executions += executions;
        figures.seconds += seconds;
        figures.outcomes = figures.outcomes.max(outcomes);
        figures.memory = figures.memory.max(memory);
    }
    all
}

/// The figures as a table of Markdown, for `docs/fuzzing.md`.
fn table(figures: &BTreeMap<&str, Figures>) -> String {
    let mut text = String::from(
        "| target | rounds | executions | seconds | outcomes | memory |\n|---|---|---|---|---|---|\n",
    );
    for (name, f) in figures {
        let memory = f.memory >> 20;
        text.push_str(&format!(
            "| {name} | {} | {} | {} | {} | +{memory} MiB |\n",
            f.rounds, f.executions, f.seconds, f.outcomes
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_of_a_target_add_up() {
        let report = "csv\t7\t100\t60\t5\t1048576\nndjson\t7\t10\t60\t3\t0\ncsv\t8\t200\t61\t4\t3145728\n";
        let figures = figures(report);
        assert_eq!(
            figures["csv"],
            Figures { rounds: 2, executions: 300, seconds: 121, outcomes: 5, memory: 3 << 20 }
        );
        assert!(table(&figures).contains("| csv | 2 | 300 | 121 | 5 | +3 MiB |\n| ndjson | 1 | 10 |"));
    }

    #[test]
    fn only_suites_with_a_corpus_are_run() {
        let folder = testkit::scratch();
        folder.write("with/tests/corpus/csv/a", "");
        let line = |kind: &str, package: &str| {
            let manifest = folder.join(package).join("Cargo.toml");
            serde_json::json!({ "manifest_path": manifest, "target": { "kind": [kind] }, "executable": package })
        };
        let messages = [line("test", "with"), line("lib", "with"), line("test", "without")];
        assert_eq!(with_corpus(&messages), ["with"]);
    }

    #[test]
    fn minutes_are_a_number_above_zero() {
        let of = |words: &[&str]| minutes(&words.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(of(&["--minutes", "60"]).unwrap(), 60);
        assert_eq!(of(&[]).unwrap(), MINUTES);
        for wrong in [&["--minutes"][..], &["--minutes", "0"], &["--minutes", "x"], &["60"]] {
            assert!(of(wrong).is_err(), "{wrong:?}");
        }
    }
}
