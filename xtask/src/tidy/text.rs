//! What can be seen in one file.

use super::{Problem, Rule};

/// A file longer than this has more than one subject.
const LINES_MAX: usize = 500;
/// What fits beside another window; rustfmt breaks everything but strings and comments.
const COLUMNS_MAX: usize = 110;

// Written in two parts, so that this file is tidy itself.
const UNFINISHED: &[&str] = &[
    concat!("todo", "!("),
    concat!("unimplemented", "!("),
    concat!("dbg", "!("),
    concat!("#[ign", "ore"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
    concat!("HA", "CK"),
];
const MACHINE: &[&str] = &[concat!("/wo", "rk/"), concat!("/fa", "rm/"), concat!("/ro", "ot/")];

/// Files whose text is code or configuration, and not prose.
const CODE: &[&str] = &["rs", "toml", "sh", "css", "js", "html"];

/// What is wrong with a file.
pub fn problems(path: &str, text: &str) -> Vec<Problem> {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    let mut found = Vec::new();
    let mut test = path.contains("/tests/") || path.ends_with("/tests.rs");
    for (number, line) in (1..).zip(text.lines()) {
        test |= line.contains("#[cfg(test)]");
        if let Some(word) = MACHINE.iter().find(|word| stands_alone(line, word)) {
            found.push((Some(number), Rule::Machine, format!("{word} is a path of one machine")));
        }
        let unfinished = UNFINISHED.iter().find(|word| CODE.contains(&extension) && stands_alone(line, word));
        if let Some(word) = unfinished {
            found.push((Some(number), Rule::Leftover, format!("{word} is left over; finish it")));
        }
        let columns = if test { columns_beside_texts(line) } else { line.chars().count() };
        if extension == "rs" && columns > COLUMNS_MAX && !line.contains("://") {
            let message = format!("{columns} columns, at most {COLUMNS_MAX}");
            found.push((Some(number), Rule::Columns, message));
        }
    }
    if extension == "rs" {
        found.extend(whole_file(text));
    }
    let problem = |(line, rule, message)| Problem { file: path.into(), line, rule, message };
    found.into_iter().map(problem).collect()
}

fn whole_file(text: &str) -> Vec<(Option<usize>, Rule, String)> {
    let mut found = Vec::new();
    let lines = text.lines().count();
    if lines > LINES_MAX {
        found.push((None, Rule::Lines, format!("{lines} lines, at most {LINES_MAX}: split it by subject")));
    }
    if !text.starts_with("//!") {
        found.push((None, Rule::Header, "does not begin with `//!`: say what the file is about".into()));
    }
    for number in bare_exceptions(text) {
        let message = "an exception without a reason; write `#[expect(…, reason = \"…\")]`".into();
        found.push((Some(number), Rule::Reason, message));
    }
    found
}

/// The columns of a line of a test, in which the contents of string literals do not count: a case of a table
/// stays on one line.
fn columns_beside_texts(line: &str) -> usize {
    let (mut columns, mut inside, mut escaped) = (0, false, false);
    for c in line.chars() {
        let quote = c == '"' && !escaped;
        escaped = inside && c == '\\' && !escaped;
        inside ^= quote;
        columns += usize::from(quote || !inside);
    }
    // A literal that goes on in the next line could be broken earlier.
    if inside { line.chars().count() } else { columns }
}

/// Whether `word` is in the line and no part of a longer word.
fn stands_alone(line: &str, word: &str) -> bool {
    let part_of_word = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let begins = !before.is_some_and(|c| part_of_word(c) || (word.starts_with('/') && ".-".contains(c)));
        let closed = !word.ends_with(|c: char| c.is_alphabetic()) || !after.is_some_and(part_of_word);
        begins && closed
    })
}

/// The lines where an `allow` or `expect` of a lint begins that gives no reason.
fn bare_exceptions(text: &str) -> Vec<usize> {
    let mut numbers = Vec::new();
    let mut offset = 0;
    for (number, line) in (1..).zip(text.split_inclusive('\n')) {
        let start = line.trim_start();
        let is_exception =
            ["#[allow(", "#![allow(", "#[expect(", "#![expect("].iter().any(|head| start.starts_with(head));
        if is_exception && !attribute(&text[offset..]).contains("reason") {
            numbers.push(number);
        }
        offset += line.len();
    }
    numbers
}

