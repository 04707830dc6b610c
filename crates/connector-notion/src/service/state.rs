//! What is known of the database while a run goes on: its schema, and what was added to it.

use super::NotionService;
use super::schema::Schema;
use crate::errors::Error;
use crate::types::{DataSource, Database, same_id};
use base::Fault;
use serde_json::Value;
use std::sync::{Arc, PoisonError};

/// How often properties are added again whose adding was not answered.
const ADD_TRIES_MAX: usize = 3;

impl NotionService {
    /// The schema as far as it was read.
    pub(super) fn known(&self) -> Option<Arc<Schema>> {
        self.schema.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The schema, asked for once.
    pub(super) async fn schema(&self) -> Result<Arc<Schema>, Fault> {
        if let Some(schema) = self.known() {
            return Ok(schema);
        }
        let source = self.find_source().await?;
        Ok(self.keep(source))
    }

    /// Forgets the schema, and what was scanned by it.
    pub(crate) async fn forget(&self) {
        *self.schema.write().unwrap_or_else(PoisonError::into_inner) = None;
        self.indexes.lock().await.clear();
    }

    /// The schema as it is now, which is not kept.
    pub(super) async fn schema_now(&self, of: &Schema) -> Result<Schema, Error> {
        Ok(Schema::of(self.client.data_source(&of.data_source_id).await?, &self.settings))
    }

    pub(crate) fn keep(&self, source: DataSource) -> Arc<Schema> {
        let schema = Arc::new(Schema::of(source, &self.settings));
        *self.schema.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&schema));
        schema
    }

    /// The schema, with what has to be there before a page is written.
    pub(super) async fn ready(&self) -> Result<Arc<Schema>, Fault> {
        let _adding = self.adding.lock().await;
        let mut schema = self.schema().await?;
        let mut tries = 0;
        while !schema.missing.is_empty() {
            tries += 1;
            let missing = Value::Object(schema.missing.clone());
            let added = self.client.update_data_source(&schema.data_source_id, &missing).await;
            let now = match added {
                Ok(source) => Ok(source),
                // Whether they were added is seen when they are read.
                Err(Error::UnknownOutcome { .. } | Error::Conflict { .. }) if tries < ADD_TRIES_MAX => {
                    self.client.data_source(&schema.data_source_id).await
                }
                Err(error) => Err(error),
            };
            schema = self.keep(now?);
            if tries >= ADD_TRIES_MAX && !schema.missing.is_empty() {
                return Err(Fault::stop("the properties that are missing in the database are not added")
                    .hint("add them in Notion; landfall check    names them"));
            }
        }
        if schema.mark.is_empty() {
            return Err(Fault::usage(format!(
                "the database's property {:?} cannot keep landfall's marks",
                self.settings.mark_property
            ))
            .hint("landfall check    says why"));
        }
        Ok(schema)
    }

    /// The data source: of the database that the project names, or that which it names itself.
    pub(crate) async fn find_source(&self) -> Result<DataSource, Fault> {
        let id = &self.settings.database_id;
        let database = match self.client.database(id).await {
            Ok(database) => database,
            // The id of a data source is easily taken for its database's.
            Err(not_there @ Error::NotFound { .. }) => {
                return match self.client.data_source(id).await {
                    Ok(source) => Ok(source),
                    Err(Error::NotFound { .. }) => Err(not_there.into()),
                    Err(error) => Err(error.into()),
                };
            }
            Err(error) => return Err(error.into()),
        };
        let source = self.choose(&database)?;
        let mut source = self.client.data_source(source).await?;
        source.in_trash |= database.in_trash;
        source.database_id.get_or_insert(database.id);
        Ok(source)
    }

    fn choose<'a>(&self, database: &'a Database) -> Result<&'a str, Fault> {
        let sources = &database.data_sources;
        let names: Vec<String> = sources.iter().filter_map(|s| s.name.clone()).collect();
        if let Some(wanted) = &self.settings.data_source {
            let is_it =
                |s: &&crate::types::DataSourceName| same_id(&s.id, wanted) || s.name.as_ref() == Some(wanted);
            let found = sources.iter().find(is_it).map(|s| s.id.as_str());
            return found.ok_or_else(|| {
                Fault::usage(format!("the database has no data source {wanted:?}"))
                    .hint(format!("it has: {}", names.join(", ")))
            });
        }
        match sources.as_slice() {
            [one] => Ok(&one.id),
            [] => Err(Fault::usage("the database has no data source that the connection sees")
                .hint("in Notion, share the original database with the connection, not a view of it")),
            many => Err(Fault::usage(format!("the database has {} data sources", many.len()))
                .hint(format!("set data_source to one of: {}", names.join(", ")))),
        }
    }
}
