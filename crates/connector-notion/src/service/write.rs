//! From columns to values as the service takes them.

use super::columns::column_type;
use super::schema::Schema;
use crate::rich_text;
use crate::types::PropertyKind;
use base::{Fault, RejectCode};
use connect::service::{Fields, Refusal};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Number, Value, json};
use values::Context;

/// Why a value is not written.
type Why = (RejectCode, &'static str);

/// The values of a page: property id → value. A column that the schema does not know is a fault.
pub(super) fn properties(
    schema: &Schema,
    fields: &Fields,
) -> Result<Result<Map<String, Value>, Refusal>, Fault> {
    let mut properties = Map::new();
    for (column, text) in fields {
        let property = schema
            .property(column)
            .ok_or_else(|| Fault::stop(format!("the database has no property for the column {column}")))?;
        match value(&property.config.kind, text.as_deref()) {
            Ok(value) => {
                properties.insert(property.config.id.clone(), json!({property.config.kind.word(): value}));
            }
            Err((code, reason)) => {
                let reason = reason.to_owned();
                return Ok(Err(Refusal { column: column.clone(), code, reason }));
            }
        }
    }
    Ok(Ok(properties))
}

/// A value; `text` in the form that the column's type shows.
pub(crate) fn value(kind: &PropertyKind, text: Option<&str>) -> Result<Value, Why> {
    use PropertyKind as K;
    let Some(text) = text else { return none(kind) };
    if text.is_empty() {
        // It would read back as no value at all.
        return Err((RejectCode::BadValue, "Notion knows no empty text; nullif(…, '') leaves it out"));
    }
    Ok(match kind {
        K::Title | K::RichText => rich_text::written(text),
        K::Email | K::Url | K::PhoneNumber => json!(text),
        K::Select | K::Status => json!({ "name": text }),
        K::Number => number(text)?,
        K::Checkbox => json!(matches!(text, "t" | "true")),
        K::Date => date(text)?,
        K::MultiSelect => list(kind, text)?.into_iter().map(|name| json!({ "name": name })).collect(),
        K::People => ids(kind, text)?.into_iter().map(|id| json!({"object": "user", "id": id})).collect(),
        K::Relation => ids(kind, text)?.into_iter().map(|id| json!({ "id": id })).collect(),
        K::Other(_) => return Err((RejectCode::Check, "Notion fills this property itself")),
    })
}

/// No value.
fn none(kind: &PropertyKind) -> Result<Value, Why> {
    use PropertyKind as K;
    match kind {
        K::Checkbox => Err((RejectCode::NotNull, "a checkbox is either true or false")),
        K::Title | K::RichText | K::MultiSelect | K::People | K::Relation => Ok(json!([])),
        _ => Ok(Value::Null),
    }
}

/// A number, where the service's own (IEEE 754, 64 bits) is exactly as many digits.
fn number(text: &str) -> Result<Value, Why> {
    let bad = (RejectCode::OutOfRange, "Notion's numbers cannot hold it exactly");
    let float: f64 = text.parse().map_err(|_| bad)?;
    let ty = column_type(&PropertyKind::Number);
    let form = |text: &str| {
        let (mut cell, mut form) = (Vec::new(), Vec::new());
        ty.encode(text, &Context::default(), &mut cell).ok()?;
        ty.canonical(&cell, &mut form).ok()?;
        Some(form)
    };
    // Rust shows a float by the fewest digits that lead back to it.
    if !float.is_finite() || form(text) != form(&float.to_string()) {
        return Err(bad);
    }
    match text.parse::<i64>() {
        Ok(whole) => Ok(json!(whole)),
        Err(_) => Number::from_f64(float).map(Value::Number).ok_or(bad),
    }
}

/// A point in time; one at midnight UTC is a day, because that is how people write days.
fn date(text: &str) -> Result<Value, Why> {
    let bad = (RejectCode::OutOfRange, "Notion knows no such time");
    let at: Timestamp = text.replacen(' ', "T", 1).parse().map_err(|_| bad)?;
    let civil = at.to_zoned(TimeZone::UTC).datetime();
    if !(0..=9999).contains(&civil.year()) {
        return Err(bad);
    }
    let is_day = civil.time() == jiff::civil::Time::midnight();
    let start = if is_day { civil.date().to_string() } else { format!("{at:.3}") };
    Ok(json!({"start": start, "end": null, "time_zone": null}))
}

/// The elements of an array, as PostgreSQL shows it.
fn list(kind: &PropertyKind, text: &str) -> Result<Vec<String>, Why> {
    let bad = (RejectCode::BadValue, "it is no list");
    let mut cell = Vec::new();
    column_type(kind).encode(text, &Context::default(), &mut cell).map_err(|_| bad)?;
    let elements = elements(&cell).ok_or((RejectCode::BadValue, "it is no plain list without NULL"))?;
    if elements.is_empty() {
        return Err((RejectCode::BadValue, "Notion knows no empty list; nullif(…, '{}') leaves it out"));
    }
    let mut seen = elements.clone();
    seen.sort_unstable();
    seen.dedup();
    match seen.len() == elements.len() {
        true => Ok(elements),
        false => Err((RejectCode::BadValue, "it names something twice, which Notion does not keep")),
    }
}

/// The elements of an array of one dimension, in PostgreSQL's binary form: dimensions, whether there are
/// NULLs, the element's type; of the dimension length and lower bound; of each element length and bytes.
fn elements(cell: &[u8]) -> Option<Vec<String>> {
    fn int(bytes: &mut &[u8]) -> Option<i32> {
        let (first, rest) = bytes.split_first_chunk::<4>()?;
        *bytes = rest;
        Some(i32::from_be_bytes(*first))
    }
    let mut rest = cell;
    let (dimensions, _, _) = (int(&mut rest)?, int(&mut rest)?, int(&mut rest)?);
    if dimensions == 0 {
        return Some(Vec::new());
    }
    let (length, _) = (int(&mut rest)?, int(&mut rest)?);
    let element = |rest: &mut &[u8]| {
        let length = usize::try_from(int(rest)?).ok()?;
        let (text, after) = rest.split_at_checked(length)?;
        *rest = after;
        String::from_utf8(text.to_vec()).ok()
    };
    (dimensions == 1).then(|| (0..length).map(|_| element(&mut rest)).collect())?
}

/// Ids of users or pages.
fn ids(kind: &PropertyKind, text: &str) -> Result<Vec<String>, Why> {
    let ids = list(kind, text)?;
    let is_id = |id: &String| {
        let digits = id.chars().filter(|c| *c != '-');
        digits.clone().count() == 32 && digits.clone().all(|c| c.is_ascii_hexdigit())
    };
    match ids.iter().all(is_id) {
        true => Ok(ids),
        false => {
            Err((RejectCode::BadValue, "it is no id of Notion's; only who and what is there can be named"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "00000000-0000-4000-8000-000000000001";

    #[test]
    fn a_value_is_written_in_the_shape_of_its_kind() {
        let text = |t: &str| json!([{"type": "text", "text": {"content": t}}]);
        let day = |start: &str| json!({"start": start, "end": null, "time_zone": null});
        let people = format!("{{{ID}}}");
        for (kind, given, expected) in [
            ("title", Some("Ada"), text("Ada")),
            ("title", None, json!([])),
            ("rich_text", Some(" a "), text(" a ")),
            ("rich_text", None, json!([])),
            ("email", Some("a@x.test"), json!("a@x.test")),
            ("email", None, json!(null)),
            ("url", Some("https://x.test"), json!("https://x.test")),
            ("phone_number", Some("+1"), json!("+1")),
            ("select", Some("A"), json!({"name": "A"})),
            ("select", None, json!(null)),
            ("status", Some("Done"), json!({"name": "Done"})),
            ("number", Some("5"), json!(5)),
            ("number", Some("5.00"), json!(5.0)),
            ("number", Some("-0.1"), json!(-0.1)),
            ("number", None, json!(null)),
            ("checkbox", Some("t"), json!(true)),
            ("checkbox", Some("f"), json!(false)),
            ("date", Some("2025-01-02 00:00:00+00"), day("2025-01-02")),
            ("date", Some("2025-01-02 03:04:05+00"), day("2025-01-02T03:04:05.000Z")),
            ("date", Some("2025-01-02 03:04:05.5+00"), day("2025-01-02T03:04:05.500Z")),
            ("date", None, json!(null)),
            ("multi_select", Some("{vip,\"a, b\"}"), json!([{"name": "vip"}, {"name": "a, b"}])),
            ("multi_select", None, json!([])),
            ("people", Some(&people), json!([{"object": "user", "id": ID}])),
            ("relation", Some(&people), json!([{"id": ID}])),
        ] {
            assert_eq!(value(&PropertyKind::of(kind), given), Ok(expected), "{kind} {given:?}");
        }
    }

    #[test]
    fn what_would_read_back_as_something_else_is_refused() {
        use RejectCode::{BadValue, Check, NotNull, OutOfRange};
        for (kind, given, code) in [
            ("email", Some(""), BadValue),
            ("title", Some(""), BadValue),
            ("checkbox", None, NotNull),
            ("number", Some("9007199254740993"), OutOfRange),
            ("number", Some("0.12345678901234567890"), OutOfRange),
            ("number", Some("NaN"), OutOfRange),
            ("number", Some("Infinity"), OutOfRange),
            ("date", Some("infinity"), OutOfRange),
            ("date", Some("0044-03-15 00:00:00+00 BC"), OutOfRange),
            ("multi_select", Some("{}"), BadValue),
            ("multi_select", Some("{a,NULL}"), BadValue),
            ("multi_select", Some("{{a},{b}}"), BadValue),
            ("multi_select", Some("{a,a}"), BadValue),
            ("people", Some("{ada@x.test}"), BadValue),
            ("relation", Some("{7}"), BadValue),
            ("formula", Some("x"), Check),
        ] {
            let refused = value(&PropertyKind::of(kind), given).map_err(|why| why.0);
            assert_eq!(refused, Err(code), "{kind} {given:?}");
        }
    }
}
