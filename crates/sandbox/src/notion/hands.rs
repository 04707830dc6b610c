//! What people do by hand in the application while a program is at work, and what a test looks at.

use super::blocks::Draft;
use super::check::At;
use super::handlers::Desk;
use super::id::Id;
use super::property::{KINDS, Kind};
use super::refusal::Refusal;
use super::running::Running;
use super::store::Parent;
use serde_json::{Value, json};

impl Running {
    /// Calls a column otherwise; whether it was there.
    pub fn rename_property(&self, data_source_id: &str, name: &str, to: &str) -> bool {
        self.with_source(data_source_id, |desk, id| {
            let source = desk.store.sources.get_mut(&id);
            let found = source.and_then(|source| source.properties.iter_mut().find(|p| p.name == name));
            found.map(|property| to.clone_into(&mut property.name)).is_some()
        })
    }

    /// Gives a column another type, such as `rich_text`; texts are kept where they can be. False when there
    /// is no such column or type, and for types that cannot be had so: the title, and those that need more
    /// than a word.
    pub fn change_property_type(&self, data_source_id: &str, name: &str, kind: &str) -> bool {
        let possible = |kind: Kind| kind != Kind::Title && !kind.needs_more();
        let found = KINDS.iter().find(|(word, other)| *word == kind && possible(*other));
        let Some((_, kind)) = found else { return false };
        self.with_source(data_source_id, |desk, id| {
            let mut rng = desk.store.draw_rng();
            let Some(source) = desk.store.sources.get(&id) else { return false };
            let mut properties = source.properties.clone();
            let found = properties.iter_mut().find(|property| property.name == name);
            let Some(property) = found.filter(|property| property.kind != Kind::Title) else { return false };
            property.retype(*kind, &mut rng);
            desk.replace_columns(id, properties);
            true
        })
    }

    /// Takes a column away; whether it was there, and is not the title.
    pub fn remove_property(&self, data_source_id: &str, name: &str) -> bool {
        self.with_source(data_source_id, |desk, id| {
            let Some(source) = desk.store.sources.get_mut(&id) else { return false };
            let before = source.properties.len();
            source.properties.retain(|property| property.name != name || property.kind == Kind::Title);
            source.properties.len() < before
        })
    }

    /// Adds a second data source to a database, after which pages must name the one they belong to; its id.
    pub fn add_data_source(&self, database_id: &str, title: &str) -> Option<String> {
        let body = json!({
            "parent": {"database_id": database_id},
            "title": [{"text": {"content": title}}],
            "properties": {"Name": {"title": {}}},
        });
        let made = self.by_hand(|desk| desk.create_source(&At::body(&body)));
        made.ok()?["id"].as_str().map(str::to_owned)
    }

    /// Enters a row, with properties as the API takes them; its id, or what the service would say.
    pub fn add_page(&self, data_source_id: &str, properties: &Value) -> Result<String, String> {
        let body = json!({"parent": {"data_source_id": data_source_id}, "properties": properties});
        let made = self.by_hand(|desk| desk.create_page(&At::body(&body))).map_err(said)?;
        Ok(made["id"].as_str().unwrap_or_default().to_owned())
    }

    /// Changes a row, with properties as the API takes them; what the service would say when they do not fit.
    pub fn edit_page(&self, page_id: &str, properties: &Value) -> Result<(), String> {
        let body = json!({"properties": properties});
        self.patch(page_id, &body)
    }

    /// Throws a page away, or takes it out of the trash.
    pub fn trash_page(&self, page_id: &str, in_trash: bool) -> Result<(), String> {
        self.patch(page_id, &json!({"in_trash": in_trash}))
    }

    fn patch(&self, page_id: &str, body: &Value) -> Result<(), String> {
        let id = Id::parse(page_id).ok_or("no id")?;
        self.by_hand(|desk| desk.update_page(id, &At::body(body))).map(drop).map_err(said)
    }

    /// Writes a paragraph below a page; its id.
    pub fn add_paragraph(&self, page_id: &str, text: &str) -> Option<String> {
        let id = Id::parse(page_id)?;
        self.by_hand(|desk| {
            desk.store
                .pages
                .contains_key(&id)
                .then(|| desk.add_by_hand(id, Draft::of_text("paragraph", text)).to_string())
        })
    }

    /// Shares a page or database with the connection, or no longer; its id must be that of something at the
    /// top of what is shared.
    pub fn share(&self, id: &str, shared: bool) {
        let Some(id) = Id::parse(id) else { return };
        self.by_hand(|desk| {
            let roots = desk.store.shared.entry(self.key.clone()).or_default();
            roots.retain(|other| *other != id);
            if shared {
                roots.push(id);
            }
        });
    }

    /// A page as the newest version shows it to somebody who sees everything.
    pub fn page(&self, page_id: &str) -> Option<Value> {
        let id = Id::parse(page_id)?;
        self.by_hand(|desk| {
            desk.store.pages.get(&id).map(|page| desk.store.show_page(page, desk.caller, None))
        })
    }

    /// All rows of a data source, oldest first, with those in the trash.
    pub fn pages(&self, data_source_id: &str) -> Vec<Value> {
        self.with_source(data_source_id, |desk, id| {
            let rows = desk.store.sources.get(&id).map(|source| source.rows.clone()).unwrap_or_default();
            let pages = rows.iter().filter_map(|row| desk.store.pages.get(row));
            pages.map(|page| desk.store.show_page(page, desk.caller, None)).collect()
        })
    }

    /// The blocks directly below a page or block, in order, with those in the trash.
    pub fn blocks(&self, id: &str) -> Vec<Value> {
        let Some(id) = Id::parse(id) else { return Vec::new() };
        self.by_hand(|desk| {
            desk.store.children(id).iter().map(|child| desk.store.show_block(*child, desk.caller)).collect()
        })
    }

    /// A data source with its columns.
    pub fn data_source(&self, data_source_id: &str) -> Option<Value> {
        let id = Id::parse(data_source_id)?;
        self.by_hand(|desk| {
            desk.store.sources.get(&id).map(|source| desk.store.show_source(source, desk.caller))
        })
    }

    /// A database.
    pub fn database(&self, database_id: &str) -> Option<Value> {
        let id = Id::parse(database_id)?;
        self.by_hand(|desk| {
            desk.store.databases.get(&id).map(|found| desk.store.show_database(found, desk.caller))
        })
    }

    /// How many pages stand below a page directly, not thrown away.
    pub fn pages_below(&self, page_id: &str) -> usize {
        let Some(id) = Id::parse(page_id) else { return 0 };
        self.by_hand(|desk| {
            let pages = desk.store.pages.values();
            pages.filter(|page| page.parent == Parent::Page(id) && !page.in_trash).count()
        })
    }

    fn with_source<T: Default>(&self, id: &str, act: impl FnOnce(&mut Desk<'_>, Id) -> T) -> T {
        let Some(id) = Id::parse(id) else { return T::default() };
        self.by_hand(|desk| act(desk, id))
    }
}

/// What the service would say.
fn said(refusal: Refusal) -> String {
    match refusal {
        Refusal::Invalid(message) => message,
        other => format!("{other:?}"),
    }
}
