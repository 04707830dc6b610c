//! A section: its keys read by their table.

use super::checker::{Checker, Place, Read};
use crate::expr::Expr;
use crate::keys::{Key, Kind};
use crate::model::{DestinationUrl, MaxRejects, Setting};
use crate::setting::{self, Misfit, Text};
use crate::spanned::{Span, Spanned};
use crate::unset::Needs;
use crate::wire::{Node, Table, Value};
use base::template::Hole;
use base::{Problem, Secret, Template};
use jiff::SignedDuration;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use uuid::Uuid;

/// The values of a section. What is missing has its default; what is broken is absent, and its problem
/// recorded.
#[derive(Debug)]
pub(crate) struct Section {
    values: BTreeMap<&'static str, Spanned<Setting>>,
    broken: BTreeSet<&'static str>,
    /// The section's head.
    pub span: Span,
}

/// Columns, each with its text with holes.
pub(crate) type Templates = Vec<(Spanned<String>, Spanned<Template>)>;

/// A section as it is to be read.
pub(crate) struct Form<'f> {
    pub keys: &'f [Key],
    pub path: &'f str,
    pub needs: Needs,
    /// Whether options can set its keys.
    pub settable: bool,
}

impl Section {
    /// Reads the keys of a form. Unknown keys are the caller's.
    pub fn read(checker: &mut Checker<'_>, table: &Table, head: &Span, form: &Form<'_>) -> Self {
        let mut section = Self { values: BTreeMap::new(), broken: BTreeSet::new(), span: head.clone() };
        for key in form.keys {
            let path = format!("{}.{}", form.path, key.name);
            let place = Place { key, path: &path, needs: &form.needs };
            if form.settable && key.kind.settable() {
                checker.settable.insert(path.clone(), *key);
            }
            let read = match (checker.given.get(&path).cloned(), table.get(key.name)) {
                (Some(given), found) => {
                    let at = found.map(|(_, node)| node.span.clone());
                    from_outside(checker, &place, &given).map(|s| (s, at.unwrap_or_else(|| head.clone())))
                }
                (None, Some((_, node))) => checker.value(node, &place).map(|s| (s, node.span.clone())),
                (None, None) => Read::Absent,
            };
            match read {
                Read::Value((setting, span)) => {
                    section.values.insert(key.name, Spanned::new(setting, span));
                }
                Read::Broken => {
                    section.broken.insert(key.name);
                }
                Read::Absent => section.absent(checker, table, key, form.path),
            }
        }
        section
    }

    fn absent(&mut self, checker: &mut Checker<'_>, table: &Table, key: &Key, path: &str) {
        if let Some(default) = key.default {
            let text = Text { text: default, span: &self.span, start: None, open: true };
            // Defaults stand in the table of keys; a test converts each of them.
            if let Ok(setting) = setting::convert(key.kind, &text) {
                self.values.insert(key.name, Spanned::new(setting, self.span.clone()));
            }
        } else if key.required {
            self.missing(checker, table, key, path);
        }
    }

    /// Wants a key that other sections of its kind may do without.
    pub fn require(&mut self, checker: &mut Checker<'_>, table: &Table, key: &Key, path: &str) {
        if !self.values.contains_key(key.name) && !self.is_broken(key.name) {
            self.missing(checker, table, key, path);
        }
    }

    fn missing(&mut self, checker: &mut Checker<'_>, table: &Table, key: &Key, path: &str) {
        self.broken.insert(key.name);
        let span = table.get(key.name).map_or(&self.span, |(_, node)| &node.span).clone();
        let message = match table.get(key.name) {
            Some(_) => format!("`{path}.{}` is empty", key.name),
            None => format!("`{}` has no `{}`", super::checker::header(path), key.name),
        };
        checker.error_hint(&span, message, format!("it wants {}: {}", key.kind.wants(), key.doc));
    }

