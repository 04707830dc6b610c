//! The small sections: `[project]`, `[move]`, `[ledger]`, `[[check]]`.

use super::checker::Checker;
use super::section::{self, Form, Section};
use super::systems::Systems;
use crate::keys::{self, Key};
use crate::model::{CheckConfig, DestinationConfig, Level, MoveConfig, ReportValues};
use crate::spanned::{Span, Spanned};
use crate::unset::Needs;
use crate::wire::{Table, Value};
use base::names;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Characters of a project's name at most: it goes into file names and tables.
const NAME_MAX: usize = 100;

/// `[project]`.
pub(crate) fn project(checker: &mut Checker<'_>, root: &Table) -> (Option<Spanned<String>>, Option<Uuid>) {
    if root.get("project").is_none() {
        checker.error_hint(
            &(0..0),
            "there is no `[project]`",
            "begin the file with:\n[project]\nname = \"…\"",
        );
        return (None, None);
    }
    let Some(mut section) = single(checker, root, "project", keys::PROJECT, false) else {
        return (None, None);
    };
    let name = section.text("name");
    if let Some(name) = &name
        && (name.chars().count() > NAME_MAX || name.chars().any(char::is_control))
    {
        checker.error(&name.span, format!("`project.name` is no line of at most {NAME_MAX} characters"));
    }
    (name, section.uuid("namespace"))
}

/// `[move]`; absent it has its defaults.
pub(crate) fn move_(checker: &mut Checker<'_>, root: &Table) -> Option<MoveConfig> {
    let empty = Table::default();
    let (table, head) = match root.get("move") {
        Some(_) => section::one(checker, root, "move")?,
        None => (&empty, 0..0),
    };
    let known: Vec<&str> = keys::MOVE.iter().map(|k| k.name).collect();
    checker.unknown_keys(table, &known, "move", None);
    let form = Form { keys: keys::MOVE, path: "move", needs: Needs::Nothing, settable: true };
    let mut s = Section::read(checker, table, &head, &form);
    let place = |name: &str| table.get(name).map_or(head.clone(), |(_, node)| node.span.clone());
    let mut limit = s.is_broken("load_rows_max");
    let (batch_size, load_rows_max): (Option<usize>, Option<usize>) =
        (s.number("batch_size"), s.number("load_rows_max"));
    limit |= load_rows_max.is_none();
    if let (Some(batch), Some(most), false) = (batch_size, load_rows_max, limit)
        && batch > most
    {
        let message = format!("`move.load_rows_max` is {most}, less than `move.batch_size`, {batch}");
        checker.error_hint(&place("load_rows_max"), message, "a commit holds at least one batch");
    }
    Some(MoveConfig {
        export_dir: s.path("export_dir")?.value,
        report_dir: s.path("report_dir")?.value,
        batch_size: batch_size?,
        connections: s.number("connections")?,
        load_rows_max: load_rows_max?,
        max_records: s.number("max_records"),
        max_rejects: s.rejects("max_rejects"),
        update_passwords: s.flag("update_passwords")?,
        differences_max: s.number("differences_max")?,
        report_values: match s.text("report_values")?.as_str() {
            "masked" => ReportValues::Masked,
            _ => ReportValues::Plain,
        },
    })
}

/// `[ledger]`: the destination named there; absent, the only PostgreSQL destination there is.
pub(crate) fn ledger(
    checker: &mut Checker<'_>,
    root: &Table,
    destinations: &Systems<DestinationConfig>,
) -> Option<String> {
    if root.get("ledger").is_some() {
        let name = single(checker, root, "ledger", keys::LEDGER, false)?.text("destination")?;
        if destinations.names.contains(&name.value) {
            match destinations.list.iter().find(|d| d.name == name.value) {
                Some(found) if found.connector != "postgres" => {
                    checker.error(&name.span, format!("the destination `{name}` is no PostgreSQL database"));
                }
                _ => {}
            }
            return Some(name.value);
        }
        let known: Vec<&str> =
            destinations.names.iter().map(String::as_str).filter(|n| !n.is_empty()).collect();
        let hint = match names::nearest(&name, known.iter().copied()) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None if known.is_empty() => "leave `[ledger]` out: there is no named destination".to_owned(),
            None => format!("destinations: {}", keys::listed(&known)),
        };
        checker.error_hint(&name.span, "there is no destination of this name", hint);
        return None;
    }
    let mut postgres = destinations.list.iter().filter(|d| d.connector == "postgres");
    match (postgres.next(), postgres.next()) {
        (Some(only), None) => Some(only.name.clone()),
        _ => None,
    }
}

/// `[[check]]`.
pub(crate) fn checks(checker: &mut Checker<'_>, root: &Table) -> Vec<CheckConfig> {
    let Some((key, node)) = root.get("check") else { return Vec::new() };
    let Value::List(list) = &node.value else {
        let span = section::head(node, &key.span);
        checker.error_hint(
            &span,
            format!("`check` wants a list of tables, not {}", node.shape()),
            "write [[check]]",
        );
        return Vec::new();
    };
    let known: Vec<&str> = keys::CHECK.iter().map(|k| k.name).collect();
    let mut names: BTreeMap<String, Span> = BTreeMap::new();
    let mut found = Vec::new();
    for node in list {
        let Value::Table(table) = &node.value else {
            checker.error(&node.span, format!("a check is a table, not {}", node.shape()));
            continue;
        };
        checker.unknown_keys(table, &known, "check", None);
        let form = Form { keys: keys::CHECK, path: "check", needs: Needs::Nothing, settable: false };
        let head = section::head(node, &key.span);
        let mut s = Section::read(checker, table, &head, &form);
        let (name, level, sql) = (s.text("name"), s.text("level"), s.sql("sql"));
        if let Some(name) = &name
            && names.insert(name.value.clone(), name.span.clone()).is_some()
        {
            checker.error(&name.span, "another check has this name");
        }
        if let (Some(name), Some(level), Some(sql)) = (name, level, sql) {
            let level = if level == "warn" { Level::Warn } else { Level::Error };
            found.push(CheckConfig { name, level, sql, span: head });
        }
    }
    found
}

/// A section that stands once.
fn single(
    checker: &mut Checker<'_>,
    root: &Table,
    name: &str,
    keys: &[Key],
    settable: bool,
) -> Option<Section> {
    let (table, head) = section::one(checker, root, name)?;
    let known: Vec<&str> = keys.iter().map(|k| k.name).collect();
    checker.unknown_keys(table, &known, name, None);
    Some(Section::read(checker, table, &head, &Form { keys, path: name, needs: Needs::Nothing, settable }))
}
