//! Members, their roles and invitations.

use crate::bettermode::moment::Moment;
use base::Secret;
use serde::Serialize;
use serde_json::Value;

/// The name that a deleted member shows under.
pub(crate) const DELETED_NAME: &str = "Deleted Member";

/// `MemberStatus`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum MemberStatus {
    #[serde(rename = "VERIFIED")]
    Verified,
    #[serde(rename = "UNVERIFIED")]
    Unverified,
    Suspended,
    #[serde(rename = "DELETED")]
    Deleted,
}

/// `MemberEmailStatus`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum EmailStatus {
    Sent,
    Verified,
}

/// The value of a custom field, as JSON text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct CustomField {
    pub key: String,
    pub value: String,
}

/// Whether and by whom a member can be written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Contact {
    pub enabled: bool,
    pub staff_only: bool,
}

impl Default for Contact {
    fn default() -> Self {
        Self { enabled: true, staff_only: false }
    }
}

/// A member.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Member {
    pub id: String,
    pub username: String,
    pub name: Option<String>,
    pub email: Option<String>,
    pub new_email: Option<String>,
    pub email_status: Option<EmailStatus>,
    pub external_id: Option<String>,
    pub external_url: Option<String>,
    pub status: MemberStatus,
    pub role_id: String,
    pub fields: Vec<CustomField>,
    pub extra_properties: Vec<Value>,
    pub badges: Vec<Value>,
    pub tagline: Option<String>,
    pub locale: String,
    pub time_zone: Option<String>,
    pub profile_picture_id: Option<String>,
    pub banner_id: Option<String>,
    pub score: i64,
    pub flagged: bool,
    pub teammate: bool,
    pub created_at: Moment,
    pub updated_at: Moment,
    pub verified_at: Option<Moment>,
    pub last_seen_at: Option<Moment>,
    pub blocked_member_ids: Vec<String>,
    #[serde(skip)]
    pub contact: Contact,
    #[serde(skip)]
    pub password: Secret,
    #[serde(skip)]
    pub verification_code: Option<String>,
    /// The status before a deletion, for its undoing.
    #[serde(skip)]
    pub status_before: Option<MemberStatus>,
}

impl Member {
    /// A verified member with nothing special.
    pub fn new(id: String, username: String, role_id: String, now: Moment) -> Self {
        Self {
            id,
            username,
            role_id,
            name: None,
            email: None,
            new_email: None,
            email_status: None,
            external_id: None,
            external_url: None,
            status: MemberStatus::Verified,
            fields: Vec::new(),
            extra_properties: Vec::new(),
            badges: Vec::new(),
            tagline: None,
            locale: "en-US".to_owned(),
            time_zone: None,
            profile_picture_id: None,
            banner_id: None,
            score: 0,
            flagged: false,
            teammate: false,
            created_at: now,
            updated_at: now,
            verified_at: None,
            last_seen_at: None,
            blocked_member_ids: Vec::new(),
            contact: Contact::default(),
            password: Secret::default(),
            verification_code: None,
            status_before: None,
        }
    }

    /// Whether the member is still there.
    pub fn is_there(&self) -> bool {
        self.status != MemberStatus::Deleted
    }
}

/// `RoleType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RoleType {
    Admin,
    Moderator,
    Member,
    Guest,
}

/// A role in the community.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Role {
    pub id: String,
    pub name: String,
    #[serde(rename = "type")]
    pub kind: RoleType,
    pub scopes: Vec<String>,
    pub visible: bool,
    pub description: Option<String>,
}

/// An invitation by mail.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Invitation {
    pub id: String,
    pub invitee_email: String,
    pub invitee_name: Option<String>,
    pub invitee_id: Option<String>,
    pub inviter_id: String,
    pub invitation_message: Option<String>,
    pub role_id: String,
    pub status: &'static str,
    pub created_at: Moment,
    pub expires_at: Moment,
    pub joined_at: Option<Moment>,
    /// Spaces that whoever accepts is put into.
    #[serde(skip)]
    pub spaces: Vec<String>,
}
