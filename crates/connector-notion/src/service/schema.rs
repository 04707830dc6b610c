//! The properties of a data source as columns: which there are, which are missing, and what is wrong with
//! them.

use super::ServiceSettings;
use super::columns;
use crate::types::{Config, DataSource, PropertyKind};
use base::Problem;
use base::names::normalise;
use connect::destination::Table;
use serde_json::{Map, Value};

/// The name of the one table.
pub(super) const TABLE: &str = "members";

/// Its key.
pub(super) const KEY: &str = "id";

/// A property that is a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Property {
    /// The column: the property's name, normalised.
    pub column: String,
    /// Its id is empty while it is not added yet.
    pub config: Config,
}

/// What is known of a data source.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Schema {
    pub data_source_id: String,
    pub database_id: Option<String>,
    /// Those that are columns.
    pub properties: Vec<Property>,
    /// The id of the property that keeps the mark; empty: not added yet.
    pub mark: String,
    /// What has to be added before the first page is written: name, what adds it.
    pub missing: Map<String, Value>,
    /// What a person should know, and what stops.
    pub problems: Vec<Problem>,
}

impl Schema {
    /// Of a data source.
    pub fn of(source: DataSource, settings: &ServiceSettings) -> Self {
        let mut schema = Self {
            data_source_id: source.id,
            database_id: source.database_id,
            properties: Vec::new(),
            mark: String::new(),
            missing: Map::new(),
            problems: Vec::new(),
        };
        if source.in_trash {
            schema.problems.push(
                Problem::error("the database is in Notion's trash")
                    .hint("in Notion, take it back from there"),
            );
        }
        let (marks, configs): (Vec<Config>, Vec<Config>) =
            source.properties.into_iter().partition(|config| config.name == settings.mark_property);
        schema.mark(marks.into_iter().next(), settings);
        let wanted = schema.wanted(&configs, settings);
        schema.columns(configs.into_iter().chain(wanted));
        schema
    }

    /// The property that keeps the mark.
    fn mark(&mut self, there: Option<Config>, settings: &ServiceSettings) {
        let name = &settings.mark_property;
        match there {
            Some(config) if config.kind == PropertyKind::RichText => self.mark = config.id,
            Some(config) => self.problems.push(
                Problem::error(format!(
                    "the property {name:?} keeps landfall's marks, and is {} instead of rich_text",
                    config.kind.word()
                ))
                .hint("rename it in Notion, or name another one as mark_property"),
            ),
            None => self.add(name, &PropertyKind::RichText),
        }
    }

    /// Properties that the project writes and the data source has not.
    fn wanted(&mut self, configs: &[Config], settings: &ServiceSettings) -> Vec<Config> {
        let mut added = Vec::new();
        for (name, kind) in &settings.properties {
            let word = kind.word();
            match configs.iter().find(|config| config.name == *name) {
                Some(config) if config.kind == *kind => {}
                Some(config) => self.problems.push(
                    Problem::error(format!(
                        "the database's property {name:?} is {} instead of {word}",
                        config.kind.word()
                    ))
                    .hint("change its type in Notion, or the project's"),
                ),
                None if settings.add_properties && kind.config().is_some() => {
                    self.add(name, kind);
                    let (name, kind) = (name.clone(), kind.clone());
                    added.push(Config { id: String::new(), name, kind });
                }
                None => {
                    self.problems.push(Problem::error(format!("the database has no property {name:?}")).hint(
                        match kind.config() {
                            Some(_) => format!("add it in Notion as {word}, or set add_properties = true"),
                            None => format!("add it in Notion as {word}; landfall cannot"),
                        },
                    ))
                }
            }
        }
        added
    }

    fn add(&mut self, name: &str, kind: &PropertyKind) {
        self.missing.extend(kind.config().map(|config| (name.to_owned(), config)));
        self.problems.push(Problem::note(format!(
            "the property {name:?} ({}) is added to the database, and stays there after a rollback",
            kind.word()
        )));
    }

    /// Those that can be written and whose column is theirs alone.
    fn columns(&mut self, configs: impl Iterator<Item = Config>) {
        let written = configs.filter(|config| config.kind.is_written());
        let all: Vec<Property> =
            written.map(|config| Property { column: normalise(&config.name), config }).collect();
        for property in &all {
            let name = &property.config.name;
            let same = all.iter().filter(|other| other.column == property.column).count();
            if property.column == KEY || property.column.is_empty() {
                self.problems.push(
                    Problem::warning(format!(
                        "the property {name:?} cannot be written: its name is the key's"
                    ))
                    .hint("rename it in Notion if it is wanted"),
                );
            } else if same > 1 {
                self.problems.push(
                    Problem::warning(format!(
                        "the property {name:?} cannot be written: {same} of them would be the column {}",
                        property.column
                    ))
                    .hint("rename all but one of them in Notion if it is wanted"),
                );
            } else {
                self.properties.push(property.clone());
            }
        }
    }

    /// The property of a column.
    pub fn property(&self, column: &str) -> Option<&Property> {
        self.properties.iter().find(|property| property.column == column)
    }

