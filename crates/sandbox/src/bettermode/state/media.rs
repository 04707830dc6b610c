//! Uploaded files.

use bytes::Bytes;

/// A place for an image, and the image once it is there.
#[derive(Debug, Clone)]
pub(crate) struct Media {
    pub id: String,
    pub name: String,
    pub content_type: String,
    /// Bytes promised when the place was asked for.
    pub size: u64,
    pub width: Option<i64>,
    pub height: Option<i64>,
    /// What the form must carry besides the key and the type.
    pub signature: String,
    pub bytes: Option<Bytes>,
}

impl Media {
    /// The key under which the form stores it.
    pub fn key(&self) -> String {
        format!("{}/{}", self.id, self.name)
    }
}
