//! Icons and covers.

use super::check::{At, Checked};
use super::richtext::URL_MAX;
use serde_json::{Value, json};

/// Units of an emoji at most: families of four with skin tones are the longest.
const EMOJI_MAX: usize = 40;

/// An icon: an emoji or a picture elsewhere; null takes it away.
pub(super) fn icon(at: &At<'_>) -> Checked<Value> {
    if at.value.is_null() {
        return Ok(Value::Null);
    }
    at.only(&["type", "emoji", "external"])?;
    match at.one_of(&["emoji", "external"])? {
        ("emoji", emoji) => {
            at.tagged("emoji")?;
            let text = emoji.short(EMOJI_MAX)?;
            if text.is_ascii() {
                Err(emoji.wrong("an emoji"))
            } else {
                Ok(json!({"type": "emoji", "emoji": text}))
            }
        }
        (_, external) => {
            at.tagged("external")?;
            picture(&external)
        }
    }
}

/// A cover: a picture elsewhere; null takes it away.
pub(super) fn cover(at: &At<'_>) -> Checked<Value> {
    if at.value.is_null() {
        return Ok(Value::Null);
    }
    at.only(&["type", "external"])?;
    at.tagged("external")?;
    picture(&at.required("external")?)
}

fn picture(at: &At<'_>) -> Checked<Value> {
    at.only(&["url"])?;
    Ok(json!({"type": "external", "external": {"url": at.required("url")?.url(URL_MAX)?}}))
}
