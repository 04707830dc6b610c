//! Values of pages: how they are written, held and shown.

use super::check::{At, Checked};
use super::id::Id;
use super::property::{Kind, Property, choice_name};
use super::refusal::Refusal;
use super::richtext::{self, URL_MAX};
use super::store::{Page, Source, Store};
use crate::rng::Rng;
use serde_json::{Value, json};

/// Units of an e-mail address or a telephone number at most.
const ADDRESS_MAX: usize = 200;
/// Entries of a list of options, people or pages at most.
const ENTRIES_MAX: usize = 100;
/// References that a page shows; the others are for the call for one property.
const SHOWN_MAX: usize = 25;

/// What a page holds in a column.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    Empty,
    RichText(Vec<Value>),
    Number(serde_json::Number),
    Checkbox(bool),
    /// The id of one option.
    Choice(String),
    Choices(Vec<String>),
    Date(Value),
    /// An e-mail address, a telephone number, a web address.
    Text(String),
    /// People or pages.
    Ids(Vec<Id>),
    Files(Vec<Value>),
    Unique(u64),
}

/// A value as a request wants it: options may not exist yet.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Draft {
    Cell(Cell),
    Choice(Named),
    Choices(Vec<Named>),
}

/// An option as a request names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Named {
    Known(String),
    New(String),
}

/// Reads the `properties` of a request for a page of that source: which column, which value. Nothing is
/// changed.
pub(super) fn drafts(
    at: &At<'_>,
    source: &Source,
    store: &Store,
    token: &str,
) -> Checked<Vec<(String, Draft)>> {
    let mut all = Vec::new();
    for (key, value) in at.entries()? {
        let found = source.properties.iter().find(|property| property.is(key));
        let property =
            found.ok_or_else(|| Refusal::Invalid(format!("{key} is not a property that exists.")))?;
        all.push((property.id.clone(), draft(&value, property, store, token)?));
    }
    Ok(all)
}

/// Reads the value of one column.
fn draft(at: &At<'_>, property: &Property, store: &Store, token: &str) -> Checked<Draft> {
    let word = property.kind.word();
    if property.kind.is_read_only() {
        return Err(at.wrong(&format!("not present, as {word} is read-only")));
    }
    at.object()?;
    let other = || Refusal::Invalid(format!("{} is expected to be {word}.", property.name));
    let value = at.key(word).ok_or_else(other)?;
    at.only(&["id", "type", "name", word])?;
    at.tagged(word)?;
    let knows = |id: Id| store.sees(token, id);
    let cell = match property.kind {
        Kind::Title | Kind::RichText => Cell::RichText(richtext::read(&value, &knows)?),
        Kind::Checkbox => Cell::Checkbox(value.flag()?),
        Kind::MultiSelect => {
            let named = value.list(ENTRIES_MAX)?;
            return Ok(Draft::Choices(named.iter().map(|at| name(at, property)).collect::<Checked<_>>()?));
        }
        Kind::People => Cell::Ids(people(&value, store)?),
        Kind::Relation => Cell::Ids(pages(&value, property, &knows, store)?),
        Kind::Files => Cell::Files(value.list(ENTRIES_MAX)?.iter().map(file).collect::<Checked<_>>()?),
        _ => match value.present() {
            None => Cell::Empty,
            Some(value) => return nullable(&value, property),
        },
    };
    Ok(Draft::Cell(cell))
}

/// The types whose value may be null, and is not.
fn nullable(at: &At<'_>, property: &Property) -> Checked<Draft> {
    Ok(Draft::Cell(match property.kind {
        Kind::Number => match at.value {
            Value::Number(number) => Cell::Number(number.clone()),
            _ => return Err(at.wrong("a number")),
        },
        Kind::Date => Cell::Date(richtext::date(at)?),
        Kind::Select | Kind::Status => return Ok(Draft::Choice(name(at, property)?)),
        Kind::Url => Cell::Text(filled(at, URL_MAX)?),
        _ => Cell::Text(filled(at, ADDRESS_MAX)?),
    }))
}

fn filled(at: &At<'_>, max: usize) -> Checked<String> {
    let text = at.short(max)?;
    if text.is_empty() { Err(at.wrong("a non-empty string or null")) } else { Ok(text.to_owned()) }
}

/// An option by its id or its name. A name that a status does not have is refused, any other is a new option.
fn name(at: &At<'_>, property: &Property) -> Checked<Named> {
    at.only(&["id", "name", "color"])?;
    if let Some(id) = at.key("id") {
        let known = property.choice(id.text()?).ok_or_else(|| id.wrong("the id of an option"))?;
        return Ok(Named::Known(known.id.clone()));
    }
    let wanted = at.required("name")?;
    let name = choice_name(&wanted)?;
    match property.choices.iter().find(|choice| choice.name == name) {
        Some(choice) => Ok(Named::Known(choice.id.clone())),
        None if property.kind == Kind::Status => {
            Err(Refusal::Invalid(format!("Status option \"{name}\" does not exist.")))
        }
        None => Ok(Named::New(name.to_owned())),
    }
}

fn people(at: &At<'_>, store: &Store) -> Checked<Vec<Id>> {
    let one = |at: &At<'_>| {
        at.only(&["object", "id"])?;
        let id = at.required("id")?;
        let known = Some(id.id()?).filter(|id| store.users.iter().any(|user| user.id == *id));
        known.ok_or_else(|| id.wrong("the id of a user of this workspace"))
    };
    at.list(ENTRIES_MAX)?.iter().map(one).collect()
}

