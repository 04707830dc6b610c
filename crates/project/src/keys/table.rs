//! The sections and their keys.

use super::kind::{Key, Kind};
use super::serve::{RULE, SERVE, VARIANTS, Variants, WEBHOOK};

/// A section of the file.
#[derive(Debug, Clone, Copy)]
pub struct Section {
    /// The key at the top of the file; with a dot, the key within another section.
    pub name: &'static str,
    /// How it is written.
    pub shape: Shape,
    /// What it is for.
    pub doc: &'static str,
    /// Its keys; of `source` and `destination` those that every connector has.
    pub keys: &'static [Key],
}

impl Section {
    /// What one of its keys decides about the others; `None`: nothing.
    pub fn variants(&self) -> Option<&'static Variants> {
        VARIANTS.iter().find(|variants| variants.section == self.name)
    }
}

/// How a section is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// `[name]`.
    One,
    /// `[name.NAME]`, any number.
    Named,
    /// `[[name]]`, any number.
    List,
    /// `[name]` for one system, `[name.NAME]` for several.
    System(Role),
}

/// What a connector can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Records come from it.
    Source,
    /// Rows go to it.
    Destination,
}

impl Role {
    /// The word in the file.
    pub fn word(self) -> &'static str {
        match self {
            Role::Source => "source",
            Role::Destination => "destination",
        }
    }
}

/// A connector, and the keys that it adds to its section. A new connector is one more entry of
/// [`CONNECTORS`].
#[derive(Debug, Clone, Copy)]
pub struct ConnectorKind {
    /// What `connector` says.
    pub name: &'static str,
    /// What it can be.
    pub role: Role,
    /// What it is.
    pub doc: &'static str,
    /// Its keys.
    pub keys: &'static [Key],
}

/// Every option of the commands that read a project: a project cannot declare one of these again.
pub const OWN_OPTIONS: &[&str] = &[
    "accept-export",
    "all",
    "batch-size",
    "by-content",
    "cluster",
    "color",
    "connections",
    "directory",
    "dry-run",
    "force",
    "forget",
    "fresh",
    "help",
    "json",
    "limit",
    "live",
    "max-records",
    "quiet",
    "replay",
    "sample",
    "seed",
    "skip-export",
    "step",
    "verbose",
    "version",
    "what-if",
    "write",
    "yes",
];

/// Steps that every project has; no entity's step can be called so.
pub const RESERVED_STEPS: &[&str] = &["export", "verify"];

/// `[source]` and `[destination]` of every connector.
pub(crate) const CONNECTOR: Key =
    Key::new("connector", Kind::Text, "What kind of system it is; decides which other keys there are.")
        .required();

pub(crate) const PROJECT: &[Key] = &[
    Key::new(
        "name",
        Kind::Text,
        "The project's name; the ids of moved records are derived from it, so it cannot change after the \
         first \
         run.",
    )
    .required(),
    Key::new(
        "namespace",
        Kind::Uuid,
        "The namespace of the ids of moved records. Without it, it is derived from the name.",
    ),
];

pub(crate) const MOVE: &[Key] = &[
    Key::new("export_dir", Kind::Path, "The folder of the export: CSV files, manifest, id maps.")
        .or("./migration_data"),
    Key::new("report_dir", Kind::Path, "The folder of the reports.").or("./migration_reports"),
    Key::new(
        "batch_size",
        Kind::Integer(1, 65_536),
        "Records per page asked of the source, and the smallest step of a checkpoint.",
    )
    .or("100"),
    Key::new("connections", Kind::Integer(1, 64), "Connections to the destination that load at once.")
        .or("1"),
    Key::new(
        "load_rows_max",
        Kind::Integer(1, 1_048_576),
        "Records in one commit at most; never less than `batch_size`.",
    )
    .or("65536"),
    Key::new(
        "max_records",
        Kind::Integer(0, i64::MAX),
        "Of each entity only the first so many records, in export order, are moved. Without it all are.",
    ),
    Key::new(
        "max_rejects",
        Kind::Rejects,
        "Stops the run before the next commit when more of an entity's records than that are rejected; \
         judged \
         from 1,000 records on and at the entity's end. Without it there is no limit.",
    ),
    Key::new(
        "update_passwords",
        Kind::Boolean,
        "Whether a later run hashes and loads passwords again that were loaded before; people may have \
         changed \
         theirs.",
    )
    .or("false"),
    Key::new(
        "differences_max",
        Kind::Integer(0, 10_000_000),
        "Differences that verify names per entity; all are counted.",
    )
    .or("10000"),
    Key::new(
        "report_values",
        Kind::Choice(&["plain", "masked"]),
        "Whether the errors file and the samples of the report show values, or mask them.",
    )
    .or("plain"),
];

pub(crate) const LEDGER: &[Key] = &[Key::new(
    "destination",
    Kind::Text,
    "The destination whose database holds the record of the runs. Without it: the only PostgreSQL \
     destination, \
     else the database inside the program.",
)
.required()];

