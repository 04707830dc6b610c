//! Events and activities as documents, and back.

use base::Fault;
use bridge::action::Activity;
use bridge::event::{Event, Told};
use jiff::Timestamp;
use mongodb::bson::{Bson, DateTime, Document, doc};
use serde_json::{Map, Value};

/// Nesting that is still kept; a server refuses documents that are much deeper.
const DEPTH_MAX: usize = 90;

/// The `_id` of an event.
pub(crate) fn event_id(event: &Event) -> String {
    format!("{}/{}", event.sender, event.id)
}

/// Fault: the event holds something that no document can hold; it never will.
pub(crate) fn of_event(event: &Event) -> Result<Document, Fault> {
    Ok(doc! {
        "_id": event_id(event),
        "event_type": &event.kind,
        "timestamp": date(event.occurred),
        "data": told(&event.told)?,
        "sender": &event.sender,
        "event_id": &event.id,
        "subject": &event.subject,
        "occurred": event.occurred.to_string(),
        "body": of_json(&event.body, 0)?,
    })
}

pub(crate) fn of_activity(activity: &Activity) -> Result<Document, Fault> {
    Ok(doc! {
        "_id": &activity.id,
        "member_id": &activity.member_id,
        "activity_type": &activity.activity_type,
        "timestamp": date(activity.timestamp),
        "occurred": activity.timestamp.to_string(),
        "data": told(&activity.data)?,
    })
}

/// Fault: somebody else wrote it, in another shape.
pub(crate) fn to_activity(document: &Document) -> Result<Activity, Fault> {
    let strange = || Fault::fail("an activity in MongoDB has another shape than ours");
    let text = |name: &str| document.get_str(name).map(str::to_owned).map_err(|_| strange());
    let exact = document.get_str("occurred").ok().and_then(|text| text.parse().ok());
    let date = || {
        let date = document.get_datetime("timestamp").ok()?;
        Timestamp::from_millisecond(date.timestamp_millis()).ok()
    };
    let data = document.get_document("data").map_err(|_| strange())?;
    let pair = |(name, value): (&String, &Bson)| Some((name.clone(), value.as_str()?.to_owned()));
    Ok(Activity {
        id: text("_id")?,
        member_id: text("member_id")?,
        activity_type: text("activity_type")?,
        timestamp: exact.or_else(date).ok_or_else(strange)?,
        data: data.iter().map(pair).collect::<Option<Told>>().ok_or_else(strange)?,
    })
}

/// As people read it: dates as RFC 3339, numbers as numbers, what JSON does not know as text.
pub(crate) fn to_json(document: Document) -> Value {
    let pairs = document.into_iter().map(|(name, value)| (name, value_of(value)));
    Value::Object(pairs.collect::<Map<_, _>>())
}

fn value_of(value: Bson) -> Value {
    match value {
        Bson::Document(document) => to_json(document),
        Bson::Array(values) => values.into_iter().map(value_of).collect(),
        Bson::DateTime(date) => match Timestamp::from_millisecond(date.timestamp_millis()) {
            Ok(moment) => Value::String(moment.to_string()),
            Err(_) => Value::String(date.to_string()),
        },
        Bson::String(text) => Value::String(text),
        Bson::Boolean(truth) => Value::Bool(truth),
        Bson::Null => Value::Null,
        Bson::Int32(number) => number.into(),
        Bson::Int64(number) => number.into(),
        Bson::Double(number) if number.is_finite() => number.into(),
        other => Value::String(other.to_string()),
    }
}

fn date(moment: Timestamp) -> DateTime {
    DateTime::from_millis(moment.as_millisecond())
}

fn told(told: &Told) -> Result<Document, Fault> {
    told.iter().map(|(name, value)| Ok((key(name)?, Bson::String(value.clone())))).collect()
}

fn of_json(value: &Value, depth: usize) -> Result<Bson, Fault> {
    if depth > DEPTH_MAX {
        return Err(Fault::fail("an event is nested deeper than MongoDB takes"));
    }
    Ok(match value {
        Value::Null => Bson::Null,
        Value::Bool(truth) => Bson::Boolean(*truth),
        Value::String(text) => Bson::String(text.clone()),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Bson::Int64(whole),
            // Beyond 64 bits with a sign there is no number of BSON that is exact: its digits are.
            (None, _) if number.is_u64() => Bson::String(number.to_string()),
            (None, Some(float)) => Bson::Double(float),
            (None, None) => Bson::String(number.to_string()),
        },
        Value::Array(values) => {
            Bson::Array(values.iter().map(|value| of_json(value, depth + 1)).collect::<Result<_, _>>()?)
        }
        Value::Object(pairs) => {
            let pairs = pairs.iter().map(|(name, value)| Ok((key(name)?, of_json(value, depth + 1)?)));
            Bson::Document(pairs.collect::<Result<_, Fault>>()?)
        }
    })
}

/// The name of a field: anything but NUL, which ends a name on the wire.
fn key(name: &str) -> Result<String, Fault> {
    if name.contains('\0') {
        return Err(Fault::fail("an event has a field whose name holds NUL, which MongoDB cannot keep"));
    }
    Ok(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn json_survives_its_way_through_a_document() {
        for value in [
            json!(null),
            json!({"a": [1, -1, 0.5, true, null, "x", {"$b.c": []}]}),
            json!({"": {"\u{e9}": i64::MAX}}),
            json!("a\0b"),
        ] {
            let through = value_of(of_json(&value, 0).unwrap());
            assert_eq!(through, value, "{value}");
        }
        assert_eq!(value_of(of_json(&json!(u64::MAX), 0).unwrap()), json!("18446744073709551615"));
    }

    #[test]
    fn what_no_document_holds_is_refused_for_good() {
        let deep = (0..=DEPTH_MAX).fold(json!(1), |inner, _| json!([inner]));
        for value in [json!({"a\0b": 1}), deep] {
            assert_eq!(of_json(&value, 0).unwrap_err().class, base::Class::Fail);
        }
    }
}
