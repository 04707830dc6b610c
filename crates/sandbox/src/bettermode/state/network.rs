//! The community itself.

use crate::bettermode::moment::Moment;
use serde::Serialize;
use serde_json::Value;

/// `CustomFieldType`, as far as the stand-in has such fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum FieldType {
    Text,
    Number,
    Boolean,
    Date,
    Array,
}

impl FieldType {
    /// Whether a value of a request is of this type.
    pub fn takes(self, value: &Value) -> bool {
        match self {
            FieldType::Text => value.is_string(),
            FieldType::Number => value.is_number(),
            FieldType::Boolean => value.is_boolean(),
            FieldType::Date => value.as_str().is_some_and(|text| Moment::parse(text).is_ok()),
            FieldType::Array => value.is_array(),
        }
    }
}

/// A custom field of members.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct MemberField {
    pub key: &'static str,
    pub name: &'static str,
    #[serde(rename = "type")]
    pub kind: FieldType,
    pub required: bool,
    pub archived: bool,
}

/// The community.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Network {
    pub id: String,
    pub name: String,
    pub domain: String,
    pub description: Option<String>,
    pub locale: String,
    pub visibility: &'static str,
    pub membership: &'static str,
    pub status: &'static str,
    pub organization_id: String,
    pub owner_id: String,
    pub created_by_id: String,
    pub created_at: Moment,
    #[serde(skip)]
    pub member_fields: Vec<MemberField>,
    /// Whether members may write to each other.
    #[serde(skip)]
    pub private_messaging: bool,
}
