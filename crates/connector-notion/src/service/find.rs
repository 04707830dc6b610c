//! Pages by what they hold: by the mark that a call gave them, by a value, by their ids.

use super::NotionService;
use super::index::{INDEX_PAGES_MAX, Index};
use super::schema::{Property, Schema};
use super::shown::shown;
use crate::client::Query;
use crate::errors::Error;
use crate::limits::{TEXT_UNITS_MAX, units};
use crate::rich_text;
use crate::types::{self, Page, PropertyKind, same_id};
use base::Fault;
use connect::service::Fields;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::time::Duration;

/// Pauses between looks for a page that may have been made a moment ago: a query may not show it yet. How
/// long that takes is not documented; half a minute is a patience, no promise of the service's.
const LOOK_PAUSES: [Duration; 5] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
    Duration::from_secs(16),
];

/// Pages with one mark, or one value, that are told apart: one is right, two are too many.
const FOUND_MAX: usize = 3;

impl NotionService {
    /// The page with a mark.
    pub(super) async fn marked(&self, mark: &str) -> Result<Option<String>, Fault> {
        let schema = self.schema().await?;
        if schema.mark.is_empty() {
            // Nothing can have been made before there was a property for it.
            return Ok(None);
        }
        let filter = json!({"property": schema.mark, "rich_text": {"equals": mark}});
        let query = Query { filter: Some(filter), properties: vec![types::plain_id(&schema.mark)] };
        let mut pauses = LOOK_PAUSES.iter();
        loop {
            let found = self.client.query(&schema.data_source_id, query.clone()).first(FOUND_MAX).await?;
            let marks = |page: &&Page| self.mark_of(&schema, page).as_deref() == Some(mark);
            let found: Vec<&Page> = found.iter().filter(marks).collect();
            match found.as_slice() {
                [one] => return Ok(Some(one.id.clone())),
                [] => {}
                [first, second, ..] => {
                    let what = format!("the pages {} and {} have the same mark", first.id, second.id);
                    return Err(Fault::stop(what).hint(
                        "somebody copied one of them: clear the copy's mark, or put it into the trash",
                    ));
                }
            }
            match pauses.next() {
                Some(pause) => self.client.pace().sleep(*pause).await,
                None => return Ok(None),
            }
        }
    }

    fn mark_of(&self, schema: &Schema, page: &Page) -> Option<String> {
        let id = types::plain_id(&schema.mark);
        let value = page.properties.iter().find(|p| p.id == id)?.value()?;
        rich_text::plain(&value)
    }

    /// The pages that hold a value, those that were made since the scan among them.
    pub(crate) async fn holding(&self, property: &Property, value: &str) -> Result<Vec<String>, Fault> {
        let schema = self.schema().await?;
        let mut indexes = self.indexes.lock().await;
        if !indexes.contains_key(&property.column) {
            let index = self.scanned(&schema, property).await?;
            indexes.insert(property.column.clone(), index);
        }
        let Some(index) = indexes.get_mut(&property.column) else { return Ok(Vec::new()) };
        let known = index.pages(value);
        // No page holds what the service would not take.
        if !known.is_empty() || units(value) > TEXT_UNITS_MAX {
            return Ok(known);
        }
        let (kind, small) = (property.config.kind.word(), value.to_lowercase());
        let equals = |text: &str| json!({"property": property.config.id, kind: {"equals": text}});
        let filter =
            if small == value { equals(value) } else { json!({"or": [equals(value), equals(&small)]}) };
        let query = Query { filter: Some(filter), properties: vec![types::plain_id(&property.config.id)] };
        for page in self.client.query(&schema.data_source_id, query).first(FOUND_MAX).await? {
            let held = self.text(&page, property).await?;
            if held.as_deref().is_some_and(|held| index.is_same(held, value)) {
                index.put(&page.id, held.as_deref());
            }
        }
        Ok(index.pages(value))
    }

