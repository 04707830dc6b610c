//! What the service expects as an answer. It is sent with status 200, quickly: the work comes later.

use super::{Payload, PayloadType};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// The body of an answer, JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// What was answered.
    #[serde(rename = "type")]
    pub kind: PayloadType,
    /// `SUCCEEDED` or `FAILED`.
    pub status: &'static str,
    /// What goes with success.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_code: Option<u32>,
    /// The same in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
}

/// The service's numbers for what went wrong in an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorCode {
    /// Nobody knows.
    Unknown = 1,
    /// Something broke.
    Server = 10,
    /// It took too long.
    Timeout = 30,
    /// Not now.
    Unavailable = 50,
    /// The webhook is not what it should be.
    InvalidRequest = 118,
}

impl Payload {
    /// It was understood; a [`PayloadType::Test`] gets its challenge back.
    pub fn succeeded(&self) -> Answer {
        let data = match (&self.kind, self.data.get("challenge")) {
            (PayloadType::Test, Some(challenge)) => json!({ "challenge": challenge }),
            _ => Value::Object(Map::new()),
        };
        Answer {
            kind: self.kind.clone(),
            status: "SUCCEEDED",
            data: Some(data),
            error_code: None,
            error_message: None,
        }
    }

    /// It was not taken. `message` must hold nothing of a record.
    pub fn failed(&self, code: ErrorCode, message: impl Into<String>) -> Answer {
        Answer {
            kind: self.kind.clone(),
            status: "FAILED",
            data: None,
            error_code: Some(code as u32),
            error_message: Some(message.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_webhook_gets_the_answer_that_the_service_expects() {
        for (body, expected) in [
            (
                r#"{"type":"TEST","data":{"challenge":"abc123"}}"#,
                r#"{"type":"TEST","status":"SUCCEEDED","data":{"challenge":"abc123"}}"#,
            ),
            (r#"{"type":"TEST"}"#, r#"{"type":"TEST","status":"SUCCEEDED","data":{}}"#),
            (
                r#"{"type":"SUBSCRIPTION","data":{"challenge":"x"}}"#,
                r#"{"type":"SUBSCRIPTION","status":"SUCCEEDED","data":{}}"#,
            ),
            (r#"{"type":"NEW_KIND"}"#, r#"{"type":"NEW_KIND","status":"SUCCEEDED","data":{}}"#),
        ] {
            let payload = Payload::read(body.as_bytes()).expect("a payload");
            assert_eq!(serde_json::to_string(&payload.succeeded()).expect("JSON"), expected);
        }
        let payload = Payload::read(br#"{"type":"SUBSCRIPTION"}"#).expect("a payload");
        let failed = payload.failed(ErrorCode::Server, "later");
        assert_eq!(
            serde_json::to_string(&failed).expect("JSON"),
            r#"{"type":"SUBSCRIPTION","status":"FAILED","errorCode":10,"errorMessage":"later"}"#
        );
    }
}
