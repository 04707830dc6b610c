//! The envelope of every answer: `{data, errors, extensions}`.

use connect::json;
use serde::Deserialize;
use serde_json::value::RawValue;
use webclient::Malformed;

/// An answer, taken apart as far as its root field. The field itself is not read yet, because text that no
/// program can read must not lose what stands beside it.
#[derive(Debug, Clone)]
pub struct Answer {
    /// What the operation asked for; `None`: null, or not there.
    pub root: Option<Box<RawValue>>,
    /// Whether there is `data` at all: without it, nothing was executed (GraphQL, section 7.1).
    pub executed: bool,
    /// What went wrong, if anything.
    pub errors: Vec<GraphError>,
    /// What it cost, as the service says.
    pub complexity: Option<u64>,
}

/// One error of an answer. Which of the fields are there is not documented; where there are two readings,
/// both are read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GraphError {
    /// What the service says. It may repeat what it was sent.
    pub message: String,
    /// An HTTP status in `status`, else in `extensions.status`.
    pub status: Option<u16>,
    /// The service's own number in `code`, else in `extensions.code`, when it is one.
    pub code: Option<u32>,
    /// How deep in the answer it happened: `["createPost"]` is 1; `None`: it does not say.
    pub depth: Option<usize>,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow, default, deserialize_with = "present")]
    data: Option<&'a RawValue>,
    #[serde(default)]
    errors: Option<Vec<WireError>>,
    #[serde(default)]
    extensions: Option<Extensions>,
}

/// `null` is there, too; a missing key is not.
fn present<'de: 'a, 'a, D: serde::Deserializer<'de>>(d: D) -> Result<Option<&'a RawValue>, D::Error> {
    <&RawValue>::deserialize(d).map(Some)
}

#[derive(Deserialize)]
struct Extensions {
    #[serde(default)]
    complexity: Option<serde_json::Number>,
}

#[derive(Deserialize)]
#[serde(default)]
struct WireError {
    message: serde_json::Value,
    status: serde_json::Value,
    code: serde_json::Value,
    path: serde_json::Value,
    extensions: serde_json::Value,
}

impl Default for WireError {
    fn default() -> Self {
        use serde_json::Value::Null;
        Self { message: Null, status: Null, code: Null, path: Null, extensions: Null }
    }
}

/// Reads an answer whose operation asked for `root`.
pub fn answer(body: &[u8], html: bool, root: &str) -> Result<Answer, Malformed> {
    let bad = |what: &str, cut: bool| Malformed { what: what.to_owned(), cut, html: false };
    if html || webclient::starts_as_html(body) {
        return Err(Malformed { what: "it is an HTML page".into(), cut: false, html: true });
    }
    let text = std::str::from_utf8(body).map_err(|e| bad("it is not UTF-8", e.error_len().is_none()))?;
    let envelope: Envelope = serde_json::from_str(text).map_err(|e| match e.classify() {
        _ if json::ends_early(text, &e) => bad("it ends in the middle", true),
        serde_json::error::Category::Data => bad("it is no GraphQL answer", false),
        _ => bad("it is not JSON", false),
    })?;
    let Envelope { data, errors, extensions } = envelope;
    if data.is_none() && errors.is_none() {
        return Err(bad("it has neither data nor errors", false));
    }
    let errors: Vec<GraphError> = errors.unwrap_or_default().into_iter().map(GraphError::from).collect();
    // An empty list of errors beside no data is as good as silence.
    if errors.is_empty() && data.is_none_or(|data| data.get() == "null") {
        return Err(bad("its data is null, and it names no error", false));
    }
    Ok(Answer {
        root: data.and_then(|data| field(data.get(), root)),
        executed: data.is_some(),
        errors,
        complexity: extensions.and_then(|e| e.complexity).and_then(|n| whole(&n)),
    })
}

/// A field of an object, unless it is null.
fn field(raw: &str, name: &str) -> Option<Box<RawValue>> {
    let fields = json::fields(raw)?;
    let (_, value) = fields.into_iter().rfind(|(key, _)| json::unquoted(key) == name)?;
    RawValue::from_string(value.to_owned()).ok().filter(|value| value.get() != "null")
}

/// A complexity, which may be written with a fraction: rounded up.
fn whole(number: &serde_json::Number) -> Option<u64> {
    number.as_u64().or_else(|| {
        let float = number.as_f64().filter(|f| (0.0..1e15).contains(f))?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked above")]
        let whole = float.ceil() as u64;
        Some(whole)
    })
}

