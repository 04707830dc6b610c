//! What a project says about the database.

use crate::types::PropertyKind;

/// The property that holds the mark of each page, unless the project names another.
const MARK_PROPERTY: &str = "Landfall id";

/// What a project says about the database that it writes into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceSettings {
    /// The database (`NOTION_MEMBERS_DATABASE_ID`); the id of its data source is taken, too.
    pub database_id: String,
    /// Id or name of the data source, where the database has several.
    pub data_source: Option<String>,
    /// The property (rich text) that keeps the mark by which a page is found again whose making was not
    /// answered. It is added where it is missing.
    pub mark_property: String,
    /// Properties that the project writes, by their names: each is looked for before anything is done.
    pub properties: Vec<(String, PropertyKind)>,
    /// Whether those that are missing are added. A rollback does not remove them.
    pub add_properties: bool,
}

impl ServiceSettings {
    /// This database, and nothing else said.
    pub fn new(database_id: impl Into<String>) -> Self {
        Self {
            database_id: database_id.into(),
            data_source: None,
            mark_property: MARK_PROPERTY.into(),
            properties: Vec::new(),
            add_properties: false,
        }
    }
}
