//! Filters, orders, pipelines and updates: as much of them as the double knows. Everything else is refused.

use super::commands::Refusal;
use bson::{Bson, Document, doc};
use std::cmp::Ordering;

const BAD_VALUE: i32 = 2;
const FAILED_TO_PARSE: i32 = 9;
const UNKNOWN_STAGE: i32 = 40_324;

type Refused<T> = Result<T, Refusal>;

/// Whether a document matches.
pub(super) fn matches(filter: &Document, document: &Document) -> Refused<bool> {
    for (name, wanted) in filter {
        if name.starts_with('$') {
            return Err(Refusal::new(BAD_VALUE, format!("unknown top level operator: {name}")));
        }
        let found = at(document, name);
        let fits = match wanted {
            Bson::Document(operators) if operators.keys().any(|key| key.starts_with('$')) => {
                let mut all = true;
                for (operator, value) in operators {
                    all &= holds(operator, found, value)?;
                }
                all
            }
            value => found == Some(value),
        };
        if !fits {
            return Ok(false);
        }
    }
    Ok(true)
}

fn holds(operator: &str, found: Option<&Bson>, value: &Bson) -> Refused<bool> {
    let order = || -> Refused<Option<Ordering>> {
        match found {
            Some(found) if kind(found)? == kind(value)? => Ok(Some(compare(found, value)?)),
            _ => Ok(None),
        }
    };
    Ok(match operator {
        "$eq" => found == Some(value),
        "$ne" => found != Some(value),
        "$lt" => order()?.is_some_and(Ordering::is_lt),
        "$lte" => order()?.is_some_and(Ordering::is_le),
        "$gt" => order()?.is_some_and(Ordering::is_gt),
        "$gte" => order()?.is_some_and(Ordering::is_ge),
        "$in" => match value {
            Bson::Array(values) => values.iter().any(|value| found == Some(value)),
            _ => return Err(Refusal::new(BAD_VALUE, "$in needs an array")),
        },
        other => return Err(Refusal::new(BAD_VALUE, format!("unknown operator: {other}"))),
    })
}

/// What stands at a path, `a.b`.
fn at<'a>(document: &'a Document, path: &str) -> Option<&'a Bson> {
    match path.split_once('.') {
        None => document.get(path),
        Some((first, rest)) => at(document.get_document(first).ok()?, rest),
    }
}

/// Where a kind of value stands among the others.
fn kind(value: &Bson) -> Refused<u8> {
    Ok(match value {
        Bson::Null => 1,
        Bson::Int32(_) | Bson::Int64(_) | Bson::Double(_) => 2,
        Bson::String(_) => 3,
        Bson::ObjectId(_) => 4,
        Bson::Boolean(_) => 5,
        Bson::DateTime(_) => 6,
        _ => return Err(Refusal::new(BAD_VALUE, "the double has no order for this kind of value")),
    })
}

/// As a float, which is exact enough for the numbers of tests.
fn number(value: &Bson) -> f64 {
    match value {
        Bson::Int32(number) => f64::from(*number),
        Bson::Int64(number) => *number as f64,
        Bson::Double(number) => *number,
        _ => f64::NAN,
    }
}

fn compare(a: &Bson, b: &Bson) -> Refused<Ordering> {
    let kinds = kind(a)?.cmp(&kind(b)?);
    Ok(match (a, b) {
        (Bson::String(a), Bson::String(b)) => a.cmp(b),
        (Bson::ObjectId(a), Bson::ObjectId(b)) => a.cmp(b),
        (Bson::Boolean(a), Bson::Boolean(b)) => a.cmp(b),
        (Bson::DateTime(a), Bson::DateTime(b)) => a.cmp(b),
        (Bson::Int64(a), Bson::Int64(b)) => a.cmp(b),
        _ if kinds.is_eq() => number(a).total_cmp(&number(b)),
        _ => kinds,
    })
}

/// Puts documents in order; `{ "a": 1, "b": -1 }`.
pub(super) fn sort(documents: &mut [Document], order: &Document) -> Refused<()> {
    let mut refused = None;
    let mut keys = Vec::new();
    for (name, direction) in order {
        match number(direction) {
            1.0 => keys.push((name, false)),
            -1.0 => keys.push((name, true)),
            _ => return Err(Refusal::new(BAD_VALUE, "an order is 1 or -1")),
        }
    }
    documents.sort_by(|a, b| {
        for (name, reverse) in &keys {
            let (a, b) = (at(a, name).unwrap_or(&Bson::Null), at(b, name).unwrap_or(&Bson::Null));
            let order = compare(a, b).unwrap_or_else(|refusal| {
                refused = Some(refusal);
                Ordering::Equal
            });
            if order.is_ne() {
                return if *reverse { order.reverse() } else { order };
            }
        }
        Ordering::Equal
    });
    refused.map_or(Ok(()), Err)
}

/// What a pipeline makes of documents.
pub(super) fn pipeline(mut documents: Vec<Document>, stages: &[Bson]) -> Refused<Vec<Document>> {
    for stage in stages {
        let stage = stage.as_document().filter(|stage| stage.len() == 1);
        let stage = stage.and_then(|stage| stage.iter().next());
        let (name, what) = stage.ok_or_else(|| Refusal::new(UNKNOWN_STAGE, "a stage has one field"))?;
        documents = match (name.as_str(), what) {
            ("$match", Bson::Document(filter)) => matching(documents, filter)?,
            ("$sort", Bson::Document(order)) => {
                sort(&mut documents, order)?;
                documents
            }
            ("$limit", limit) => {
                documents.truncate(
                    amount(limit)
                        .filter(|n| *n > 0)
                        .ok_or_else(|| Refusal::new(15_958, "the limit must be positive"))?,
                );
                documents
            }
            ("$skip", skip) => {
                let skip = amount(skip).ok_or_else(|| Refusal::new(15_956, "a skip is a number"))?;
                documents.into_iter().skip(skip).collect()
            }
            ("$count", Bson::String(name)) if documents.is_empty() => {
                debug_assert!(!name.is_empty());
                Vec::new()
            }
            ("$count", Bson::String(name)) => vec![doc! { name: count(&documents) }],
            ("$group", Bson::Document(group)) => grouped(&documents, group)?,
            _ => return Err(Refusal::new(UNKNOWN_STAGE, format!("unrecognized pipeline stage: {name}"))),
        };
    }
    Ok(documents)
}

