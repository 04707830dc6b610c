//! Pages: made, read, changed; one property in full; the text as Markdown.

use super::{Desk, Done, paging, parent};
use crate::notion::blocks::Draft as Block;
use crate::notion::cells::{self, Cell, Draft};
use crate::notion::check::{At, Checked};
use crate::notion::id::Id;
use crate::notion::looks::{cover, icon};
use crate::notion::property::{Kind, Property};
use crate::notion::refusal::Refusal;
use crate::notion::richtext;
use crate::notion::store::{Page, Parent, Store};
use crate::serve::query::decode;
use serde_json::{Value, json};
use std::collections::HashMap;

/// What is written into a page.
enum Written {
    /// The title of a page that is no row.
    Title(Vec<Value>),
    /// Columns of a row.
    Cells(Vec<(String, Draft)>),
}

impl Desk<'_> {
    /// `POST /pages`.
    pub fn create_page(&mut self, at: &At<'_>) -> Done {
        at.only(&["parent", "properties", "children", "markdown", "icon", "cover"])?;
        let kinds = ["data_source_id", "page_id", "database_id", "workspace"];
        let (kind, above) = parent(&at.required("parent")?, &kinds)?;
        let parent = match (kind, above) {
            ("data_source_id", Some(id)) => Parent::Source(self.store.source(self.token(), id)?.id),
            ("database_id", Some(id)) => Parent::Source(self.only_source(id)?),
            ("page_id", Some(id)) => Parent::Page(self.store.page(self.token(), id)?.id),
            _ => Parent::Workspace,
        };
        if let Parent::Page(id) = parent
            && self.store.is_in_trash(id)
        {
            return Err(in_trash());
        }
        let written = self.written(&at.required("properties")?, parent)?;
        let blocks = self.body(at)?;
        let icon = at.key("icon").map(|at| icon(&at)).transpose()?.unwrap_or_default();
        let cover = at.key("cover").map(|at| cover(&at)).transpose()?.unwrap_or_default();

        let id = Id::draw(&mut self.store.rng);
        let source = if let Parent::Source(source) = parent { Some(source) } else { None };
        let mut page = Page {
            id,
            parent,
            source,
            title: Vec::new(),
            cells: HashMap::new(),
            children: Vec::new(),
            created: self.caller.now,
            edited: self.caller.now,
            created_by: self.caller.user,
            edited_by: self.caller.user,
            in_trash: false,
            is_archived: false,
            is_locked: false,
            icon,
            cover,
            hidden_for: self.query.lag,
        };
        number(&mut page, self.store);
        write(&mut page, written, self.store);
        self.store.add_page(page);
        if parent == Parent::Workspace {
            self.store.shared.entry(self.caller.token.clone()).or_default().push(id);
        }
        self.make_blocks(id, blocks, 0);
        self.page(id)
    }

    /// The one data source of a database; with several, a page must say which.
    fn only_source(&self, database: Id) -> Checked<Id> {
        match self.store.database(self.token(), database)?.sources[..] {
            [source] => Ok(source),
            _ => Err(Refusal::Invalid(format!(
                "Databases with multiple data sources are not supported here: name a data source of \
                 {database}."
            ))),
        }
    }

    /// The blocks of a new page, given as such or as Markdown, not both.
    fn body(&self, at: &At<'_>) -> Checked<Vec<Block>> {
        match (at.key("children"), at.key("markdown")) {
            (Some(_), Some(markdown)) => Err(markdown.wrong("not present")),
            (Some(children), None) => {
                let drafts = self.read_blocks(&children)?;
                drafts.iter().try_for_each(fits_page)?;
                Ok(drafts)
            }
            (None, Some(markdown)) => Ok(crate::notion::markdown::blocks(markdown.text()?)),
            (None, None) => Ok(Vec::new()),
        }
    }

    fn written(&self, at: &At<'_>, parent: Parent) -> Checked<Written> {
        match parent {
            Parent::Source(source) => {
                let source = self.store.source(self.token(), source)?;
                Ok(Written::Cells(cells::drafts(at, source, self.store, self.token())?))
            }
            _ => {
                at.only(&["title"])?;
                let knows = |id: Id| self.store.sees(self.token(), id);
                let title = at.required("title")?;
                let items = if title.value.is_array() { title } else { title.required("title")? };
                Ok(Written::Title(richtext::read(&items, &knows)?))
            }
        }
    }

    fn page(&self, id: Id) -> Done {
        Ok(self.store.show_page(self.store.page(self.token(), id)?, self.caller, None))
    }

    /// `GET /pages/ID`.
    pub fn retrieve_page(&self, id: Id, query: &str) -> Done {
        let page = self.store.page(self.token(), id)?;
        let only = page.source.map(|source| self.wanted(source, query)).transpose()?.flatten();
        Ok(self.store.show_page(page, self.caller, only.as_deref()))
    }

    /// `PATCH /pages/ID`.
    pub fn update_page(&mut self, id: Id, at: &At<'_>) -> Done {
        let trash = self.caller.trash();
        at.only(&["properties", trash, "is_archived", "is_locked", "erase_content", "icon", "cover"])?;
        let page = self.store.page(self.token(), id)?;
        let parent = page.parent;
        let wants_trash = self.caller.wants_trash(at)?;
        if page.in_trash && wants_trash != Some(false) {
            return Err(in_trash());
        }
        let written = at.key("properties").map(|at| self.written(&at, parent)).transpose()?;
        let flag = |key: &str| at.key(key).map(|at| at.flag()).transpose();
        let (is_archived, is_locked, erase) =
            (flag("is_archived")?, flag("is_locked")?, flag("erase_content")?);
        let icon = at.key("icon").map(|at| icon(&at)).transpose()?;
        let cover = at.key("cover").map(|at| cover(&at)).transpose()?;

        let Some(mut page) = self.store.pages.remove(&id) else { return Err(Refusal::NotFound("page", id)) };
        if let Some(written) = written {
            write(&mut page, written, self.store);
        }
        page.in_trash = wants_trash.unwrap_or(page.in_trash);
        page.is_archived = is_archived.unwrap_or(page.is_archived);
        page.is_locked = is_locked.unwrap_or(page.is_locked);
        page.icon = icon.unwrap_or(page.icon);
        page.cover = cover.unwrap_or(page.cover);
        if erase == Some(true) {
            page.children.clear();
        }
        self.store.pages.insert(id, page);
        self.touch(id);
        self.page(id)
    }

    /// `GET /pages/ID/properties/PROPERTY`.
    pub fn page_property(&self, id: Id, property: &str, query: &str) -> Done {
        let (cursor, size) = paging(query)?;
        let page = self.store.page(self.token(), id)?;
        let source = page.source.and_then(|source| self.store.sources.get(&source));
        let decoded = decode(property, false);
        let same = |other: &&Property| other.id == property || decoded.as_ref() == Some(&other.id);
        let found = source.and_then(|source| source.properties.iter().find(same));
        let property = found.ok_or_else(|| {
            Refusal::Invalid(format!("Could not find property with id: {}", decoded.unwrap_or_default()))
        })?;
        let kind = property.kind.word();
        let value = cells::value(property, page, self.store);
        let id = property.shown_id();
        let item = |value: &Value| json!({"object": "property_item", "id": id, "type": kind, kind: value});
        let (Value::Array(all), true) = (&value, listed(property.kind)) else { return Ok(item(&value)) };
        // The cursor of such a list is the number of the entry.
        let start = cursor.map_or(Some(0), |cursor| cursor.parse().ok().filter(|at| *at < all.len()));
        let start =
            start.ok_or_else(|| Refusal::Invalid("The start_cursor provided is invalid".to_owned()))?;
        let end = (start + size as usize).min(all.len());
        let next = (end < all.len()).then(|| end.to_string());
        let own = json!({"id": id, "next_url": null, "type": kind, kind: {}});
        Ok(json!({
            "object": "list",
            "results": all[start..end].iter().map(item).collect::<Vec<_>>(),
            "next_cursor": next,
            "has_more": next.is_some(),
            "type": "property_item",
            "property_item": own,
        }))
    }

    /// `GET /pages/ID/markdown`.
    pub fn page_markdown(&self, id: Id) -> Done {
        let page = self.store.page(self.token(), id)?;
        let markdown = self.store.markdown(page.id);
        Ok(json!({"object": "page_markdown", "id": id.to_string(), "markdown": markdown, "truncated": false}))
    }
}

