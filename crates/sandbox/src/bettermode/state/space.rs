//! Collections, spaces and who is in them.

use crate::bettermode::moment::Moment;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// A group of spaces.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Collection {
    pub id: String,
    pub name: String,
    pub slug: String,
    pub description: Option<String>,
    pub external_id: Option<String>,
    pub custom_ordering_index: f64,
    pub created_at: Moment,
    pub updated_at: Moment,
    #[serde(skip)]
    pub created_by_id: String,
}

/// `SpaceType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum SpaceType {
    Group,
    Broadcast,
    Page,
    Entity,
    PrivateMessage,
}

impl SpaceType {
    /// Whether it holds posts.
    pub fn has_posts(self) -> bool {
        matches!(self, SpaceType::Group | SpaceType::Broadcast | SpaceType::Entity)
    }
}

/// `SpaceRoleType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SpaceRoleType {
    Admin,
    Member,
}

/// A role in a space; the same two in every space.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct SpaceRole {
    pub id: String,
    pub name: &'static str,
    #[serde(rename = "type")]
    pub kind: SpaceRoleType,
    pub scopes: Vec<String>,
    pub description: Option<String>,
}

/// Where a space is found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Address {
    pub path: String,
    pub exact: bool,
    pub editable: bool,
}

/// A space.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Space {
    pub id: String,
    pub name: String,
    pub slug: String,
    pub description: Option<String>,
    #[serde(rename = "type")]
    pub kind: SpaceType,
    pub layout: String,
    pub private: bool,
    pub hidden: bool,
    pub invite_only: bool,
    pub non_admins_can_invite: bool,
    pub external_id: Option<String>,
    pub external_url: Option<String>,
    pub address: Address,
    /// The collection that it is in.
    pub group_id: Option<String>,
    pub custom_ordering_index_in_group: f64,
    pub created_by_id: String,
    pub created_at: Moment,
    pub updated_at: Moment,
    pub image_id: Option<String>,
    pub banner_id: Option<String>,
    /// Ids of space roles; none: every role.
    pub who_can_post: Option<Vec<String>>,
    pub who_can_reply: Option<Vec<String>>,
    pub who_can_react: Option<Vec<String>>,
    /// Member id to id of the space role, in the order of joining.
    #[serde(skip)]
    pub members: IndexMap<String, String>,
}
