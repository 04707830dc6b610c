//! One case as `tests/slt/README.md` describes it: a column and the records that it is tried on.

use crate::types::{self, Column};

/// The fields of the records, in the order in which a line gives them.
pub const FIELDS: [&str; 3] = ["a", "b", "c"];

/// What is tried.
#[derive(Debug, Clone)]
pub enum Target {
    /// An expression for a column.
    Column(Box<Column>),
    /// A filter.
    Where,
}

/// A case.
#[derive(Debug)]
pub struct Case {
    /// What the expression is for.
    pub target: Target,
    /// The expression.
    pub sql: String,
    /// Each record as it stands in the file, and its fields.
    pub records: Vec<(String, Vec<Option<String>>)>,
}

/// Reads a case; the first line is `COLUMN := EXPRESSION`, each further one a record.
pub fn parse(text: &str) -> Result<Case, String> {
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    let (target, sql) = first.split_once(":=").ok_or_else(|| format!("no `:=` in {first}"))?;
    let target = match target.trim() {
        "where" => Target::Where,
        column => Target::Column(Box::new(types::column(column)?)),
    };
    let record = |line: &str| Ok::<_, String>((line.trim().to_owned(), literals(line.trim())?));
    let records = lines.map(record).collect::<Result<_, _>>()?;
    Ok(Case { target, sql: sql.trim().to_owned(), records })
}

/// The values of a line, one per field; fields that are not named are NULL.
fn literals(line: &str) -> Result<Vec<Option<String>>, String> {
    let (mut values, mut rest) = (Vec::new(), line);
    loop {
        let (value, after) = literal(rest).ok_or_else(|| format!("not a list of values: {line}"))?;
        values.push(value);
        if after.is_empty() {
            break;
        }
        rest = after.strip_prefix(", ").ok_or_else(|| format!("no comma and blank before {after}"))?;
    }
    if values.len() > FIELDS.len() {
        return Err(format!("more than {} values: {line}", FIELDS.len()));
    }
    values.resize(FIELDS.len(), None);
    Ok(values)
}

/// One value off the front: NULL, an SQL text, or a JSON text for what cannot be seen in an SQL text.
fn literal(text: &str) -> Option<(Option<String>, &str)> {
    if let Some(rest) = text.strip_prefix("NULL") {
        return Some((None, rest));
    }
    if text.starts_with('"') {
        let mut stream = serde_json::Deserializer::from_str(text).into_iter::<String>();
        let value = stream.next()?.ok()?;
        return Some((Some(value), &text[stream.byte_offset()..]));
    }
    let mut value = String::new();
    let mut rest = text.strip_prefix('\'')?;
    loop {
        let (piece, after) = rest.split_once('\'')?;
        value.push_str(piece);
        match after.strip_prefix('\'') {
            Some(more) => {
                value.push('\'');
                rest = more;
            }
            None => return Some((Some(value), after)),
        }
    }
}

#[test]
fn values_are_read_as_sql_and_json_write_them() {
    let own = |values: &[Option<&str>]| values.iter().map(|v| v.map(String::from)).collect::<Vec<_>>();
    assert_eq!(literals("'it''s', NULL, ''"), Ok(own(&[Some("it's"), None, Some("")])));
    assert_eq!(literals(r#""tab\t, end", 'x'"#), Ok(own(&[Some("tab\t, end"), Some("x"), None])));
    for wrong in ["", "'open", "1", "'a','b'", "'a', 'b', 'c', 'd'", "\"open"] {
        assert!(literals(wrong).is_err(), "{wrong}");
    }
}
