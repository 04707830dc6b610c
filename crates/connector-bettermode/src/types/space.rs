//! Spaces, and the collections that hold them.

use super::Moment;
use super::member::{Member, Role};
use super::words::SpaceType;
use serde::{Deserialize, Serialize};

/// A collection of spaces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Collection {
    /// The service's id.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
    /// What it is about.
    pub description: Option<String>,
    /// The id that another system gave.
    pub external_id: Option<String>,
    /// When it was made; can be set.
    pub created_at: Option<Moment>,
    /// When it changed; can be set.
    pub updated_at: Option<Moment>,
}

/// A collection to be made.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewCollection {
    /// Its name.
    pub name: String,
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The id in the old system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// When it was made there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Moment>,
    /// When it changed there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Moment>,
}

/// A space.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Space {
    /// The service's id.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
    /// Its name in addresses.
    pub slug: Option<String>,
    /// What it is for.
    #[serde(rename = "type")]
    pub kind: Option<SpaceType>,
    /// The collection that holds it.
    pub collection: Option<CollectionRef>,
    /// What it is about.
    pub description: Option<String>,
    /// Whether only its members may look in.
    pub private: Option<bool>,
    /// Whether others do not see that it is there.
    pub hidden: Option<bool>,
    /// Whether one has to be invited.
    pub invite_only: Option<bool>,
    /// Whether every member may invite.
    pub non_admins_can_invite: Option<bool>,
    /// The id that another system gave.
    pub external_id: Option<String>,
    /// The address in another system.
    pub external_url: Option<String>,
    /// When it was made; can be set.
    pub created_at: Option<Moment>,
    /// When it changed; can be set.
    pub updated_at: Option<Moment>,
}

/// A collection, by its id only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CollectionRef {
    /// The service's id.
    pub id: String,
}

impl Space {
    /// The id of the collection that holds it.
    pub fn collection_id(&self) -> Option<&str> {
        self.collection.as_ref().map(|collection| collection.id.as_str())
    }
}

/// A space to be made.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewSpace {
    /// Its name.
    pub name: String,
    /// Its name in addresses; none: the service makes one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// What it is for; none: the service's choice.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<SpaceType>,
    /// The collection that holds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collection_id: Option<String>,
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether only its members may look in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private: Option<bool>,
    /// Whether others do not see that it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden: Option<bool>,
    /// Whether one has to be invited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invite_only: Option<bool>,
    /// The id in the old system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// The address in the old system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_url: Option<String>,
    /// When it was made there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Moment>,
    /// When it changed there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Moment>,
    /// Members who may run it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub admin_ids: Vec<String>,
    /// Members who are in it from the start.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub member_ids: Vec<String>,
}

/// Somebody in a space. It has no id of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpaceMember {
    /// The member: only the id and the name are asked for.
    pub member: Option<Member>,
    /// The role in this space.
    pub role: Option<Role>,
}

/// Somebody to be put into a space.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewSpaceMember {
    /// The member.
    pub member_id: String,
    /// The role in the space; none: the usual one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role_id: Option<String>,
}