    /// Whether the key's problem is recorded already.
    pub fn is_broken(&self, name: &str) -> bool {
        self.broken.contains(name)
    }
    /// Takes over what another reading of the same section found.
    pub fn absorb(&mut self, other: Self) {
        self.values.extend(other.values);
        self.broken.extend(other.broken);
    }
    fn take(&mut self, name: &str) -> Option<Spanned<Setting>> {
        self.values.remove(name)
    }
    /// The text of a key.
    pub fn text(&mut self, name: &str) -> Option<Spanned<String>> {
        match self.take(name)? {
            Spanned { value: Setting::Text(text), span } => Some(Spanned::new(text, span)),
            _ => None,
        }
    }
    /// The path of a key.
    pub fn path(&mut self, name: &str) -> Option<Spanned<PathBuf>> {
        self.text(name).map(|text| text.map(PathBuf::from))
    }
    /// The secret of a key.
    pub fn secret(&mut self, name: &str) -> Option<Secret> {
        match self.take(name)?.value {
            Setting::Secret(secret) => Some(secret),
            _ => None,
        }
    }
    /// The number of a key; kinds bound it, so that it fits wherever it is used.
    pub fn number<T: TryFrom<i64>>(&mut self, name: &str) -> Option<T> {
        match self.take(name)?.value {
            Setting::Integer(number) => T::try_from(number).ok(),
            _ => None,
        }
    }
    /// Whether a key is true.
    pub fn flag(&mut self, name: &str) -> Option<bool> {
        match self.take(name)?.value {
            Setting::Boolean(flag) => Some(flag),
            _ => None,
        }
    }
    /// The SQL of a key.
    pub fn sql(&mut self, name: &str) -> Option<Expr> {
        match self.take(name)?.value {
            Setting::Sql(expr) => Some(expr),
            _ => None,
        }
    }
    /// The list of fields of a key; absent is empty.
    pub fn fields(&mut self, name: &str) -> Vec<Spanned<String>> {
        match self.take(name).map(|s| s.value) {
            Some(Setting::Fields(fields)) => fields,
            _ => Vec::new(),
        }
    }
    /// The columns of a key.
    pub fn columns(&mut self, name: &str) -> Vec<(Spanned<String>, Expr)> {
        match self.take(name).map(|s| s.value) {
            Some(Setting::Columns(columns)) => columns,
            _ => Vec::new(),
        }
    }
    /// The UUID of a key.
    pub fn uuid(&mut self, name: &str) -> Option<Uuid> {
        match self.take(name)?.value {
            Setting::Uuid(uuid) => Some(uuid),
            _ => None,
        }
    }
    /// The length of time of a key.
    pub fn duration(&mut self, name: &str) -> Option<SignedDuration> {
        match self.take(name)?.value {
            Setting::Duration(duration) => Some(duration),
            _ => None,
        }
    }
    /// The text with holes of a key.
    pub fn template(&mut self, name: &str) -> Option<Spanned<Template>> {
        match self.take(name)? {
            Spanned { value: Setting::Template(template), span } => Some(Spanned::new(template, span)),
            _ => None,
        }
    }
    /// The columns of a key, each a text with holes.
    pub fn templates(&mut self, name: &str) -> Option<Spanned<Templates>> {
        match self.take(name)? {
            Spanned { value: Setting::Templates(columns), span } => Some(Spanned::new(columns, span)),
            _ => None,
        }
    }
    /// The conditions of a key; absent is none.
    pub fn conditions(&mut self, name: &str) -> Vec<(Spanned<Hole>, Spanned<String>)> {
        match self.take(name).map(|s| s.value) {
            Some(Setting::Conditions(conditions)) => conditions,
            _ => Vec::new(),
        }
    }
    /// The list of a key, with its place.
    pub fn list(&mut self, name: &str) -> Option<Spanned<Vec<Spanned<Setting>>>> {
        match self.take(name)? {
            Spanned { value: Setting::List(list), span } => Some(Spanned::new(list, span)),
            _ => None,
        }
    }
    /// How many rejects are too many.
    pub fn rejects(&mut self, name: &str) -> Option<MaxRejects> {
        match self.take(name)?.value {
            Setting::Rejects(rejects) => Some(rejects),
            _ => None,
        }
    }
    /// The address of a database. That of a service is a setting of its connector, and stays among the rest.
    pub fn url(&mut self, name: &str) -> Option<Spanned<DestinationUrl>> {
        if !matches!(self.values.get(name)?.value, Setting::Url(_)) {
            return None;
        }
        match self.take(name)? {
            Spanned { value: Setting::Url(url), span } => Some(Spanned::new(url, span)),
            _ => None,
        }
    }
    /// What nobody has taken: keys of a connector that have no place of their own.
    pub fn rest(self) -> BTreeMap<String, Spanned<Setting>> {
        self.values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

impl<T> Read<T> {
    pub(super) fn map<U>(self, f: impl FnOnce(T) -> U) -> Read<U> {
        match self {
            Read::Value(value) => Read::Value(f(value)),
            Read::Absent => Read::Absent,
            Read::Broken => Read::Broken,
        }
    }
}

/// A value from an option or its variable: taken as it is, no variables in it.
fn from_outside(
    checker: &mut Checker<'_>,
    place: &Place<'_>,
    given: &super::checker::Given,
) -> Read<Setting> {
    let kind = place.key.kind;
    let text = given.value.expose();
    let none = 0..0;
    let hidden = kind == Kind::Secret || (kind.may_hold_password() && crate::address::holds_password(text));
    if given.on_command_line && hidden {
        let message = format!("{} gives a secret: others on this machine can see it", given.by);
        let hint = "put it into the environment or into .env beside landfall.toml";
        checker.problems.push(Problem::warning(message).span(given.span.clone()).hint(hint));
    }
    match setting::convert(
        kind,
        &Text { text, span: given.span.as_ref().unwrap_or(&none), start: None, open: false },
    ) {
        Ok(setting) => Read::Value(setting),
        Err(misfit) => {
            let what = match misfit {
                Misfit::Shape => format!("wants {}, and got {}", kind.wants(), setting::shape(text)),
                Misfit::Odd { what, .. } | Misfit::At { what, .. } => what,
            };
            let message = format!("{} sets `{}`, which {what}", given.by, place.path);
            checker.problems.push(Problem::error(message).span(given.span.clone()));
            Read::Broken
        }
    }
}

/// The table of a section that stands once, and its head; something else is a problem.
pub(crate) fn one<'t>(checker: &mut Checker<'_>, root: &'t Table, name: &str) -> Option<(&'t Table, Span)> {
    table_of(checker, root, name, &format!("write [{name}]"))
}

fn table_of<'t>(
    checker: &mut Checker<'_>,
    root: &'t Table,
    name: &str,
    hint: &str,
) -> Option<(&'t Table, Span)> {
    let (key, node) = root.get(name)?;
    match &node.value {
        Value::Table(table) => Some((table, head(node, &key.span))),
        _ => {
            let message = format!("`{name}` wants a table, not {}", node.shape());
            checker.error_hint(&node.span, message, hint);
            None
        }
    }
}

