//! Answers taken apart as far as every one of them is alike. What they hold is not read yet, because text
//! that no program can read must not lose what stands beside it.

use connect::json;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;
use webclient::{Malformed, starts_as_html};

/// One page of a list.
#[derive(Debug)]
pub struct List {
    /// Its entries.
    pub results: Vec<Box<RawValue>>,
    /// Where the next page begins; `None`: this is the last.
    pub next: Option<String>,
    /// The service gave up before the end of the list: it looks finished, but is not.
    pub incomplete: bool,
}

#[derive(Deserialize)]
struct WireList {
    object: String,
    results: Vec<Box<RawValue>>,
    next_cursor: Option<String>,
    has_more: bool,
    #[serde(default)]
    request_status: Option<WireStatus>,
}

#[derive(Deserialize)]
struct WireStatus {
    #[serde(rename = "type")]
    kind: String,
}

/// What an error's body says; what is not there is empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ErrorBody {
    /// `validation_error`
    pub code: String,
    /// In words, which may repeat what was sent.
    pub message: String,
    /// What the service calls the request.
    pub request_id: String,
    /// Which of its limits was reached, on 429.
    pub limits: Vec<String>,
}

/// The text of an answer, which is one JSON object.
pub fn object(body: Vec<u8>, html: bool) -> Result<String, Malformed> {
    let bad = |what: &str, cut: bool| Malformed { what: what.to_owned(), cut, html: false };
    if html || starts_as_html(&body) {
        return Err(Malformed { what: "it is an HTML page".into(), cut: false, html: true });
    }
    let text =
        String::from_utf8(body).map_err(|e| bad("it is not UTF-8", e.utf8_error().error_len().is_none()))?;
    match serde_json::from_str::<&RawValue>(&text) {
        Ok(raw) if raw.get().starts_with('{') => Ok(text),
        Ok(_) => Err(bad("it is no object", false)),
        Err(e) if json::ends_early(&text, &e) => Err(bad("it ends in the middle", true)),
        Err(_) => Err(bad("it is not JSON", false)),
    }
}

/// An answer as what it should be. What does not fit is named by its place, never by its value.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|e| format!("it is not as expected, at column {} of it", e.column()))
}

/// A page of a list.
pub fn list(text: &str) -> Result<List, String> {
    let WireList { object, results, next_cursor, has_more, request_status } = read(text)?;
    if object != "list" {
        return Err("it is no list".into());
    }
    let next = match (has_more, next_cursor) {
        (false, _) => None,
        (true, Some(cursor)) => Some(cursor),
        (true, None) => return Err("there is more of it, and it does not say where".into()),
    };
    let incomplete = request_status.is_some_and(|status| status.kind != "complete");
    Ok(List { results, next, incomplete })
}

/// The body of an error; `None`: it is none of the service's.
pub fn error(body: &[u8]) -> Option<ErrorBody> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
    if value["object"] != "error" || text("code").is_empty() {
        return None;
    }
    let limits = match &value["additional_data"]["rate_limit_reason"] {
        Value::String(reason) => vec![reason.clone()],
        Value::Array(reasons) => reasons.iter().filter_map(Value::as_str).map(String::from).collect(),
        _ => Vec::new(),
    };
    Some(ErrorBody { code: text("code"), message: text("message"), request_id: text("request_id"), limits })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_list(body: &str) -> Result<List, String> {
        let text = object(body.as_bytes().to_vec(), false).map_err(|bad| bad.what)?;
        list(&text)
    }

    #[test]
    fn a_list_that_only_looks_finished_is_told_from_one_that_is() {
        for (tail, next, incomplete) in [
            (r#""next_cursor":null,"has_more":false"#, None, false),
            (r#""next_cursor":"c","has_more":true"#, Some("c"), false),
            (r#""next_cursor":null,"has_more":false,"request_status":{"type":"complete"}"#, None, false),
            (
                r#""next_cursor":null,"has_more":false,
                "request_status":{"type":"incomplete","incomplete_reason":"query_result_limit_reached"}"#,
                None,
                true,
            ),
            (r#""next_cursor":null,"has_more":false,"request_status":null"#, None, false),
        ] {
            let body = format!(r#"{{"object":"list","results":[{{"a":"\ud800"}}],{tail}}}"#);
            let list = read_list(&body).expect(tail);
            assert_eq!((list.next.as_deref(), list.incomplete, list.results.len()), (next, incomplete, 1));
        }
    }

    #[test]
    fn what_is_no_answer_is_told_from_one_that_was_cut() {
        let whole = r#"{"object":"list","results":[1e5,"é"],"next_cursor":null,"has_more":false}"#;
        for end in 1..whole.len() {
            assert!(object(whole.as_bytes()[..end].to_vec(), false).expect_err("cut").cut, "{end}");
        }
        for (body, what) in [
            ("<!DOCTYPE html>", "it is an HTML page"),
            ("oops", "it is not JSON"),
            ("[]", "it is no object"),
            ("{}", "it is not as expected, at column 2 of it"),
            (r#"{"object":"page","results":[],"next_cursor":null,"has_more":false}"#, "it is no list"),
            (
                r#"{"object":"list","results":[],"next_cursor":null,"has_more":true}"#,
                "there is more of it, and it does not say where",
            ),
        ] {
            assert_eq!(read_list(body).expect_err(body), what);
        }
    }

    #[test]
    fn an_error_tells_its_code_its_request_and_which_limit_was_reached() {
        let known = |limits: &[&str]| ErrorBody {
            code: "rate_limited".into(),
            message: "slow".into(),
            request_id: "r1".into(),
            limits: limits.iter().map(|l| (*l).to_owned()).collect(),
        };
        for (reason, expected) in [
            ("", known(&[])),
            (r#","additional_data":{"rate_limit_reason":"workspace"}"#, known(&["workspace"])),
            (r#","additional_data":{"rate_limit_reason":["a","b"]}"#, known(&["a", "b"])),
        ] {
            let body = format!(
                r#"{{"object":"error","status":429,"code":"rate_limited","message":"slow",
                "request_id":"r1"{reason}}}"#
            );
            assert_eq!(error(body.as_bytes()), Some(expected));
        }
        for body in ["", "<html>", "{}", r#"{"object":"error"}"#, r#"{"object":"page","code":"x"}"#] {
            assert_eq!(error(body.as_bytes()), None, "{body}");
        }
    }
}
