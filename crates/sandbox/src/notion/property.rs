//! The columns of a data source: their types, their options, how they are declared and changed.

use super::check::{At, Checked};
use super::id::Id;
use super::richtext::{color_of, option_color};
use crate::rng::Rng;
use serde_json::{Map, Value, json};

/// Units of an option's name at most: not documented, so a bound of the stand-in.
const OPTION_NAME_MAX: usize = 100;
/// Options of a column at most, in one request.
const OPTIONS_MAX: usize = 100;

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Title,
    RichText,
    Number,
    Select,
    MultiSelect,
    Status,
    Date,
    Checkbox,
    Url,
    Email,
    PhoneNumber,
    People,
    Files,
    Relation,
    Rollup,
    Formula,
    UniqueId,
    CreatedTime,
    CreatedBy,
    LastEditedTime,
    LastEditedBy,
}

/// The types by their words.
pub(super) const KINDS: &[(&str, Kind)] = &[
    ("title", Kind::Title),
    ("rich_text", Kind::RichText),
    ("number", Kind::Number),
    ("select", Kind::Select),
    ("multi_select", Kind::MultiSelect),
    ("status", Kind::Status),
    ("date", Kind::Date),
    ("checkbox", Kind::Checkbox),
    ("url", Kind::Url),
    ("email", Kind::Email),
    ("phone_number", Kind::PhoneNumber),
    ("people", Kind::People),
    ("files", Kind::Files),
    ("relation", Kind::Relation),
    ("rollup", Kind::Rollup),
    ("formula", Kind::Formula),
    ("unique_id", Kind::UniqueId),
    ("created_time", Kind::CreatedTime),
    ("created_by", Kind::CreatedBy),
    ("last_edited_time", Kind::LastEditedTime),
    ("last_edited_by", Kind::LastEditedBy),
];

/// What may be asked of a number's look.
const FORMATS: &[&str] = &["number", "number_with_commas", "percent", "dollar", "euro", "pound", "yen"];

/// The groups of a status, in order; new options belong to the first.
const GROUPS: [&str; 3] = ["To-do", "In progress", "Complete"];

impl Kind {
    pub fn word(self) -> &'static str {
        KINDS.iter().find(|(_, kind)| *kind == self).map_or("", |(word, _)| word)
    }

    /// Whether a declaration must say more than the type.
    pub fn needs_more(self) -> bool {
        matches!(self, Kind::Relation | Kind::Rollup | Kind::Formula)
    }

    /// Whether the service alone writes it.
    pub fn is_read_only(self) -> bool {
        use Kind::{CreatedBy, CreatedTime, Formula, LastEditedBy, LastEditedTime, Rollup, UniqueId};
        matches!(self, UniqueId | Formula | Rollup | CreatedTime | CreatedBy | LastEditedTime | LastEditedBy)
    }
}

/// A value that a column offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Choice {
    pub id: String,
    pub name: String,
    pub color: String,
    /// The group's number; of a status only.
    group: usize,
}

/// A column.
#[derive(Debug, Clone)]
pub(super) struct Property {
    /// As it is held; answers show it percent-encoded.
    pub id: String,
    pub name: String,
    pub kind: Kind,
    pub choices: Vec<Choice>,
    /// What is declared besides the options.
    detail: Map<String, Value>,
}

impl Property {
    /// A column as a request declares it: `{"number": {"format": …}}`.
    pub fn declared(name: &str, at: &At<'_>, rng: &mut Rng, knows: &dyn Fn(Id) -> bool) -> Checked<Self> {
        let (kind, config) = declared_kind(at)?;
        let id = if kind == Kind::Title { "title".to_owned() } else { short_id(rng) };
        let mut property = Self { id, name: name.to_owned(), kind, choices: Vec::new(), detail: Map::new() };
        property.configure(&config, rng, knows)?;
        Ok(property)
    }

    /// Changes it as a request wants: another name, other options, another type.
    pub fn change(&mut self, at: &At<'_>, rng: &mut Rng, knows: &dyn Fn(Id) -> bool) -> Checked<()> {
        if let Some(name) = at.key("name") {
            self.name = name.text()?.to_owned();
        }
        let declares = at.object()?.keys().any(|key| KINDS.iter().any(|(word, _)| word == key));
        if !declares {
            return at.only(&["name", "description", "type"]);
        }
        let (kind, config) = declared_kind(at)?;
        if kind != self.kind {
            if self.kind == Kind::Title || kind == Kind::Title {
                return Err(config.wrong("not present"));
            }
            self.retype(kind, rng);
        }
        self.configure(&config, rng, knows)
    }

