//! The constraints of a search: which fit which field, and which record meets them.

use super::value::{Scalar, Stored};
use crate::culturebridge::{CITIES, schema};
use crate::schema::{Field, FieldKind, KeyMode, Type};
use crate::serve::answer::Answer;
use serde_json::Value;
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// A constraint, checked against its field.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Constraint {
    /// The field's number in its type.
    pub field: usize,
    pub test: Test,
}

/// What a record must meet.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Test {
    Equals(Stored),
    NotEqual(Stored),
    Empty,
    NotEmpty,
    /// All these word stems.
    Words(BTreeSet<String>),
    NotWords(BTreeSet<String>),
    Greater(Scalar),
    Less(Scalar),
    In(Vec<Scalar>),
    NotIn(Vec<Scalar>),
    Contains(Scalar),
    NotContains(Scalar),
    Near {
        lat: f64,
        lng: f64,
        km: f64,
    },
}

/// Reads the parameter `constraints`.
pub(super) fn read(
    text: &str,
    kind: &'static Type,
    keys: KeyMode,
    ids: bool,
) -> Result<Vec<Constraint>, Answer> {
    let list: Value =
        serde_json::from_str(text).map_err(|_| Answer::malformed("constraints is not valid JSON"))?;
    let list = list.as_array().ok_or_else(|| Answer::malformed("constraints is not an array"))?;
    list.iter().map(|entry| one(entry, kind, keys, ids)).collect()
}

fn one(entry: &Value, kind: &'static Type, keys: KeyMode, ids: bool) -> Result<Constraint, Answer> {
    let entry = entry.as_object().ok_or_else(|| Answer::malformed("a constraint is not an object"))?;
    if let Some(other) = entry.keys().find(|key| !["key", "constraint_type", "value"].contains(&key.as_str()))
    {
        return Err(Answer::unrecognised(other));
    }
    let part = |name: &str| {
        let text = entry.get(name).and_then(Value::as_str);
        text.ok_or_else(|| Answer::malformed(format!("a constraint without {name}")))
    };
    let key = part("key")?;
    let number = kind.field(key, keys).ok_or_else(|| Answer::unrecognised(key))?;
    let field = &kind.fields[number];
    let word = part("constraint_type")?;
    let value = entry.get("value");
    let test = test(word, field, value)?;
    let compares = matches!(test, Test::Greater(_) | Test::Less(_));
    if compares && number == schema::ID && !ids {
        return Err(misfit(word, field));
    }
    Ok(Constraint { field: number, test })
}

fn test(word: &str, field: &Field, value: Option<&Value>) -> Result<Test, Answer> {
    let list = matches!(field.kind, FieldKind::List(_));
    let fits = match word {
        "equals" | "not equal" | "is_empty" | "is_not_empty" => true,
        "in" | "not in" => true,
        "text contains" | "not text contains" => field.kind == FieldKind::Text,
        "greater than" | "less than" => {
            matches!(field.kind, FieldKind::Text | FieldKind::Number | FieldKind::Date)
        }
        "contains" | "not contains" | "empty" | "not empty" => list,
        "geographic_search" => field.kind == FieldKind::Address,
        _ => return Err(Answer::malformed(format!("Unrecognized constraint_type: {word}"))),
    };
    if !fits {
        return Err(misfit(word, field));
    }
    let element = match field.kind {
        FieldKind::List(element) => *element,
        kind => kind,
    };
    let scalar = |value: Option<&Value>| {
        value.and_then(|value| Scalar::asked(&element, value)).ok_or_else(|| bad_value(word, field))
    };
    let scalars = |value: Option<&Value>| {
        let list = value.and_then(Value::as_array).ok_or_else(|| bad_value(word, field))?;
        list.iter().map(|value| scalar(Some(value))).collect::<Result<Vec<_>, _>>()
    };
    let whole = |value| match list {
        true => scalars(value).map(Stored::Many),
        false => scalar(value).map(Stored::One),
    };
    Ok(match word {
        "equals" => Test::Equals(whole(value)?),
        "not equal" => Test::NotEqual(whole(value)?),
        "is_empty" | "empty" => Test::Empty,
        "is_not_empty" | "not empty" => Test::NotEmpty,
        "text contains" | "not text contains" => {
            let Scalar::Text(text) = scalar(value)? else { return Err(bad_value(word, field)) };
            if word == "text contains" { Test::Words(stems(&text)) } else { Test::NotWords(stems(&text)) }
        }
        "greater than" => Test::Greater(scalar(value)?),
        "less than" => Test::Less(scalar(value)?),
        "in" => Test::In(scalars(value)?),
        "not in" => Test::NotIn(scalars(value)?),
        "contains" => Test::Contains(scalar(value)?),
        "not contains" => Test::NotContains(scalar(value)?),
        _ => near(value).ok_or_else(|| bad_value(word, field))?,
    })
}

