//! What is sent back: bodies of every shape.

use crate::scenario::Unauthorized;
use crate::serve::answer::Answer;
use serde_json::json;

impl Answer {
    /// The wrapped error, which the manual shows.
    pub fn error(status: u16, word: &str, message: impl AsRef<str>) -> Self {
        let message = message.as_ref();
        Self::json(status, &json!({"statusCode": status, "body": {"status": word, "message": message}}))
    }

    /// The flat error, which the service's own Swagger describes.
    pub fn flat(status: u16, message: &str) -> Self {
        Self::json(status, &json!({"message": message}))
    }

    pub fn unrecognised(field: &str) -> Self {
        Self::error(400, "ERROR", format!("Unrecognized field: {field}"))
    }

    pub fn malformed(message: impl AsRef<str>) -> Self {
        Self::error(400, "ERROR", message)
    }

    pub fn unauthorized(shape: Unauthorized) -> Self {
        match shape {
            Unauthorized::Wrapped => Self::error(401, "NOT_AUTHORIZED", "The token is not valid"),
            Unauthorized::ErrorClass => Self::json(
                401,
                &json!({
                    "error_class": "Unauthorized",
                    "args": {"code": "1700000000000x1"},
                    "message": null,
                    "translation": "The token is not valid",
                }),
            ),
        }
    }

    /// The status is 404, or 400 as in the older manual.
    pub fn no_record(status: u16, kind: &str, id: &str) -> Self {
        let message = format!("Missing object of type {kind}: object with id {id} does not exist");
        Self::error(status, "MISSING_DATA", message)
    }

    pub fn no_type(name: &str) -> Self {
        Self::error(404, "MISSING_DATA", format!("Missing object of type {name}: the type does not exist"))
    }
}
