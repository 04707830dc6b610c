//! What the service says in the body of an error.
//!
//! The standard body is `{"success":false,"message":"…","error_details":…}`. Some errors have `errors` in the
//! place of `message`; `error_details` may be an object, a text, a list, null, or missing.

use serde_json::Value;

/// Letters of the service's own words that are passed on.
const MESSAGE_CHARS: usize = 200;

/// Details that are passed on.
const DETAILS_MAX: usize = 5;

/// The service's words; `None`: it says nothing. HTML is not what the service says, but a proxy before it.
pub fn message(body: &[u8], html: bool) -> Option<String> {
    if html || webclient::starts_as_html(body) {
        return None;
    }
    let text = String::from_utf8_lossy(body);
    let said = match serde_json::from_str::<Value>(&text) {
        Ok(value) => said(&value)?,
        Err(_) => text.into_owned(),
    };
    let clean: String =
        said.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MESSAGE_CHARS).collect();
    let clean = clean.trim().to_owned();
    (!clean.is_empty()).then_some(clean)
}

fn said(value: &Value) -> Option<String> {
    let Value::Object(map) = value else { return texts(value) };
    let part = |key: &str| map.get(key).and_then(texts);
    let main = part("message").or_else(|| part("errors")).or_else(|| part("error"));
    match (main, part("error_details")) {
        (Some(main), Some(details)) if main != details => Some(format!("{main} ({details})")),
        (main, details) => main.or(details),
    }
}

/// The texts of a value, whatever its form; the `message` of an object stands without its key.
fn texts(value: &Value) -> Option<String> {
    let found = match value {
        Value::Null | Value::Bool(_) => return None,
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Array(list) => list.iter().filter_map(texts).take(DETAILS_MAX).collect::<Vec<_>>().join(", "),
        Value::Object(map) => {
            let pairs = map.iter().filter_map(|(key, value)| match key.as_str() {
                "message" => texts(value),
                _ => Some(format!("{key}: {}", texts(value)?)),
            });
            pairs.take(DETAILS_MAX).collect::<Vec<_>>().join(", ")
        }
    };
    (!found.is_empty()).then_some(found)
}

/// Whether the service says that what was asked for is not there, and not that it knows no such address.
pub fn is_missing_record(said: Option<&str>) -> bool {
    said.is_some_and(|said| said.contains("Missing record"))
}

/// Whether the service says that the token may not do this.
pub fn is_not_allowed(said: Option<&str>) -> bool {
    said.is_some_and(|said| said.contains("cannot perform this action"))
}

/// Whether the service says that the token is none.
pub fn is_invalid_token(said: Option<&str>) -> bool {
    said.is_some_and(|said| said.contains("API token is invalid"))
}

/// Whether the service says that the community's plan does not have this API.
pub fn is_about_the_plan(said: Option<&str>) -> bool {
    said.is_some_and(|said| said.to_lowercase().contains("eligible"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_error_says_its_message() {
        for (body, expected) in [
            (
                r#"{"success":false,"message":"The API token is invalid.","error_details":{}}"#,
                Some("The API token is invalid."),
            ),
            (r#"{"success":false,"message":"no","error_details":null}"#, Some("no")),
            (r#"{"success":false,"message":"no"}"#, Some("no")),
            (r#"{"success":false,"message":"no","error_details":"because"}"#, Some("no (because)")),
            (r#"{"success":false,"message":"no","error_details":["a","b",3]}"#, Some("no (a, b, 3)")),
            (r#"{"success":false,"message":"no","error_details":[]}"#, Some("no")),
            (
                r#"{"message":"no","error_details":{"message":"Missing record: Post"}}"#,
                Some("no (Missing record: Post)"),
            ),
            (r#"{"error_details":{"message":"Missing record: Post"}}"#, Some("Missing record: Post")),
            (
                r#"{"message":"Not valid","error_details":{"status":["is odd","is new"],"x":null}}"#,
                Some("Not valid (status: is odd, is new)"),
            ),
            (r#"{"success":false,"errors":"You have too many members"}"#, Some("You have too many members")),
            (r#"{"errors":["a","b"]}"#, Some("a, b")),
            (r#"{"errors":{"plan":"x"},"message":null}"#, Some("plan: x")),
            (r#"{"error":"slow down"}"#, Some("slow down")),
            (r#""text""#, Some("text")),
            ("plain\ntext", Some("plain text")),
            ("<html>blocked</html>", None),
            (r#"{"success":false}"#, None),
            ("{}", None),
            ("[]", None),
            ("", None),
        ] {
            assert_eq!(message(body.as_bytes(), false).as_deref(), expected, "{body}");
        }
        assert_eq!(message(b"{\"message\":\"x\"}", true), None);
        let long = message("é".repeat(500).as_bytes(), false).map(|m| m.chars().count());
        assert_eq!(long, Some(MESSAGE_CHARS));
        let many = format!(r#"{{"message":[{}"x"]}}"#, r#""x","#.repeat(50));
        assert_eq!(message(many.as_bytes(), false).as_deref(), Some("x, x, x, x, x"));
    }

    #[test]
    fn words_that_mean_something_are_known() {
        for (said, about) in [
            ("Missing record: Space", [true, false, false]),
            ("no (Missing record: Post)", [true, false, false]),
            ("The API token is invalid.", [false, true, false]),
            ("Your community is not Eligible for API v2", [false, false, true]),
            ("You cannot perform this action.", [false, false, false]),
            ("no", [false, false, false]),
        ] {
            let said = Some(said);
            assert_eq!(
                [is_missing_record(said), is_invalid_token(said), is_about_the_plan(said)],
                about,
                "{said:?}"
            );
        }
        assert!(is_not_allowed(Some("You cannot perform this action.")) && !is_not_allowed(None));
        assert!(!is_missing_record(None) && !is_invalid_token(None) && !is_about_the_plan(None));
    }
}
