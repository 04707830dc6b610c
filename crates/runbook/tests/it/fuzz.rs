//! Whatever stands in a document, reading it ends, and says where things are.

use base::Severity;
use proptest::prelude::*;
use runbook::{parse, read_entries};

const BOOKS: &[&str] = &[include_str!("books/cut-over.md"), include_str!("books/tight.md")];

/// Pieces that mean something, to be put anywhere.
const PIECES: &[&str] = &[
    "- [ ] ",
    "- [x]",
    "```",
    "```sh\n",
    "```check",
    "~~~sh\n",
    "<!--",
    "-->",
    "<!-- timeout: 5s -->",
    "on failure: ",
    "needs: $",
    "# ",
    "## ",
    "---\n",
    "\n",
    "\n\n",
    "    ",
    "\t",
    "> ",
    "1. ",
    "|a|\n|-|\n",
    "`",
    "\0",
    "ü",
    "\u{202e}",
    "Approval",
    ":",
    ";",
    "[ ]",
    "<div>",
    "\r",
    "[^1]: ",
];

/// A document of ours with pieces put in, bytes cut out, or pieces alone.
fn documents() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(PIECES.to_vec());
    let edits = prop::collection::vec((any::<prop::sample::Index>(), 0usize..40, piece), 0..30);
    (0..=BOOKS.len(), edits).prop_map(|(start, edits)| {
        let mut text: Vec<char> = BOOKS.get(start).copied().unwrap_or_default().chars().collect();
        for (place, cut, piece) in edits {
            let at = place.index(text.len() + 1);
            let end = (at + cut).min(text.len());
            text.splice(at..end, piece.chars());
        }
        text.into_iter().collect()
    })
}

fn config() -> ProptestConfig {
    ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_mutated_document_is_read_or_refused_and_never_panics(text in documents()) {
        let parsed = parse(&text);
        let errors = parsed.problems.iter().any(|p| p.severity == Severity::Error);
        prop_assert_eq!(parsed.runbook.is_none(), errors);
        for problem in &parsed.problems {
            if let Some(span) = &problem.span {
                prop_assert!(text.get(span.clone()).is_some(), "{:?}", problem);
            }
        }
        if let Some(book) = parsed.runbook {
            let mut ids: Vec<_> = book.steps().map(|s| (&s.section, &s.id)).collect();
            prop_assert!(!ids.is_empty());
            ids.sort();
            ids.dedup();
            prop_assert_eq!(ids.len(), book.steps().count());
            for step in book.steps() {
                prop_assert!(text.get(step.span.clone()).is_some());
                prop_assert_eq!(&book.step(&step.number).unwrap().id, &step.id);
            }
        }
    }

    #[test]
    fn any_text_is_a_journal_or_is_refused(text in "[ -~\n]{0,200}") {
        if let Ok((_, whole)) = read_entries(&text) {
            prop_assert!(whole <= text.len());
        }
    }
}
