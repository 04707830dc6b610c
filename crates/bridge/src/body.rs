//! The body of a request: JSON, bounded, without secrets, and in a form that every store takes.

use crate::event::Event;
use crate::sender::Refused;
use base::template::Hole;
use serde_json::Value;

/// Keys whose values are kept nowhere, in small letters and without `_` and `-`.
pub const SECRET_KEYS: &[&str] = &[
    "accesstoken",
    "apikey",
    "authorization",
    "clientsecret",
    "currentpassword",
    "hashedpassword",
    "newpassword",
    "otp",
    "password",
    "passwordhash",
    "privatekey",
    "refreshtoken",
    "resetpasswordtoken",
    "secret",
    "sessioninfo",
    "sessiontoken",
    "signingsecret",
    "ssotoken",
    "token",
    "verificationcode",
    "verificationtoken",
];

/// Reads a body whose sender is believed: an object, nested no deeper than serde_json reads (128). What
/// [`SECRET_KEYS`] name is taken out, and the character U+0000, which PostgreSQL's text does not hold,
/// becomes U+FFFD.
pub fn read(body: &[u8]) -> Result<Value, Refused> {
    let mut value: Value =
        serde_json::from_slice(body).map_err(|_| Refused::NotUnderstood("the body is not JSON"))?;
    if !value.is_object() {
        return Err(Refused::NotUnderstood("the body is no JSON object"));
    }
    clean(&mut value);
    Ok(value)
}

/// Takes secrets and U+0000 out of a value, as [`read`] does; it goes as deep as the value does, which must
/// come from serde_json.
pub fn clean(value: &mut Value) {
    match value {
        Value::String(text) => clean_text(text),
        Value::Array(items) => items.iter_mut().for_each(clean),
        Value::Object(fields) => {
            // A custom field: its name stands beside its value.
            if fields.get("key").and_then(Value::as_str).is_some_and(is_secret) {
                fields.shift_remove("value");
            }
            fields.retain(|key, _| !is_secret(key));
            if fields.keys().any(|key| key.contains('\0')) {
                let old = std::mem::take(fields);
                fields.extend(old.into_iter().map(|(mut key, inner)| {
                    clean_text(&mut key);
                    (key, inner)
                }));
            }
            fields.values_mut().for_each(clean);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn clean_text(text: &mut String) {
    if text.contains('\0') {
        *text = text.replace('\0', "\u{fffd}");
    }
}

fn is_secret(key: &str) -> bool {
    let plain: String =
        key.chars().filter(|c| !matches!(c, '_' | '-')).flat_map(char::to_lowercase).collect();
    SECRET_KEYS.contains(&plain.as_str())
}

/// A value as text: a text as it is, a number, `true` and `false` as JSON writes them. Nothing else has one.
pub fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// What stands at the end of a path; a whole number counts in a list.
pub fn at<'v, S: AsRef<str>>(value: &'v Value, path: &[S]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, step| match value {
        Value::Object(fields) => fields.get(step.as_ref()),
        Value::Array(items) => items.get(step.as_ref().parse::<usize>().ok()?),
        _ => None,
    })
}

impl Event {
    /// What it tells at a place; `None`: nothing, or what has no [`plain`] text.
    pub fn tells(&self, hole: &Hole) -> Option<String> {
        match hole {
            Hole::Told(name) => self.told.get(name).cloned(),
            Hole::Body(path) => plain(at(&self.body, path)?),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_body_is_an_object_and_no_deeper_than_can_be_walked() {
        let (not_json, no_object) = ("the body is not JSON", "the body is no JSON object");
        let deep = |depth: usize| format!("{{\"a\":{}1{}}}", "[".repeat(depth), "]".repeat(depth));
        let (fine, deeper, deepest) = (deep(100), deep(200), deep(100_000));
        for (body, expected) in [
            ("{}", None),
            (" {\"a\":1}\n", None),
            (fine.as_str(), None),
            ("", Some(not_json)),
            ("{", Some(not_json)),
            ("{} {}", Some(not_json)),
            ("payload=%7B%7D", Some(not_json)),
            ("{\"a\":1e999}", Some(not_json)),
            (deeper.as_str(), Some(not_json)),
            (deepest.as_str(), Some(not_json)),
            ("[]", Some(no_object)),
            ("null", Some(no_object)),
            ("\"{}\"", Some(no_object)),
        ] {
            let found = read(body.as_bytes()).err();
            assert_eq!(found, expected.map(Refused::NotUnderstood), "{body:.40}");
        }
        assert_eq!(read(b"{\"a\":\"\xff\"}"), Err(Refused::NotUnderstood(not_json)));
    }

    #[test]
    fn secrets_and_what_no_store_takes_are_not_in_what_is_read() {
        let body = json!({"id": "mem1", "password": null, "Verification_Code": "1234", "tokens": 3,
            "object": {"fields": [{"key": "x", "access-token": "s3cret"}, [{"newPassword": {"a": "s"}}]]},
            "secretary": "Ada", "a\0b": {"c\0": "d\0e", "token": 1},
            "custom": [{"key": "pass_word", "value": "s3cret"}, {"key": "city", "value": "Paris"}]});
        let expected = json!({"id": "mem1", "tokens": 3, "object": {"fields": [{"key": "x"}, [{}]]},
            "secretary": "Ada", "a\u{fffd}b": {"c\u{fffd}": "d\u{fffd}e"},
            "custom": [{"key": "pass_word"}, {"key": "city", "value": "Paris"}]});
        assert_eq!(read(body.to_string().as_bytes()), Ok(expected));
        assert!(SECRET_KEYS.is_sorted() && SECRET_KEYS.iter().all(|key| is_secret(key)));
    }

    #[test]
    fn a_path_leads_to_what_has_a_text() {
        let body = json!({"a": {"b": [{"c": 1.50}, "x", true, null, {}]}, "0": "zero"});
        for (path, expected) in [
            ("a.b.0.c", Some("1.5")),
            ("a.b.1", Some("x")),
            ("a.b.2", Some("true")),
            ("0", Some("zero")),
            ("a.b.3", None),
            ("a.b.4", None),
            ("a.b.5", None),
            ("a.b.-1", None),
            ("a.b.x", None),
            ("a.b", None),
            ("a.b.1.c", None),
            ("c", None),
        ] {
            let steps: Vec<&str> = path.split('.').collect();
            assert_eq!(at(&body, &steps).and_then(plain).as_deref(), expected, "{path}");
        }
    }
}
