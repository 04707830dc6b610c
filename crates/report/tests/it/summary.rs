//! The summary: one page of plain text.

use crate::sample;
use report::summary;

/// Columns of the page, as promised.
const WIDTH: usize = 100;

#[test]
fn the_summary_reads_as_before() {
    for (name, report, _) in sample::all() {
        if !matches!(
            name,
            "done_with_findings" | "stopped" | "failed" | "partly_rolled_back" | "empty" | "extreme"
        ) {
            continue;
        }
        insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(format!("summary_{name}"), summary(&report));
        });
    }
}

#[test]
fn no_line_is_wider_than_the_page_and_nothing_moves_the_cursor() {
    for (name, report, _) in sample::all() {
        for line in summary(&report).lines() {
            assert!(unicode_width::UnicodeWidthStr::width(line) <= WIDTH, "{name}: {line}");
            assert!(!line.chars().any(|c| c.is_control() || c == '\u{202e}'), "{name}: {line:?}");
            assert_eq!(line.trim_end(), line, "{name}");
        }
    }
}

#[test]
fn every_rejected_and_skipped_record_is_named_with_its_reason() {
    let report = sample::with_findings();
    let text = summary(&report);
    for (entity, found) in &report.entities {
        for (code, n) in &found.rejected_by_code {
            let line = |line: &&str| {
                line.contains(entity.as_str()) && line.contains(code.word()) && line.ends_with(&n.to_string())
            };
            assert!(text.lines().any(|found| line(&found)), "{entity} {code}");
        }
    }
}
