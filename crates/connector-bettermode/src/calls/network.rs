//! Calls about the community as a whole.

use super::shown;
use crate::client::Client;
use base::Fault;
use serde_json::Value;

/// A call about the community.
#[derive(Clone, PartialEq, Eq)]
pub enum NetworkCall {
    /// Its id and name: whether the token is good.
    Get,
    /// What is left of the rate limits.
    RateLimits,
    /// What webhooks can tell of.
    EventTypes,
    /// Uploads an image, to be shown in a post.
    UploadImage {
        /// The file's name.
        name: String,
        /// Its media type, `image/png`.
        content_type: String,
        /// What is in it.
        content: Vec<u8>,
    },
}

impl NetworkCall {
    pub(super) fn changes(&self) -> Option<String> {
        match self {
            Self::UploadImage { .. } => Some("uploads an image".into()),
            Self::Get | Self::RateLimits | Self::EventTypes => None,
        }
    }
}

pub(super) async fn run(client: &Client, call: NetworkCall) -> Result<Value, Fault> {
    match call {
        NetworkCall::Get => shown(client.network().await?),
        NetworkCall::RateLimits => shown(client.rate_limits().await?),
        NetworkCall::EventTypes => shown(client.event_types().await?),
        NetworkCall::UploadImage { name, content_type, content } => {
            shown(client.upload_image(&name, &content_type, &content).await?)
        }
    }
}
