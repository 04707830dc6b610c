//! Fuzzing on the stable toolchain: a corpus, a mutator, and a target that panics when a promise is broken.
//!
//! A test of the suite replays its corpus and then mutates it for [`SECONDS`]. A target gives an outcome, and
//! an input whose outcome is new is mutated further: that leads from a file of a few bytes into the corners
//! of a parser without any instrumentation. `cargo xtask fuzz` runs the same tests for longer. The variables
//! `LANDFALL_FUZZ_SEED`, `LANDFALL_FUZZ_SECONDS` (of each target) and `LANDFALL_FUZZ_REPORT` (a file that
//! gets a line of figures for each target) steer them.

mod memory;
mod mutate;
mod random;

use crate::doors;
use mutate::Mutator;
use random::Random;
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Seconds that each target is mutated in the suite: all of them together are a minute.
const SECONDS: u64 = 8;
/// The seed of the suite, so that a failure there is a failure everywhere.
const SEED: u64 = 20_240_506;
/// Inputs that are mutated further; behind that many, new ones take the place of old ones.
const POOL_MAX: usize = 4_096;
/// The process may take this much more memory than at its start, whatever it reads: an input is some
/// kilobytes, the readers' own buffers are the most of it.
const MEMORY_MAX: u64 = 256 << 20;

/// What is fuzzed.
#[derive(Debug)]
pub struct Fuzz<'a> {
    /// Its name, for people.
    pub name: &'a str,
    /// The folder of its corpus: one input a file.
    pub corpus: &'a str,
    /// Pieces that mean something to it, put where they do not belong.
    pub pieces: &'a [&'a str],
}

impl Fuzz<'_> {
    /// Replays the corpus, then mutates it until the time is over. Panics with the seed and the input's place
    /// when the target does: the input is then in the corpus and is replayed from now on.
    pub fn run<H: Hash>(&self, target: impl Fn(&[u8]) -> H) {
        let seed = number("LANDFALL_FUZZ_SEED").unwrap_or(SEED);
        let time = Duration::from_secs(number("LANDFALL_FUZZ_SECONDS").unwrap_or(SECONDS));
        let mut pool = corpus(Path::new(self.corpus));
        assert!(!pool.is_empty(), "no corpus in {}", self.corpus);
        let (replayed, before) = (pool.len(), memory::peak());
        let mut outcomes = HashSet::new();
        let mut try_one = |input: &[u8]| match catch_unwind(AssertUnwindSafe(|| target(input))) {
            Ok(outcome) => outcomes.insert(hash(&(outcome, size_class(input)))),
            Err(panic) => {
                let kept = keep(Path::new(self.corpus), input);
                say(&format!("fuzz {}: seed {seed} broke it with the input in {kept}", self.name));
                resume_unwind(panic);
            }
        };
        for input in &pool {
            try_one(input);
        }

        let mut mutator = Mutator::new(Random::new(seed ^ hash(&self.name)), self.pieces);
        let (start, mut executions, mut slowest) = (Instant::now(), 0u64, Duration::ZERO);
        let mut last = start;
        while start.elapsed() < time {
            let input = mutator.next(&pool);
            if try_one(&input) {
                if pool.len() < POOL_MAX {
                    pool.push(input);
                } else {
                    let at = replayed + mutator.random.below(pool.len() - replayed);
                    pool[at] = input;
                }
            }
            executions += 1;
            let now = Instant::now();
            slowest = slowest.max(now - last);
            last = now;
        }

        let grown = memory::peak().saturating_sub(before);
        let (seconds, found) = (start.elapsed().as_secs(), outcomes.len());
        say(&format!(
            "fuzz {}: seed {seed}, {replayed} inputs replayed, {executions} executions in {seconds} s, \
             {found} outcomes, slowest {} ms, memory +{} MiB",
            self.name,
            slowest.as_millis(),
            grown >> 20
        ));
        report(&format!("{}\t{seed}\t{executions}\t{seconds}\t{found}\t{grown}", self.name));
        assert!(grown <= MEMORY_MAX, "fuzz {}: seed {seed}: the process grew by {grown} bytes", self.name);
    }
}

/// A longer input may lead elsewhere, so its size is a part of the outcome.
fn size_class(input: &[u8]) -> u32 {
    input.len().checked_ilog2().unwrap_or(0)
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// The inputs of a folder, by name, so that a seed means the same everywhere.
fn corpus(folder: &Path) -> Vec<Vec<u8>> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    files.sort();
    files.iter().filter_map(|file| std::fs::read(file).ok()).collect()
}

/// Puts an input into the corpus; its path, or why it is not there.
fn keep(folder: &Path, input: &[u8]) -> String {
    let path = folder.join(format!("broke-{:016x}", hash(&input)));
    match std::fs::write(&path, input) {
        Ok(()) => path.display().to_string(),
        Err(fault) => format!("no file ({fault}): {input:?}"),
    }
}

/// A number from the environment.
fn number(name: &str) -> Option<u64> {
    let text = doors::variable(name)?;
    match text.to_str().and_then(|text| text.parse().ok()) {
        Some(number) => Some(number),
        None => panic!("{name} is no whole number"),
    }
}

/// Shown when the test fails, and with `--no-capture`.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

fn report(line: &str) {
    let Some(path) = doors::variable("LANDFALL_FUZZ_REPORT") else { return };
    let file = std::fs::OpenOptions::new().append(true).create(true).open(&path);
    let written = file.and_then(|mut file| file.write_all(format!("{line}\n").as_bytes()));
    if let Err(fault) = written {
        panic!("{}: {fault}", Path::new(&path).display());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Only an input that begins with `abc` breaks it; each letter is an outcome of its own.
    fn picky(input: &[u8]) -> usize {
        let right = input.iter().zip(b"abc").take_while(|(a, b)| a == b).count();
        assert!(right < 3, "broken");
        right
    }

    #[test]
    fn what_breaks_a_target_is_found_step_by_step_and_kept() {
        let folder = crate::scratch();
        folder.write("seed", "x");
        let corpus = folder.path().display().to_string();
        let fuzz = Fuzz { name: "picky", corpus: &corpus, pieces: &["b", "c", "a"] };
        assert!(catch_unwind(|| fuzz.run(picky)).is_err());
        let kept = folder.list().into_iter().find(|name| name.starts_with("broke-")).expect("a regression");
        assert!(folder.read(kept).starts_with("abc"));
        // From now on the corpus alone breaks it.
        assert!(super::corpus(folder.path()).iter().any(|input| catch_unwind(|| picky(input)).is_err()));
    }
}
