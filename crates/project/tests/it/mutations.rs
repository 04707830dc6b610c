//! Whatever stands in the file: never a panic, and every error says where.

use crate::support::{environment, example};
use base::Severity;
use project::{Overrides, parse, read};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Mutants, and changes in each at most: enough that every kind of change meets every section.
const MUTANTS: u64 = 200;
const CHANGES_MAX: usize = 4;

/// Pieces that are put where they do not belong.
const PIECES: [&str; 24] = [
    "\"",
    "'",
    "[",
    "]",
    "[[",
    "{",
    "}",
    "=",
    "\n",
    "\r\n",
    "#",
    ".",
    "${",
    "${X}",
    "$${",
    ":-",
    "\\",
    "é",
    "\u{0}",
    "1",
    "true",
    "[source]\n",
    "[entity.users]\n",
    "\u{feff}",
];

fn mutant(text: &str, rng: &mut ChaCha8Rng) -> String {
    let mut out = text.to_owned();
    for _ in 0..rng.random_range(1..=CHANGES_MAX) {
        let mut lines: Vec<&str> = out.split_inclusive('\n').collect();
        let line = rng.random_range(0..lines.len());
        let place = |rng: &mut ChaCha8Rng, text: &str| {
            let mut at = rng.random_range(0..=text.len());
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        out = match rng.random_range(0..7) {
            0 => {
                lines.remove(line);
                lines.concat()
            }
            1 => {
                let other = rng.random_range(0..lines.len());
                lines.swap(line, other);
                lines.concat()
            }
            2 => {
                let again = lines[line];
                lines.insert(rng.random_range(0..=line), again);
                lines.concat()
            }
            3 => {
                let (from, to) = (place(rng, &out), place(rng, &out));
                let (from, to) = (from.min(to), from.max(to).min(from.min(to) + 40));
                let to = (to..=out.len()).find(|at| out.is_char_boundary(*at)).unwrap_or(out.len());
                format!("{}{}", &out[..from], &out[to..])
            }
            4 | 5 => {
                let at = place(rng, &out);
                format!("{}{}{}", &out[..at], PIECES[rng.random_range(0..PIECES.len())], &out[at..])
            }
            _ => {
                // A value of another line: right TOML, wrong sense.
                let value = lines[rng.random_range(0..lines.len())].split_once('=').map_or("1\n", |(_, v)| v);
                let key = lines[line].split_once('=').map_or("key", |(key, _)| key);
                let changed = format!("{key}={value}");
                lines[line] = &changed;
                lines.concat()
            }
        };
        if out.is_empty() {
            out.push('\n');
        }
    }
    out
}

#[test]
fn no_mutant_of_a_project_file_panics_or_hides_where_it_is_wrong() {
    let text = std::fs::read_to_string(example("culturebridge").join("landfall.toml")).expect("the example");
    let env = environment(&[("BUBBLE_API_URL", "https://a.example/api/1.1")]);
    let (mut whole, mut broken, mut checked) = (0, 0, 0);
    for seed in 0..MUTANTS {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mutant = mutant(&text, &mut rng);
        let (project, problems) = parse(&mutant, &env, &Overrides::default());
        let errors: Vec<_> = problems.iter().filter(|p| p.severity == Severity::Error).collect();
        assert_eq!(project.is_none(), !errors.is_empty(), "seed {seed}: {problems:?}");
        let syntax = errors.iter().any(|p| p.message.starts_with("this is not TOML"));
        match (errors.is_empty(), syntax) {
            (true, _) => whole += 1,
            (false, true) => broken += 1,
            (false, false) => checked += 1,
        }
        let mut last = 0;
        for problem in problems {
            let span = problem.span.unwrap_or_else(|| panic!("seed {seed}: nowhere: {}", problem.message));
            assert!(mutant.get(span.clone()).is_some(), "seed {seed}: {span:?}");
            assert!(span.start >= last, "seed {seed}: out of order");
            last = span.start;
        }
        assert_eq!(read(&mutant, &env, &Overrides::default()).shown.len(), mutant.len(), "seed {seed}");
    }
    // The mutants are worth something: some are no TOML, some are wrong in sense, some are still right.
    assert!(whole >= 10 && broken >= 30 && checked >= 30, "{whole} {broken} {checked}");
}

#[test]
fn a_file_that_is_deep_or_long_is_refused_and_not_followed() {
    let env = environment(&[]);
    for text in [
        format!("{}a = 1", "a.".repeat(20_000)),
        format!("[{}a]", "a.".repeat(20_000)),
        format!("a = {}", "[".repeat(20_000)),
        format!("[project]\nname = {}{}", "[".repeat(60), "]".repeat(60)),
        format!("[project]\nname = \"{}\"", "x".repeat(200_000)),
        format!("[project]\nname = \"{}\"", "${".repeat(20_000)),
        format!("[entity.users]\nkey = \"{}\"", "Key".repeat(10_000)),
    ] {
        let (project, problems) = parse(&text, &env, &Overrides::default());
        assert!(project.is_none() && !problems.is_empty());
        assert!(problems.iter().all(|p| p.span.is_some() && p.message.len() < 2_000), "{}", &text[..40]);
    }
}
