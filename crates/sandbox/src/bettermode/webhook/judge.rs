//! Whether an answer to a webhook is the one that the service expects.

use serde_json::Value;

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// As it must be.
    Accepted,
    /// A proper answer that says `FAILED`.
    Refused {
        /// `errorCode`.
        code: i64,
        /// `errorMessage`.
        message: String,
    },
    /// Not what the service expects, and why.
    Wrong(&'static str),
    /// Another status than 200.
    Status(u16),
    /// No whole answer in time.
    Unanswered,
}

impl Verdict {
    /// Whether the event is sent again.
    pub(super) fn is_passing(&self) -> bool {
        matches!(self, Verdict::Unanswered | Verdict::Status(500..))
    }
}

/// Judges an answer to a call of that type; a handshake's must hold the challenge.
pub(super) fn judge(status: u16, content: &str, body: &[u8], kind: &str, challenge: Option<&str>) -> Verdict {
    if status != 200 {
        return Verdict::Status(status);
    }
    if content.split(';').next().map(str::trim) != Some("application/json") {
        return Verdict::Wrong("the Content-Type is not application/json");
    }
    let Ok(Value::Object(answer)) = serde_json::from_slice(body) else {
        return Verdict::Wrong("the body is not a JSON object");
    };
    let text = |key: &str| answer.get(key).and_then(Value::as_str);
    if text("type") != Some(kind) {
        return Verdict::Wrong("type is not that of the call");
    }
    match text("status") {
        Some("SUCCEEDED") => {}
        Some("FAILED") => {
            let (code, message) = (answer.get("errorCode").and_then(Value::as_i64), text("errorMessage"));
            return match (code, message) {
                (Some(code), Some(message)) => Verdict::Refused { code, message: message.to_owned() },
                _ => Verdict::Wrong("FAILED without errorCode and errorMessage"),
            };
        }
        _ => return Verdict::Wrong("status is neither SUCCEEDED nor FAILED"),
    }
    let Some(Value::Object(data)) = answer.get("data") else {
        return Verdict::Wrong("data is not an object");
    };
    match challenge {
        Some(challenge) if data.get("challenge").and_then(Value::as_str) != Some(challenge) => {
            Verdict::Wrong("data.challenge is not that of the call")
        }
        _ => Verdict::Accepted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_judged_strictly() {
        let json = "application/json";
        let accepted = r#"{"type":"TEST","status":"SUCCEEDED","data":{"challenge":"c"}}"#;
        let refused = r#"{"type":"TEST","status":"FAILED","errorCode":10,"errorMessage":"no"}"#;
        for (status, content, body, expected) in [
            (200, json, accepted, "Accepted"),
            (200, "application/json; charset=utf-8", accepted, "Accepted"),
            (200, json, refused, "Refused"),
            (201, json, accepted, "Status"),
            (500, json, accepted, "Status"),
            (200, "text/plain", accepted, "Wrong"),
            (200, json, "OK", "Wrong"),
            (200, json, "[]", "Wrong"),
            (200, json, r#"{"type":"test","status":"SUCCEEDED","data":{"challenge":"c"}}"#, "Wrong"),
            (200, json, r#"{"type":"TEST","status":"succeeded","data":{"challenge":"c"}}"#, "Wrong"),
            (200, json, r#"{"type":"TEST","status":"SUCCEEDED","data":{"challenge":"d"}}"#, "Wrong"),
            (200, json, r#"{"type":"TEST","status":"SUCCEEDED","data":{}}"#, "Wrong"),
            (200, json, r#"{"type":"TEST","status":"SUCCEEDED"}"#, "Wrong"),
            (200, json, r#"{"type":"TEST","status":"FAILED"}"#, "Wrong"),
        ] {
            let verdict = judge(status, content, body.as_bytes(), "TEST", Some("c"));
            assert!(format!("{verdict:?}").starts_with(expected), "{status} {content} {body}: {verdict:?}");
        }
    }
}