    /// As a table.
    pub fn table(&self) -> Table {
        let data = self.properties.iter().map(|p| columns::column(&p.column, &p.config.kind));
        Table {
            destination: String::new(),
            given_key: true,
            schema: String::new(),
            name: TABLE.into(),
            sql: TABLE.into(),
            columns: std::iter::once(columns::key(KEY)).chain(data).collect(),
            primary_key: vec![KEY.into()],
            foreign_keys: Vec::new(),
            referenced_by: Vec::new(),
            triggers: Vec::new(),
        }
    }

    /// What became of a column since `self` was read; `None`: nothing that matters, a new name does not.
    pub fn changed(&self, now: &Schema, column: &str) -> Option<String> {
        let before = &self.property(column)?.config;
        // A property that is not added yet has nothing to change.
        if before.id.is_empty() {
            return None;
        }
        let Some(after) = now.properties.iter().find(|p| p.config.id == before.id) else {
            return Some(format!("the property {:?} is not in the database any more", before.name));
        };
        let (was, is) = (before.kind.word(), after.config.kind.word());
        (was != is).then(|| format!("the property {:?} was {was} and is {is} now", before.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::Severity;

    fn config(name: &str, kind: &str) -> Config {
        Config { id: format!("id-{name}"), name: name.into(), kind: PropertyKind::of(kind) }
    }

    fn source(properties: &[(&str, &str)]) -> DataSource {
        DataSource {
            id: "ds".into(),
            title: "Members".into(),
            database_id: Some("db".into()),
            properties: properties.iter().map(|(name, kind)| config(name, kind)).collect(),
            in_trash: false,
        }
    }

    const SOME: &[(&str, &str)] = &[
        ("Name", "title"),
        ("E-Mail", "email"),
        ("e mail", "rich_text"),
        ("ID", "number"),
        ("Number", "unique_id"),
        ("Seen", "date"),
        ("Landfall id", "rich_text"),
    ];

    #[test]
    fn only_what_can_be_written_and_told_apart_is_a_column() {
        let schema = Schema::of(source(SOME), &ServiceSettings::new("db"));
        let names: Vec<_> = schema.table().columns.iter().map(|c| (c.name.clone(), c.not_null)).collect();
        assert_eq!(names, [("id".into(), true), ("name".into(), false), ("seen".into(), false)]);
        assert_eq!((schema.mark.as_str(), schema.missing.len()), ("id-Landfall id", 0));
        let warned: Vec<_> = schema.problems.iter().map(|p| p.severity).collect();
        assert_eq!(warned, [Severity::Warning; 3]);
    }

    #[test]
    fn what_is_missing_is_named_or_added_as_the_project_says() {
        let wanted = |add_properties| ServiceSettings {
            properties: [("Bio", "rich_text"), ("Stage", "status"), ("Seen", "email")]
                .map(|(name, kind)| (name.to_owned(), PropertyKind::of(kind)))
                .to_vec(),
            add_properties,
            ..ServiceSettings::new("db")
        };
        let shown = |schema: &Schema| -> Vec<String> {
            schema.problems.iter().map(|p| format!("{:?}: {}", p.severity, p.message)).collect()
        };
        let there = [("Name", "title"), ("Seen", "date")];
        let strict = Schema::of(source(&there), &wanted(false));
        assert_eq!(
            shown(&strict),
            [
                "Note: the property \"Landfall id\" (rich_text) is added to the database, and stays there \
                 after a rollback",
                "Error: the database has no property \"Bio\"",
                "Error: the database has no property \"Stage\"",
                "Error: the database's property \"Seen\" is date instead of email",
            ]
        );
        assert!(strict.property("bio").is_none());
        let adding = Schema::of(source(&there), &wanted(true));
        assert_eq!(shown(&adding).iter().filter(|line| line.starts_with("Error")).count(), 2);
        assert!(adding.property("bio").is_some_and(|p| p.config.id.is_empty()));
        let missing: Vec<&String> = adding.missing.keys().collect();
        assert_eq!(missing, ["Landfall id", "Bio"]);
        let taken = [("Name", "title"), ("Landfall id", "number")];
        let taken = Schema::of(source(&taken), &ServiceSettings::new("db"));
        assert_eq!((taken.problems[0].severity, taken.missing.len()), (Severity::Error, 0));
    }

    #[test]
    fn a_new_name_is_no_change_and_a_new_type_is() {
        let settings = ServiceSettings::new("db");
        let before = Schema::of(source(&[("Name", "title"), ("Mail", "email")]), &settings);
        let now = |name: &str, kind: &str| {
            let mut source = source(&[("Name", "title"), (name, kind)]);
            source.properties[1].id = "id-Mail".into();
            Schema::of(source, &settings)
        };
        for (name, kind, expected) in [
            ("Mail", "email", None),
            ("Address", "email", None),
            ("Mail", "rich_text", Some("the property \"Mail\" was email and is rich_text now")),
            ("Mail", "formula", Some("the property \"Mail\" is not in the database any more")),
        ] {
            assert_eq!(before.changed(&now(name, kind), "mail").as_deref(), expected, "{name} {kind}");
        }
    }
}
