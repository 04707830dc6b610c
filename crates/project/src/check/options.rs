//! `[option.NAME]`: command-line options that a project adds, and what was given for them.

use super::checker::{Checker, Given};
use super::section::{self, Form, Section};
use super::systems::is_name;
use crate::environment::{Environment, Origin};
use crate::keys::{self, Kind, OWN_OPTIONS};
use crate::model::OptionConfig;
use crate::overrides::Overrides;
use crate::unset::Needs;
use crate::wire::Table;
use base::{Problem, Secret, names};

/// The options that a text declares, as far as they can be read: for the help and the parser of a command
/// line, which come before the file is checked. The problems of the file are told later, by [`super::read`].
pub fn options_of(text: &str) -> Vec<OptionConfig> {
    super::read(text, &Environment::default(), &Overrides::default()).options
}

/// Reads the declarations and notes the values given, before the sections that they set are read.
pub(crate) fn declare(checker: &mut Checker<'_>, root: &Table, overrides: &Overrides) -> Vec<OptionConfig> {
    let own = [
        ("move.batch_size", "--batch-size", overrides.batch_size.map(|n| n.to_string())),
        ("move.connections", "--connections", overrides.connections.map(|n| n.to_string())),
        ("move.max_records", "--max-records", overrides.max_records.map(|n| n.to_string())),
    ];
    let known: Vec<&str> = keys::OPTION.iter().map(|k| k.name).collect();
    let mut declared: Vec<OptionConfig> = Vec::new();
    for (key, table, head) in section::named(checker, root, "option") {
        let name = key.value.clone();
        if OWN_OPTIONS.contains(&name.as_str()) {
            checker.error_hint(
                &key.span,
                format!("landfall has an option --{name} of its own"),
                "choose another name",
            );
        } else if !is_name(&name, '-') || name.len() < 2 || name.ends_with('-') || name.contains("--") {
            let hint = match names::normalise(&name).replace('_', "-") {
                near if near != name && near.len() > 1 && is_name(&near, '-') => {
                    format!("write [option.{near}]")
                }
                _ => "lower-case letters, digits and `-`, a letter first".to_owned(),
            };
            checker.error_hint(&key.span, format!("--{name} cannot be the name of an option"), hint);
        }
        let path = format!("option.{name}");
        checker.unknown_keys(table, &known, &path, None);
        let form = Form { keys: keys::OPTION, path: &path, needs: Needs::Nothing, settable: false };
        let mut s = Section::read(checker, table, &head, &form);
        let (sets, env, help) = (s.text("sets"), s.text("env"), s.text("help"));
        let Some(sets) = sets else { continue };
        if let Some(other) = declared.iter().find(|o| o.sets.value == sets.value) {
            checker.error(&sets.span, format!("--{} sets `{}` already", other.name, sets.value));
            continue;
        }
        let option = OptionConfig {
            name: name.clone(),
            env: env.map(|e| e.value),
            help: help.map(|h| h.value).unwrap_or_default(),
            secret: false,
            given: None,
            span: head,
            sets,
        };
        declared.push(give(checker, option, overrides));
    }
    for (path, by, value) in own {
        if let Some(value) = value {
            let given =
                Given { value: Secret::new(value), by: by.to_owned(), on_command_line: true, span: None };
            checker.given.insert(path.to_owned(), given);
        }
    }
    for name in overrides.options.keys() {
        if !declared.iter().any(|o| &o.name == name) {
            let near = names::nearest(name, declared.iter().map(|o| o.name.as_str())).map(str::to_owned);
            let problem = Problem::error(format!("the project declares no option --{name}"));
            checker.problems.push(match near {
                Some(near) => problem.hint(format!("did you mean --{near}?")),
                None => problem.hint(format!("declare it as [option.{name}]")),
            });
        }
    }
    declared
}

/// Notes the value of an option, or of its variable.
fn give(checker: &mut Checker<'_>, mut option: OptionConfig, overrides: &Overrides) -> OptionConfig {
    let on_line = overrides
        .options
        .get(&option.name)
        .map(|value| (value.clone(), Origin::Option, format!("--{}", option.name)));
    let in_env = || {
        let name = option.env.as_ref()?;
        let (value, origin) = checker.env.filled(name)?;
        Some((Secret::new(value), origin, format!("`{name}`")))
    };
    if let Some((value, origin, by)) = on_line.or_else(in_env) {
        let span = Some(option.span.clone());
        let given = Given { value, by, on_command_line: origin == Origin::Option, span };
        checker.given.insert(option.sets.value.clone(), given);
        option.given = Some(origin);
    }
    checker.option_of.insert(option.sets.value.clone(), option.name.clone());
    option
}

/// Checks what the options set, now that every setting is known.
pub(crate) fn finish(checker: &mut Checker<'_>, declared: Vec<OptionConfig>) -> Vec<OptionConfig> {
    let mut found = Vec::new();
    for mut option in declared {
        let Some(key) = checker.settable.get(&option.sets.value).copied() else {
            if checker.unread.iter().any(|beginning| option.sets.starts_with(beginning)) {
                found.push(option);
                continue;
            }
            let message = format!("there is no setting `{}` that an option can set", option.sets.value);
            let hint = match names::nearest(&option.sets, checker.settable.keys().map(String::as_str)) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => "settings are called like `source.api_key` or `move.batch_size`".to_owned(),
            };
            checker.error_hint(&option.sets.span.clone(), message, hint);
            found.push(option);
            continue;
        };
        option.secret = key.kind == Kind::Secret;
        if option.help.is_empty() {
            option.help = key.doc.to_owned();
        }
        found.push(option);
    }
    found
}