    /// Gives it another type, as a person does; what it offered is forgotten.
    pub fn retype(&mut self, kind: Kind, rng: &mut Rng) {
        self.kind = kind;
        self.choices.clear();
        self.detail.clear();
        self.complete(rng);
    }

    /// What a declaration leaves out.
    fn complete(&mut self, rng: &mut Rng) {
        match self.kind {
            Kind::Status if self.choices.is_empty() => {
                for (group, name) in ["Not started", "In progress", "Done"].into_iter().enumerate() {
                    self.add_choice(name, None, rng);
                    self.choices[group].group = group;
                }
            }
            Kind::Number => drop(self.detail.entry("format").or_insert(json!("number"))),
            Kind::UniqueId => drop(self.detail.entry("prefix").or_insert(Value::Null)),
            _ => {}
        }
    }

    fn configure(&mut self, config: &At<'_>, rng: &mut Rng, knows: &dyn Fn(Id) -> bool) -> Checked<()> {
        match self.kind {
            Kind::Select | Kind::MultiSelect | Kind::Status => {
                config.only(&["options"])?;
                if let Some(options) = config.key("options") {
                    self.choices = self.options(&options, rng)?;
                }
            }
            Kind::Number => {
                config.only(&["format"])?;
                if let Some(format) = config.key("format") {
                    let word = format.text()?;
                    if !FORMATS.contains(&word) {
                        return Err(format.wrong("a number format"));
                    }
                    self.detail.insert("format".to_owned(), json!(word));
                }
            }
            Kind::UniqueId => {
                config.only(&["prefix"])?;
                let prefix = config.key("prefix").and_then(At::present).map(|at| at.text()).transpose()?;
                self.detail.insert("prefix".to_owned(), json!(prefix));
            }
            Kind::Formula => {
                config.only(&["expression"])?;
                let expression = config.required("expression")?.text()?;
                self.detail.insert("expression".to_owned(), json!(expression));
            }
            Kind::Relation => {
                config.only(&["data_source_id", "type", "single_property"])?;
                let source = config.required("data_source_id")?;
                let known = Some(source.id()?).filter(|id| knows(*id));
                let known = known.ok_or_else(|| source.wrong("the id of a shared data source"))?;
                config.required("single_property")?.only(&[])?;
                self.detail.insert("data_source_id".to_owned(), json!(known.to_string()));
                self.detail.insert("type".to_owned(), json!("single_property"));
                self.detail.insert("single_property".to_owned(), json!({}));
            }
            Kind::Rollup => {
                config.only(&["relation_property_name", "rollup_property_name", "function"])?;
                for key in ["relation_property_name", "rollup_property_name", "function"] {
                    self.detail.insert(key.to_owned(), json!(config.required(key)?.text()?));
                }
            }
            _ => config.only(&[])?,
        }
        self.complete(rng);
        Ok(())
    }

    /// Options as a request lists them; those that were there keep their id.
    fn options(&self, at: &At<'_>, rng: &mut Rng) -> Checked<Vec<Choice>> {
        let mut all: Vec<Choice> = Vec::new();
        for option in at.list(OPTIONS_MAX)? {
            option.only(&["id", "name", "color", "description"])?;
            let (id, name) = (option.key("id"), option.key("name"));
            let old = self.choices.iter().find(|choice| {
                id.as_ref().is_some_and(|id| id.value == &choice.id)
                    || name.as_ref().is_some_and(|name| name.value == &choice.name)
            });
            let name = match (&name, old) {
                (Some(name), _) => choice_name(name)?,
                (None, Some(old)) => &old.name,
                (None, None) => option.required("name")?.text()?,
            };
            if all.iter().any(|other| other.name == name) {
                return Err(option.wrong("an option of another name"));
            }
            let color = option.key("color").map(|color| option_color(&color)).transpose()?;
            let color = color.or(old.map(|old| old.color.as_str())).unwrap_or(color_of(all.len()));
            let id = old.map_or_else(|| choice_id(rng), |old| old.id.clone());
            let group = old.map_or(0, |old| old.group);
            all.push(Choice { id, name: name.to_owned(), color: color.to_owned(), group });
        }
        Ok(all)
    }