impl From<WireError> for GraphError {
    fn from(error: WireError) -> Self {
        let number = |value: &serde_json::Value| match value {
            serde_json::Value::Number(n) => n.as_u64(),
            serde_json::Value::String(text) => text.parse().ok(),
            _ => None,
        };
        let either = |own: &serde_json::Value, key: &str| {
            number(own).or_else(|| error.extensions.get(key).and_then(number))
        };
        Self {
            message: error.message.as_str().unwrap_or_default().to_owned(),
            status: either(&error.status, "status").and_then(|n| u16::try_from(n).ok()),
            code: either(&error.code, "code").and_then(|n| u32::try_from(n).ok()),
            depth: error.path.as_array().map(Vec::len),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Answer, Malformed> {
        answer(body.as_bytes(), false, "member")
    }

    #[test]
    fn an_answer_is_taken_apart() {
        let body = r#"{"data":{"member":{"id":"m","name":"\ud800"}},"extensions":{"complexity":302}}"#;
        let found = read(body).expect("an answer");
        assert_eq!(found.root.expect("a field").get(), r#"{"id":"m","name":"\ud800"}"#);
        assert_eq!((found.executed, found.errors.len(), found.complexity), (true, 0, Some(302)));
        for (body, root, executed) in [
            (r#"{"data":{"member":null},"errors":[{}]}"#, false, true),
            (r#"{"data":null,"errors":[{"message":"x"}]}"#, false, true),
            (r#"{"errors":[{"message":"x"}]}"#, false, false),
            (r#"{"data":{"member":[]},"errors":null,"extensions":null}"#, true, true),
            (r#"{"data":{"member":1},"extensions":{"complexity":null,"more":[]}}"#, true, true),
        ] {
            let found = read(body).expect(body);
            assert_eq!((found.root.is_some(), found.executed), (root, executed), "{body}");
        }
    }

    #[test]
    fn an_error_is_read_in_either_shape() {
        let error = |status, code, depth| GraphError { message: "no".into(), status, code, depth };
        for (json, expected) in [
            (
                r#"{"message":"no","status":403,"code":"102","help":"https://x.invalid","timestamp":"2025",
                "path":["createPost"],"errors":[{"field":"x"}]}"#,
                error(Some(403), Some(102), Some(1)),
            ),
            (r#"{"message":"no","extensions":{"status":404,"code":110}}"#, error(Some(404), Some(110), None)),
            (r#"{"message":"no","status":"429"}"#, error(Some(429), None, None)),
            (
                r#"{"message":"no","extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}"#,
                error(None, None, None),
            ),
            (r#"{"message":"no","path":["a",0,"b"],"status":999999}"#, error(None, None, Some(3))),
            (r#"{"message":null}"#, GraphError::default()),
        ] {
            let body = format!(r#"{{"errors":[{json}],"data":null}}"#);
            assert_eq!(read(&body).expect("an answer").errors, [expected], "{json}");
        }
    }

    #[test]
    fn what_is_no_answer_is_told_from_one_that_was_cut() {
        let whole = r#"{"data":{"member":{"id":"é"}},"extensions":{"complexity":1.5e-1}}"#;
        for end in 1..whole.len() {
            let bad = answer(&whole.as_bytes()[..end], false, "member").expect_err("cut");
            assert!(bad.cut, "{end}: {}", bad.what);
        }
        for (body, html) in [
            ("<!DOCTYPE html>", true),
            ("oops", false),
            ("[]", false),
            ("{}", false),
            (r#"{"data":null}"#, false),
            (r#"{"data":null,"errors":[]}"#, false),
            (r#"{"errors":"x"}"#, false),
        ] {
            let bad = read(body).expect_err(body);
            assert_eq!((bad.cut, bad.html), (false, html), "{body}");
        }
    }

    #[test]
    fn a_complexity_is_a_whole_number() {
        for (written, expected) in [("7", Some(7)), ("7.2", Some(8)), ("-1", None), ("1e300", None)] {
            let body = format!(r#"{{"data":{{}},"extensions":{{"complexity":{written}}}}}"#);
            assert_eq!(read(&body).expect("an answer").complexity, expected, "{written}");
        }
    }
}
