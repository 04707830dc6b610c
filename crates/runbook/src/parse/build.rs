//! From the parts of a document to a runbook: sections, steps, and what is wrong with them.

use super::fence::{self, Meaning};
use super::outline::{Item, Piece};
use super::settings::Settings;
use crate::model::{self, Command, Kind, Runbook, Section, Step, same_name};
use crate::{STEPS_MAX, TIMEOUT_SECONDS};
use base::Problem;
use jiff::SignedDuration;
use std::collections::HashSet;
use std::ops::Range;

/// A section while it is built.
struct Draft {
    name: String,
    span: Range<usize>,
    settings: Settings,
    steps: Vec<(Step, Settings)>,
}

/// The runbook; it is whole only if no problem is an error.
pub(super) fn build(text: &str, pieces: Vec<Piece>, problems: &mut Vec<Problem>) -> Runbook {
    let mut title: Option<String> = None;
    let mut document = Settings::default();
    let mut drafts: Vec<Draft> = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Heading { level: 1, text, span } => match &title {
                None if drafts.is_empty() => title = Some(text),
                _ => problems.push(
                    Problem::error("a runbook has one title, at its beginning")
                        .span(Some(span))
                        .hint("sections begin with `##`"),
                ),
            },
            Piece::Heading { level: 2, text, span } => {
                if drafts.iter().any(|d| same_name(&d.name, &text)) {
                    let problem = Problem::error(format!("two sections are called `{text}`"));
                    problems.push(problem.span(Some(span.clone())));
                }
                drafts.push(Draft { name: text, span, settings: Settings::default(), steps: Vec::new() });
            }
            // Deeper headings are words between the steps.
            Piece::Heading { .. } => {}
            Piece::Comment(comment) => match drafts.last_mut() {
                None => document.add(&comment, problems),
                Some(draft) if draft.steps.is_empty() => draft.settings.add(&comment, problems),
                Some(_) => {
                    let mut late = Settings::default();
                    late.add(&comment, problems);
                    if late.is_set() {
                        problems.push(
                            Problem::error("a setting stands between steps, where it belongs to none")
                                .span(Some(comment.span))
                                .hint("put it into the item, or below the section's heading"),
                        );
                    }
                }
            },
            Piece::Fence(fence) => {
                let mut unheard = Vec::new();
                if fence::meaning(&fence, &mut unheard) != Meaning::Example {
                    problems.push(
                        Problem::warning("this command belongs to no step and is not run")
                            .span(Some(fence.span))
                            .hint("put it under an item `- [ ]`, or write `sh example`"),
                    );
                }
            }
            Piece::Item(item) => {
                if drafts.is_empty() {
                    let name = title.clone().unwrap_or_default();
                    let span = item.span.clone();
                    drafts.push(Draft { name, span, settings: Settings::default(), steps: Vec::new() });
                }
                if let Some(draft) = drafts.last_mut() {
                    let settings = settings_of(&item, problems);
                    let step = step(&draft.name, item, &settings, problems);
                    draft.steps.push((step, settings));
                }
            }
        }
    }
    for draft in &drafts {
        only_at_the_top(&draft.settings, &draft.span, problems);
    }
    let sections = finish(drafts, &document, problems);
    if sections.is_empty() {
        let problem = Problem::error("the document has no step");
        problems.push(problem.hint("a step is an item that begins with `- [ ]`"));
    }
    if title.is_none() {
        problems.push(Problem::warning("the runbook has no title").hint("begin it with `# Title`"));
    }
    let title = title.or_else(|| sections.first().map(|s| s.name.clone())).unwrap_or_default();
    Runbook { title, digest: model::digest([text]), needs: document.needs.unwrap_or_default(), sections }
}

impl Settings {
    fn is_set(&self) -> bool {
        self.timeout.is_some()
            || self.on_failure.is_some()
            || self.needs.is_some()
            || self.another
            || self.record_output
    }
}

fn settings_of(item: &Item, problems: &mut Vec<Problem>) -> Settings {
    let mut settings = Settings::default();
    for comment in &item.comments {
        settings.add(comment, problems);
    }
    if settings.needs.is_some() {
        problems.push(
            Problem::error("`needs` stands at the top of the document: it is looked at before anything runs")
                .span(Some(item.span.clone())),
        );
    }
    settings
}

/// What a section cannot set.
fn only_at_the_top(settings: &Settings, span: &Range<usize>, problems: &mut Vec<Problem>) {
    if settings.needs.is_some() {
        problems.push(
            Problem::error("`needs` stands at the top of the document: it is looked at before anything runs")
                .span(Some(span.clone())),
        );
    }
    if settings.another {
        let problem = Problem::error("`by` belongs to an approval").span(Some(span.clone()));
        problems.push(problem.hint("put it into the item"));
    }
}