pub(crate) const ENTITY: &[Key] = &[
    Key::new(
        "step",
        Kind::Text,
        "The step that moves it, for `landfall move --step`; several entities may share one. Without it the \
         entity's name.",
    ),
    Key::new(
        "from",
        Kind::Text,
        "The source's stream; with several sources `SOURCE.STREAM`. Without it the entity's name.",
    ),
    Key::new(
        "into",
        Kind::Text,
        "The destination's table, `SCHEMA.TABLE` or `TABLE`; with several destinations `DESTINATION.TABLE`. \
         Without it the entity's name.",
    ),
    Key::new("key", Kind::Field, "The field of the source that identifies a record.").required(),
    Key::new(
        "mode",
        Kind::Choice(&["insert", "update", "skip"]),
        "What happens to a record whose row is there already with other content: it is a reject, the row is \
         updated, or the record is skipped.",
    )
    .or("insert"),
    Key::new(
        "match",
        Kind::Sql,
        "Adopts the row that the destination already has for this value under another id, such as \
         `lower(email)`.",
    ),
    Key::new("where", Kind::Sql, "Which records are moved; false skips one, NULL rejects it."),
    Key::new(
        "max_records",
        Kind::Integer(0, i64::MAX),
        "Only the first so many records, in export order, are moved. Without it all are.",
    ),
    Key::new(
        "version",
        Kind::Field,
        "The field that says which of two records with one key is newer; the older is skipped.",
    ),
    Key::new("ignore", Kind::Fields, "Fields of the source that nobody needs; they are not exported."),
    Key::new(
        "strict_fields",
        Kind::Boolean,
        "Whether a field that is neither mapped nor ignored is an error instead of a warning.",
    )
    .or("false"),
    Key::new(
        "id_map",
        Kind::FileName,
        "A file in the export folder that gets source id and destination id of every record that arrived.",
    ),
    Key::new(
        "id_map_from",
        Kind::Path,
        "A file of ids of records that were moved by other means; references find them, and they are not \
         moved again. An entity whose records are all among them needs no `fields`.",
    ),
    Key::new(
        "fields",
        Kind::Columns,
        "Each column of the table, and the SQL over the source's fields that fills it.",
    ),
];

pub(crate) const CHECK: &[Key] = &[
    Key::new("name", Kind::Text, "What must be true, as a sentence.").required(),
    Key::new(
        "level",
        Kind::Choice(&["error", "warn"]),
        "Whether rows that the query returns change the exit status.",
    )
    .or("error"),
    Key::new(
        "sql",
        Kind::Sql,
        "A query over `source.ENTITY`, `mapped.ENTITY`, `dest.TABLE` and `ledger.TABLE` that must return no \
         rows.",
    )
    .required(),
];

pub(crate) const OPTION: &[Key] = &[
    Key::new("sets", Kind::Text, "The setting that it sets, such as `source.api_key` or `move.batch_size`.")
        .required(),
    Key::new("env", Kind::Variable, "The environment variable that sets it when the option is not given."),
    Key::new("help", Kind::Text, "What `landfall move --help` says. Without it what the setting is for."),
];

/// The sections, in the order in which people write them.
pub static SECTIONS: &[Section] = &[
    Section { name: "project", shape: Shape::One, doc: "The project.", keys: PROJECT },
    Section {
        name: "source",
        shape: Shape::System(Role::Source),
        doc: "Where records come from: one as `[source]`, several as `[source.NAME]`.",
        keys: &[CONNECTOR],
    },
    Section {
        name: "destination",
        shape: Shape::System(Role::Destination),
        doc: "Where rows go: one as `[destination]`, several as `[destination.NAME]`.",
        keys: &[CONNECTOR],
    },
    Section { name: "move", shape: Shape::One, doc: "How a run goes.", keys: MOVE },
    Section { name: "ledger", shape: Shape::One, doc: "Where the record of the runs is kept.", keys: LEDGER },
    Section {
        name: "entity",
        shape: Shape::Named,
        doc: "A thing that the project moves, with its mapping. NAME is lower-case letters, digits and `_`.",
        keys: ENTITY,
    },
    Section { name: "check", shape: Shape::List, doc: "A query that must return no rows.", keys: CHECK },
    Section {
        name: "option",
        shape: Shape::Named,
        doc: "A command-line option of `landfall move` that this project adds. NAME is lower-case letters, \
              digits and `-`.",
        keys: OPTION,
    },
    Section { name: "serve", shape: Shape::One, doc: "How `landfall serve` goes.", keys: SERVE },
    Section {
        name: "serve.webhooks",
        shape: Shape::Named,
        doc: "Somebody who tells of events, at `/webhooks/NAME`. NAME is lower-case letters, digits and `_`.",
        keys: WEBHOOK,
    },
    Section {
        name: "rule",
        shape: Shape::List,
        doc: "What an event causes. In texts `{name}` is what the event tells, `{body.path.to}` what stands \
              in its body, `{{` and `}}` are braces. What it does not tell leaves a column out; another \
              action is not done, and shows as a dead letter.",
        keys: RULE,
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use base::limits;

    #[test]
    fn documented_defaults_are_those_of_the_program() {
        for (name, expected) in [
            ("batch_size", limits::BATCH_SIZE.to_string()),
            ("load_rows_max", limits::LOAD_ROWS_MAX.to_string()),
            ("differences_max", limits::DIFFERENCES_MAX.to_string()),
        ] {
            let key = MOVE.iter().find(|k| k.name == name).expect("a key of [move]");
            assert_eq!(key.default, Some(expected.as_str()), "{name}");
        }
    }

    #[test]
    fn no_key_stands_twice_in_a_section() {
        let sections = SECTIONS.iter().map(|s| s.keys.to_vec());
        let connectors = super::super::CONNECTORS.iter().map(|c| c.keys.to_vec());
        let variants = SECTIONS.iter().filter_map(|s| Some((s.keys, s.variants()?)));
        let variants = variants.flat_map(|(common, v)| v.list.iter().map(move |v| [common, v.keys].concat()));
        for keys in sections.chain(connectors).chain(variants) {
            let mut names: Vec<&str> = keys.iter().map(|k| k.name).collect();
            names.sort_unstable();
            let count = names.len();
            names.dedup();
            assert_eq!(names.len(), count, "{names:?}");
        }
    }
}
