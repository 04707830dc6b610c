//! Posts with a text, and pictures as the members' own API shows them.

use crate::circle::view::{COMMUNITY_ID, View, date, date_or_null, slug};
use crate::community::{Kind, Post};
use serde_json::{Map, Value, json};

impl View<'_> {
    /// A post; `whole` for a single one, which has its rich body in any case.
    pub fn post(&self, post: &Post, whole: bool) -> Value {
        let community = self.community();
        let name = community.post_title(post);
        let space = &community.spaces[post.space];
        let author = self.member(post.author);
        let profile = community.profile(post.author);
        let rendered = self.render(&community.post_doc(post));
        let html = match post.odd {
            // Empty bodies come in three ways.
            Some(Kind::BodyEmpty) => {
                [Value::Null, json!(""), json!("<div></div>")][post.id as usize % 3].clone()
            }
            _ => json!(rendered.html),
        };
        let cover = community.cover(post);
        let slug = slug(&name, post.id);
        let mut record = Map::new();
        let mut put = |key: &str, value: Value| drop(record.insert(key.to_owned(), value));
        put("id", json!(post.id));
        put("status", json!(post.status.word()));
        put("name", json!(name));
        put("slug", json!(slug));
        put("url", json!(self.site(&format!("c/{}/{slug}", space.slug))));
        put("community_id", json!(COMMUNITY_ID));
        put("space_id", json!(space.id));
        put("space_name", json!(space.name));
        put("space_slug", json!(space.slug));
        put("user_id", json!(author.user_id));
        put("user_email", json!(self.shown_email(post.author)));
        put("user_name", json!(profile.name));
        put("user_avatar_url", json!(profile.avatar.map(|file| self.app.file_url(&file, self.now))));
        put("published_at", date_or_null(post.published));
        put("created_at", date(post.created));
        put("updated_at", date(post.updated));
        put("topics", json!(Vec::from_iter(post.topic)));
        put("likes_count", json!(post.likes));
        put("comments_count", json!(post.comments));
        put("body", body(post.id, &html, "Post"));
        if whole || self.lists().tiptap {
            let legacy = post.odd == Some(Kind::BodyHtmlOnly);
            put("tiptap_body", if legacy { Value::Null } else { self.tiptap(&rendered) });
        }
        put("cover_image", json!(cover.as_ref().map(|file| &file.key)));
        put("cover_image_url", json!(cover.map(|file| self.app.file_url(&file, self.now))));
        put("custom_html", json!(community.custom_html(post)));
        Value::Object(record)
    }

    /// A post or a picture in the members' own API.
    pub fn headless_post(&self, post: &Post) -> Value {
        let mut record = self.post(post, true);
        record["post_type"] = json!(if post.image { "image" } else { "basic" });
        record["community_member"] = self.person(post.author);
        if post.image {
            let pictures = self.community().cover(post).into_iter();
            let pictures =
                pictures.map(|file| json!({"id": post.id, "url": self.app.file_url(&file, self.now)}));
            record["gallery"] = json!({"images": pictures.collect::<Vec<_>>()});
        }
        record
    }
}

/// A body as an object of its own.
pub(super) fn body(record: u64, html: &Value, kind: &str) -> Value {
    json!({"id": record * 10 + 1, "name": "body", "body": html, "record_type": kind, "record_id": record})
}
