//! `[entity.NAME]`.

use super::checker::Checker;
use super::section::{self, Form, Section};
use super::systems::{Systems, is_name};
use crate::keys::{self, RESERVED_STEPS};
use crate::model::{DestinationConfig, EntityConfig, Mode, SourceConfig, StreamRef, TableRef};
use crate::spanned::{Span, Spanned};
use crate::unset::Needs;
use crate::wire::Table;
use base::names;
use std::collections::BTreeMap;

/// Reads the entities.
pub(crate) fn entities(
    checker: &mut Checker<'_>,
    root: &Table,
    sources: &Systems<SourceConfig>,
    destinations: &Systems<DestinationConfig>,
) -> Vec<EntityConfig> {
    let tables = section::named(checker, root, "entity");
    if let Some((_, _, head)) = tables.first() {
        for (word, missing) in [("source", root.get("source")), ("destination", root.get("destination"))] {
            if missing.is_none() {
                let hint = format!("write [{word}] with its connector");
                checker.error_hint(head, format!("there is an entity, and no `[{word}]`"), hint);
            }
        }
    }
    let known: Vec<&str> = keys::ENTITY.iter().map(|k| k.name).collect();
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    let mut found = Vec::new();
    for (key, table, head) in tables {
        let name = key.value.as_str();
        if !is_name(name, '_') {
            let hint = match names::normalise(name) {
                normal if is_name(&normal, '_') => format!("write [entity.{normal}]"),
                _ => "lower-case letters, digits and `_`, a letter first, at most 63".to_owned(),
            };
            checker.error_hint(&key.span, format!("`{name}` cannot be the name of an entity"), hint);
        }
        let path = format!("entity.{name}");
        checker.unknown_keys(table, &known, &path, None);
        let form = Form { keys: keys::ENTITY, path: &path, needs: Needs::Nothing, settable: true };
        let mut s = Section::read(checker, table, &head, &form);
        // Records that were moved by other means need no mapping.
        if let Some(fields) =
            keys::ENTITY.iter().find(|k| k.name == "fields" && table.get("id_map_from").is_none())
        {
            s.require(checker, table, fields, &path);
        }
        let step = step(checker, s.text("step"), key);
        let from = stream(checker, s.text("from"), key, sources);
        let into = destination(checker, s.text("into"), key, destinations);
        let id_map = s.text("id_map");
        if let Some(file) = &id_map
            && let Some(other) = files.insert(file.value.clone(), name.to_owned())
        {
            checker.error(&file.span, format!("`{file}` is the id map of `{other}` already"));
        }
        let broken = s.is_broken("key") || s.is_broken("fields") || s.is_broken("mode");
        let mode = match s.text("mode").as_ref().map(|m| m.as_str()) {
            Some("update") => Mode::Update,
            Some("skip") => Mode::Skip,
            _ => Mode::Insert,
        };
        if let (Some(key), Some(from), Some(into), false) = (s.text("key"), from, into, broken) {
            found.push(EntityConfig {
                name: name.to_owned(),
                step,
                from,
                into,
                key,
                mode,
                match_: s.sql("match"),
                where_: s.sql("where"),
                max_records: s.number("max_records"),
                version: s.text("version"),
                ignore: s.fields("ignore"),
                strict_fields: s.flag("strict_fields").unwrap_or(false),
                id_map,
                id_map_from: s.path("id_map_from"),
                fields: s.columns("fields"),
                span: head,
            });
        }
    }
    found
}

/// The step; neither it nor an entity without one may be called like a step that every project has.
fn step(
    checker: &mut Checker<'_>,
    step: Option<Spanned<String>>,
    entity: &Spanned<String>,
) -> Option<Spanned<String>> {
    let at = step.as_ref().unwrap_or(entity);
    if RESERVED_STEPS.contains(&at.as_str()) {
        let message = format!("every project has a step `{at}` of its own");
        let hint =
            if step.is_some() { "choose another name" } else { "give the entity a `step` of another name" };
        checker.error_hint(&at.span, message, hint);
    } else if step.as_ref().is_some_and(|s| !is_name(&s.replace('-', "_"), '_')) {
        let hint = "lower-case letters, digits, `_` and `-`, a letter first";
        checker.error_hint(&at.span, "this cannot be the name of a step", hint);
    }
    step
}

fn stream(
    checker: &mut Checker<'_>,
    from: Option<Spanned<String>>,
    entity: &Spanned<String>,
    sources: &Systems<SourceConfig>,
) -> Option<Spanned<StreamRef>> {
    let (text, span) = text_of(from, entity);
    match sources.split(&text) {
        Ok((_, "")) => {
            checker.error_hint(&span, "no stream stands behind the source's name", "write \"SOURCE.STREAM\"");
            None
        }
        Ok((source, stream)) => Some(Spanned::new(StreamRef { source, stream: stream.to_owned() }, span)),
        Err(many) => {
            which(checker, &text, &span, many, sources.role.word());
            None
        }
    }
}

fn destination(
    checker: &mut Checker<'_>,
    into: Option<Spanned<String>>,
    entity: &Spanned<String>,
    destinations: &Systems<DestinationConfig>,
) -> Option<Spanned<TableRef>> {
    let (text, span) = text_of(into, entity);
    table(checker, Spanned::new(text, span), destinations)
}

/// The table that a text names.
pub(crate) fn table(
    checker: &mut Checker<'_>,
    text: Spanned<String>,
    destinations: &Systems<DestinationConfig>,
) -> Option<Spanned<TableRef>> {
    let Spanned { value: text, span } = text;
    let (destination, rest) = match destinations.split(&text) {
        Ok(parts) => parts,
        Err(many) => {
            which(checker, &text, &span, many, destinations.role.word());
            return None;
        }
    };
    let parts: Vec<&str> = rest.split('.').collect();
    let (schema, table) = match parts.as_slice() {
        [table] => (None, *table),
        [schema, table] => (Some((*schema).to_owned()), *table),
        _ => (None, ""),
    };
    if table.is_empty() || schema.as_deref() == Some("") {
        checker.error_hint(&span, "this names no table", "write \"TABLE\" or \"SCHEMA.TABLE\"");
        return None;
    }
    Some(Spanned::new(TableRef { destination, schema, table: table.to_owned() }, span))
}

/// A key's text; without one the entity's name.
fn text_of(given: Option<Spanned<String>>, entity: &Spanned<String>) -> (String, Span) {
    let Spanned { value, span } = given.unwrap_or_else(|| entity.clone());
    (value, span)
}

/// One of several has to be named.
fn which(checker: &mut Checker<'_>, text: &str, span: &Span, many: &[String], word: &str) {
    let (first, rest) = text.split_once('.').unwrap_or(("", text));
    let near = names::nearest(first, many.iter().map(String::as_str)).filter(|_| !first.is_empty());
    let hint = match (near, many.first()) {
        (Some(near), _) => format!("did you mean \"{near}.{rest}\"?"),
        (None, Some(one)) => format!("such as \"{one}.{rest}\"; there are {}", crate::keys::listed(many)),
        (None, None) => String::new(),
    };
    let message = if first.is_empty() {
        format!("there are several {word}s, and this names none of them")
    } else {
        format!("there is no {word} `{first}`")
    };
    checker.error_hint(span, message, hint);
}
