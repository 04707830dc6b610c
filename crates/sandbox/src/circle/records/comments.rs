//! Comments, with the answers within them where these are shown so.

use super::posts::body;
use crate::circle::scenario::Replies;
use crate::circle::view::{COMMUNITY_ID, View, date};
use crate::community::{Comment, Kind};
use serde_json::{Value, json};

impl View<'_> {
    /// Comment number `i`.
    pub fn comment(&self, i: u32) -> Value {
        let replies = match self.lists().replies {
            Replies::Top => Vec::new(),
            Replies::Both | Replies::Nested => {
                self.data.replies(i).map(|reply| self.comment(reply)).collect()
            }
        };
        self.comment_with(i, &replies)
    }

    /// The same without the answers.
    pub fn bare_comment(&self, i: u32) -> Value {
        self.comment_with(i, &[])
    }

    fn comment_with(&self, i: u32, replies: &[Value]) -> Value {
        let comment: &Comment = &self.community().comments[i as usize];
        let (post, name, url) = self.thread(comment.thread);
        let (_, space) = self.data.place(comment.thread);
        let parent = comment.parent.map(|parent| self.community().comments[parent as usize].id);
        let author = self.member(comment.author);
        let html = match comment.odd {
            Some(Kind::CommentEmpty) => json!(""),
            _ => json!(self.render(&self.community().comment_doc(comment)).html),
        };
        json!({
            "id": comment.id,
            "parent_comment_id": parent,
            "body": body(comment.id, &html, "Comment"),
            "user": {
                "id": author.user_id,
                "name": self.community().profile(comment.author).name,
                "email": self.shown_email(comment.author),
            },
            "post": {"id": post, "name": name},
            "space": self.space(space),
            "community_id": COMMUNITY_ID,
            "url": format!("{url}#comment_wrapper_{}", comment.id),
            "likes_count": comment.likes,
            "replies_count": self.data.replies(i).count(),
            "replies": replies,
            "created_at": date(comment.created),
            "updated_at": date(comment.updated),
        })
    }
}