/// The misfit's answer names constraint, internal field id and type.
fn misfit(word: &str, field: &Field) -> Answer {
    let message =
        format!("Constraint '{word}' does not fit field {} of type {}", field.id, field.kind.word());
    Answer::error(404, "NOT_FOUND", message)
}

fn bad_value(word: &str, field: &Field) -> Answer {
    let message =
        format!("Invalid value for constraint '{word}' on field {} of type {}", field.id, field.kind.word());
    Answer::malformed(message)
}

/// `range`, `origin_address`, optional `unit`. The stand-in knows its own cities and no other places.
fn near(value: Option<&Value>) -> Option<Test> {
    let place = value?.as_object()?;
    if place.keys().any(|key| !["range", "origin_address", "unit"].contains(&key.as_str())) {
        return None;
    }
    let origin = place.get("origin_address")?.as_str()?;
    let range = place.get("range")?;
    let range = range.as_f64().or_else(|| range.as_str()?.parse().ok())?;
    let km = match place.get("unit").and_then(Value::as_str) {
        Some("km") => range,
        Some("miles") | None => range * 1.609_344,
        Some(_) => return None,
    };
    let (_, lat, lng) = CITIES.iter().find(|(city, ..)| origin.contains(city))?;
    Some(Test::Near { lat: *lat, lng: *lng, km })
}

impl Test {
    /// Whether a record with that value is found.
    pub fn met(&self, stored: &Stored) -> bool {
        match self {
            Test::Equals(wanted) => stored == wanted,
            Test::NotEqual(wanted) => stored != wanted,
            Test::Empty => *stored == Stored::Empty,
            Test::NotEmpty => *stored != Stored::Empty,
            Test::Words(words) => has_words(stored, words),
            Test::NotWords(words) => !has_words(stored, words),
            Test::Greater(bound) => compares(stored, bound, Ordering::Greater),
            Test::Less(bound) => compares(stored, bound, Ordering::Less),
            Test::In(wanted) => within(stored, wanted),
            Test::NotIn(wanted) => !within(stored, wanted),
            Test::Contains(wanted) => holds(stored, wanted),
            Test::NotContains(wanted) => !holds(stored, wanted),
            Test::Near { lat, lng, km } => match stored {
                Stored::Place { lat: at_lat, lng: at_lng } => distance(*lat, *lng, *at_lat, *at_lng) <= *km,
                _ => false,
            },
        }
    }
}

fn compares(stored: &Stored, bound: &Scalar, wanted: Ordering) -> bool {
    matches!(stored, Stored::One(value) if value.order(bound) == Some(wanted))
}

fn within(stored: &Stored, wanted: &[Scalar]) -> bool {
    matches!(stored, Stored::One(value) if wanted.contains(value))
}

fn holds(stored: &Stored, wanted: &Scalar) -> bool {
    matches!(stored, Stored::Many(values) if values.contains(wanted))
}

fn has_words(stored: &Stored, words: &BTreeSet<String>) -> bool {
    matches!(stored, Stored::One(Scalar::Text(text)) if words.is_subset(&stems(text)))
}

/// Words that a search does not look for.
const STOP_WORDS: &[&str] = &[
    "a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "i", "in", "is", "it", "not", "of", "on",
    "or", "that", "the", "this", "to", "was", "with",
];

/// The stems of the words of a text: no substrings, no stop words, endings cut.
fn stems(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .map(str::to_lowercase)
        .filter(|word| !word.is_empty() && !STOP_WORDS.contains(&word.as_str()))
        .map(|word| {
            let ending = ["ings", "ing", "edly", "ed", "es", "s", "e"].into_iter();
            let stem = ending.filter_map(|ending| word.strip_suffix(ending)).find(|stem| stem.len() >= 3);
            stem.map_or_else(|| word.clone(), str::to_owned)
        })
        .collect()
}

/// Kilometres on the sphere (haversine).
fn distance(lat: f64, lng: f64, other_lat: f64, other_lng: f64) -> f64 {
    let (a, b) = (lat.to_radians(), other_lat.to_radians());
    let (dlat, dlng) = ((b - a) / 2.0, (other_lng - lng).to_radians() / 2.0);
    let h = dlat.sin().powi(2) + a.cos() * b.cos() * dlng.sin().powi(2);
    2.0 * 6371.0 * h.sqrt().asin()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_search_knows_stems_and_no_substrings() {
        for (text, query, expected) in [
            ("Wants to prepare a talk", "talks", true),
            ("Wants to prepare a talk", "preparing", true),
            ("Wants to prepare a talk", "prep", false),
            ("Wants to prepare a talk", "the talk", true),
            ("Wants to prepare a talk", "talk card", false),
        ] {
            assert_eq!(stems(query).is_subset(&stems(text)), expected, "{query}");
        }
    }

    #[test]
    fn distances_are_those_of_the_map() {
        let km = distance(52.52, 13.4, 38.72, -9.14);
        assert!((2300.0..2330.0).contains(&km), "{km}");
    }
}
