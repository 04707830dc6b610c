//! Pages, databases, data sources and blocks as answers show them.

use super::caller::{Caller, Version};
use super::cells;
use super::check::Checked;
use super::id::Id;
use super::property::Property;
use super::refusal::Refusal;
use super::richtext::plain;
use super::store::{Database, Page, Parent, Source, Store};
use serde_json::{Map, Value, json};

/// Entries of a page of a list at most, and when nothing is said.
pub(super) const PAGE_SIZE: u64 = 100;

/// What the three things that are blocks have in common.
struct About {
    parent: Parent,
    created: (i64, Id),
    edited: (i64, Id),
    has_children: bool,
    in_trash: bool,
    kind: &'static str,
    content: Value,
}

/// A list, or a page of one.
pub(super) fn list(kind: &str, results: &[Value], next: Option<Id>) -> Value {
    json!({
        "object": "list",
        "results": results,
        "next_cursor": next.map(|id| id.to_string()),
        "has_more": next.is_some(),
        "type": kind,
        kind: {},
    })
}

/// The part of a list from a cursor on, and where the next part begins.
pub(super) fn part(all: &[Id], cursor: Option<&str>, size: u64) -> Checked<(Vec<Id>, Option<Id>)> {
    let start = match cursor {
        None => 0,
        Some(cursor) => {
            let at = Id::parse(cursor).and_then(|id| all.iter().position(|other| *other == id));
            at.ok_or_else(|| Refusal::Invalid(format!("The start_cursor provided is invalid: {cursor}")))?
        }
    };
    let end = (start + size as usize).min(all.len());
    Ok((all[start..end].to_vec(), all.get(end).copied()))
}

impl Store {
    /// A page; with `only`, no other columns than these.
    pub fn show_page(&self, page: &Page, caller: &Caller, only: Option<&[String]>) -> Value {
        let mut shown = json!({
            "object": "page",
            "id": page.id.to_string(),
            "created_time": self.moment(page.created),
            "last_edited_time": self.moment(page.edited),
            "created_by": {"object": "user", "id": page.created_by.to_string()},
            "last_edited_by": {"object": "user", "id": page.edited_by.to_string()},
            "cover": page.cover,
            "icon": page.icon,
            "parent": self.show_parent(page.parent),
            "is_archived": page.is_archived,
            "is_locked": page.is_locked,
            "properties": self.show_cells(page, only),
            "url": format!("https://www.notion.example/{}", page.id.to_string().replace('-', "")),
            "public_url": null,
        });
        trash(&mut shown, caller, page.in_trash);
        shown
    }

    fn show_cells(&self, page: &Page, only: Option<&[String]>) -> Map<String, Value> {
        let mut shown = Map::new();
        match page.source.and_then(|source| self.sources.get(&source)) {
            None => {
                let title = json!({"id": "title", "type": "title", "title": page.title});
                shown.insert("title".to_owned(), title);
            }
            Some(source) => {
                let wanted = |property: &&Property| only.is_none_or(|only| only.contains(&property.id));
                for property in source.properties.iter().filter(wanted) {
                    shown.insert(property.name.clone(), cells::show(property, page, self));
                }
            }
        }
        shown
    }

    fn show_parent(&self, parent: Parent) -> Value {
        match parent {
            Parent::Workspace => json!({"type": "workspace", "workspace": true}),
            Parent::Page(id) => json!({"type": "page_id", "page_id": id.to_string()}),
            Parent::Block(id) => json!({"type": "block_id", "block_id": id.to_string()}),
            Parent::Database(id) => json!({"type": "database_id", "database_id": id.to_string()}),
            Parent::Source(id) => {
                let database = self.sources.get(&id).map(|source| source.database.to_string());
                json!({"type": "data_source_id", "data_source_id": id.to_string(), "database_id": database})
            }
        }
    }

