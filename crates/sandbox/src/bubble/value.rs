//! Values as searches compare them: by the declared kind of the field, whatever form the JSON has.

use crate::schema::FieldKind;
use crate::time;
use serde_json::Value;
use serde_json::value::RawValue;
use std::cmp::Ordering;
use std::hash::{DefaultHasher, Hash, Hasher};

/// A single value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Scalar {
    Text(String),
    Number(f64),
    Flag(bool),
    Date(i64),
}

/// What a record holds under a key.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Stored {
    Empty,
    One(Scalar),
    Many(Vec<Scalar>),
    Place {
        lat: f64,
        lng: f64,
    },
    /// An object; it is not empty, and equals nothing.
    Object,
}

impl Scalar {
    /// A value that a request gives for a field of that kind; `None` when it is none.
    pub fn asked(kind: &FieldKind, value: &Value) -> Option<Self> {
        Some(match (kind, value) {
            (FieldKind::Number, Value::Number(number)) => Scalar::Number(number.as_f64()?),
            // The manual's own samples give numbers as text.
            (FieldKind::Number, Value::String(text)) => {
                Scalar::Number(text.trim().parse().ok().filter(|n: &f64| n.is_finite())?)
            }
            (FieldKind::Date, Value::Number(number)) => Scalar::Date(number.as_i64()?),
            (FieldKind::Date, Value::String(text)) => Scalar::Date(time::parse(text)?),
            (FieldKind::Flag, Value::Bool(flag)) => Scalar::Flag(*flag),
            (FieldKind::Flag, Value::String(text)) => match text.as_str() {
                "true" | "yes" => Scalar::Flag(true),
                "false" | "no" => Scalar::Flag(false),
                _ => return None,
            },
            (FieldKind::Number | FieldKind::Date | FieldKind::Flag | FieldKind::List(_), _) => return None,
            (_, Value::String(text)) => Scalar::Text(text.clone()),
            _ => return None,
        })
    }

    /// A value that a record holds; one that does not fit its field (the field changed its kind once) stays
    /// text.
    fn stored(kind: &FieldKind, value: &Value) -> Self {
        Self::asked(kind, value).unwrap_or_else(|| match value {
            Value::String(text) => Scalar::Text(text.clone()),
            other => Scalar::Text(other.to_string()),
        })
    }

    pub fn hash(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        match self {
            Scalar::Text(text) => (0u8, text).hash(&mut hasher),
            Scalar::Number(number) => (1u8, (number + 0.0).to_bits()).hash(&mut hasher),
            Scalar::Flag(flag) => (2u8, flag).hash(&mut hasher),
            Scalar::Date(ms) => (3u8, ms).hash(&mut hasher),
        }
        hasher.finish()
    }

    /// Order within a kind; values of different kinds have none.
    pub fn order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Scalar::Text(a), Scalar::Text(b)) => Some(a.cmp(b)),
            (Scalar::Number(a), Scalar::Number(b)) => a.partial_cmp(b),
            (Scalar::Flag(a), Scalar::Flag(b)) => Some(a.cmp(b)),
            (Scalar::Date(a), Scalar::Date(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }

    /// A total order for sorting: by kind first.
    pub fn sort(&self, other: &Self) -> Ordering {
        let rank = |scalar: &Self| match scalar {
            Scalar::Flag(_) => 0,
            Scalar::Number(_) => 1,
            Scalar::Date(_) => 2,
            Scalar::Text(_) => 3,
        };
        self.order(other).unwrap_or_else(|| rank(self).cmp(&rank(other)))
    }
}

impl Stored {
    /// Reads what stands under a key of that kind.
    pub fn read(kind: &FieldKind, raw: Option<&RawValue>) -> Self {
        let Some(raw) = raw else { return Stored::Empty };
        // A text with a lone surrogate cannot be read; it is compared as it is written.
        let value = serde_json::from_str(raw.get()).unwrap_or_else(|_| Value::String(raw.get().to_owned()));
        match (kind, &value) {
            (_, Value::Null) => Stored::Empty,
            (_, Value::String(text)) if text.is_empty() => Stored::Empty,
            (FieldKind::List(element), Value::Array(list)) => match list.is_empty() {
                true => Stored::Empty,
                false => Stored::Many(list.iter().map(|value| Scalar::stored(element, value)).collect()),
            },
            (FieldKind::Address, Value::Object(place)) => {
                let part = |key| place.get(key).and_then(Value::as_f64);
                match (part("lat"), part("lng")) {
                    (Some(lat), Some(lng)) => Stored::Place { lat, lng },
                    _ => Stored::Object,
                }
            }
            (_, Value::Object(_) | Value::Array(_)) => Stored::Object,
            _ => Stored::One(Scalar::stored(kind, &value)),
        }
    }
}