    /// A new option; its id.
    pub fn add_choice(&mut self, name: &str, color: Option<&str>, rng: &mut Rng) -> String {
        let id = choice_id(rng);
        let color = color.unwrap_or(color_of(self.choices.len())).to_owned();
        self.choices.push(Choice { id: id.clone(), name: name.to_owned(), color, group: 0 });
        id
    }

    pub fn choice(&self, id: &str) -> Option<&Choice> {
        self.choices.iter().find(|choice| choice.id == id)
    }

    /// The data source that a relation leads to.
    pub fn related(&self) -> Option<Id> {
        self.detail.get("data_source_id").and_then(Value::as_str).and_then(Id::parse)
    }

    /// What stands before a number of a `unique_id`.
    pub fn prefix(&self) -> Value {
        self.detail.get("prefix").cloned().unwrap_or(Value::Null)
    }

    /// The id as answers show it.
    pub fn shown_id(&self) -> String {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.~".contains(&b);
        let bytes = self.id.bytes();
        bytes.map(|b| if plain(b) { (b as char).to_string() } else { format!("%{b:02X}") }).collect()
    }

    /// Whether a request means it by that name or id.
    pub fn is(&self, key: &str) -> bool {
        self.name == key || self.id == key || self.shown_id() == key
    }

    /// Its declaration.
    pub fn show(&self) -> Value {
        let mut detail = self.detail.clone();
        if matches!(self.kind, Kind::Select | Kind::MultiSelect | Kind::Status) {
            detail.insert("options".to_owned(), self.choices.iter().map(Choice::show).collect());
        }
        if self.kind == Kind::Status {
            let group = |(number, name): (usize, &&str)| {
                let of = self.choices.iter().filter(|choice| choice.group == number).map(|choice| &choice.id);
                let color = ["gray", "blue", "green"][number];
                let (id, of) = (format!("group-{number}"), of.collect::<Vec<_>>());
                json!({"id": id, "name": name, "color": color, "option_ids": of})
            };
            detail.insert("groups".to_owned(), GROUPS.iter().enumerate().map(group).collect());
        }
        let kind = self.kind.word();
        json!({"id": self.shown_id(), "name": self.name, "description": null, "type": kind, kind: detail})
    }
}

impl Choice {
    pub fn show(&self) -> Value {
        json!({"id": self.id, "name": self.name, "color": self.color})
    }
}

/// The name of an option: not empty, not too long.
pub(super) fn choice_name<'v>(at: &At<'v>) -> Checked<&'v str> {
    let name = at.short(OPTION_NAME_MAX)?;
    if name.is_empty() { Err(at.wrong("a non-empty string")) } else { Ok(name) }
}

/// The one type that a declaration names, and what it says of it.
fn declared_kind<'v>(at: &At<'v>) -> Checked<(Kind, At<'v>)> {
    let mut found = None;
    for (key, value) in at.entries()? {
        match KINDS.iter().find(|(word, _)| *word == key) {
            Some((_, kind)) if found.is_none() => found = Some((*kind, value)),
            None if ["name", "type", "description"].contains(&key) => {}
            _ => return Err(value.wrong("not present")),
        }
    }
    let (kind, config) = found.ok_or_else(|| at.wrong("an object with the name of a property type"))?;
    at.tagged(kind.word())?;
    Ok((kind, config))
}

/// The columns of a new data source: exactly one is the title.
pub(super) fn declared_all(at: &At<'_>, rng: &mut Rng, knows: &dyn Fn(Id) -> bool) -> Checked<Vec<Property>> {
    let mut all: Vec<Property> = Vec::new();
    for (name, declaration) in at.entries()? {
        all.push(Property::declared(name, &declaration, rng, knows)?);
    }
    match all.iter().filter(|property| property.kind == Kind::Title).count() {
        1 => Ok(all),
        _ => Err(at.wrong("an object with exactly one title property")),
    }
}

const SIGNS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:;<=>?@[]^_`{|}~";

/// Four signs, some of which must be encoded in an address.
fn short_id(rng: &mut Rng) -> String {
    (0..4).map(|_| SIGNS[rng.index(SIGNS.len())] as char).collect()
}

fn choice_id(rng: &mut Rng) -> String {
    Id::draw(rng).to_string()
}
