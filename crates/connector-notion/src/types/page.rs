//! Pages: their place, whether they are there, and their values, which stay raw until they are read.

use super::property::plain_id;
use serde::Deserialize;
use serde::de::Error;
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// References that a page shows of one value; the rest is asked for by itself.
const SHOWN_MAX: usize = 25;

/// Kinds whose values the service hands out in parts.
const PAGED: [&str; 4] = ["title", "rich_text", "people", "relation"];

/// A page.
#[derive(Debug)]
pub struct Page {
    /// Its id.
    pub id: String,
    /// When it was made, as the service writes it.
    pub created_time: String,
    /// Whether it is in the trash.
    pub in_trash: bool,
    /// The data source that it is a row of, where the answer says it.
    pub data_source_id: Option<String>,
    /// The database that it is in, where the answer says it.
    pub database_id: Option<String>,
    /// Its values.
    pub properties: Vec<Property>,
}

/// A value of a page, not read yet.
#[derive(Debug)]
pub struct Property {
    /// The property's id, without percent-encoding.
    pub id: String,
    /// The property's kind, in the service's word.
    pub kind: String,
    /// `{"id": …, "type": …, KIND: …}`
    pub raw: Box<RawValue>,
}

impl Property {
    /// The value; `None`: it holds half a character, or is not of the kind that it says.
    pub fn value(&self) -> Option<Value> {
        let mut whole: Value = serde_json::from_str(self.raw.get()).ok()?;
        whole.get_mut(&self.kind).map(Value::take)
    }

    /// Whether it is a list of which the page shows only the beginning: it says so, or is as long as what the
    /// service shows.
    pub fn is_cut(&self) -> bool {
        let Ok(whole) = serde_json::from_str::<Value>(self.raw.get()) else { return false };
        let is_long = whole[&self.kind].as_array().is_some_and(|list| list.len() >= SHOWN_MAX);
        whole["has_more"] == true || (is_long && PAGED.contains(&self.kind.as_str()))
    }
}

impl<'de> Deserialize<'de> for Page {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Wire {
            object: String,
            id: String,
            created_time: String,
            #[serde(default)]
            in_trash: Option<bool>,
            #[serde(default)]
            archived: Option<bool>,
            #[serde(default)]
            parent: Value,
            properties: BTreeMap<String, Box<RawValue>>,
        }
        #[derive(Deserialize)]
        struct Head {
            id: String,
            #[serde(rename = "type")]
            kind: String,
        }
        let wire = Wire::deserialize(deserializer)?;
        if wire.object != "page" {
            return Err(D::Error::custom("it is no page"));
        }
        let read = |raw: Box<RawValue>| {
            let Head { id, kind } = serde_json::from_str(raw.get()).map_err(D::Error::custom)?;
            Ok(Property { id: plain_id(&id), kind, raw })
        };
        let properties = wire.properties.into_values().map(read).collect::<Result<_, D::Error>>()?;
        let parent = |key: &str| wire.parent[key].as_str().map(str::to_owned);
        Ok(Self {
            data_source_id: parent("data_source_id"),
            database_id: parent("database_id"),
            id: wire.id,
            created_time: wire.created_time,
            // `archived` is the older word for the same; `is_archived` is something else.
            in_trash: wire.in_trash.or(wire.archived).unwrap_or(false),
            properties,
        })
    }
}

/// Whether two ids are the same: dashes are optional, and case does not count.
pub fn same_id(a: &str, b: &str) -> bool {
    let plain = |id: &str| id.chars().filter(|c| *c != '-').flat_map(char::to_lowercase).collect::<String>();
    plain(a) == plain(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(rest: &str) -> Result<Page, serde_json::Error> {
        let body = format!(r#"{{"object":"page","id":"p","created_time":"2026","properties":{{}}{rest}}}"#);
        serde_json::from_str(&body)
    }

    #[test]
    fn the_three_words_for_gone_are_not_confused() {
        for (rest, expected) in [
            ("", false),
            (r#","in_trash":true,"is_archived":false"#, true),
            (r#","in_trash":false,"is_archived":true,"archived":false"#, false),
            (r#","in_trash":false,"archived":true"#, false),
            (r#","archived":true"#, true),
            (r#","is_locked":true"#, false),
        ] {
            assert_eq!(page(rest).expect(rest).in_trash, expected, "{rest}");
        }
    }

    #[test]
    fn half_a_character_in_one_value_does_not_lose_the_page() {
        let body = r#"{"object":"page","id":"p","created_time":"2026","properties":{
            "A":{"id":"a%3D","type":"email","email":"\ud800"},"B":{"id":"b","type":"number","number":5},
            "C":{"id":"c","type":"url"}}}"#;
        let page: Page = serde_json::from_str(body).expect("a page");
        let values: Vec<_> = page.properties.iter().map(|p| (p.id.as_str(), p.value())).collect();
        assert_eq!(values, [("a=", None), ("b", Some(5.into())), ("c", None)]);
        for bad in [r#"{"object":"list"}"#, r#"{"object":"page","id":"p"}"#] {
            assert!(serde_json::from_str::<Page>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_list_that_may_be_cut_is_known() {
        for (kind, length, more, expected) in [
            ("relation", 24, "", false),
            ("relation", 25, "", true),
            ("relation", 1, r#","has_more":true"#, true),
            ("relation", 1, r#","has_more":false"#, false),
            ("rich_text", 25, "", true),
            ("multi_select", 30, "", false),
        ] {
            let list = vec!["{}"; length].join(",");
            let body = format!(
                r#"{{"object":"page","id":"p","created_time":"2026","properties":{{
                "A":{{"id":"a","type":"{kind}","{kind}":[{list}]{more}}}}}}}"#
            );
            let page: Page = serde_json::from_str(&body).expect(kind);
            assert_eq!(page.properties[0].is_cut(), expected, "{kind} {length}{more}");
        }
    }

    #[test]
    fn dashes_and_case_of_an_id_do_not_count() {
        let dashed = "00000000-0000-4000-8000-00000000000A";
        assert!(same_id(dashed, "0000000000004000800000000000000a"));
        assert!(!same_id(dashed, "0000000000004000800000000000000b"));
    }
}
