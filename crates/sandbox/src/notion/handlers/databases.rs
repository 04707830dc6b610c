//! Databases: containers of data sources.

use super::{Desk, Done, parent};
use crate::notion::check::{At, Checked};
use crate::notion::id::Id;
use crate::notion::looks::{cover, icon};
use crate::notion::property::declared_all;
use crate::notion::richtext;
use crate::notion::store::{Database, Parent, Source};
use serde_json::Value;

impl Desk<'_> {
    /// `POST /databases`: with its first data source.
    pub fn create_database(&mut self, at: &At<'_>) -> Done {
        at.only(&["parent", "title", "description", "is_inline", "icon", "cover", "initial_data_source"])?;
        let parent = self.place(&at.required("parent")?)?;
        let title = self.rich(at, "title")?.unwrap_or_default();
        let description = self.rich(at, "description")?.unwrap_or_default();
        let initial = at.required("initial_data_source")?;
        initial.only(&["properties", "title"])?;
        let source_title = self.rich(&initial, "title")?.unwrap_or_else(|| title.clone());
        let is_inline = at.key("is_inline").map(|at| at.flag()).transpose()?.unwrap_or(false);
        let icon = at.key("icon").map(|at| icon(&at)).transpose()?.unwrap_or_default();
        let cover = at.key("cover").map(|at| cover(&at)).transpose()?.unwrap_or_default();
        let properties = self.columns(&initial)?;

        let (id, source) = (Id::draw(&mut self.store.rng), Id::draw(&mut self.store.rng));
        let now = self.caller.now;
        self.store.databases.insert(
            id,
            Database {
                id,
                parent,
                title,
                description,
                icon,
                cover,
                is_inline,
                is_locked: false,
                in_trash: false,
                sources: vec![source],
                created: now,
                edited: now,
                created_by: self.caller.user,
            },
        );
        self.store.sources.insert(source, new_source(source, id, source_title, properties, now));
        match parent {
            Parent::Page(above) => self.store.children_mut(above).into_iter().for_each(|all| all.push(id)),
            _ => {
                self.store.roots.push(id);
                self.store.shared.entry(self.caller.token.clone()).or_default().push(id);
            }
        }
        self.retrieve_database(id)
    }

    /// The columns that a request declares. They draw ids, so the numbers that come after depend on them.
    pub(super) fn columns(&mut self, at: &At<'_>) -> Checked<Vec<crate::notion::property::Property>> {
        let declared = at.required("properties")?;
        let mut rng = self.store.draw_rng();
        let knows = |id: Id| self.store.source(self.token(), id).is_ok();
        declared_all(&declared, &mut rng, &knows)
    }

    pub(super) fn rich(&self, at: &At<'_>, key: &str) -> Checked<Option<Vec<Value>>> {
        let knows = |id: Id| self.store.sees(self.token(), id);
        at.key(key).map(|at| richtext::read(&at, &knows)).transpose()
    }

    fn place(&self, at: &At<'_>) -> Checked<Parent> {
        Ok(match parent(at, &["page_id", "workspace"])? {
            (_, Some(id)) => Parent::Page(self.store.page(self.token(), id)?.id),
            _ => Parent::Workspace,
        })
    }

    /// `GET /databases/ID`.
    pub fn retrieve_database(&self, id: Id) -> Done {
        Ok(self.store.show_database(self.store.database(self.token(), id)?, self.caller))
    }

    /// `PATCH /databases/ID`: everything but the columns.
    pub fn update_database(&mut self, id: Id, at: &At<'_>) -> Done {
        let trash = self.caller.trash();
        at.only(&["parent", "title", "description", "is_inline", "is_locked", "icon", "cover", trash])?;
        self.store.database(self.token(), id)?;
        let parent = at.key("parent").map(|at| self.place(&at)).transpose()?;
        let (title, description) = (self.rich(at, "title")?, self.rich(at, "description")?);
        let flag = |key: &str| at.key(key).map(|at| at.flag()).transpose();
        let (is_inline, is_locked) = (flag("is_inline")?, flag("is_locked")?);
        let icon = at.key("icon").map(|at| icon(&at)).transpose()?;
        let cover = at.key("cover").map(|at| cover(&at)).transpose()?;
        let wants_trash = self.caller.wants_trash(at)?;

        let now = self.caller.now;
        let old = self.store.databases.get(&id).map(|database| database.parent);
        if let Some(database) = self.store.databases.get_mut(&id) {
            let empty = || Value::Null;
            database.title = title.unwrap_or_else(|| std::mem::take(&mut database.title));
            database.description = description.unwrap_or_else(|| std::mem::take(&mut database.description));
            database.is_inline = is_inline.unwrap_or(database.is_inline);
            database.is_locked = is_locked.unwrap_or(database.is_locked);
            database.icon = icon.unwrap_or_else(|| std::mem::replace(&mut database.icon, empty()));
            database.cover = cover.unwrap_or_else(|| std::mem::replace(&mut database.cover, empty()));
            database.in_trash = wants_trash.unwrap_or(database.in_trash);
            database.parent = parent.unwrap_or(database.parent);
            database.edited = now;
        }
        if let (Some(to), Some(from)) = (parent, old) {
            self.relocate(id, from, to);
        }
        self.retrieve_database(id)
    }

    fn relocate(&mut self, id: Id, from: Parent, to: Parent) {
        match from {
            Parent::Page(above) => {
                self.store.children_mut(above).into_iter().for_each(|all| all.retain(|other| *other != id));
            }
            _ => self.store.roots.retain(|other| *other != id),
        }
        match to {
            Parent::Page(above) => self.store.children_mut(above).into_iter().for_each(|all| all.push(id)),
            _ => self.store.roots.push(id),
        }
    }
}

/// A data source without rows.
pub(super) fn new_source(
    id: Id,
    database: Id,
    title: Vec<Value>,
    properties: Vec<crate::notion::property::Property>,
    now: i64,
) -> Source {
    Source {
        id,
        database,
        title,
        properties,
        rows: Vec::new(),
        in_trash: false,
        next_unique: 1,
        created: now,
        edited: now,
    }
}
