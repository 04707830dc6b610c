//! What the signed ids (SGIDs) of a TipTap body stand for, and its attachments.
//!
//! No document describes these objects, so each fact is looked for under every name that services of this
//! kind use.

use crate::mention::{Mention, is_id};
use serde_json::{Map, Value};

/// A file that a body shows or links to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FileRef {
    /// Where it is; Circle's addresses may be signed and expire.
    pub url: String,
    /// Its name.
    pub name: Option<String>,
    /// What it is, as in HTTP.
    pub content_type: Option<String>,
}

impl FileRef {
    /// A file of which only the address is known.
    pub(crate) fn at(url: &str) -> Self {
        Self { url: url.to_owned(), ..Self::default() }
    }

    /// Whether it is an image.
    pub(crate) fn is_image(&self) -> bool {
        self.content_type.as_deref().is_some_and(|kind| kind.starts_with("image/"))
    }
}

/// An object that something refers to: the attributes of a node, or what its SGID stands for.
pub(crate) type Object = Map<String, Value>;

/// The objects of one body.
pub(crate) struct Refs<'a> {
    by_sgid: Option<&'a Object>,
    attachments: Vec<&'a Object>,
}

impl<'a> Refs<'a> {
    pub fn new(by_sgid: Option<&'a Value>, attachments: Option<&'a Value>) -> Self {
        let list = attachments.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        Self {
            by_sgid: by_sgid.and_then(Value::as_object),
            attachments: list.iter().filter_map(Value::as_object).collect(),
        }
    }

    /// What the attributes of a node refer to: the object of their SGID, or the attachment with the same SGID
    /// or id.
    pub fn of(&self, attributes: &Object) -> Option<&'a Object> {
        let sgid = text(attributes, &["sgid", "attachable_sgid"]);
        let by_sgid = sgid.as_deref().and_then(|sgid| self.by_sgid?.get(sgid)?.as_object());
        by_sgid.or_else(|| {
            let keys: [&[&str]; 3] = [&["sgid", "attachable_sgid"], &["signed_id"], &["id"]];
            keys.iter().find_map(|keys| {
                let wanted = text(attributes, keys)?;
                self.attachments.iter().copied().find(|one| text(one, keys).as_ref() == Some(&wanted))
            })
        })
    }

    /// All attachments.
    pub fn attachments(&self) -> impl Iterator<Item = FileRef> {
        self.attachments.iter().filter_map(|one| file(one))
    }
}

/// The first of these that is a text or a number.
pub(crate) fn text(object: &Object, keys: &[&str]) -> Option<String> {
    keys.iter().find_map(|key| match object.get(*key)? {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

/// The address of what an object describes.
pub(crate) fn url(object: &Object) -> Option<String> {
    text(object, &["url", "src", "href", "download_url", "embed_url", "image_url"])
}

/// What an object is called.
pub(crate) fn name(object: &Object) -> Option<String> {
    text(object, &["filename", "file_name", "name", "title"])
}

/// The file that an object describes.
pub(crate) fn file(object: &Object) -> Option<FileRef> {
    Some(FileRef {
        url: url(object)?,
        name: name(object),
        content_type: text(object, &["content_type", "contentType", "mime_type"]),
    })
}

/// The person that an object describes. A member's `id` is not a user's: which of the two an `id` is, the
/// object's type says.
pub(crate) fn person(object: &Object) -> Option<Mention> {
    let id = |keys: &[&str]| text(object, keys).filter(|id| is_id(id));
    let kind =
        text(object, &["type", "record_type", "object_type", "class"]).unwrap_or_default().to_lowercase();
    let (is_user, is_member) = (kind.contains("user"), kind.contains("member"));
    let own = id(&["id"]).filter(|_| kind.is_empty() || is_user || is_member);
    let mut mention = Mention {
        member_id: id(&["community_member_id", "member_id"]),
        user_id: id(&["user_id"]),
        name: text(object, &["name", "label", "display_name", "full_name", "text"]).unwrap_or_default(),
    };
    match is_user && !is_member {
        true => mention.user_id = mention.user_id.or(own),
        false => mention.member_id = mention.member_id.or(own),
    }
    (mention.member_id.is_some() || mention.user_id.is_some()).then_some(mention)
}

/// The choices of a poll.
pub(crate) fn options(object: &Object) -> Vec<String> {
    let list =
        ["options", "poll_options", "choices", "answers"].iter().find_map(|key| object.get(*key)?.as_array());
    let one = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Object(map) => text(map, &["text", "value", "label", "name", "title", "option"]),
        _ => None,
    };
    list.map(|list| list.iter().filter_map(one).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_person_is_known_by_either_id_and_the_two_are_not_mixed() {
        for (object, expected) in [
            (json!({"id": 5001, "name": "Ada"}), Some((Some("5001"), None, "Ada"))),
            (json!({"type": "CommunityMember", "id": "5001"}), Some((Some("5001"), None, ""))),
            (json!({"type": "User", "id": 7001, "name": "Ada"}), Some((None, Some("7001"), "Ada"))),
            (
                json!({"type": "User", "id": 7001, "community_member_id": 5001}),
                Some((Some("5001"), Some("7001"), "")),
            ),
            (json!({"id": 1, "user_id": 7001}), Some((Some("1"), Some("7001"), ""))),
            (json!({"type": "Embed", "id": 3}), None),
            (json!({"id": "\"><script>"}), None),
            (json!({"name": "Ada"}), None),
        ] {
            let object = object.as_object().expect("an object");
            let found = person(object);
            let found =
                found.as_ref().map(|m| (m.member_id.as_deref(), m.user_id.as_deref(), m.name.as_str()));
            assert_eq!(found, expected, "{object:?}");
        }
    }

    #[test]
    fn a_node_finds_its_object_by_sgid_or_among_the_attachments() {
        let map = json!({"s1": {"id": 1}, "s2": 7});
        let list = json!([{"sgid": "s3", "url": "https://a.test/3"}, {"signed_id": "x"}, {"id": 4}, 5]);
        let refs = Refs::new(Some(&map), Some(&list));
        for (attributes, expected) in [
            (json!({"sgid": "s1"}), Some("1")),
            (json!({"sgid": "s3"}), Some("https://a.test/3")),
            (json!({"signed_id": "x"}), Some("x")),
            (json!({"id": "4"}), Some("4")),
            (json!({"sgid": "s2"}), None),
            (json!({"sgid": "gone", "id": 9}), None),
            (json!({}), None),
        ] {
            let found = refs.of(attributes.as_object().expect("an object"));
            let found = found.and_then(|object| text(object, &["url", "id", "signed_id"]));
            assert_eq!(found.as_deref(), expected, "{attributes}");
        }
        assert_eq!(refs.attachments().count(), 1);
        assert!(Refs::new(None, Some(&json!({"a": 1}))).of(&Object::new()).is_none());
    }
}