fn pages(at: &At<'_>, property: &Property, sees: &dyn Fn(Id) -> bool, store: &Store) -> Checked<Vec<Id>> {
    let one = |at: &At<'_>| {
        at.only(&["id"])?;
        let id = at.required("id")?.id()?;
        let page = store.pages.get(&id).filter(|page| page.source == property.related() && sees(id));
        page.map(|_| id).ok_or(Refusal::NotFound("page", id))
    };
    at.list(ENTRIES_MAX)?.iter().map(one).collect()
}

/// A file elsewhere. Uploaded ones are left out of the stand-in.
fn file(at: &At<'_>) -> Checked<Value> {
    at.only(&["name", "type", "external"])?;
    at.tagged("external")?;
    let (name, external) = (at.required("name")?.short(ENTRIES_MAX)?, at.required("external")?);
    external.only(&["url"])?;
    let url = external.required("url")?.url(URL_MAX)?;
    Ok(json!({"name": name, "type": "external", "external": {"url": url}}))
}

impl Draft {
    /// The value to hold; options that are new are made.
    pub fn settle(self, property: &mut Property, rng: &mut Rng) -> Cell {
        match self {
            Draft::Cell(cell) => cell,
            Draft::Choice(named) => Cell::Choice(named.settle(property, rng)),
            Draft::Choices(all) => {
                let mut ids: Vec<String> = Vec::new();
                for named in all {
                    let id = named.settle(property, rng);
                    if !ids.contains(&id) {
                        ids.push(id);
                    }
                }
                Cell::Choices(ids)
            }
        }
    }
}

impl Named {
    fn settle(self, property: &mut Property, rng: &mut Rng) -> String {
        match self {
            Named::Known(id) => id,
            // Two of one name in a request are one option.
            Named::New(name) => match property.choices.iter().find(|choice| choice.name == name) {
                Some(choice) => choice.id.clone(),
                None => property.add_choice(&name, None, rng),
            },
        }
    }
}

/// The value of a column as a page shows it: `{id, type, TYPE: …}`.
pub(super) fn show(property: &Property, page: &Page, store: &Store) -> Value {
    let kind = property.kind.word();
    let mut shown = json!({"id": property.shown_id(), "type": kind, kind: value(property, page, store)});
    if property.kind == Kind::Relation {
        shown["has_more"] = json!(references(property, page).len() > SHOWN_MAX);
    }
    if let Some(list) = shown[kind].as_array_mut()
        && matches!(property.kind, Kind::Relation | Kind::People)
    {
        list.truncate(SHOWN_MAX);
    }
    shown
}

/// The whole value of a column, however many entries it has.
pub(super) fn value(property: &Property, page: &Page, store: &Store) -> Value {
    let cell = page.cells.get(&property.id).unwrap_or(&Cell::Empty);
    let choice = |id: &String| property.choice(id).map_or(Value::Null, super::property::Choice::show);
    match (property.kind, cell) {
        (Kind::Title | Kind::RichText, Cell::RichText(items)) => json!(items),
        (Kind::Number, Cell::Number(number)) => json!(number),
        (Kind::Checkbox, Cell::Checkbox(flag)) => json!(flag),
        (Kind::Select | Kind::Status, Cell::Choice(id)) => choice(id),
        (Kind::MultiSelect, Cell::Choices(ids)) => ids.iter().map(choice).collect(),
        (Kind::Date, Cell::Date(date)) => date.clone(),
        (Kind::Url | Kind::Email | Kind::PhoneNumber, Cell::Text(text)) => json!(text),
        (Kind::People, Cell::Ids(ids)) => ids.iter().map(|id| store.user(*id)).collect(),
        (Kind::Relation, Cell::Ids(ids)) => ids.iter().map(|id| json!({"id": id.to_string()})).collect(),
        (Kind::Files, Cell::Files(files)) => json!(files),
        (Kind::UniqueId, Cell::Unique(number)) => json!({"prefix": property.prefix(), "number": number}),
        (Kind::UniqueId, _) => json!({"prefix": property.prefix(), "number": null}),
        (Kind::CreatedTime, _) => json!(store.moment(page.created)),
        (Kind::LastEditedTime, _) => json!(store.moment(page.edited)),
        (Kind::CreatedBy, _) => store.user(page.created_by),
        (Kind::LastEditedBy, _) => store.user(page.edited_by),
        // Nothing is computed here.
        (Kind::Formula, _) => json!({"type": "string", "string": null}),
        (Kind::Rollup, _) => json!({"type": "array", "array": [], "function": "show_original"}),
        (Kind::Checkbox, _) => json!(false),
        (
            Kind::Title | Kind::RichText | Kind::MultiSelect | Kind::People | Kind::Relation | Kind::Files,
            _,
        ) => {
            json!([])
        }
        _ => Value::Null,
    }
}

/// People or pages that a page refers to in a column.
pub(super) fn references<'p>(property: &Property, page: &'p Page) -> &'p [Id] {
    match page.cells.get(&property.id) {
        Some(Cell::Ids(ids)) => ids,
        _ => &[],
    }
}

/// What a value becomes when somebody changes the type of its column: texts stay texts, the rest is emptied.
pub(super) fn converted(cell: &Cell, to: Kind) -> Cell {
    let text = match cell {
        Cell::Text(text) => text.clone(),
        Cell::RichText(items) => richtext::plain(items),
        Cell::Number(number) => number.to_string(),
        _ => String::new(),
    };
    match to {
        _ if text.is_empty() => Cell::Empty,
        Kind::RichText => Cell::RichText(richtext::of(&text)),
        Kind::Email | Kind::Url | Kind::PhoneNumber => Cell::Text(text),
        Kind::Number => text.parse().map_or(Cell::Empty, Cell::Number),
        _ => Cell::Empty,
    }
}
