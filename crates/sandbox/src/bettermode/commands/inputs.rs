//! Inputs of mutations, as the schema has them.

use crate::bettermode::ids::Id;
use crate::bettermode::moment::Moment;
use crate::bettermode::state::{MappingField, NotificationSettings, Recurrence, SpaceRoleType, SpaceType};
use base::Secret;
use serde::Deserialize;

/// `LoginNetworkWithPasswordInput`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LoginInput {
    pub username_or_email: String,
    pub password: Secret,
}

/// `JoinNetworkInput`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct JoinInput {
    pub email: String,
    pub name: String,
    pub password: Secret,
    pub username: Option<String>,
    pub phone: Option<String>,
    pub tagline: Option<String>,
    pub external_id: Option<String>,
    pub external_url: Option<String>,
    pub verified: Option<bool>,
    pub created_at: Option<Moment>,
    pub updated_at: Option<Moment>,
}

/// `CustomFieldInput`.
#[derive(Debug, Deserialize)]
pub(crate) struct FieldInput {
    pub key: String,
    pub value: String,
}

/// `MemberPrivateMessagingSettingsInput`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MessagingInput {
    pub private_messaging_enabled: Option<bool>,
    pub who_can_contact_member: Option<String>,
}

/// `MemberSettingsInput`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SettingsInput {
    pub private_messaging: Option<MessagingInput>,
}

/// `UpdateMemberInput`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct MemberEdit {
    pub name: Option<String>,
    pub display_name: Option<String>,
    pub username: Option<String>,
    pub email: Option<String>,
    pub role_id: Option<Id>,
    pub external_id: Option<String>,
    pub external_url: Option<String>,
    pub fields: Option<Vec<FieldInput>>,
    pub tagline: Option<String>,
    pub locale: Option<String>,
    pub time_zone: Option<String>,
    pub profile_picture_id: Option<String>,
    pub banner_id: Option<String>,
    pub created_at: Option<Moment>,
    pub updated_at: Option<Moment>,
    pub flagged: Option<bool>,
    pub settings: Option<SettingsInput>,
    pub new_password: Option<Secret>,
    pub current_password: Option<Secret>,
}

/// `InviteeInput`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Invitee {
    pub email: String,
    pub name: Option<String>,
    pub role_id: Option<Id>,
    pub default_spaces_ids: Option<Vec<Id>>,
}

/// `InviteMembersInput`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InviteInput {
    pub invitees: Vec<Invitee>,
    pub role_id: Option<Id>,
    pub default_spaces_ids: Option<Vec<Id>>,
    pub expires_at: Option<Moment>,
    pub invitation_message: Option<String>,
}

/// `VerifyMemberInput`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VerifyInput {
    pub member_id: String,
    pub verification_code: Option<String>,
}

/// `CreateCollectionInput`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CollectionInput {
    pub name: String,
    pub description: Option<String>,
    pub external_id: Option<String>,
    pub created_at: Option<Moment>,
    pub updated_at: Option<Moment>,
}

/// `SpaceAddressInput`.
#[derive(Debug, Deserialize)]
pub(crate) struct AddressInput {
    pub path: String,
    pub exact: bool,
    pub editable: Option<bool>,
}

/// `CreateSpaceInput`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct SpaceInput {
    pub name: String,
    pub slug: Option<String>,
    pub collection_id: Option<Id>,
    pub description: Option<String>,
    #[serde(rename = "type")]
    pub kind: Option<SpaceType>,
    pub layout: Option<String>,
    pub private: Option<bool>,
    pub hidden: Option<bool>,
    pub invite_only: Option<bool>,
    pub non_admins_can_invite: Option<bool>,
    pub external_id: Option<String>,
    pub external_url: Option<String>,
    pub created_at: Option<Moment>,
    pub updated_at: Option<Moment>,
    pub admin_ids: Option<Vec<String>>,
    pub member_ids: Option<Vec<String>>,
    pub image_id: Option<String>,
    pub banner_id: Option<String>,
    pub address: Option<AddressInput>,
    pub who_can_post: Option<Vec<SpaceRoleType>>,
    pub who_can_reply: Option<Vec<SpaceRoleType>>,
    pub who_can_react: Option<Vec<SpaceRoleType>>,
}

