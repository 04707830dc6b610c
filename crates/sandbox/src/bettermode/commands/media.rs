//! Places for images, and images that are put there.

use super::{Actor, ImageInput, need_text};
use crate::bettermode::refusal::Refusal;
use crate::bettermode::state::{Media, State};
use bytes::Bytes;

/// The largest image, bytes; supposed.
pub(crate) const IMAGE_MAX: u64 = 10 << 20;

/// Places of one request.
const PLACES_MAX: usize = 50;

impl State {
    /// Places for images, each with a form that must be posted to fill it.
    pub fn create_images(&mut self, by: &Actor, input: Vec<ImageInput>) -> Result<Vec<Media>, Refusal> {
        self.member(&by.member)?;
        if input.is_empty() || input.len() > PLACES_MAX {
            return Err(Refusal::invalid("input", format!("Between 1 and {PLACES_MAX} images at a time")));
        }
        for image in &input {
            need_text("name", &image.name)?;
            if !image.content_type.starts_with("image/") {
                return Err(Refusal::invalid("contentType", "The content type is not that of an image"));
            }
            if image.size.fract() != 0.0 || !(1.0..=IMAGE_MAX as f64).contains(&image.size) {
                return Err(Refusal::invalid("size", format!("The size is not between 1 and {IMAGE_MAX}")));
            }
        }
        let mut places = Vec::new();
        for image in input {
            let place = Media {
                id: self.ids.next(),
                name: image.name,
                content_type: image.content_type,
                size: image.size as u64,
                width: image.width,
                height: image.height,
                signature: self.ids.next(),
                bytes: None,
            };
            self.media.insert(place.id.clone(), place.clone());
            places.push(place);
        }
        Ok(places)
    }

    /// Fills a place; status and code of the storage behind it when it does not take the form.
    pub fn fill(
        &mut self,
        id: &str,
        fields: &[(String, String)],
        content_type: Option<&str>,
        bytes: Bytes,
    ) -> Result<(), (u16, &'static str)> {
        let place = self.media.get_mut(id).ok_or((404, "NoSuchKey"))?;
        let has = |name: &str, value: &str| fields.iter().any(|(key, given)| key == name && given == value);
        if !has("key", &place.key()) || !has("signature", &place.signature) {
            return Err((403, "AccessDenied"));
        }
        let declared = has("Content-Type", &place.content_type);
        if !declared || content_type.is_some_and(|given| given != place.content_type) {
            return Err((400, "InvalidContentType"));
        }
        if bytes.len() as u64 != place.size {
            return Err((400, "EntitySizeMismatch"));
        }
        place.bytes = Some(bytes);
        Ok(())
    }

    /// An image that has arrived.
    pub(super) fn need_media(&self, id: &str) -> Result<(), Refusal> {
        let media = self.media.get(id).ok_or_else(|| Refusal::not_found("Media"))?;
        if media.bytes.is_some() {
            Ok(())
        } else {
            Err(Refusal::invalid("media", "The media is not uploaded"))
        }
    }
}