    /// A database: it has data sources, and no columns of its own.
    pub fn show_database(&self, database: &Database, caller: &Caller) -> Value {
        let sources = database.sources.iter().filter_map(|id| self.sources.get(id));
        let sources = sources.filter(|source| !source.in_trash);
        let sources: Vec<Value> = sources
            .map(|source| json!({"id": source.id.to_string(), "name": plain(&source.title)}))
            .collect();
        let mut shown = json!({
            "object": "database",
            "id": database.id.to_string(),
            "title": database.title,
            "description": database.description,
            "parent": self.show_parent(database.parent),
            "is_inline": database.is_inline,
            "is_locked": database.is_locked,
            "created_time": self.moment(database.created),
            "last_edited_time": self.moment(database.edited),
            "data_sources": sources,
            "icon": database.icon,
            "cover": database.cover,
            "url": format!("https://www.notion.example/{}", database.id.to_string().replace('-', "")),
        });
        trash(&mut shown, caller, database.in_trash);
        shown
    }

    /// A data source with its columns.
    pub fn show_source(&self, source: &Source, caller: &Caller) -> Value {
        let properties: Map<String, Value> =
            source.properties.iter().map(|property| (property.name.clone(), property.show())).collect();
        let above = self.databases.get(&source.database).map(|database| self.show_parent(database.parent));
        let mut shown = json!({
            "object": "data_source",
            "id": source.id.to_string(),
            "title": source.title,
            "description": [],
            "parent": self.show_parent(Parent::Database(source.database)),
            "database_parent": above,
            "properties": properties,
            "created_time": self.moment(source.created),
            "last_edited_time": self.moment(source.edited),
            "icon": null,
        });
        trash(&mut shown, caller, source.in_trash);
        shown
    }

    /// A block. Pages and databases are blocks where they stand.
    pub fn show_block(&self, id: Id, caller: &Caller) -> Value {
        let has_children = |children: &[Id]| children.iter().any(|child| !self.is_in_trash(*child));
        let about = if let Some(page) = self.pages.get(&id) {
            About {
                parent: page.parent,
                created: (page.created, page.created_by),
                edited: (page.edited, page.edited_by),
                has_children: has_children(&page.children),
                in_trash: page.in_trash,
                kind: "child_page",
                content: json!({"title": plain(&self.title(page))}),
            }
        } else if let Some(database) = self.databases.get(&id) {
            About {
                parent: database.parent,
                created: (database.created, database.created_by),
                edited: (database.edited, database.created_by),
                has_children: false,
                in_trash: database.in_trash,
                kind: "child_database",
                content: json!({"title": plain(&database.title)}),
            }
        } else if let Some(block) = self.blocks.get(&id) {
            About {
                parent: block.parent,
                created: (block.created, block.created_by),
                edited: (block.edited, block.edited_by),
                has_children: has_children(&block.children),
                in_trash: block.in_trash,
                kind: block.kind,
                content: Value::Object(block.content.clone()),
            }
        } else {
            return Value::Null;
        };
        let mut shown = json!({
            "object": "block",
            "id": id.to_string(),
            "parent": self.show_parent(about.parent),
            "created_time": self.moment(about.created.0),
            "last_edited_time": self.moment(about.edited.0),
            "created_by": {"object": "user", "id": about.created.1.to_string()},
            "last_edited_by": {"object": "user", "id": about.edited.1.to_string()},
            "has_children": about.has_children,
            "type": about.kind,
            about.kind: about.content,
        });
        trash(&mut shown, caller, about.in_trash);
        shown
    }

    /// Whether a block, a page or a database was thrown away.
    pub fn is_in_trash(&self, id: Id) -> bool {
        let block = self.blocks.get(&id).map(|block| block.in_trash);
        let page = || self.pages.get(&id).map(|page| page.in_trash);
        let database = || self.databases.get(&id).map(|database| database.in_trash);
        block.or_else(page).or_else(database).unwrap_or(false)
    }
}

/// The older version shows both keys.
fn trash(shown: &mut Value, caller: &Caller, in_trash: bool) {
    if caller.version == Version::September2025 {
        shown["archived"] = json!(in_trash);
    }
    shown["in_trash"] = json!(in_trash);
}