/// A step without what it inherits.
fn step(section: &str, item: Item, settings: &Settings, problems: &mut Vec<Problem>) -> Step {
    let at = || Some(item.span.clone());
    if item.text.is_empty() {
        problems.push(Problem::error("a step without words").span(at()).hint("say what is to be done"));
    }
    if item.ticked {
        problems.push(
            Problem::warning("a tick in the document counts for nothing; the journal says what is done")
                .span(at()),
        );
    }
    let mut command: Option<Command> = None;
    let mut check: Option<Command> = None;
    for fence in &item.fences {
        let (place, found, what) = match fence::meaning(fence, problems) {
            Meaning::Example => continue,
            Meaning::Command(found) => (&mut command, found, "command"),
            Meaning::Check(found) => (&mut check, found, "check"),
        };
        if place.is_some() {
            let problem = Problem::error(format!("a step has one {what}")).span(Some(fence.span.clone()));
            problems.push(problem.hint("begin another item; `sh example` is not run"));
        }
        *place = Some(found);
    }
    let kind = match (approval(&item.text), command) {
        (Some(role), command) => {
            if command.is_some() || check.is_some() {
                let problem = Problem::error("an approval runs nothing").span(at());
                problems.push(problem.hint("put the command into a step of its own"));
            }
            Kind::Approval { role, another: settings.another }
        }
        (None, Some(command)) => Kind::Command { command, check },
        (None, None) => Kind::ByHand { check },
    };
    if settings.another && !matches!(kind, Kind::Approval { .. }) {
        let problem = Problem::error("`by` belongs to an approval").span(at());
        problems.push(problem.hint("- [ ] Approval: what is agreed to"));
    }
    Step {
        id: model::id(section, &item.text),
        number: String::new(),
        section: section.to_owned(),
        digest: digest_of(&kind),
        text: item.text,
        details: item.details,
        kind,
        timeout: SignedDuration::from_secs(TIMEOUT_SECONDS),
        on_failure: None,
        record_output: false,
        span: item.span,
    }
}

/// `Approval: …` and `Approval (who): …`; whose word is wanted.
fn approval(text: &str) -> Option<Option<String>> {
    let (head, _) = text.split_once(':')?;
    let word = head.get(.."approval".len()).filter(|word| word.eq_ignore_ascii_case("approval"))?;
    let role = head[word.len()..].trim();
    if !role.is_empty() && !head[word.len()..].starts_with([' ', '(']) {
        return None;
    }
    let role = role.strip_prefix("by ").unwrap_or(role).trim_matches(['(', ')', ' ']);
    Some((!role.is_empty()).then(|| role.to_owned()))
}

/// What a step does, not how it is worded.
fn digest_of(kind: &Kind) -> String {
    let mut parts = vec![kind.word()];
    for (word, command) in [("command", kind.command()), ("check", kind.check())] {
        if let Some(command) = command {
            parts.extend([word, command.shell.word(), command.script.as_str()]);
        }
    }
    model::digest(parts)
}

/// Gives steps what they inherit and a number, and finds what is wrong between them.
fn finish(drafts: Vec<Draft>, document: &Settings, problems: &mut Vec<Problem>) -> Vec<Section> {
    let names: Vec<String> = drafts.iter().filter(|d| !d.steps.is_empty()).map(|d| d.name.clone()).collect();
    let mut resolve = |wanted: &Option<String>, span: Option<Range<usize>>| -> Option<String> {
        let wanted = wanted.as_ref()?;
        let found = names.iter().find(|name| same_name(name, wanted));
        if found.is_none() {
            let problem = Problem::error(format!("there is no section `{wanted}` with steps")).span(span);
            problems.push(match base::names::nearest(wanted, names.iter().map(String::as_str)) {
                Some(near) => problem.hint(format!("did you mean `{near}`?")),
                None => problem,
            });
        }
        found.cloned()
    };
    let everywhere = resolve(&document.on_failure, None);
    let mut targets: HashSet<String> = everywhere.iter().cloned().collect();
    let mut resolved = Vec::new();
    for draft in drafts {
        let here = resolve(&draft.settings.on_failure, Some(draft.span.clone()));
        let steps: Vec<_> = draft
            .steps
            .into_iter()
            .map(|(step, settings)| {
                let own = resolve(&settings.on_failure, Some(step.span.clone()));
                (step, settings, own)
            })
            .collect();
        targets.extend(here.iter().cloned().chain(steps.iter().filter_map(|(_, _, own)| own.clone())));
        resolved.push((draft.name, draft.span, draft.settings, here, steps));
    }
    let mut sections: Vec<Section> = Vec::new();
    let mut count = 0;
    for (name, span, settings, here, drafts) in resolved {
        if drafts.is_empty() {
            continue;
        }
        let on_failure_only = targets.contains(&name);
        if on_failure_only && (here.is_some() || drafts.iter().any(|(_, _, own)| own.is_some())) {
            let problem =
                Problem::error(format!("`{name}` is gone to on a failure and must not go on to another"));
            problems.push(problem.span(Some(span)).hint("say in words what to do when it fails, too"));
        }
        let mut ids = HashSet::new();
        let mut steps = Vec::new();
        for (mut step, own, own_target) in drafts {
            count += 1;
            step.number = format!("{}.{}", sections.len() + 1, steps.len() + 1);
            if let Some(timeout) = own.timeout.or(settings.timeout).or(document.timeout) {
                step.timeout = timeout;
            }
            step.record_output = own.record_output || settings.record_output || document.record_output;
            step.on_failure = own_target.or_else(|| here.clone()).or_else(|| everywhere.clone());
            if on_failure_only {
                step.on_failure = None;
            }
            if !ids.insert(step.id.clone()) {
                let problem = Problem::error("two steps of this section have the same words");
                problems.push(problem.span(Some(step.span.clone())).hint("a step is known by its words"));
            }
            steps.push(step);
        }
        sections.push(Section { name, steps, on_failure_only });
    }
    if count > STEPS_MAX {
        problems
            .push(Problem::error(format!("a runbook has at most {STEPS_MAX} steps; this one has {count}")));
    }
    if !sections.is_empty() && sections.iter().all(|s| s.on_failure_only) {
        problems.push(Problem::error("every section is gone to on a failure only; nothing would be done"));
    }
    sections
}
