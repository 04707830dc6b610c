//! The file as TOML says it: values with their places, nothing checked yet.

use crate::spanned::{Span, Spanned};
use crate::{address, mask, template};
use base::Problem;
use toml_edit::{Array, Document, Item, TableLike, Value as TomlValue};

/// Tables within tables that are looked into; the file's own form needs four.
const DEPTH_MAX: usize = 16;

/// A value.
#[derive(Debug)]
pub(crate) struct Node {
    pub span: Span,
    pub value: Value,
}

/// What a value is.
#[derive(Debug)]
pub(crate) enum Value {
    /// The text, and the byte of the file at which it begins when it stands there as it is.
    Text(String, Option<usize>),
    Integer(i64),
    Boolean(bool),
    /// A float or a date: nothing in the file takes one.
    Other(&'static str),
    List(Vec<Node>),
    Table(Table),
}

/// A table; the entries are in the file's order.
#[derive(Debug, Default)]
pub(crate) struct Table {
    pub entries: Vec<(Spanned<String>, Node)>,
}

impl Table {
    pub fn get(&self, name: &str) -> Option<&(Spanned<String>, Node)> {
        self.entries.iter().find(|(key, _)| key.value == name)
    }
}

impl Node {
    /// What it is, to follow "not".
    pub fn shape(&self) -> &'static str {
        match &self.value {
            Value::Text(..) => "text",
            Value::Integer(_) => "a number",
            Value::Boolean(_) => "`true` or `false`",
            Value::Other(what) => what,
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
        }
    }
}

/// Reads TOML; a mistake in the syntax is a problem with its place.
pub(crate) fn read(text: &str) -> Result<Table, Problem> {
    let document = Document::parse(text).map_err(|error| {
        let span =
            error.span().map(|s| s.start.min(text.len())..s.end.clamp(s.start.min(text.len()), text.len()));
        Problem::error(format!("this is not TOML: {}", one_line(error.message()))).span(span.or(Some(0..0)))
    })?;
    Ok(table(document.as_table(), text, &(0..0), 0))
}

/// The parser's message in one sentence.
fn one_line(message: &str) -> String {
    message.lines().map(str::trim).filter(|l| !l.is_empty()).collect::<Vec<_>>().join(", ")
}

fn table(from: &dyn TableLike, text: &str, at: &Span, depth: usize) -> Table {
    let mut entries = Vec::new();
    for (name, item) in from.iter() {
        let key = from.get_key_value(name).and_then(|(key, _)| key.span()).unwrap_or_else(|| at.clone());
        if let Some(node) = node(item, text, &key, depth + 1) {
            entries.push((Spanned::new(name.to_owned(), key), node));
        }
    }
    Table { entries }
}

fn node(item: &Item, text: &str, key: &Span, depth: usize) -> Option<Node> {
    let span = item.span().unwrap_or_else(|| key.clone());
    if depth > DEPTH_MAX {
        return Some(Node { span, value: Value::Other("a table so deep") });
    }
    let value = match item {
        Item::None => return None,
        Item::Value(value) => return Some(self::value(value, text, key, depth)),
        Item::Table(inner) => Value::Table(table(inner, text, &span, depth)),
        Item::ArrayOfTables(list) => Value::List(
            list.iter()
                .map(|inner| {
                    let span = inner.span().unwrap_or_else(|| key.clone());
                    Node { value: Value::Table(table(inner, text, &span, depth)), span }
                })
                .collect(),
        ),
    };
    Some(Node { span: head(&span, text), value })
}

fn value(from: &TomlValue, text: &str, key: &Span, depth: usize) -> Node {
    let span = from.span().unwrap_or_else(|| key.clone());
    let value = match from {
        TomlValue::String(inner) => {
            let start = content(text, &span, inner.value());
            Value::Text(inner.value().clone(), start)
        }
        TomlValue::Integer(inner) => Value::Integer(*inner.value()),
        TomlValue::Float(_) => Value::Other("a number with decimals"),
        TomlValue::Boolean(inner) => Value::Boolean(*inner.value()),
        TomlValue::Datetime(_) => Value::Other("a date without quotes"),
        TomlValue::Array(inner) => Value::List(list(inner, text, &span, depth)),
        TomlValue::InlineTable(inner) => Value::Table(table(inner, text, &span, depth)),
    };
    Node { span, value }
}

fn list(from: &Array, text: &str, at: &Span, depth: usize) -> Vec<Node> {
    if depth >= DEPTH_MAX {
        return Vec::new();
    }
    from.iter().map(|inner| value(inner, text, at, depth + 1)).collect()
}

/// The first line of a table's place: its header.
fn head(span: &Span, text: &str) -> Span {
    let whole = text.get(span.clone()).unwrap_or_default();
    span.start..span.start + whole.find(['\n', '\r']).unwrap_or(whole.len())
}

/// The byte at which a string's content begins, if the file holds it as it is.
fn content(text: &str, span: &Span, value: &str) -> Option<usize> {
    let raw = text.get(span.clone())?;
    for quotes in ["\"\"\"", "'''", "\"", "'"] {
        if let Some(inner) = raw.strip_prefix(quotes).and_then(|r| r.strip_suffix(quotes)) {
            // A line break right behind the opening quotes of a long string is not part of it.
            let trimmed = match quotes.len() {
                3 => inner.strip_prefix("\r\n").or_else(|| inner.strip_prefix('\n')).unwrap_or(inner),
                _ => inner,
            };
            return (trimmed == value).then(|| span.start + quotes.len() + (inner.len() - trimmed.len()));
        }
    }
    None
}

/// Places of texts whose key says that they are secrets, written out. Mappings and checks are SQL over
/// fields, which may be called anything: they are left out.
pub(crate) fn literal_secrets(root: &Table) -> Vec<Span> {
    let mut found = Vec::new();
    for (key, node) in &root.entries {
        if !matches!(key.value.as_str(), "entity" | "check" | "option") {
            walk(key, node, &mut found);
        }
    }
    found
}

fn walk(key: &str, node: &Node, found: &mut Vec<Span>) {
    match &node.value {
        Value::Table(table) => table.entries.iter().for_each(|(key, node)| walk(key, node, found)),
        Value::List(list) => list.iter().for_each(|node| walk(key, node, found)),
        Value::Text(text, _) => {
            // A text that is no template is judged as it stands.
            let password = text.contains("://")
                && template::parse(text).map_or_else(
                    |_| address::holds_password(text),
                    |pieces| address::literal_password(&pieces),
                );
            if (mask::looks_secret(key) && !text.starts_with("${")) || password {
                found.push(node.span.clone());
            }
        }
        _ => {}
    }
}