/// `AddSpaceMemberInput`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SpaceMemberInput {
    pub member_id: Id,
    pub role_id: Option<Id>,
}

/// `CreatePostInput` and `CreateDraftPostInput`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct PostInput {
    pub post_type_id: String,
    pub mapping_fields: Vec<MappingField>,
    pub publish: bool,
    pub owner_id: Option<Id>,
    pub created_at: Option<Moment>,
    pub updated_at: Option<Moment>,
    pub published_at: Option<Moment>,
    pub scheduled_for: Option<Moment>,
    pub external_id: Option<String>,
    pub external_url: Option<String>,
    pub slug: Option<String>,
    pub locked: Option<bool>,
    pub tag_names: Option<Vec<String>>,
    pub tag_ids: Option<Vec<String>>,
    pub attachment_ids: Option<Vec<String>>,
}

/// `UpdatePostInput`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct PostEdit {
    pub mapping_fields: Option<Vec<MappingField>>,
    pub publish: bool,
    pub owner_id: Option<Id>,
    pub created_at: Option<Moment>,
    pub updated_at: Option<Moment>,
    pub published_at: Option<Moment>,
    pub external_id: Option<String>,
    pub external_url: Option<String>,
    pub slug: Option<String>,
    pub locked: Option<bool>,
    pub tag_names: Option<Vec<String>>,
    pub attachment_ids: Option<Vec<String>>,
}

/// `AddReactionInput`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReactionInput {
    pub reaction: String,
    pub participant_id: Option<Id>,
    pub override_single_choice_reactions: Option<bool>,
}

/// `CreateTagInput`.
#[derive(Debug, Deserialize)]
pub(crate) struct TagInput {
    pub title: String,
    pub slug: Option<String>,
    pub description: Option<String>,
}

/// `CreateVirtualLocationInput`.
#[derive(Debug, Deserialize)]
pub(crate) struct VirtualInput {
    pub provider: String,
    pub url: String,
}

/// `CreatePhysicalLocationInput`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PhysicalInput {
    pub place_id: String,
    pub latitude: f64,
    pub longitude: f64,
    pub display_name: Option<String>,
    pub formatted_address: Option<String>,
}

/// `CreateEventInput` and `UpdateEventInput`; the schema says which parts must be there.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct EventInput {
    pub title: Option<String>,
    pub content: Option<String>,
    pub start_time: Option<Moment>,
    pub end_time: Option<Moment>,
    pub time_zone: Option<String>,
    pub host_ids: Option<Vec<String>>,
    pub notification_settings: Option<NotificationSettings>,
    pub slug: Option<String>,
    pub capacity: Option<i64>,
    pub thumbnail_id: Option<String>,
    pub tag_ids: Option<Vec<String>>,
    pub attachment_ids: Option<Vec<String>>,
    pub recurrence_config: Option<Recurrence>,
    pub virtual_locations: Option<Vec<VirtualInput>>,
    pub physical_locations: Option<Vec<PhysicalInput>>,
}

/// `CreateImageInput`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ImageInput {
    pub content_type: String,
    pub name: String,
    pub size: f64,
    pub width: Option<i64>,
    pub height: Option<i64>,
}

/// `SendMessageToChatInput`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct MessageInput {
    pub content: String,
    pub nonce: Option<String>,
    pub attachment_ids: Option<Vec<String>>,
    pub image_ids: Option<Vec<String>>,
}

/// `SendMessageToMemberInput`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DirectInput {
    pub recipient_id: String,
    pub message: MessageInput,
}

/// `EditMessageInput`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MessageEdit {
    pub message_id: String,
    pub page_id: String,
    pub content: String,
}

/// `CreateGroupChatInput` and `UpdateGroupChatInput`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct GroupInput {
    pub name: Option<String>,
    pub member_ids: Vec<String>,
    pub avatar_id: Option<String>,
}
