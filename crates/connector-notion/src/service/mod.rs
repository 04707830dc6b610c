//! A database behind the port of services: one kind of thing, its pages.

mod columns;
mod find;
mod index;
pub(crate) mod schema;
mod settings;
mod shown;
mod state;
pub(crate) mod write;

pub use settings::ServiceSettings;

use crate::client::{Client, Query};
use crate::errors::Error;
use crate::limits::Exceeded;
use crate::types::{Page, PropertyKind, plain_id};
use async_trait::async_trait;
use base::{Fault, Problem, RejectCode};
use connect::destination::Table;
use connect::service::{Deleted, Fields, Lookup, Lost, Made, Refusal, Service, Thing, ThingSink};
use futures::{StreamExt, TryStreamExt, stream};
use index::{Index, folds_case};
use schema::{Schema, TABLE};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, RwLock};
use std::time::Duration;
use tokio::sync::Mutex;

/// Calls under way at once: at three requests a second, more would only wait.
const CALLS_AT_ONCE: usize = 3;

/// How often a change is written again that met another one, or whose answer was lost.
const CHANGE_TRIES_MAX: u32 = 4;

/// The pause before the first of them; it doubles.
const CHANGE_PAUSE: Duration = Duration::from_secs(1);

/// A database to write into.
pub struct NotionService {
    client: Client,
    settings: ServiceSettings,
    schema: RwLock<Option<Arc<Schema>>>,
    /// Held while properties are added, so that nobody adds them twice.
    adding: Mutex<()>,
    /// By column.
    indexes: Mutex<HashMap<String, Index>>,
}

impl NotionService {
    /// The database with this id, or the data source.
    pub fn new(client: Client, database_id: impl Into<String>) -> Self {
        Self::with(client, ServiceSettings::new(database_id))
    }

    /// The same with more said about it.
    pub fn with(client: Client, settings: ServiceSettings) -> Self {
        let (schema, adding, indexes) = (RwLock::new(None), Mutex::new(()), Mutex::new(HashMap::new()));
        Self { client, settings, schema, adding, indexes }
    }