/// The tables `[name.NAME]`; anything else under `name` is a problem.
pub(crate) fn named<'t>(
    checker: &mut Checker<'_>,
    root: &'t Table,
    name: &str,
) -> Vec<(&'t Spanned<String>, &'t Table, Span)> {
    named_in(checker, root, "", name)
}

/// The tables `[outer.name.NAME]` of the table `[outer]`; `before` is `outer.`.
pub(crate) fn named_in<'t>(
    checker: &mut Checker<'_>,
    table: &'t Table,
    before: &str,
    name: &str,
) -> Vec<(&'t Spanned<String>, &'t Table, Span)> {
    let path = format!("{before}{name}");
    let hint = format!("write [{path}.NAME]");
    let Some((table, _)) = table_of(checker, table, name, &hint) else { return Vec::new() };
    let mut found = Vec::new();
    for (key, node) in &table.entries {
        match &node.value {
            Value::Table(inner) => found.push((key, inner, head(node, &key.span))),
            _ => {
                let message =
                    format!("`{}` stands directly in `[{path}]`, which holds tables only", key.value);
                checker.error_hint(&key.span, message, format!("write [{path}.NAME] above it"));
            }
        }
    }
    found
}

/// The head of a table; of one that has none (`a.b = 1`), its key.
pub(crate) fn head(node: &Node, key: &Span) -> Span {
    if node.span.is_empty() { key.clone() } else { node.span.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{CONNECTORS, DEEDS, SECTIONS, SENDERS};

    #[test]
    fn every_default_is_a_value_of_its_kind() {
        let sections = SECTIONS.iter().map(|s| s.keys).chain(CONNECTORS.iter().map(|c| c.keys));
        let variants = SENDERS.iter().chain(DEEDS).map(|v| v.keys);
        let mut seen = 0;
        for key in sections.chain(variants).flatten() {
            if let Some(text) = key.default {
                let from = Text { text, span: &(0..0), start: None, open: true };
                assert!(setting::convert(key.kind, &from).is_ok(), "{}", key.name);
                assert!(!key.required, "{}: what has a default need not be there", key.name);
                seen += 1;
            }
        }
        assert!(seen > 8);
    }
}
