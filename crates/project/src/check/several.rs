//! Values that hold several: lists, tables of columns, conditions.

use super::checker::{Checker, Place, Read};
use crate::keys::{Key, Kind};
use crate::model::Setting;
use crate::spanned::Spanned;
use crate::wire::{Node, Table, Value};
use base::Problem;
use base::template::Hole;

impl Checker<'_> {
    /// A list of fields; it may be empty.
    pub fn fields(&mut self, list: &[Node], place: &Place<'_>) -> Read<Setting> {
        match self.elements(list, Kind::Field, place) {
            Some(found) => {
                let text = |one: Spanned<Setting>| match one.value {
                    Setting::Text(name) => Some(Spanned::new(name, one.span)),
                    _ => None,
                };
                Read::Value(Setting::Fields(found.into_iter().filter_map(text).collect()))
            }
            None => Read::Broken,
        }
    }

    /// A list; an empty one is as if it were not there.
    pub fn list(&mut self, list: &[Node], element: Kind, place: &Place<'_>) -> Read<Setting> {
        match self.elements(list, element, place) {
            Some(found) if found.is_empty() => Read::Absent,
            Some(found) => Read::Value(Setting::List(found)),
            None => Read::Broken,
        }
    }

    /// The elements of a list, each once; `None`: one is broken.
    fn elements(&mut self, list: &[Node], kind: Kind, place: &Place<'_>) -> Option<Vec<Spanned<Setting>>> {
        let key = Key { kind, ..*place.key };
        let mut found: Vec<Spanned<Setting>> = Vec::new();
        let mut broken = false;
        for node in list {
            match self.value(node, &Place { key: &key, ..*place }) {
                Read::Value(setting) if found.iter().any(|f| f.value == setting) => {
                    let what = match &setting {
                        Setting::Text(name) => format!("`{name}`"),
                        _ => "this".to_owned(),
                    };
                    let message = format!("{what} stands twice in `{}`", place.path);
                    self.problems.push(Problem::warning(message).span(Some(node.span.clone())));
                }
                Read::Value(setting) => found.push(Spanned::new(setting, node.span.clone())),
                Read::Absent => {}
                Read::Broken => broken = true,
            }
        }
        (!broken).then_some(found)
    }

    /// A table of columns, of SQL or of texts with holes.
    pub fn columns(&mut self, table: &Table, place: &Place<'_>) -> Read<Setting> {
        if place.key.kind == Kind::Columns {
            let read = self.entries(table, Kind::Sql, place, |setting, _| match setting {
                Setting::Sql(expr) => Some(expr),
                _ => None,
            });
            return read.map(Setting::Columns);
        }
        let read = self.entries(table, Kind::Template, place, |setting, node| match setting {
            Setting::Template(template) => Some(Spanned::new(template, node.span.clone())),
            _ => None,
        });
        read.map(Setting::Templates)
    }

    /// A table of columns, each with one of some words.
    pub fn choices(
        &mut self,
        table: &Table,
        words: &'static [&'static str],
        place: &Place<'_>,
    ) -> Read<Setting> {
        let read = self.entries(table, Kind::Choice(words), place, |setting, _| match setting {
            Setting::Text(word) => Some(word),
            _ => None,
        });
        read.map(Setting::Choices)
    }

    /// A table of columns, each with a value of one kind; an empty one is as if it were not there.
    fn entries<T>(
        &mut self,
        table: &Table,
        kind: Kind,
        place: &Place<'_>,
        of: impl Fn(Setting, &Node) -> Option<T>,
    ) -> Read<Vec<(Spanned<String>, T)>> {
        let key = Key { kind, ..*place.key };
        let mut found = Vec::new();
        let mut broken = false;
        for (column, node) in &table.entries {
            let path = format!("{}.{}", place.path, column.value);
            if let Some(what) = column_odd(column) {
                self.error(&column.span, format!("a column in `{}` {what}", place.path));
                broken = true;
            }
            match self.value(node, &Place { key: &key, path: &path, needs: place.needs }) {
                Read::Value(setting) => match of(setting, node) {
                    Some(value) => found.push((column.clone(), value)),
                    None => broken = true,
                },
                Read::Absent => {
                    self.error(&node.span, format!("`{path}` is empty"));
                    broken = true;
                }
                Read::Broken => broken = true,
            }
        }
        match (table.entries.is_empty(), broken) {
            (true, _) => Read::Absent,
            (false, true) => Read::Broken,
            (false, false) => Read::Value(found),
        }
    }

    /// A table of what an event tells and the text that it must be. `body.a.b = "x"` is a table in a table in
    /// TOML, and means the path all the same.
    pub fn conditions(&mut self, table: &Table, place: &Place<'_>) -> Read<Setting> {
        let mut found = Vec::new();
        let broken = !self.conditions_below("", table, place, &mut found);
        if broken {
            Read::Broken
        } else if found.is_empty() {
            Read::Absent
        } else {
            Read::Value(Setting::Conditions(found))
        }
    }

    /// Those of a table and of the tables in it, which `wire` keeps from being deep; false: one is broken.
    fn conditions_below(
        &mut self,
        before: &str,
        table: &Table,
        place: &Place<'_>,
        found: &mut Vec<(Spanned<Hole>, Spanned<String>)>,
    ) -> bool {
        let key = Key { kind: Kind::Text, ..*place.key };
        let mut whole = true;
        for (name, node) in &table.entries {
            let hole = format!("{before}{}", name.value);
            if let Value::Table(inner) = &node.value {
                whole &= self.conditions_below(&format!("{hole}."), inner, place, found);
                continue;
            }
            let path = format!("{}.{hole}", place.path);
            let read = self.value(node, &Place { key: &key, path: &path, needs: place.needs });
            match (Hole::parse(&hole), read) {
                (Ok(hole), Read::Value(Setting::Text(text))) => {
                    let hole = Spanned::new(hole, name.span.clone());
                    found.push((hole, Spanned::new(text, node.span.clone())));
                }
                (Err(_), _) => {
                    let message = format!("`{hole}` in `{}` is nothing that an event tells", place.path);
                    let hint = "write a name such as status, or \"body.path.to\" = \"…\"";
                    self.error_hint(&name.span, message, hint);
                    whole = false;
                }
                (Ok(_), Read::Absent) => {
                    self.error(&node.span, format!("`{path}` is empty"));
                    whole = false;
                }
                (Ok(_), _) => whole = false,
            }
        }
        whole
    }
}

/// What is wrong with the name of a column, whatever the table.
pub(crate) fn column_odd(name: &str) -> Option<&'static str> {
    /// PostgreSQL cuts longer names (`NAMEDATALEN` - 1 bytes).
    const BYTES_MAX: usize = 63;
    if name.is_empty() {
        Some("has no name")
    } else if name.len() > BYTES_MAX {
        Some("has a name of more than 63 bytes")
    } else if name.contains('\0') {
        Some("has a name with a NUL")
    } else {
        None
    }
}
