//! What a list request asks for; everything that is not understood is refused.

use super::constraint::{self, Constraint};
use crate::culturebridge::schema::{CREATED, ID};
use crate::scenario::Scenario;
use crate::schema::{FieldKind, Type};
use crate::serve::answer::Answer;
use crate::serve::query::pairs;
use serde_json::Value;

/// Records of a page at most; a request for more gets as many, and no word about it.
const PAGE_MAX: u64 = 100;

/// A list request.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Query {
    pub cursor: u64,
    pub limit: u64,
    pub constraints: Vec<Constraint>,
    pub sort: Vec<Sort>,
    /// Whether the request named a field to sort by.
    pub sorted: bool,
    pub exclude_remaining: bool,
}

/// A field to sort by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sort {
    pub field: usize,
    pub descending: bool,
}

/// The names and values of a query string, decoded.
pub(super) fn parameters(query: &str) -> Result<Vec<(String, String)>, Answer> {
    let all = pairs(query).ok_or_else(|| Answer::malformed("the query is not properly encoded"))?;
    let twice = |(i, (name, _)): (usize, &(String, String))| all[..i].iter().any(|(other, _)| other == name);
    match all.iter().enumerate().find(|pair| twice(*pair)) {
        Some((_, (name, _))) => Err(Answer::malformed(format!("{name} is given twice"))),
        None => Ok(all),
    }
}

impl Query {
    pub fn read(text: &str, kind: &'static Type, scenario: &Scenario) -> Result<Self, Answer> {
        let keys = scenario.fields.keys;
        let mut query = Query {
            cursor: 0,
            limit: scenario.paging.default_limit,
            constraints: Vec::new(),
            sort: Vec::new(),
            sorted: false,
            exclude_remaining: false,
        };
        let (mut first, mut descending, mut more) = (None, false, Vec::new());
        for (name, value) in parameters(text)? {
            match name.as_str() {
                "cursor" => query.cursor = number(&name, &value)?,
                "limit" => query.limit = number(&name, &value)?.min(PAGE_MAX),
                "exclude_remaining" => query.exclude_remaining = flag(&name, &value)?,
                "descending" => descending = flag(&name, &value)?,
                "sort_field" => first = Some(sortable(&value, kind, scenario)?),
                "additional_sort_fields" => more = additional(&value, kind, scenario)?,
                "constraints" => {
                    query.constraints = constraint::read(&value, kind, keys, scenario.fields.compare_ids)?;
                }
                _ => return Err(Answer::unrecognised(&name)),
            }
        }
        if first.is_none() && !more.is_empty() {
            return Err(Answer::malformed("additional_sort_fields without sort_field"));
        }
        query.sorted = first.is_some();
        query.sort.push(Sort { field: first.unwrap_or(CREATED), descending });
        query.sort.append(&mut more);
        // Ids are unique: what follows one decides nothing.
        if let Some(at) = query.sort.iter().position(|sort| sort.field == ID) {
            query.sort.truncate(at + 1);
        }
        Ok(query)
    }
}

fn number(name: &str, value: &str) -> Result<u64, Answer> {
    let number = value.bytes().all(|b| b.is_ascii_digit()).then(|| value.parse().ok()).flatten();
    number.ok_or_else(|| Answer::malformed(format!("{name} is not a whole number from 0")))
}

fn flag(name: &str, value: &str) -> Result<bool, Answer> {
    match value {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(Answer::malformed(format!("{name} is neither true nor false"))),
    }
}

/// A field to sort by must have one value.
fn sortable(key: &str, kind: &'static Type, scenario: &Scenario) -> Result<usize, Answer> {
    let number = kind.field(key, scenario.fields.keys).ok_or_else(|| Answer::unrecognised(key))?;
    match kind.fields[number].kind {
        FieldKind::List(_) => Err(Answer::malformed(format!("{key} is a list and cannot be sorted by"))),
        _ => Ok(number),
    }
}

fn additional(text: &str, kind: &'static Type, scenario: &Scenario) -> Result<Vec<Sort>, Answer> {
    let wrong = || Answer::malformed("additional_sort_fields is not an array of {sort_field, descending}");
    let list: Value = serde_json::from_str(text).map_err(|_| wrong())?;
    let list = list.as_array().ok_or_else(wrong)?;
    list.iter()
        .map(|entry| {
            let entry = entry.as_object().ok_or_else(wrong)?;
            let other = entry.keys().find(|key| !["sort_field", "descending"].contains(&key.as_str()));
            if let Some(other) = other {
                return Err(Answer::unrecognised(other));
            }
            let key = entry.get("sort_field").and_then(Value::as_str).ok_or_else(wrong)?;
            // The manual's sample gives the boolean as text, clients give a boolean.
            let descending = match entry.get("descending") {
                None => false,
                Some(Value::Bool(flag)) => *flag,
                Some(Value::String(text)) => flag("descending", text)?,
                Some(_) => return Err(wrong()),
            };
            Ok(Sort { field: sortable(key, kind, scenario)?, descending })
        })
        .collect()
}
