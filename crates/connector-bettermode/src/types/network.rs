//! The community itself, its limits, its event types, its images.

use super::lenient;
use super::words::ConsumableType;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// A community.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Network {
    /// The service's id.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
}

/// What is left of a rate limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RateLimit {
    /// What it counts.
    pub consumable_type: Option<ConsumableType>,
    /// How much there is in a window.
    #[serde(default, deserialize_with = "lenient::whole")]
    pub limit: Option<u64>,
    /// How much is used.
    #[serde(default, deserialize_with = "lenient::whole")]
    pub consumed_points: Option<u64>,
    /// How much is left.
    #[serde(default, deserialize_with = "lenient::whole")]
    pub remaining_points: Option<i64>,
    /// How long a window is; the unit is not documented.
    #[serde(default, deserialize_with = "lenient::whole")]
    pub duration: Option<u64>,
    /// When the window ends, as the service writes it.
    pub resets_at: Option<Value>,
}

/// An event that a webhook can tell of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventType {
    /// Its name, `post.published`.
    pub name: String,
    /// What it is about, `POST`.
    pub noun: Option<String>,
    /// What happened, `PUBLISHED`.
    pub verb: Option<String>,
    /// What it means.
    pub description: Option<String>,
    /// The right that an app needs to be told.
    pub required_scope: Option<String>,
}

/// Where an image can be uploaded to.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SignedUrl {
    pub media_id: String,
    pub signed_url: String,
    #[serde(default, deserialize_with = "form_fields")]
    pub fields: Vec<(String, String)>,
    pub media_url: Option<String>,
}

/// An image that was uploaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Image {
    /// The id to refer to it by: `data-id` of a figure, `profilePictureId` of a member.
    pub media_id: String,
    /// Where it is shown.
    pub media_url: Option<String>,
}

/// The fields of the upload's form: an object, an object as text, or a list of names and values.
fn form_fields<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<(String, String)>, D::Error> {
    let value = match Value::deserialize(deserializer)? {
        Value::String(text) => serde_json::from_str(&text).map_err(serde::de::Error::custom)?,
        value => value,
    };
    let text = |value: Value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    match value {
        Value::Null => Ok(Vec::new()),
        Value::Object(fields) => Ok(fields.into_iter().map(|(name, value)| (name, text(value))).collect()),
        _ => Err(serde::de::Error::custom("the upload's fields are no object")),
    }
}

/// Somebody who logged in. The tokens show themselves nowhere.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// The member's token.
    pub access_token: base::Secret,
    /// What a new one can be had for.
    #[serde(default, deserialize_with = "lenient::nullable")]
    pub refresh_token: base::Secret,
    /// The member.
    pub member: super::Member,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_of_an_upload_are_read_in_either_shape() {
        for fields in
            [r#"{"key":"a/b","x-amz-date":20250101}"#, r#""{\"key\":\"a/b\",\"x-amz-date\":20250101}""#]
        {
            let json = format!(r#"{{"mediaId":"m","signedUrl":"https://x.test/","fields":{fields}}}"#);
            let url: SignedUrl = serde_json::from_str(&json).expect("a signed URL");
            let expected = [("key", "a/b"), ("x-amz-date", "20250101")];
            assert_eq!(url.fields, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        }
        let none: SignedUrl =
            serde_json::from_str(r#"{"mediaId":"m","signedUrl":"u","fields":null}"#).expect("a signed URL");
        assert!(none.fields.is_empty());
        assert!(
            serde_json::from_str::<SignedUrl>(r#"{"mediaId":"m","signedUrl":"u","fields":"x"}"#).is_err()
        );
    }

    #[test]
    fn tokens_show_nowhere() {
        let session: Session =
            serde_json::from_str(r#"{"accessToken":"s3cret","refreshToken":null,"member":{"id":"m"}}"#)
                .expect("a session");
        assert!(!format!("{session:?}").contains("s3cret"));
        assert!(session.refresh_token.is_empty());
    }
}
