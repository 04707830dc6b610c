//! Problems of the project file, with line and caret.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use base::{Problem, Severity};

/// All problems as text, in the order of the file; `text` is the file with its secrets masked.
pub fn problems(found: &[Problem], text: &str, path: &str, verbose: bool) -> String {
    let renderer = Renderer::styled();
    let mut out = String::new();
    for problem in found {
        if problem.severity == Severity::Note && !verbose {
            continue;
        }
        let level = match problem.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Note => Level::NOTE,
        };
        let title = level.primary_title(problem.message.as_str());
        let mut group: Group<'_> = match &problem.span {
            Some(span) if span.end <= text.len() && span.start < span.end => Group::with_title(title)
                .element(
                    Snippet::source(text).path(path).annotation(AnnotationKind::Primary.span(span.clone())),
                ),
            _ => Group::with_title(title),
        };
        if let Some(hint) = &problem.hint {
            group = group.element(Level::HELP.message(hint.as_str()));
        }
        out.push_str(&renderer.render(&[group]));
        out.push('\n');
    }
    out
}