    async fn scanned(&self, schema: &Schema, property: &Property) -> Result<Index, Fault> {
        let mut index = Index::of(&property.config.kind);
        if property.config.id.is_empty() {
            return Ok(index);
        }
        let query = Query { filter: None, properties: vec![types::plain_id(&property.config.id)] };
        let mut walk = self.client.query(&schema.data_source_id, query);
        while let Some(pages) = walk.next_page().await? {
            for page in &pages {
                index.put(&page.id, self.text(page, property).await?.as_deref());
            }
            if index.len() > INDEX_PAGES_MAX {
                return Err(Fault::usage(format!(
                    "the database holds more than {INDEX_PAGES_MAX} pages, too many for `match`"
                ))
                .hint("remove `match`: pages of earlier runs are known without it"));
            }
        }
        Ok(index)
    }

    /// Notes what a call of ours has written.
    pub(super) async fn note(&self, page: &str, fields: &Fields) {
        let mut indexes = self.indexes.lock().await;
        for (column, index) in indexes.iter_mut() {
            if let Some(value) = fields.get(column) {
                index.put(page, value.as_deref());
            }
        }
    }

    /// A page that is a row of the data source and not in the trash.
    pub(crate) async fn there(&self, schema: &Schema, id: &str) -> Result<Option<Page>, Error> {
        let page = match self.client.page(id).await {
            Ok(page) => page,
            Err(Error::NotFound { .. }) => {
                // A page that is gone looks like one that is not shared any more; of those the data source is
                // no longer shared, either.
                self.client.data_source(&schema.data_source_id).await?;
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let is_row = match (&page.data_source_id, &page.database_id, &schema.database_id) {
            (Some(source), _, _) => same_id(source, &schema.data_source_id),
            (None, Some(parent), Some(database)) => same_id(parent, database),
            _ => true,
        };
        Ok((is_row && !page.in_trash).then_some(page))
    }

    /// Columns of a page.
    pub(super) async fn fields(
        &self,
        schema: &Schema,
        page: &Page,
        columns: &[String],
    ) -> Result<Fields, Fault> {
        let mut fields = Fields::new();
        // What is no property of ours is the key.
        for property in columns.iter().filter_map(|column| schema.property(column)) {
            fields.insert(property.column.clone(), self.text(page, property).await?);
        }
        Ok(fields)
    }

    /// A value of a page as its column's text.
    pub(crate) async fn text(&self, page: &Page, property: &Property) -> Result<Option<String>, Fault> {
        // What is to be added yet, no page has.
        if property.config.id.is_empty() {
            return Ok(None);
        }
        let value = self.value(page, property).await?;
        shown(&property.config.kind, &value).ok_or_else(|| unreadable(page, property))
    }

    /// A value of a page, in full.
    pub(super) async fn value(&self, page: &Page, property: &Property) -> Result<Value, Fault> {
        let (id, kind) = (types::plain_id(&property.config.id), &property.config.kind);
        let name = &property.config.name;
        let Some(held) = page.properties.iter().find(|held| held.id == id) else {
            let what = format!("the property {name:?} is not in the database any more");
            return Err(Fault::stop(what).hint("mend the project or the database; then run again"));
        };
        if PropertyKind::of(&held.kind) != *kind {
            let what = format!("the property {name:?} was {} and is {} now", kind.word(), held.kind);
            return Err(Fault::stop(what).hint("mend the project or the database; then run again"));
        }
        if !held.is_cut() {
            return held.value().ok_or_else(|| unreadable(page, property));
        }
        let items = self.client.property_items(&page.id, &id).await?;
        let item = |raw: &RawValue| {
            let mut item: Value = serde_json::from_str(raw.get()).ok()?;
            item.get_mut(kind.word()).map(Value::take)
        };
        let all: Option<Vec<Value>> = items.iter().map(|raw| item(raw)).collect();
        all.map(Value::Array).ok_or_else(|| unreadable(page, property))
    }
}

fn unreadable(page: &Page, property: &Property) -> Fault {
    let (name, kind) = (&property.config.name, property.config.kind.word());
    Fault::stop(format!("page {}: the property {name:?} holds what cannot be read as {kind}", page.id))
}