/// The text up to the bracket that closes the first one.
fn attribute(text: &str) -> &str {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '[' => depth += 1,
            ']' if depth == 1 => return &text[..at],
            ']' => depth -= 1,
            _ => {}
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(path: &str, text: &str) -> Vec<(Option<usize>, Rule)> {
        problems(path, text).into_iter().map(|problem| (problem.line, problem.rule)).collect()
    }

    #[test]
    fn each_rule_finds_its_line_and_nothing_else() {
        let wide = format!("//! x\n{}\n", "é".repeat(COLUMNS_MAX + 1));
        let fits = format!("//! x\n{}\n", "é".repeat(COLUMNS_MAX));
        let address = format!("//! x\n// https://e.org/{}\n", "a".repeat(COLUMNS_MAX));
        let case = format!("//! x\n    (\"{}\\\"\", 1),\n", "a".repeat(COLUMNS_MAX));
        let case_and_more = format!("//! x\n    (\"a\", {}),\n", "1".repeat(COLUMNS_MAX));
        let open_text = format!("//! x\n    \"{}\n\";\n", "a".repeat(COLUMNS_MAX));
        let long = format!("//! x\n{}", "\n".repeat(LINES_MAX));
        let whole = format!("//! x\n{}", "\n".repeat(LINES_MAX - 1));
        let [todo, unimplemented, dbg, ignored, mark, x, _] = *UNFINISHED else { panic!("a word is new") };
        for (path, text, expected) in [
            ("a.rs", "//! x\nfn f() {}\n".to_owned(), vec![]),
            ("a.rs", "fn f() {}\n".into(), vec![(None, Rule::Header)]),
            ("a.md", "no header here\n".into(), vec![]),
            ("a.rs", wide.clone(), vec![(Some(2), Rule::Columns)]),
            ("a.md", wide, vec![]),
            ("a.rs", fits, vec![]),
            ("a.rs", case.clone(), vec![(Some(2), Rule::Columns)]),
            ("a/tests/it/b.rs", case.clone(), vec![]),
            ("a/src/b/tests.rs", case.clone(), vec![]),
            ("a.rs", format!("{case}#[cfg(test)]\n{case}"), vec![(Some(2), Rule::Columns)]),
            ("a/src/b/tests.rs", case_and_more, vec![(Some(2), Rule::Columns)]),
            ("a/src/b/tests.rs", open_text, vec![(Some(2), Rule::Columns)]),
            ("a.rs", address, vec![]),
            ("a.rs", long, vec![(None, Rule::Lines)]),
            ("a.rs", whole, vec![]),
            ("a.rs", format!("//! x\n    {todo})"), vec![(Some(2), Rule::Leftover)]),
            ("a.rs", format!("//! x\n    {unimplemented})"), vec![(Some(2), Rule::Leftover)]),
            ("a.rs", format!("//! x\n    {dbg}x)"), vec![(Some(2), Rule::Leftover)]),
            ("a.rs", format!("//! x\n{ignored}]"), vec![(Some(2), Rule::Leftover)]),
            ("a.rs", format!("//! x\n{ignored} = \"slow\"]"), vec![(Some(2), Rule::Leftover)]),
            ("a.toml", format!("# {mark}: later"), vec![(Some(1), Rule::Leftover)]),
            ("a.md", format!("{mark} is a word here"), vec![]),
            ("a.rs", format!("//! name-{x}X and a{mark}"), vec![]),
            ("a.rs", format!("//! my_{todo})"), vec![]),
        ] {
            assert_eq!(rules(path, &text), expected, "{path}: {text}");
        }
    }

    #[test]
    fn a_path_of_one_machine_is_found_in_every_text() {
        for (before, after, expected) in [
            ("see ", "shared", true),
            ("\"", "x\"", true),
            ("", "", true),
            ("http://host", "x", false),
            ("some.net", "x", false),
            ("~", "x", true),
        ] {
            for word in MACHINE {
                let text = format!("{before}{word}{after}");
                assert_eq!(!rules("a.md", &text).is_empty(), expected, "{text}");
            }
        }
    }

    #[test]
    fn an_exception_from_a_lint_needs_a_reason() {
        for (attribute, expected) in [
            ("#[allow(dead_code)]", vec![2]),
            ("#![allow(dead_code)]", vec![2]),
            ("#[expect(dead_code)]", vec![2]),
            ("#[expect(dead_code, reason = \"x\")]", vec![]),
            ("#[expect(\n    dead_code,\n    reason = \"a [b] c\"\n)]", vec![]),
            ("#[expect(\n    dead_code,\n)]\n// reason", vec![2]),
            ("    #[allow(clippy::x)] // reason", vec![2]),
            ("#[derive(Debug)]", vec![]),
        ] {
            assert_eq!(
                bare_exceptions(&format!("//! x\n{attribute}\nfn f() {{}}\n")),
                expected,
                "{attribute}"
            );
        }
    }
}
