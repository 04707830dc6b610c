//! Posts and comments, their types, reactions and tags.

use super::lenient;
use super::member::Member;
use super::words::{MappingType, PostStatus, PostTypeContext};
use super::{JsonText, Moment};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A post, or a comment: the service calls a comment a reply, and a reply is a post with a parent.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Post {
    /// The service's id.
    pub id: String,
    /// The id of its post type.
    pub post_type_id: Option<String>,
    /// The space that it is in.
    pub space_id: Option<String>,
    /// Whose it is; can be set when it is made.
    pub owner_id: Option<String>,
    /// Who made it.
    pub created_by_id: Option<String>,
    /// Whether its author is not shown.
    pub is_anonymous: Option<bool>,
    /// Where it stands.
    pub status: Option<PostStatus>,
    /// Its title.
    pub title: Option<String>,
    /// Its name in addresses.
    pub slug: Option<String>,
    /// Its page.
    pub url: Option<String>,
    /// The id that another system gave.
    pub external_id: Option<String>,
    /// The address in another system.
    pub external_url: Option<String>,
    /// Whether nobody may reply.
    pub locked: Option<bool>,
    /// Whether it is hidden from lists.
    pub is_hidden: Option<bool>,
    /// What it replies to.
    pub replied_to_id: Option<String>,
    /// What it replies to, from the post down.
    #[serde(default, deserialize_with = "lenient::list")]
    pub replied_to_ids: Vec<String>,
    /// Comments on it.
    pub replies_count: Option<u64>,
    /// Comments on it, and comments on those.
    pub total_replies_count: Option<u64>,
    /// Reactions of all kinds.
    pub reactions_count: Option<u64>,
    /// When it was published; can be set.
    pub published_at: Option<Moment>,
    /// When it was made; can be set.
    pub created_at: Option<Moment>,
    /// When it changed; can be set.
    pub updated_at: Option<Moment>,
    /// Its tags.
    #[serde(default, deserialize_with = "lenient::list")]
    pub tag_ids: Vec<String>,
    /// Its language.
    pub language: Option<String>,
    /// What it says.
    #[serde(default, deserialize_with = "lenient::list")]
    pub mapping_fields: Vec<MappingField>,
    /// Its reactions; only [`crate::Client::get_post`] asks for them.
    #[serde(default, deserialize_with = "lenient::list")]
    pub reactions: Vec<Reaction>,
}

/// A reply of the service.
pub type Comment = Post;

impl Post {
    /// A field of what it says, as text.
    pub fn field(&self, key: &str) -> Option<String> {
        self.mapping_fields.iter().find(|field| field.key == key)?.value.as_ref().map(JsonText::to_text)
    }
}

/// Ids only: what people write is theirs.
impl std::fmt::Debug for Post {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Post").field("id", &self.id).field("status", &self.status).finish_non_exhaustive()
    }
}

/// One field of what a post says.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MappingField {
    /// Which field of the post type.
    pub key: String,
    /// What it holds.
    #[serde(rename = "type")]
    pub kind: MappingType,
    /// Its value, JSON as text.
    pub value: Option<JsonText>,
}

impl std::fmt::Debug for MappingField {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MappingField")
            .field("key", &self.key)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

impl MappingField {
    /// A field of this kind.
    pub fn new(key: impl Into<String>, kind: MappingType, value: &Value) -> Self {
        Self { key: key.into(), kind, value: Some(JsonText::of(value)) }
    }
    /// Plain text.
    pub fn text(key: impl Into<String>, text: &str) -> Self {
        Self::new(key, MappingType::Text, &Value::from(text))
    }
    /// HTML.
    pub fn html(key: impl Into<String>, html: &str) -> Self {
        Self::new(key, MappingType::Html, &Value::from(html))
    }
    /// A point in time.
    pub fn date(key: impl Into<String>, at: &Moment) -> Self {
        Self::new(key, MappingType::Date, &Value::from(at.as_str()))
    }
}

/// A post or a comment to be made.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewPost {
    /// The id of its post type: from [`crate::Client::post_types`], they differ in every community.
    pub post_type_id: String,
    /// What it says.
    pub mapping_fields: Vec<MappingField>,
    /// Whether everybody sees it; the service's own default is a draft.
    pub publish: bool,
    /// Whose it is; none: the token's member's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<String>,
    /// When it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Moment>,
    /// When it changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Moment>,
    /// When it was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published_at: Option<Moment>,
    /// The id in the old system: what a lost answer is found again by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// The address in the old system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_url: Option<String>,
    /// Its name in addresses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// Whether nobody may reply.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locked: Option<bool>,
    /// Tags by name; new ones are made.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tag_names: Vec<String>,
    /// Files that were uploaded.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachment_ids: Vec<String>,
}

