//! From the wire form to the checked form, with all problems.

mod checker;
mod entities;
mod options;
mod parts;
mod rules;
mod section;
mod serve;
mod several;
mod systems;
mod variants;

pub(crate) use checker::Checker;
pub use options::options_of;

use crate::environment::Environment;
use crate::keys::{CONNECTORS, ConnectorKind, SECTIONS};
use crate::mask;
use crate::model::{OptionConfig, Project};
use crate::overrides::Overrides;
use crate::unset::{Needs, UnsetVariable};
use crate::wire;
use base::{Problem, Severity};
use std::path::PathBuf;

/// What a text says.
#[derive(Debug)]
pub struct Reading {
    /// The project; `None`: an error stops, or a variable that no command can do without is not set.
    pub project: Option<Project>,
    /// All problems but unset variables, in the order of the file.
    pub problems: Vec<Problem>,
    /// Variables that are not set, in the order of the file.
    pub unset: Vec<UnsetVariable>,
    /// The options that the file declares, as far as they can be read, also when there is no project.
    pub options: Vec<OptionConfig>,
    /// The text with literal secrets made unreadable, byte for byte as long, to show lines of.
    pub shown: String,
}

/// Reads the text of a project file. Variables that are not set stand apart from the problems, so that a
/// command which does without them goes on.
pub fn read(text: &str, env: &Environment, overrides: &Overrides) -> Reading {
    read_with(text, env, overrides, CONNECTORS)
}

/// Reads the text of a project file for a command that needs all of it: a variable that is not set is an
/// error.
pub fn parse(text: &str, env: &Environment, overrides: &Overrides) -> (Option<Project>, Vec<Problem>) {
    let Reading { project, mut problems, unset, .. } = read(text, env, overrides);
    problems.extend(unset.iter().map(UnsetVariable::problem));
    sort(&mut problems);
    (project.filter(|_| unset.is_empty()), problems)
}

pub(crate) fn read_with(
    text: &str,
    env: &Environment,
    overrides: &Overrides,
    connectors: &[ConnectorKind],
) -> Reading {
    let root = match wire::read(text) {
        Ok(root) => root,
        Err(problem) => {
            let shown = mask::masked(text, &mask::suspects(text));
            let (unset, options) = (Vec::new(), Vec::new());
            let mut problems = vec![problem];
            sort(&mut problems);
            return Reading { project: None, problems, unset, options, shown };
        }
    };
    let mut checker = Checker::new(text, env);
    let names: Vec<&str> = SECTIONS.iter().map(|s| s.name).filter(|name| !name.contains('.')).collect();
    checker.unknown_keys(&root, &names, "", None);

    let declared = options::declare(&mut checker, &root, overrides);
    let (name, namespace) = parts::project(&mut checker, &root);
    let sources = systems::sources(&mut checker, &root, connectors);
    let destinations = systems::destinations(&mut checker, &root, connectors);
    let move_ = parts::move_(&mut checker, &root);
    let entities = entities::entities(&mut checker, &root, &sources, &destinations);
    let (elsewhere, entities) = entities.into_iter().partition(|e| e.fields.is_empty());
    let checks = parts::checks(&mut checker, &root);
    let ledger_destination = parts::ledger(&mut checker, &root, &destinations);
    let around =
        serve::Around { sources: &sources, destinations: &destinations, ledger: &ledger_destination };
    let serve = serve::serve(&mut checker, &root, &around);
    let options = options::finish(&mut checker, declared);

    let Checker { mut problems, mut unset, mut secrets, .. } = checker;
    secrets.extend(wire::literal_secrets(&root));
    sort(&mut problems);
    unset.sort_by_key(|u| (u.span.start, u.name.clone()));
    unset.dedup();
    let stopped = problems.iter().any(|p| p.severity == Severity::Error)
        || unset.iter().any(|u| u.needed_by == Needs::Nothing);
    let project = match (name, move_, serve) {
        (Some(name), Some(move_), Some(serve)) if !stopped => Some(Project {
            name,
            namespace,
            root: PathBuf::new(),
            sources: sources.list,
            destinations: destinations.list,
            move_,
            entities,
            elsewhere,
            checks,
            serve,
            options: options.clone(),
            ledger_destination,
        }),
        _ => None,
    };
    Reading { project, problems, unset, options, shown: mask::masked(text, &secrets) }
}

/// Letters of a message and of a hint: names of the file stand in them, and a name may be a file's worth.
const LETTERS_MAX: usize = 600;

/// In the order of the file, what has no place last; each once, and short enough to be read.
pub(crate) fn sort(problems: &mut Vec<Problem>) {
    for problem in problems.iter_mut() {
        [Some(&mut problem.message), problem.hint.as_mut()].into_iter().flatten().for_each(shorten);
    }
    problems.sort_by(|a, b| {
        let place = |p: &Problem| p.span.as_ref().map_or((usize::MAX, 0), |s| (s.start, s.end));
        place(a).cmp(&place(b)).then(b.severity.cmp(&a.severity)).then_with(|| a.message.cmp(&b.message))
    });
    problems.dedup();
}

/// Cuts a text that is too long, and shows that it was cut.
fn shorten(text: &mut String) {
    if let Some((end, _)) = text.char_indices().nth(LETTERS_MAX) {
        text.truncate(end);
        text.push('…');
    }
}
