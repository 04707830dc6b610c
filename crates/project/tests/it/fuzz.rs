//! Project files, fuzzed.

use crate::support::environment;
use base::Severity;
use project::{Overrides, read};
use testkit::Fuzz;

const PIECES: &[&str] = &[
    "\"",
    "'",
    "\"\"\"",
    "[",
    "]",
    "[[",
    "]]",
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
    "\\u0000",
    "[source]\n",
    "[source.a]\n",
    "[entity.users]\n",
    "[entity.users.fields]\n",
    "[[check]]\n",
    "[option.a]\n",
    "[move]\n",
    "[serve]\n",
    "[serve.webhooks.a]\n",
    "[[rule]]\n",
    "sender = \"circle\"\n",
    "do = \"call_url\"\n",
    "{name}",
    "{{",
    "when = { a.b = \"c\" }\n",
    "\"10m\"",
    "member.*",
    "mode = \"update\"\n",
    "key = 1\n",
    "url = \"postgres://u:p@h/d\"\n",
    "max_rejects = \"5%\"\n",
    "2024-05-06",
    "true",
    "ref('users', id)",
];

#[test]
fn no_project_file_breaks_the_reader_or_is_wrong_nowhere() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/project");
    let env = environment(&[("BUBBLE_API_URL", "https://a.example/api/1.1")]);
    Fuzz { name: "project", corpus, pieces: PIECES }.run(|bytes| {
        let text = String::from_utf8_lossy(bytes);
        let reading = read(&text, &env, &Overrides::default());
        let errors = reading.problems.iter().filter(|problem| problem.severity == Severity::Error);
        assert!(reading.project.is_none() || errors.count() == 0, "a project with errors");
        assert!(
            reading.project.is_some() || !reading.problems.is_empty() || !reading.unset.is_empty(),
            "no project and no reason"
        );
        assert_eq!(reading.shown.len(), text.len(), "what is shown has the text's places");
        let mut last = 0;
        for problem in &reading.problems {
            let span = problem.span.clone().expect("a problem is somewhere");
            assert!(text.get(span.clone()).is_some(), "{span:?} is no part of the text");
            assert!(span.start >= last, "problems stand in the order of the file");
            let letters = [Some(&problem.message), problem.hint.as_ref()].into_iter().flatten();
            letters.for_each(|text| assert!(text.chars().count() <= 601, "a message is a sentence"));
            last = span.start;
        }
        let words = reading.problems.iter().map(|problem| kind(&problem.message));
        (reading.project.is_some(), words.take(4).collect::<Vec<_>>())
    });
}

/// The message without what stands in quotes or brackets, and without numbers.
fn kind(message: &str) -> String {
    message.chars().filter(|c| c.is_alphabetic() || *c == ' ').take(40).collect()
}
