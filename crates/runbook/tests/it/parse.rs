//! Documents to runbooks: each form of a step, each mistake.

use crate::support::book;
use base::Severity;
use runbook::{Kind, Runbook, parse};
use std::fmt::Write;

/// A runbook as text.
fn shown(book: &Runbook) -> String {
    let mut out = format!("{}\nneeds {:?}\n", book.title, book.needs);
    for section in &book.sections {
        let mark = if section.on_failure_only { " (on failure only)" } else { "" };
        let _ = writeln!(out, "\n{}{mark}", section.name);
        for step in &section.steps {
            let _ = writeln!(out, "  {} {} {:?}, {:#}", step.number, step.id, step.text, step.timeout);
            for line in step.details.lines() {
                let _ = writeln!(out, "      | {line}");
            }
            let _ = writeln!(out, "      {}", step.kind.word());
            if let Kind::Approval { role, another } = &step.kind {
                let _ = writeln!(out, "      of {role:?}, another: {another}");
            }
            for (word, command) in [("$", step.kind.command()), ("?", step.kind.check())] {
                if let Some(command) = command {
                    let _ = writeln!(out, "      {word} {}: {:?}", command.shell.word(), command.script);
                }
            }
            if let Some(section) = &step.on_failure {
                let _ = writeln!(out, "      on failure: {section}");
            }
            if step.record_output {
                let _ = writeln!(out, "      its output is recorded");
            }
        }
    }
    out
}

#[test]
fn every_form_of_a_step_is_read_with_what_it_inherits() {
    insta::assert_snapshot!("cut_over", shown(&book(include_str!("books/cut-over.md"))));
}

#[test]
fn a_list_without_blank_lines_is_the_same_list() {
    insta::assert_snapshot!("tight", shown(&book(include_str!("books/tight.md"))));
}

#[test]
fn line_ends_of_windows_change_nothing_but_the_digest() {
    for text in [include_str!("books/cut-over.md"), include_str!("books/tight.md")] {
        assert_eq!(shown(&book(&text.replace('\n', "\r\n"))), shown(&book(text)));
    }
}

#[test]
fn the_id_of_a_step_depends_on_its_section_and_words_only() {
    let ids = |text: &str| book(text).steps().map(|s| s.id.clone()).collect::<Vec<_>>();
    let one = ids("# T\n## S\n- [ ] one\n- [ ] two\n");
    assert_eq!(
        one,
        ids("# Another title\n\n## S\nwords\n- [x] two\n- [ ]  one\n".replace("[x]", "[ ]").as_str())
            .into_iter()
            .rev()
            .collect::<Vec<_>>()
    );
    assert_eq!(one[0], ids("# T\n## S\n- [ ] **one**\n  ```sh\n  true\n  ```\n")[0]);
    assert_ne!(one[0], ids("# T\n## Other\n- [ ] one\n")[0]);
    assert_eq!(one[0].len(), 12);
}

/// Cases: `=== name`, the document, `---- problems`, and one line a problem: severity, the line that it is
/// about, words.
#[test]
fn every_mistake_is_named_with_its_place() {
    let table = include_str!("problems/mistakes.txt");
    let mut cases = 0;
    for case in table.split("=== ").skip(1) {
        let (name, rest) = case.split_once('\n').unwrap();
        let (document, expected) = rest.split_once("---- problems\n").unwrap();
        let parsed = parse(document);
        let mut found = String::new();
        for problem in &parsed.problems {
            let severity = if problem.severity == Severity::Error { "error" } else { "warning" };
            let line = problem.span.as_ref().map(|s| document[..s.start].matches('\n').count() + 1);
            let line = line.map_or_else(|| "-".to_owned(), |line| line.to_string());
            let hint = problem.hint.as_ref().map(|h| format!(" ({h})")).unwrap_or_default();
            let _ = writeln!(found, "{severity} {line}: {}{hint}", problem.message);
        }
        assert_eq!(found.trim(), expected.trim(), "{name}");
        let errors = parsed.problems.iter().any(|p| p.severity == Severity::Error);
        assert_eq!(parsed.runbook.is_none(), errors, "{name}");
        cases += 1;
    }
    assert_eq!(cases, table.matches("---- problems").count());
}

#[test]
fn what_is_too_large_is_refused() {
    let many: String = (0..=runbook::STEPS_MAX).map(|n| format!("- [ ] step {n}\n")).collect();
    let long = "x".repeat(runbook::SCRIPT_BYTES_MAX);
    for (text, expected) in [
        ("x".repeat(runbook::RUNBOOK_BYTES_MAX + 1), "the document is larger than 1024 KiB"),
        (format!("# T\n{many}"), "a runbook has at most 500 steps; this one has 501"),
        (
            format!("# T\n- [ ] a\n  ```sh\n  {long}\n  ```\n"),
            "a command is larger than 64 KiB, or holds a NUL",
        ),
    ] {
        let parsed = parse(&text);
        assert_eq!(parsed.runbook, None);
        assert_eq!(parsed.problems.last().map(|p| p.message.as_str()), Some(expected));
    }
}