/// Types whose values come one by one.
fn listed(kind: Kind) -> bool {
    matches!(kind, Kind::Title | Kind::RichText | Kind::Relation | Kind::People)
}

fn fits_page(draft: &Block) -> Checked<()> {
    let fits = crate::notion::blocks::fits("page", &serde_json::Map::new(), draft);
    fits.map_err(crate::notion::blocks::misplaced)
}

fn in_trash() -> Refusal {
    Refusal::Invalid("Can't edit page that is in the trash. Take it out of the trash first.".to_owned())
}

/// Gives a new row its number, where the source counts.
fn number(page: &mut Page, store: &mut Store) {
    let Some(source) = page.source.and_then(|source| store.sources.get_mut(&source)) else { return };
    let counted = source.properties.iter().find(|property| property.kind == Kind::UniqueId);
    if let Some(property) = counted {
        page.cells.insert(property.id.clone(), Cell::Unique(source.next_unique));
        source.next_unique += 1;
    }
}

fn write(page: &mut Page, written: Written, store: &mut Store) {
    match written {
        Written::Title(items) => page.title = items,
        Written::Cells(drafts) => {
            let Store { rng, sources, .. } = store;
            let Some(source) = page.source.and_then(|source| sources.get_mut(&source)) else { return };
            for (id, draft) in drafts {
                if let Some(property) = source.properties.iter_mut().find(|property| property.id == id) {
                    page.cells.insert(id, draft.settle(property, rng));
                }
            }
        }
    }
}
