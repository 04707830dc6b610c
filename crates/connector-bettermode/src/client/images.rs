//! Images: announced to the service, uploaded to where it says.

use super::Client;
use crate::errors::Error;
use crate::queries;
use crate::types::{Image, SignedUrl};
use serde_json::json;
use webclient::{Call, Failed, Form, Payload, Url, is_loopback};

/// Bytes of an image at most; the service's own limit is not documented.
pub const IMAGE_BYTES_MAX: usize = 50 * 1024 * 1024;

impl Client {
    /// Uploads an image. `content_type` is its media type, `image/png`. The upload itself goes to a store,
    /// with what the service gave for it and without a token.
    pub async fn upload_image(&self, name: &str, content_type: &str, content: &[u8]) -> Result<Image, Error> {
        let operation = &queries::CREATE_IMAGES;
        if content.is_empty() || content.len() > IMAGE_BYTES_MAX {
            let what = format!("an image has 1 to {IMAGE_BYTES_MAX} bytes, not {}", content.len());
            return Err(Error::Wrong { what });
        }
        let input = json!([{"contentType": content_type, "name": name, "size": content.len()}]);
        let urls: Vec<SignedUrl> = self.call(operation, json!({ "input": input })).await?;
        let Some(url) = urls.into_iter().next() else {
            let what = "the service gives no address to upload to".to_owned();
            return Err(Error::Odd { operation: operation.name, what });
        };
        self.upload(&url, name, content_type, content).await?;
        Ok(Image { media_id: url.media_id, media_url: url.media_url })
    }

    /// Sending the same form again puts the same file into the same place.
    async fn upload(
        &self,
        url: &SignedUrl,
        name: &str,
        content_type: &str,
        content: &[u8],
    ) -> Result<(), Error> {
        let operation = queries::CREATE_IMAGES.name;
        let no_answer = |error| Error::NoAnswer { operation, error };
        let to = self.store(&url.signed_url).ok_or_else(|| {
            let what = "the address to upload to is not one that a file may be sent to".to_owned();
            Error::Odd { operation, what }
        })?;
        let exchange = self.session.home.elsewhere(to).map_err(no_answer)?;
        let form = Form { fields: &url.fields, file_name: name, content_type, content };
        let call = Call { segments: &[], query: &[], authorization: None, payload: Payload::Form(&form) };
        let mut attempts = exchange.attempts();
        loop {
            match exchange.once(&call, attempts.number()).await {
                Ok(_) => return Ok(()),
                Err(Failed { error, cause: Some(cause), retry_after }) => {
                    if !attempts.again(&call, cause, retry_after).await {
                        return Err(no_answer(error));
                    }
                }
                Err(failed) => return Err(no_answer(failed.error)),
            }
        }
    }

    /// The store of an answer, if it may be sent to: encrypted, or on this machine when the service itself
    /// is.
    fn store(&self, signed_url: &str) -> Option<Url> {
        let url = Url::parse(signed_url).ok()?;
        let here = is_loopback(self.session.address.url());
        let fits = if here { is_loopback(&url) } else { url.scheme() == "https" && !is_loopback(&url) };
        fits.then_some(url)
    }
}
