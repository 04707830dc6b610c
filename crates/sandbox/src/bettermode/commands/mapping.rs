//! The fields of a post, checked against its type.

use crate::bettermode::html;
use crate::bettermode::moment::Moment;
use crate::bettermode::refusal::Refusal;
use crate::bettermode::state::{MappingField, MappingType, PostType, State};
use serde_json::Value;

impl State {
    /// The fields of a post of that type: those given, over those it has. Every key is one of the type and
    /// stands once, every value is JSON text of the key's type, and what is required is there.
    pub(super) fn mapped(
        &self,
        kind: &PostType,
        given: Vec<MappingField>,
        had: &[MappingField],
    ) -> Result<Vec<MappingField>, Refusal> {
        let mut fields = had.to_vec();
        let mut seen: Vec<String> = Vec::new();
        for mut field in given {
            let place = format!("mappingFields.{}", field.key);
            let invalid = |message: &str| Err(Refusal::invalid(&place, message));
            let Some(mapping) = kind.mappings.iter().find(|mapping| mapping.key == field.key) else {
                return invalid("The post type has no such key");
            };
            if seen.contains(&field.key) {
                return invalid("The key is given twice");
            }
            if mapping.kind != field.kind {
                return invalid("The type is not that of the key");
            }
            let Ok(value) = serde_json::from_str::<Value>(&field.value) else {
                return invalid("The value is not JSON text");
            };
            if !self.fits(field.kind, &value) {
                return invalid("The value is not of its type");
            }
            if let (MappingType::Html, Value::String(text)) = (field.kind, &value) {
                for image in html::images(text) {
                    self.need_media(&image)?;
                }
                if self.rules.posts.rewrite_html {
                    field.value = Value::from(html::rewrite(text)).to_string();
                }
            }
            seen.push(field.key.clone());
            match fields.iter_mut().find(|other| other.key == field.key) {
                Some(other) => *other = field,
                None => fields.push(field),
            }
        }
        for mapping in kind.mappings.iter().filter(|mapping| mapping.required) {
            let filled = fields.iter().any(|field| field.key == mapping.key && !is_empty(field));
            if !filled {
                return Err(Refusal::missing(&format!("mappingFields.{}", mapping.key)));
            }
        }
        Ok(fields)
    }

    fn fits(&self, kind: MappingType, value: &Value) -> bool {
        let all = |is: fn(&Value) -> bool| value.as_array().is_some_and(|list| list.iter().all(is));
        match kind {
            MappingType::Text | MappingType::Html => value.is_string(),
            MappingType::Number => value.is_number(),
            MappingType::Boolean => value.is_boolean(),
            MappingType::Date => value.as_str().is_some_and(|text| Moment::parse(text).is_ok()),
            MappingType::Image => value.as_str().is_some_and(|id| self.need_media(id).is_ok()),
            MappingType::TextArray => all(Value::is_string),
            MappingType::NumberArray => all(Value::is_number),
        }
    }
}

/// The ids of all images that the fields show.
pub(super) fn images(fields: &[MappingField]) -> Vec<String> {
    let html = fields.iter().filter(|field| field.kind == MappingType::Html);
    let texts = html.filter_map(|field| serde_json::from_str::<String>(&field.value).ok());
    texts.flat_map(|text| html::images(&text)).collect()
}

/// Whether a required field holds nothing to see.
fn is_empty(field: &MappingField) -> bool {
    match serde_json::from_str(&field.value) {
        Ok(Value::String(text)) if field.kind == MappingType::Html => {
            html::text_of(&text).is_empty() && html::images(&text).is_empty() && !text.contains("<img")
        }
        Ok(Value::String(text)) => text.trim().is_empty(),
        Ok(value) => value.is_null(),
        Err(_) => true,
    }
}