    /// What a call came to that makes or changes a page.
    async fn made(&self, schema: &Schema, fields: &Fields, done: Result<Page, Error>) -> Result<Made, Fault> {
        match done {
            Ok(page) => {
                self.note(&page.id, fields).await;
                Ok(Made::Done(page.id))
            }
            // After a conflict the page is looked for, too: nobody says what it was in conflict with.
            Err(error @ (Error::UnknownOutcome { .. } | Error::Conflict { .. })) => {
                Ok(Made::Unknown(error.into()))
            }
            Err(Error::TooLarge { exceeded, .. }) => Ok(Made::Refused(too_large(schema, &exceeded))),
            Err(error @ Error::Refused { .. }) => {
                self.same_schema(schema, fields).await?;
                let reason = error.to_string();
                Ok(Made::Refused(Refusal { column: String::new(), code: RejectCode::Check, reason }))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// What is refused because somebody changed the database is no fault of the record.
    async fn same_schema(&self, schema: &Schema, fields: &Fields) -> Result<(), Fault> {
        let now = self.schema_now(schema).await?;
        match fields.keys().find_map(|column| schema.changed(&now, column)) {
            Some(what) => Err(Fault::stop(what).hint("mend the project or the database; then run again")),
            None if now.mark != schema.mark => {
                Err(Fault::stop(format!("the property {:?} was changed", self.settings.mark_property))
                    .hint("run again: it is added where it is missing"))
            }
            None => Ok(()),
        }
    }

    /// Why columns of a page may not be written over: a rollback could not give back what they hold.
    async fn would_lose(
        &self,
        schema: &Schema,
        page: &Page,
        fields: &Fields,
    ) -> Result<Option<Refusal>, Fault> {
        for property in fields.keys().filter_map(|column| schema.property(column)) {
            let value = self.value(page, property).await?;
            if !shown::is_plain(&property.config.kind, &value) {
                let what = match property.config.kind {
                    PropertyKind::Date => "an end or a time zone",
                    _ => "formatting, links or mentions",
                };
                return Ok(Some(Refusal {
                    column: property.column.clone(),
                    code: RejectCode::ExistsDifferent,
                    reason: format!("it is there with {what}, which a rollback could not give back"),
                }));
            }
        }
        Ok(None)
    }

    async fn read_one(
        &self,
        schema: &Schema,
        key: &str,
        columns: &[String],
    ) -> Result<Option<Fields>, Fault> {
        match self.there(schema, key).await? {
            Some(page) => self.fields(schema, &page, columns).await.map(Some),
            None => Ok(None),
        }
    }

    async fn pause(&self, tries: u32) {
        self.client.pace().sleep(CHANGE_PAUSE.saturating_mul(1 << tries)).await;
    }
}

/// A value that is larger than the service takes.
fn too_large(schema: &Schema, exceeded: &Exceeded) -> Refusal {
    let place = exceeded.path.strip_prefix("properties.").unwrap_or_default();
    let is_it = |p: &&schema::Property| {
        place.strip_prefix(p.config.id.as_str()).is_some_and(|rest| rest.starts_with('.'))
    };
    let column = schema.properties.iter().find(is_it).map(|p| p.column.clone()).unwrap_or_default();
    let Exceeded { found, max, unit, .. } = exceeded;
    let reason = format!("it has {found} {unit}, and Notion takes {max}");
    Refusal { column, code: RejectCode::TooLong, reason }
}

fn mine(table: &str) -> Result<(), Fault> {
    match table == TABLE {
        true => Ok(()),
        false => Err(Fault::bug(format!("a Notion database has no {table}"))),
    }
}

#[async_trait]
impl Service for NotionService {
    fn address(&self) -> String {
        format!("{}, database {}", self.client.host(), self.settings.database_id)
    }

    async fn tables(&self) -> Result<Vec<Table>, Fault> {
        Ok(vec![self.schema().await?.table()])
    }

    async fn check(&self, tables: &[String]) -> Result<Vec<Problem>, Fault> {
        tables.iter().try_for_each(|table| mine(table))?;
        self.client.me().await?;
        let mut problems = Vec::new();
        if self.client.is_in_clear() {
            let what = "the token would travel in clear text over the network";
            problems.push(Problem::warning(what).hint("write NOTION_API_URL with https://"));
        }
        problems.extend(self.schema().await?.problems.iter().cloned());
        Ok(problems)
    }

    async fn count(&self, table: &str) -> Result<Option<u64>, Fault> {
        mine(table).map(|()| None)
    }

    fn calls_at_once(&self) -> usize {
        CALLS_AT_ONCE
    }

    /// Those of the schema as far as it was read: [`Service::tables`] comes first.
    fn lookups(&self, table: &str) -> Vec<Lookup> {
        let Some(schema) = self.known().filter(|_| table == TABLE) else { return Vec::new() };
        let mut lookups: Vec<Lookup> = schema
            .properties
            .iter()
            .filter(|p| p.config.kind.is_text())
            .map(|p| Lookup { column: p.column.clone(), folds_case: folds_case(&p.config.kind) })
            .collect();
        lookups.sort_by_key(|lookup| !lookup.folds_case);
        lookups
    }

    async fn look_up(&self, table: &str, column: &str, value: &str) -> Result<Vec<String>, Fault> {
        mine(table)?;
        let schema = self.schema().await?;
        let property = schema.property(column).filter(|p| p.config.kind.is_text());
        let property =
            property.ok_or_else(|| Fault::bug(format!("{table} cannot be looked up by {column}")))?;
        self.holding(property, value).await
    }

    async fn create(&self, table: &str, fields: &Fields, mark: &str) -> Result<Made, Fault> {
        mine(table)?;
        let schema = self.ready().await?;
        let mut properties = match write::properties(&schema, fields)? {
            Ok(properties) => properties,
            Err(why) => return Ok(Made::Refused(why)),
        };
        // What is not there needs no saying.
        properties.retain(|_, value| !value.as_object().is_some_and(|v| v.values().all(is_nothing)));
        properties.insert(schema.mark.clone(), json!({"rich_text": crate::rich_text::written(mark)}));
        let done = self.client.create_page(&schema.data_source_id, &properties).await;
        self.made(&schema, fields, done).await
    }

    async fn find(&self, table: &str, lost: &Lost<'_>) -> Result<Option<String>, Fault> {
        mine(table)?;
        let found = self.marked(lost.mark).await?;
        if let (Some(page), Some(fields)) = (&found, lost.fields) {
            self.note(page, fields).await;
        }
        Ok(found)
    }

    async fn update(&self, table: &str, key: &str, fields: &Fields) -> Result<Made, Fault> {
        mine(table)?;
        let schema = self.ready().await?;
        let properties = match write::properties(&schema, fields)? {
            Ok(properties) => properties,
            Err(why) => return Ok(Made::Refused(why)),
        };
        let mut tries = 0;
        loop {
            let Some(page) = self.there(&schema, key).await? else {
                let reason = "the page was deleted while it was to be changed".to_owned();
                let (column, code) = (String::new(), RejectCode::ExistsDifferent);
                return Ok(Made::Refused(Refusal { column, code, reason }));
            };
            if let Some(why) = self.would_lose(&schema, &page, fields).await? {
                return Ok(Made::Refused(why));
            }
            match self.client.update_page(key, &properties).await {
                Err(Error::Conflict { .. }) if tries < CHANGE_TRIES_MAX => self.pause(tries).await,
                Err(error @ Error::Conflict { .. }) => return Err(error.into()),
                done => return self.made(&schema, fields, done).await,
            }
            tries += 1;
        }
    }

    async fn read(
        &self,
        table: &str,
        keys: &[String],
        columns: &[String],
    ) -> Result<Vec<Option<Fields>>, Fault> {
        mine(table)?;
        let schema = self.schema().await?;
        let calls: Vec<_> = keys.iter().map(|key| self.read_one(&schema, key, columns)).collect();
        stream::iter(calls).buffered(CALLS_AT_ONCE).try_collect().await
    }

    async fn list(&self, table: &str, columns: &[String], sink: &mut dyn ThingSink) -> Result<(), Fault> {
        mine(table)?;
        let schema = self.schema().await?;
        let known = columns.iter().filter_map(|column| schema.property(column));
        let ids = known.map(|p| plain_id(&p.config.id)).filter(|id| !id.is_empty());
        let mut properties: Vec<String> = ids.collect();
        if properties.is_empty() {
            // None named would be all of them.
            properties.push("title".into());
        }
        let mut walk = self.client.query(&schema.data_source_id, Query { filter: None, properties });
        while let Some(pages) = walk.next_page().await? {
            for page in &pages {
                sink.thing(&page.id, self.fields(&schema, page, columns).await?)?;
            }
        }
        Ok(())
    }

    async fn delete(&self, table: &str, key: &str) -> Result<Deleted, Fault> {
        mine(table)?;
        let schema = self.schema().await?;
        let mut deleted = Deleted::Gone;
        let mut tries = 0;
        while self.there(&schema, key).await?.is_some() {
            match self.client.trash_page(key).await {
                Ok(_) => return Ok(Deleted::Done),
                Err(Error::UnknownOutcome { .. } | Error::Conflict { .. }) if tries < CHANGE_TRIES_MAX => {
                    self.pause(tries).await;
                }
                Err(error) => return Err(error.into()),
            }
            // Whether it was done is seen when it is read again.
            deleted = Deleted::Done;
            tries += 1;
        }
        Ok(deleted)
    }

    /// None: a page's body, its children and its comments are what it holds, and go into the trash with it.
    async fn built_on(&self, table: &str, _: &str) -> Result<Vec<Thing>, Fault> {
        mine(table).map(|()| Vec::new())
    }

    /// None, unless pages name people: the service tells them.
    fn mails(&self, table: &str, _: u64) -> Option<u64> {
        let schema = self.known().filter(|_| table == TABLE)?;
        let names_people = schema.properties.iter().any(|p| p.config.kind == PropertyKind::People);
        (!names_people).then_some(0)
    }
}

/// Whether a value says that there is none.
fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}
