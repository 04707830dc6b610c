//! What is to be measured, and how.

use crate::failure::Failure;
use std::path::PathBuf;
use std::str::FromStr;

/// A part of the benchmark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// Moves, verifies and rollbacks against `psql \copy`.
    Move,
    /// Peak memory at N and at ten times N records.
    Memory,
    /// Passwords on all cores.
    Hash,
    /// Export over HTTP.
    Export,
    /// Start of the program.
    Start,
    /// Other tools loading the same rows.
    Tools,
    /// Webhooks kept and answered.
    Bridge,
}

/// What `all` means, in the order in which it is done.
pub const ALL: &[(&str, What)] = &[
    ("start", What::Start),
    ("hash", What::Hash),
    ("export", What::Export),
    ("move", What::Move),
    ("memory", What::Memory),
    ("tools", What::Tools),
    ("bridge", What::Bridge),
];

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The parts, in their order.
    pub what: Vec<What>,
    /// Bookings.
    pub records: u64,
    /// Interleaved rounds.
    pub rounds: usize,
    /// Of `move`, only these scenes; empty: all.
    pub scenes: Vec<String>,
    /// The program to measure; `None`: a release build of this repository, made now.
    pub program: Option<PathBuf>,
    /// Where the table is written, too.
    pub table: Option<PathBuf>,
}

impl Options {
    /// From the words behind `bench`.
    pub fn parse(arguments: &[String]) -> Result<Self, Failure> {
        let mut options = Self {
            what: Vec::new(),
            records: 1_000_000,
            rounds: 7,
            scenes: Vec::new(),
            program: None,
            table: None,
        };
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            let mut value =
                || words.next().ok_or_else(|| Failure::usage(format!("{word} wants a value behind it")));
            match word.as_str() {
                "--records" => options.records = number(word, value()?)?,
                "--rounds" => options.rounds = number(word, value()?)?,
                "--scene" => options.scenes.push(value()?.clone()),
                "--program" => options.program = Some(value()?.into()),
                "--table" => options.table = Some(value()?.into()),
                "all" => options.what.extend(ALL.iter().map(|(_, what)| what)),
                word => options.what.push(part(word)?),
            }
        }
        if options.what.is_empty() {
            return Err(Failure::usage(format!("which benchmark? {}", names())));
        }
        if options.records < RECORDS_MIN || options.rounds == 0 {
            return Err(Failure::usage(format!("at least {RECORDS_MIN} records and one round")));
        }
        let order = |what: &What| ALL.iter().position(|(_, known)| known == what);
        options.what.sort_by_key(order);
        options.what.dedup();
        Ok(options)
    }
}

/// Fewer have no row of each oddity.
const RECORDS_MIN: u64 = 10_000;

fn part(word: &str) -> Result<What, Failure> {
    ALL.iter()
        .find(|(name, _)| *name == word)
        .map(|(_, what)| *what)
        .ok_or_else(|| Failure::usage(format!("unexpected {word:?}; benchmarks: {}", names())))
}

fn names() -> String {
    let names: Vec<&str> = ALL.iter().map(|(name, _)| *name).collect();
    format!("{}, all", names.join(", "))
}

fn number<N: FromStr>(word: &str, text: &str) -> Result<N, Failure> {
    text.parse().map_err(|_| Failure::usage(format!("{word} wants a number, not {text:?}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, u8> {
        let words: Vec<String> = line.split_whitespace().map(String::from).collect();
        Options::parse(&words).map_err(|failure| failure.code())
    }

    #[test]
    fn parts_are_done_once_and_in_their_order() {
        assert_eq!(parse("tools move move start").unwrap().what, [What::Start, What::Move, What::Tools]);
        assert_eq!(parse("all hash").unwrap().what.len(), ALL.len());
    }

    #[test]
    fn options_are_read_and_what_means_nothing_is_refused() {
        let options = parse("move --records 20000 --rounds 3 --scene plain --table t.md").unwrap();
        assert_eq!((options.records, options.rounds), (20_000, 3));
        assert_eq!(options.scenes, ["plain"]);
        assert_eq!(options.table, Some("t.md".into()));
        for wrong in ["", "mvoe", "move --records", "move --records x", "move --rounds 0", "move --x"] {
            assert_eq!(parse(wrong).unwrap_err(), 2, "{wrong}");
        }
    }
}
