//! The machine that a table was measured on: without it no figure means anything.

use crate::repository::{Repository, output};
use std::fs;

/// What it is, in one sentence. `own`: the program was built from this repository as it stands; of another
/// one nothing is known.
pub fn describe(repository: &Repository, postgres: Option<&str>, own: bool) -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let said = |name: &str, arguments: &[&str]| {
        let text = output(repository.program(name).args(arguments)).unwrap_or_default();
        String::from_utf8_lossy(&text).trim().to_owned()
    };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let facts = [
        value(&read("/proc/cpuinfo"), "model name", ':').unwrap_or_else(|| "unknown processor".into()),
        format!("{cores} cores"),
        format!("{} GiB", gibibytes(&read("/proc/meminfo"))),
        value(&read("/etc/os-release"), "PRETTY_NAME", '=').unwrap_or_else(|| said("uname", &["-sr"])),
        postgres.map(|version| format!("PostgreSQL {version}")).unwrap_or_default(),
        format!("load average {} at the end", read("/proc/loadavg").split(' ').next().unwrap_or_default()),
        said("date", &["-u", "+%Y-%m-%d %H:%M UTC"]),
        match own {
            true => format!("commit {}", said("git", &["describe", "--always", "--dirty"])),
            false => "a program built elsewhere".into(),
        },
    ];
    facts.into_iter().filter(|fact| !fact.is_empty()).collect::<Vec<_>>().join(", ")
}

/// The value of the first line that begins with `name`, without quotes around it.
fn value(text: &str, name: &str, separator: char) -> Option<String> {
    let (_, value) = text.lines().find(|line| line.starts_with(name))?.split_once(separator)?;
    Some(value.trim().trim_matches('"').to_owned())
}

/// Memory in GiB, rounded.
fn gibibytes(meminfo: &str) -> u64 {
    let line = value(meminfo, "MemTotal", ':').unwrap_or_default();
    let kib: u64 = line.split_whitespace().next().and_then(|n| n.parse().ok()).unwrap_or(0);
    (kib + (1 << 19)) >> 20
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_found_in_the_systems_own_words() {
        let text = "processor\t: 0\nmodel name\t: A: B\nmodel name\t: C\n";
        assert_eq!(value(text, "model name", ':').as_deref(), Some("A: B"));
        assert_eq!(value("PRETTY_NAME=\"X 12\"\n", "PRETTY_NAME", '=').as_deref(), Some("X 12"));
        assert_eq!(value("", "x", '='), None);
        assert_eq!(gibibytes("MemTotal:       24609344 kB\n"), 23);
    }

    #[test]
    fn a_program_built_elsewhere_is_not_given_this_commit() {
        assert!(describe(&Repository::here(), None, true).contains("commit "));
        assert!(!describe(&Repository::here(), None, false).contains("commit "));
    }

    #[test]
    fn a_description_names_the_server_only_when_there_is_one() {
        let here = Repository::here();
        assert!(describe(&here, Some("15.9"), true).contains("PostgreSQL 15.9, load average"));
        assert!(!describe(&here, None, true).contains("PostgreSQL"));
    }
}