/// The documents that match.
pub(super) fn matching(documents: Vec<Document>, filter: &Document) -> Refused<Vec<Document>> {
    let mut found = Vec::new();
    for document in documents {
        if matches(filter, &document)? {
            found.push(document);
        }
    }
    Ok(found)
}

/// `{ "_id": constant, "n": { "$sum": 1 } }`, which is how drivers count; no other group.
fn grouped(documents: &[Document], group: &Document) -> Refused<Vec<Document>> {
    let refuse = || Refusal::new(15_952, "the double groups everything by a constant, with $sum of 1 only");
    let id = group.get("_id").filter(|id| !matches!(id, Bson::String(_) | Bson::Document(_)));
    let id = id.ok_or_else(refuse)?;
    let mut one = doc! { "_id": id };
    for (name, what) in group.iter().filter(|(name, _)| *name != "_id") {
        let sum = what.as_document().filter(|what| what.len() == 1).and_then(|what| what.get("$sum"));
        sum.filter(|sum| number(sum) == 1.0).ok_or_else(refuse)?;
        one.insert(name, count(documents));
    }
    Ok(if documents.is_empty() { Vec::new() } else { vec![one] })
}

pub(super) fn count(documents: &[Document]) -> i32 {
    i32::try_from(documents.len()).unwrap_or(i32::MAX)
}

/// A number that counts something.
pub(super) fn amount(value: &Bson) -> Option<usize> {
    match value {
        Bson::Int32(number) => usize::try_from(*number).ok(),
        Bson::Int64(number) => usize::try_from(*number).ok(),
        Bson::Double(number) if number.fract() == 0.0 => format!("{number:.0}").parse().ok(),
        _ => None,
    }
}

/// Changes a document by `$set`, and by `$setOnInsert` when it is a new one; whether it differs now.
pub(super) fn update(document: &mut Document, update: &Document, new: bool) -> Refused<bool> {
    let before = document.clone();
    for (operator, what) in update {
        let fields = what.as_document();
        match (operator.as_str(), fields) {
            ("$set", Some(fields)) => set(document, fields),
            ("$setOnInsert", Some(fields)) if new => set(document, fields),
            ("$setOnInsert", Some(_)) => {}
            _ => return Err(Refusal::new(FAILED_TO_PARSE, format!("unknown modifier: {operator}"))),
        }
    }
    Ok(*document != before)
}

fn set(document: &mut Document, fields: &Document) {
    for (name, value) in fields {
        document.insert(name, value.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_match_what_they_say_and_refuse_what_they_do_not_know() {
        let document = doc! { "a": 1, "b": "x", "c": { "d": true } };
        for (filter, expected) in [
            (doc! {}, Some(true)),
            (doc! { "a": 1, "b": "x" }, Some(true)),
            (doc! { "a": 1, "b": "y" }, Some(false)),
            (doc! { "c.d": true }, Some(true)),
            (doc! { "a": { "$gt": 0, "$lte": 1 } }, Some(true)),
            (doc! { "a": { "$gt": 1 } }, Some(false)),
            (doc! { "b": { "$gt": 0 } }, Some(false)),
            (doc! { "b": { "$in": ["x", "y"] } }, Some(true)),
            (doc! { "z": { "$ne": 1 } }, Some(true)),
            (doc! { "a": { "$where": 1 } }, None),
            (doc! { "$or": [] }, None),
        ] {
            assert_eq!(matches(&filter, &document).ok(), expected, "{filter}");
        }
    }

    #[test]
    fn pipelines_sort_cut_and_count() {
        let all = || [3, 1, 2].map(|n| doc! { "_id": n, "t": n % 2 }).to_vec();
        let stage = |stage: Document| Bson::Document(stage);
        let order = stage(doc! { "$sort": { "t": -1, "_id": 1 } });
        for (stages, expected) in [
            (vec![order.clone()], vec![1, 3, 2]),
            (vec![order.clone(), stage(doc! { "$limit": 2 })], vec![1, 3]),
            (vec![order, stage(doc! { "$skip": 2_i64 })], vec![2]),
            (vec![stage(doc! { "$match": { "t": 0 } })], vec![2]),
            (vec![stage(doc! { "$group": { "_id": 1, "n": { "$sum": 1 } } })], vec![1]),
        ] {
            let ids: Vec<_> =
                pipeline(all(), &stages).unwrap().iter().map(|d| d.get_i32("_id").unwrap()).collect();
            assert_eq!(ids, expected, "{stages:?}");
        }
        let counted = pipeline(all(), &[stage(doc! { "$count": "n" })]).unwrap();
        assert_eq!(counted, [doc! { "n": 3 }]);
        for refused in [doc! { "$lookup": {} }, doc! { "$limit": 0 }, doc! { "$group": { "_id": "$t" } }] {
            assert!(pipeline(all(), &[stage(refused)]).is_err());
        }
    }
}
