//! Reading what changed its shape over the years.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A list that may be null, may hold nulls, and may stand in an object under `fields` (2021): what is in it.
pub(crate) fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let items = match Value::deserialize(deserializer)? {
        Value::Array(items) => items,
        Value::Object(mut object) => match object.remove("fields") {
            Some(Value::Array(items)) => items,
            _ => Vec::new(),
        },
        _ => Vec::new(),
    };
    let read = |item| serde_json::from_value(item).map_err(serde::de::Error::custom);
    items.into_iter().filter(|item| !item.is_null()).map(read).collect()
}

/// A value that may be null: then it is the default one.
pub(crate) fn nullable<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// A whole number that may be written as a float, `2000.0`; what is none, or is not whole, is not told.
pub(crate) fn whole<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<i64>,
{
    let value = Value::deserialize(deserializer)?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "it is whole, and a float beyond 64 bits is cut to them"
    )]
    let float = || value.as_f64().filter(|float| float.fract() == 0.0).map(|float| float as i64);
    Ok(value.as_i64().or_else(float).and_then(|whole| T::try_from(whole).ok()))
}
