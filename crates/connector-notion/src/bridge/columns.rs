//! The properties of the database as the bridge needs them: found by name once, used by id.

use super::settings::{Field, PagesSettings};
use crate::service::schema::{Property, Schema};
use crate::types::{Config, DataSource, PropertyKind};
use base::Fault;
use serde_json::{Map, Value};
use std::sync::Arc;

/// What the property of the id may be.
const ID_KINDS: &[PropertyKind] = &[PropertyKind::RichText];

/// The properties, all of them there and of a kind that fits.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Columns {
    /// The place of the pages.
    pub schema: Arc<Schema>,
    /// The property of the member's id.
    pub id: Property,
    /// The others.
    pub fields: Vec<(Field, Property)>,
}

impl Columns {
    /// Of the properties of a data source. `Err`: what has to be added first, name → what adds it.
    pub fn of(
        configs: &[Config],
        schema: Arc<Schema>,
        settings: &PagesSettings,
    ) -> Result<Result<Self, Map<String, Value>>, Fault> {
        let mut missing = Map::new();
        let mut find = |name: &str, what: &str, kinds: &[PropertyKind]| {
            let found = found(configs, name, what, kinds, settings.add_properties)?;
            if found.is_none() {
                missing
                    .extend(kinds.first().and_then(PropertyKind::config).map(|add| (name.to_owned(), add)));
            }
            Ok::<_, Fault>(found)
        };
        let id = find(&settings.id_property, "id", ID_KINDS)?;
        let mut fields = Vec::new();
        for (field, name) in &settings.properties {
            let property = find(name, field.word(), field.kinds())?;
            fields.extend(property.map(|property| (*field, property)));
        }
        Ok(match id {
            Some(id) if missing.is_empty() => Ok(Self { schema, id, fields }),
            _ => Err(missing),
        })
    }

    /// The property of a field, if the project names one.
    pub fn field(&self, wanted: Field) -> Option<&Property> {
        self.fields.iter().find(|(field, _)| *field == wanted).map(|(_, property)| property)
    }
}

/// A property by its name; `None`: it is to be added.
fn found(
    configs: &[Config],
    name: &str,
    what: &str,
    kinds: &[PropertyKind],
    add: bool,
) -> Result<Option<Property>, Fault> {
    let words = kinds.iter().map(PropertyKind::word).collect::<Vec<_>>().join(", ");
    match configs.iter().find(|config| config.name == name) {
        Some(config) if kinds.contains(&config.kind) => {
            Ok(Some(Property { column: what.to_owned(), config: config.clone() }))
        }
        Some(config) => Err(Fault::usage(format!(
            "the database's property {name:?} is {}, and the {what} of a member wants: {words}",
            config.kind.word()
        ))
        .hint("change its type in Notion, or name another property in the project")),
        None if add => Ok(None),
        None => Err(Fault::usage(format!("the database has no property {name:?}"))
            .hint(format!("add it in Notion, as one of: {words}; or set add_properties = true"))
            .hint(format!("if it was renamed, write its new name as {what} in the project"))),
    }
}

/// The properties of a data source that is in use.
pub(super) fn configs(source: &DataSource) -> Result<Vec<Config>, Fault> {
    if source.in_trash {
        return Err(
            Fault::usage("the database is in Notion's trash").hint("in Notion, take it back from there")
        );
    }
    Ok(source.properties.clone())
}