impl NewPost {
    /// A post that everybody sees.
    pub fn published(post_type_id: impl Into<String>, mapping_fields: Vec<MappingField>) -> Self {
        Self {
            post_type_id: post_type_id.into(),
            mapping_fields,
            publish: true,
            owner_id: None,
            created_at: None,
            updated_at: None,
            published_at: None,
            external_id: None,
            external_url: None,
            slug: None,
            locked: None,
            tag_names: Vec::new(),
            attachment_ids: Vec::new(),
        }
    }
}

impl std::fmt::Debug for NewPost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewPost").field("external_id", &self.external_id).finish_non_exhaustive()
    }
}

/// What is to change about a post; what is `None` stays.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PostUpdate {
    /// Whether everybody sees it. Always sent: the service's default is `false`, which might take a published
    /// post back.
    pub publish: bool,
    /// What it says.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mapping_fields: Vec<MappingField>,
    /// Whose it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<String>,
    /// When it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Moment>,
    /// When it changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Moment>,
    /// When it was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published_at: Option<Moment>,
    /// The id in another system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// The address in another system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_url: Option<String>,
    /// Whether nobody may reply.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locked: Option<bool>,
}

impl PostUpdate {
    /// A change to a post that everybody sees, and goes on seeing.
    pub fn published() -> Self {
        Self {
            publish: true,
            mapping_fields: Vec::new(),
            owner_id: None,
            created_at: None,
            updated_at: None,
            published_at: None,
            external_id: None,
            external_url: None,
            locked: None,
        }
    }
}

impl std::fmt::Debug for PostUpdate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostUpdate").field("publish", &self.publish).finish_non_exhaustive()
    }
}

/// A type of posts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PostType {
    /// The service's id; differs in every community.
    pub id: String,
    /// Its name, such as `Discussion` or `Comment`.
    pub name: Option<String>,
    /// Whether it is for posts or for replies.
    pub context: Option<PostTypeContext>,
    /// Its fields.
    #[serde(default, deserialize_with = "lenient::list")]
    pub mappings: Vec<PostTypeField>,
    /// Types that a reply to such a post may have.
    #[serde(default, deserialize_with = "lenient::list")]
    pub valid_reply_types: Vec<PostTypeRef>,
}

impl PostType {
    /// A field by its key.
    pub fn mapping(&self, key: &str) -> Option<&PostTypeField> {
        self.mappings.iter().find(|mapping| mapping.key == key)
    }

    /// What a post of this type says under a key, as the type wants it.
    pub fn field(&self, key: &str, text: &str) -> MappingField {
        let kind = self.mapping(key).and_then(|mapping| mapping.kind.clone());
        MappingField::new(key, kind.unwrap_or(MappingType::Text), &Value::from(text))
    }
}

/// A field of a post type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostTypeField {
    /// Its key.
    pub key: String,
    /// What it holds.
    #[serde(rename = "type")]
    pub kind: Option<MappingType>,
    /// Whether a post must have it.
    pub required: Option<bool>,
}

/// A post type, by name only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostTypeRef {
    /// The service's id.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
}

/// Reactions of one kind to a post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    /// Which: a key such as `+1`.
    pub reaction: String,
    /// How many people reacted so.
    pub count: Option<u64>,
}

/// Somebody who reacted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReactionParticipant {
    /// Who.
    pub participant: Option<Member>,
}

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// The service's id.
    pub id: String,
    /// What it says.
    pub title: Option<String>,
    /// Its name in addresses.
    pub slug: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_post_is_sent_published_unless_somebody_says_otherwise() {
        let post = NewPost::published("pty1", vec![MappingField::text("title", "Hello")]);
        assert_eq!(
            serde_json::to_value(&post).expect("JSON"),
            json!({"postTypeId": "pty1", "publish": true,
                "mappingFields": [{"key": "title", "type": "text", "value": "\"Hello\""}]})
        );
        assert_eq!(serde_json::to_value(PostUpdate::published()).expect("JSON"), json!({"publish": true}));
    }

    #[test]
    fn fields_of_a_post_are_read_as_text() {
        let post: Post = serde_json::from_value(json!({"id": "p1", "status": "SLEEPING", "mappingFields":
            [{"key": "title", "type": "text", "value": "\"Hello\""}, {"key": "geo", "type": "point", "value": "[1,2]"},
             {"key": "empty", "type": "html", "value": null}, null]}))
        .expect("a post");
        let read = |key: &str| post.field(key);
        assert_eq!(read("title").as_deref(), Some("Hello"));
        assert_eq!(read("geo").as_deref(), Some("[1,2]"));
        assert_eq!((read("empty"), read("other")), (None, None));
        assert!(!format!("{post:?}").contains("Hello"));
    }
}
