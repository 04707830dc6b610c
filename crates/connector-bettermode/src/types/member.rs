//! Members, their roles and invitations.

use super::lenient;
use super::words::{CustomFieldType, EmailStatus, InvitationStatus, MemberStatus, RoleType};
use super::{JsonText, Moment};
use serde::{Deserialize, Serialize};

/// A member. Everything but the id may be missing: what a token may not see is null, and the schema drifts.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// The service's id.
    pub id: String,
    /// The name in addresses, unique in the community.
    pub username: Option<String>,
    /// The person's name. People who were deleted show as `Deleted Member` in some answers.
    pub name: Option<String>,
    /// The name that others see.
    pub display_name: Option<String>,
    /// The address.
    pub email: Option<String>,
    /// What became of the last mail.
    pub email_status: Option<EmailStatus>,
    /// The id that another system gave.
    pub external_id: Option<String>,
    /// The address in another system.
    pub external_url: Option<String>,
    /// Whether the member may come in.
    pub status: Option<MemberStatus>,
    /// The id of the role.
    pub role_id: Option<String>,
    /// Custom fields.
    #[serde(default, deserialize_with = "lenient::list")]
    pub fields: Vec<MemberField>,
    /// A line about the person.
    pub tagline: Option<String>,
    /// The language.
    pub locale: Option<String>,
    /// The time zone.
    pub time_zone: Option<String>,
    /// The id of the picture.
    pub profile_picture_id: Option<String>,
    /// Points.
    pub score: Option<i64>,
    /// Whether somebody reported the member.
    pub flagged: Option<bool>,
    /// Whether the member is of the staff.
    pub teammate: Option<bool>,
    /// When the member came; can be set.
    pub created_at: Option<Moment>,
    /// When something changed; can be set.
    pub updated_at: Option<Moment>,
    /// When the address was proven.
    pub verified_at: Option<Moment>,
    /// When the member was last seen.
    pub last_seen_at: Option<Moment>,
    /// The page of the member.
    pub url: Option<String>,
}

/// Ids only: a member is a person.
impl std::fmt::Debug for Member {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Member").field("id", &self.id).field("status", &self.status).finish_non_exhaustive()
    }
}

/// A custom field of a member.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberField {
    /// Which field.
    pub key: String,
    /// Its value, JSON as text.
    pub value: Option<JsonText>,
}

impl std::fmt::Debug for MemberField {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemberField").field("key", &self.key).finish_non_exhaustive()
    }
}

/// What the community calls a custom field of its members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldInfo {
    /// Its key.
    pub key: String,
    /// Its name for people.
    pub name: Option<String>,
    /// What it holds.
    #[serde(rename = "type")]
    pub kind: Option<CustomFieldType>,
    /// Whether everybody must fill it.
    pub required: Option<bool>,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// The service's id.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
    /// Roughly what it may do.
    #[serde(rename = "type")]
    pub kind: Option<RoleType>,
    /// What it may do.
    #[serde(default, deserialize_with = "lenient::list")]
    pub scopes: Vec<String>,
    /// Whether members see it.
    pub visible: Option<bool>,
    /// What it is for.
    pub description: Option<String>,
}

/// Somebody to be made a member without a mail, as far as the service lets an app do that.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewMember {
    /// The address.
    pub email: String,
    /// The name.
    pub name: String,
    /// The name in addresses; none: the service makes one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The id in the old system: what a lost answer is found again by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// The address in the old system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_url: Option<String>,
    /// A line about the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tagline: Option<String>,
    /// When the person came to the old system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Moment>,
    /// When the record last changed there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Moment>,
    /// Whether the address counts as proven: `true`, or the service asks the person by mail.
    pub verified: bool,
}

impl NewMember {
    /// Somebody whose address counts as proven, so that no mail asks for it.
    pub fn verified(email: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            email: email.into(),
            name: name.into(),
            username: None,
            external_id: None,
            external_url: None,
            tagline: None,
            created_at: None,
            updated_at: None,
            verified: true,
        }
    }
}

impl std::fmt::Debug for NewMember {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewMember").field("external_id", &self.external_id).finish_non_exhaustive()
    }
}

/// Somebody to be asked by mail.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Invitee {
    /// The address that the mail goes to.
    pub email: String,
    /// The name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The role that the person gets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role_id: Option<String>,
}

/// An invitation that was mailed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberInvitation {
    /// The service's id.
    pub id: Option<String>,
    /// Where it stands.
    pub status: Option<InvitationStatus>,
}

/// What is to change about a member; what is `None` stays.
#[derive(Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MemberUpdate {
    /// The name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The name that others see.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// The name in addresses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role_id: Option<String>,
    /// The id in another system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// The address in another system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_url: Option<String>,
    /// Custom fields; those that are not named stay.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<MemberField>,
    /// A line about the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tagline: Option<String>,
    /// The language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// The time zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// The id of the picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile_picture_id: Option<String>,
    /// When the member came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Moment>,
    /// When something changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Moment>,
}

impl MemberUpdate {
    /// Whether nothing would change.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl std::fmt::Debug for MemberUpdate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemberUpdate").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_read_in_every_shape_that_was_seen() {
        for (fields, expected) in [
            (r#"[{"key":"city","value":"\"Paris\""}]"#, "city=Paris"),
            (r#"{"fields":[{"key":"city","value":"\"Paris\""}]}"#, "city=Paris"),
            (r#"[null,{"key":"city","value":null}]"#, "city=-"),
            ("[null]", ""),
            ("null", ""),
        ] {
            let json = format!(r#"{{"id":"mem1","status":"Frozen","fields":{fields},"isNew":true}}"#);
            let member: Member = serde_json::from_str(&json).expect("a member");
            let shown: Vec<String> = member
                .fields
                .iter()
                .map(|f| format!("{}={}", f.key, f.value.as_ref().map_or("-".into(), JsonText::to_text)))
                .collect();
            assert_eq!(shown.join(" "), expected, "{json}");
            assert_eq!(member.status, Some(MemberStatus::Other("Frozen".into())));
        }
        assert_eq!(serde_json::from_str::<Member>(r#"{"id":"m"}"#).expect("a member").fields, []);
    }

    #[test]
    fn a_person_shows_in_no_debug_text() {
        let member: Member =
            serde_json::from_str(r#"{"id":"m1","name":"Ada","email":"ada@example.test"}"#).expect("a member");
        let new = NewMember::verified("ada@example.test", "Ada");
        let update = MemberUpdate { name: Some("Ada".into()), ..MemberUpdate::default() };
        let field = MemberField { key: "city".into(), value: Some(JsonText::text("Ada")) };
        let shown = format!("{member:?} {new:?} {update:?} {field:?}");
        assert!(shown.contains("m1") && !shown.contains("Ada") && !shown.contains("ada@"), "{shown}");
    }

    #[test]
    fn what_is_not_set_is_not_sent() {
        let update = MemberUpdate { tagline: Some("x".into()), ..MemberUpdate::default() };
        assert_eq!(serde_json::to_string(&update).expect("JSON"), r#"{"tagline":"x"}"#);
        assert!(MemberUpdate::default().is_empty() && !update.is_empty());
        let new = NewMember::verified("a@example.test", "A");
        let sent = serde_json::to_value(&new).expect("JSON");
        assert_eq!(sent, serde_json::json!({"email": "a@example.test", "name": "A", "verified": true}));
    }
}
