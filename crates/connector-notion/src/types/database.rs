//! Databases, and the data sources that they are containers of.

use super::property::{Config, PropertyKind};
use crate::rich_text;
use serde::Deserialize;
use serde_json::Value;

/// A database: since `2025-09-03` a container of data sources, which hold the properties.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Database {
    /// Its id, which is no data source's.
    pub id: String,
    /// Its data sources.
    #[serde(default)]
    pub data_sources: Vec<DataSourceName>,
    /// Whether it is in the trash.
    #[serde(default)]
    pub in_trash: bool,
}

/// A data source as its database names it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DataSourceName {
    /// Its id.
    pub id: String,
    /// Its name.
    #[serde(default)]
    pub name: Option<String>,
}

/// A data source: pages, and the properties that each of them has.
#[derive(Debug, Clone, PartialEq)]
pub struct DataSource {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The database that it belongs to, where the answer says it.
    pub database_id: Option<String>,
    /// Its properties, in the service's order.
    pub properties: Vec<Config>,
    /// Whether it is in the trash.
    pub in_trash: bool,
}

/// Who the token speaks for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct User {
    /// Its id.
    pub id: String,
    /// Its name.
    #[serde(default)]
    pub name: Option<String>,
}

impl<'de> Deserialize<'de> for DataSource {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Wire {
            id: String,
            #[serde(default)]
            title: Value,
            #[serde(default)]
            parent: Value,
            properties: serde_json::Map<String, Value>,
            #[serde(default)]
            in_trash: bool,
        }
        let Wire { id, title, parent, properties, in_trash } = Wire::deserialize(deserializer)?;
        let properties = properties
            .into_iter()
            .map(|(name, config)| {
                let text = |key: &str| config[key].as_str().map(str::to_owned);
                let missing = |what| serde::de::Error::custom(format!("a property without {what}"));
                let id = text("id").ok_or_else(|| missing("an id"))?;
                let kind = text("type").ok_or_else(|| missing("a type"))?;
                Ok(Config { id, name, kind: PropertyKind::of(&kind) })
            })
            .collect::<Result<Vec<Config>, D::Error>>()?;
        let title = rich_text::plain(&title).unwrap_or_default();
        let database_id = parent["database_id"].as_str().map(str::to_owned);
        Ok(Self { id, title, database_id, properties, in_trash })
    }
}
