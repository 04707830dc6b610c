//! What differs from run to run in an output, and what a snapshot shows in its place.

use regex::Regex;
use std::path::Path;
use std::sync::OnceLock;

/// Patterns and what stands in their place, in the order of their use; `insta` takes them as they are.
pub const COMMON: &[(&str, &str)] = &[
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( ?UTC|Z|[+-]\d\d(:?\d\d)?)?", "[TIME]"),
    (r"(^|[^0-9A-Za-z])\d{8}_\d{6}\b", "${1}[TS]"),
    (r"\b(127\.0\.0\.1|localhost):\d{2,5}\b", "$1:[PORT]"),
    (r"\b\d+(\.\d+)? ?(ns|µs|ms|s|min|seconds?|minutes?)\b", "[DURATION]"),
    (r"\b[\d,]+(\.\d+)? (\w+)/s\b", "[RATE] $2/s"),
    (r"\bpid \d+", "pid [PID]"),
    (r"\btest_[0-9a-f]{16}\b", "[DATABASE]"),
];

/// The text with everything of [`COMMON`] replaced.
pub fn steady(text: &str) -> String {
    static COMPILED: OnceLock<Vec<(Regex, &str)>> = OnceLock::new();
    let compiled = COMPILED.get_or_init(|| {
        let compile = |(pattern, word): &(&str, &'static str)| match Regex::new(pattern) {
            Ok(regex) => (regex, *word),
            Err(fault) => panic!("{pattern}: {fault}"),
        };
        COMMON.iter().map(compile).collect()
    });
    compiled.iter().fold(text.to_owned(), |text, (regex, word)| regex.replace_all(&text, *word).into_owned())
}

/// The text with `path`, as it is written and as the system resolves it, replaced by `word`.
pub fn without_path(text: &str, path: &Path, word: &str) -> String {
    let resolved = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    // The longer one first: one may be the other's beginning.
    let mut names = [path.display().to_string(), resolved.display().to_string()];
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    names.iter().fold(text.to_owned(), |text, name| text.replace(name, word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_from_run_to_run_is_replaced_and_nothing_else() {
        for (text, expected) in [
            ("at 2026-11-21T12:00:01.5Z, done", "at [TIME], done"),
            ("at 2026-11-21 12:00:01 UTC", "at [TIME]"),
            ("since 2026-11-21 12:00:01+02:00.", "since [TIME]."),
            ("migration_20261121_120001.log", "migration_[TS].log"),
            ("20261121_120001", "[TS]"),
            ("id 920261121_120001", "id 920261121_120001"),
            ("http://127.0.0.1:40123/api", "http://127.0.0.1:[PORT]/api"),
            ("took 1.25 s, 300ms, 2 minutes", "took [DURATION], [DURATION], [DURATION]"),
            ("12,345 records/s", "[RATE] records/s"),
            ("5 streams, 10 steps", "5 streams, 10 steps"),
            ("pid 123 on host", "pid [PID] on host"),
            ("database test_0123456789abcdef", "database [DATABASE]"),
            ("birthday 2026-11-21", "birthday 2026-11-21"),
        ] {
            assert_eq!(steady(text), expected, "{text}");
        }
    }

    #[test]
    fn a_path_is_replaced_as_written_and_as_resolved() {
        let folder = crate::scratch();
        let link = folder.join("link");
        folder.write("real/file", "");
        std::os::unix::fs::symlink(folder.join("real"), &link).unwrap();
        let text = format!("{0}/file and {1}/file", link.display(), folder.join("real").display());
        assert_eq!(without_path(&text, &link, "[DIR]"), "[DIR]/file and [DIR]/file");
    }
}
