//! Post types, posts, replies, reactions and tags.

use crate::bettermode::moment::Moment;
use indexmap::{IndexMap, IndexSet};
use serde::{Deserialize, Serialize};

/// `PostTypeContext`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum PostContext {
    Post,
    Reply,
}

/// `PostMappingTypeEnum`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum MappingType {
    Text,
    Html,
    Number,
    Date,
    Boolean,
    Image,
    TextArray,
    NumberArray,
}

/// A field that posts of a type have.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Mapping {
    pub key: &'static str,
    #[serde(rename = "type")]
    pub kind: MappingType,
    pub title: &'static str,
    pub field: &'static str,
    pub required: bool,
    pub is_main_content: bool,
    pub is_searchable: bool,
}

/// A post type.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PostType {
    pub id: String,
    pub name: &'static str,
    pub plural_name: &'static str,
    pub slug: &'static str,
    pub context: PostContext,
    pub archived: bool,
    pub mappings: Vec<Mapping>,
    /// None: any.
    pub allowed_reactions: Option<Vec<&'static str>>,
    pub single_choice_reactions: Option<Vec<&'static str>>,
    pub created_at: Moment,
    pub updated_at: Moment,
    /// Ids of the types that a reply may have.
    #[serde(skip)]
    pub replies: Vec<String>,
}

/// A field of a post; the value is JSON text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MappingField {
    pub key: String,
    #[serde(rename = "type")]
    pub kind: MappingType,
    pub value: String,
}

/// `PostStatus`, as far as the stand-in brings a post there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum PostStatus {
    Published,
    Draft,
    Blocked,
    Deleted,
}

/// A post or a reply.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Post {
    pub id: String,
    pub post_type_id: String,
    pub space_id: String,
    pub owner_id: String,
    pub created_by_id: String,
    pub mapping_fields: Vec<MappingField>,
    pub title: Option<String>,
    pub slug: Option<String>,
    pub status: PostStatus,
    pub published_at: Option<Moment>,
    pub created_at: Moment,
    pub updated_at: Moment,
    pub last_activity_at: Option<Moment>,
    pub scheduled_for: Option<Moment>,
    pub locked: bool,
    pub is_hidden: bool,
    pub is_anonymous: bool,
    /// The post or reply that this answers.
    pub replied_to_id: Option<String>,
    /// All that it hangs from, the nearest first.
    pub replied_to_ids: Vec<String>,
    pub tag_ids: Vec<String>,
    pub attachment_ids: Vec<String>,
    pub image_ids: Vec<String>,
    pub external_id: Option<String>,
    pub external_url: Option<String>,
    pub language: Option<String>,
    pub pinned_into: Vec<&'static str>,
    /// Ids of direct replies, deleted ones too.
    #[serde(skip)]
    pub replies: Vec<String>,
    /// Reaction to those who reacted.
    #[serde(skip)]
    pub reactions: IndexMap<String, IndexSet<String>>,
    /// The post whose deletion took this one along, or its own id; and the status before. Without them a
    /// deletion cannot be undone.
    #[serde(skip)]
    pub deleted_with: Option<(String, PostStatus)>,
}

impl Post {
    /// Whether everybody sees it.
    pub fn is_published(&self) -> bool {
        self.status == PostStatus::Published
    }

    /// Whether it is there for those who may see it.
    pub fn is_there(&self) -> bool {
        self.status != PostStatus::Deleted
    }

    /// The decoded text under a key.
    pub fn text(&self, key: &str) -> Option<String> {
        let field = self.mapping_fields.iter().find(|field| field.key == key)?;
        serde_json::from_str(&field.value).ok()
    }
}

/// A tag.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Tag {
    pub id: String,
    pub title: String,
    pub slug: String,
    pub description: Option<String>,
}
