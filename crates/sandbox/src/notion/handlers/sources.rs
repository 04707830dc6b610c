//! Data sources: columns are declared, renamed, changed, taken away.

use super::databases::new_source;
use super::{Desk, Done, parent};
use crate::notion::cells::{Cell, converted};
use crate::notion::check::{At, Checked};
use crate::notion::id::Id;
use crate::notion::property::{Kind, Property};
use crate::notion::refusal::Refusal;
use crate::serve::query::pairs;

impl Desk<'_> {
    /// `POST /data_sources`: a further one of a database.
    pub fn create_source(&mut self, at: &At<'_>) -> Done {
        at.only(&["parent", "title", "properties"])?;
        let (_, above) = parent(&at.required("parent")?, &["database_id"])?;
        let database = above.ok_or_else(|| at.wrong("an object with a database"))?;
        self.store.database(self.token(), database)?;
        let title = self.rich(at, "title")?.unwrap_or_default();
        let properties = self.columns(at)?;
        let id = Id::draw(&mut self.store.rng);
        self.store.sources.insert(id, new_source(id, database, title, properties, self.caller.now));
        if let Some(database) = self.store.databases.get_mut(&database) {
            database.sources.push(id);
        }
        self.retrieve_source(id)
    }

    /// `GET /data_sources/ID`.
    pub fn retrieve_source(&self, id: Id) -> Done {
        Ok(self.store.show_source(self.store.source(self.token(), id)?, self.caller))
    }

    /// `PATCH /data_sources/ID`. A property is named by its name or id; null takes it away.
    pub fn update_source(&mut self, id: Id, at: &At<'_>) -> Done {
        at.only(&["title", "properties", self.caller.trash()])?;
        let mut properties = self.store.source(self.token(), id)?.properties.clone();
        let title = self.rich(at, "title")?;
        let wants_trash = self.caller.wants_trash(at)?;
        if let Some(changes) = at.key("properties") {
            self.change_columns(&changes, &mut properties)?;
        }
        let now = self.caller.now;
        if let Some(source) = self.store.sources.get_mut(&id) {
            source.title = title.unwrap_or_else(|| std::mem::take(&mut source.title));
            source.in_trash = wants_trash.unwrap_or(source.in_trash);
            source.edited = now;
        }
        self.replace_columns(id, properties);
        self.retrieve_source(id)
    }

    fn change_columns(&mut self, changes: &At<'_>, properties: &mut Vec<Property>) -> Checked<()> {
        let mut rng = self.store.draw_rng();
        let knows = |id: Id| self.store.source(self.token(), id).is_ok();
        for (key, change) in changes.entries()? {
            let at = properties.iter().position(|property| property.is(key));
            match (at, change.value.is_null()) {
                (Some(at), true) if properties[at].kind == Kind::Title => {
                    return Err(change.wrong("a title property, which cannot be taken away"));
                }
                (Some(at), true) => drop(properties.remove(at)),
                (None, true) => {
                    return Err(Refusal::Invalid(format!("{key} is not a property that exists.")));
                }
                (Some(at), false) => properties[at].change(&change, &mut rng, &knows)?,
                (None, false) => {
                    let property = Property::declared(key, &change, &mut rng, &knows)?;
                    if property.kind == Kind::Title {
                        return Err(change.wrong("not a second title property"));
                    }
                    properties.push(property);
                }
            }
        }
        let twice = properties
            .iter()
            .enumerate()
            .find(|(i, property)| properties[..*i].iter().any(|other| other.name == property.name));
        match twice {
            Some((_, property)) => {
                Err(Refusal::Invalid(format!("The property name {} is used twice.", property.name)))
            }
            None => Ok(()),
        }
    }

    /// Puts changed columns in place; values of a column whose type changed are converted or emptied.
    pub(in crate::notion) fn replace_columns(&mut self, id: Id, properties: Vec<Property>) {
        let Some(source) = self.store.sources.get_mut(&id) else { return };
        let old = std::mem::replace(&mut source.properties, properties);
        let kind = |id: &str| old.iter().find(|property| property.id == id).map(|property| property.kind);
        let changed: Vec<(String, Kind)> = source
            .properties
            .iter()
            .filter(|property| kind(&property.id).is_some_and(|kind| kind != property.kind))
            .map(|property| (property.id.clone(), property.kind))
            .collect();
        for row in source.rows.clone() {
            let Some(page) = self.store.pages.get_mut(&row) else { continue };
            for (id, kind) in &changed {
                let cell = page.cells.remove(id).unwrap_or(Cell::Empty);
                page.cells.insert(id.clone(), converted(&cell, *kind));
            }
        }
    }

    /// The columns that `filter_properties[]` of an address names, by id or name; `None` for all.
    pub(super) fn wanted(&self, source: Id, query: &str) -> Checked<Option<Vec<String>>> {
        let malformed =
            || Refusal::Invalid("query failed validation: it is not properly encoded.".to_owned());
        let pairs = pairs(query).ok_or_else(malformed)?;
        let Some(source) = self.store.sources.get(&source) else { return Ok(None) };
        let mut wanted = Vec::new();
        for (name, value) in &pairs {
            if !["filter_properties", "filter_properties[]"].contains(&name.as_str()) {
                return Err(Refusal::Invalid(format!(
                    "query failed validation: query.{name} should be not present."
                )));
            }
            let found = source.properties.iter().find(|property| property.is(value));
            let unknown = || Refusal::Invalid(format!("Could not find property with name or id: {value}"));
            wanted.push(found.ok_or_else(unknown)?.id.clone());
        }
        Ok((!pairs.is_empty()).then_some(wanted))
    }
}
