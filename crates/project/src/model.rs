//! The checked form: what the rest of the program may rely on.

mod serve;

pub use serve::{Deed, RowConfig, RuleConfig, ServeConfig, SystemRef, WebhookConfig};

use crate::environment::Origin;
use crate::expr::Expr;
use crate::spanned::{Span, Spanned};
use base::template::Hole;
use base::{Secret, Template};
use jiff::SignedDuration;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// A project without a problem that stops it.
#[derive(Debug, Clone, PartialEq)]
pub struct Project {
    /// `[project] name`.
    pub name: Spanned<String>,
    /// `[project] namespace`, when the file sets one; see [`Project::namespace`].
    pub namespace: Option<Uuid>,
    /// The folder of the file; paths of the file are relative to it. Empty when the text came from no folder.
    pub root: PathBuf,
    /// The sources, in the file's order.
    pub sources: Vec<SourceConfig>,
    /// The destinations, in the file's order.
    pub destinations: Vec<DestinationConfig>,
    /// `[move]`.
    pub move_: MoveConfig,
    /// The entities, in the file's order.
    pub entities: Vec<EntityConfig>,
    /// Entities without fields: their records were moved by other means, and references find them by
    /// `id_map_from`.
    pub elsewhere: Vec<EntityConfig>,
    /// The checks, in the file's order.
    pub checks: Vec<CheckConfig>,
    /// What `landfall serve` does.
    pub serve: ServeConfig,
    /// The command-line options that the project adds.
    pub options: Vec<OptionConfig>,
    /// The destination whose database holds the record of the runs; `None`: the one in `.landfall/`.
    pub ledger_destination: Option<String>,
}

impl Project {
    /// The namespace of the ids of moved records: the file's, else derived from the name.
    pub fn namespace(&self) -> Uuid {
        self.namespace.unwrap_or_else(|| base::ids::project_namespace(&self.name))
    }
    /// A path of the file, from where the program can open it.
    pub fn path(&self, path: &Path) -> PathBuf {
        // Taken apart and put together again, because `./` in the middle of a path helps nobody.
        self.root.join(path).components().collect()
    }
    /// A source by name; the only one is called `""` when it has none.
    pub fn source(&self, name: &str) -> Option<&SourceConfig> {
        self.sources.iter().find(|s| s.name == name)
    }
    /// A destination by name; the only one is called `""` when it has none.
    pub fn destination(&self, name: &str) -> Option<&DestinationConfig> {
        self.destinations.iter().find(|d| d.name == name)
    }
    /// An entity by name.
    pub fn entity(&self, name: &str) -> Option<&EntityConfig> {
        self.entities.iter().find(|e| e.name == name)
    }
    /// The steps of a move: `export`, those of the entities in the file's order, `verify`.
    pub fn steps(&self) -> Vec<&str> {
        let mut steps = vec!["export"];
        for entity in &self.entities {
            if !steps.contains(&entity.step()) {
                steps.push(entity.step());
            }
        }
        steps.push("verify");
        steps
    }
}

/// `[source]` or `[source.NAME]`.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceConfig {
    /// Its name; `""` for `[source]`.
    pub name: String,
    /// The connector: one of [`crate::keys::CONNECTORS`].
    pub connector: String,
    /// Where the service is; `None`: this connector has none, or its variable is not set
    /// ([`crate::UnsetVariable`]).
    pub url: Option<Spanned<String>>,
    /// The key that the service wants; `None` as above, or none is given.
    pub api_key: Option<Secret>,
    /// The folder of a file connector, as in the file.
    pub path: Option<Spanned<PathBuf>>,
    /// The zone of date-times that name none: a name of the IANA database that is known here.
    pub time_zone: Option<Spanned<String>>,
    /// What an empty field of a CSV file without manifest means.
    pub csv_empty: CsvEmpty,
    /// Requests under way at once; `None`: the connector decides.
    pub connections: Option<usize>,
    /// Requests a minute at most.
    pub requests_per_minute: Option<u32>,
    /// Keys of this connector that have no place above.
    pub settings: BTreeMap<String, Spanned<Setting>>,
    /// The section's head.
    pub span: Span,
}

/// What an empty field of a CSV file without manifest means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CsvEmpty {
    /// NULL.
    Null,
    /// The empty string.
    Text,
}

/// `[destination]` or `[destination.NAME]`.
#[derive(Debug, Clone, PartialEq)]
pub struct DestinationConfig {
    /// Its name; `""` for `[destination]`.
    pub name: String,
    /// The connector: one of [`crate::keys::CONNECTORS`].
    pub connector: String,
    /// Where it is; `None`: its variable is not set ([`crate::UnsetVariable`]).
    pub url: Option<DestinationUrl>,
    /// Where the address stands in the file.
    pub url_span: Span,
    /// SQL that makes the tables, a path as in the file.
    pub schema: Option<Spanned<PathBuf>>,
    /// Keys of this connector that have no place above.
    pub settings: BTreeMap<String, Spanned<Setting>>,
    /// The section's head.
    pub span: Span,
}

/// Where a destination is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DestinationUrl {
    /// PostgreSQL inside the program, its data in `.landfall/`.
    Embedded,
    /// An address, which may hold a password; a driver in its scheme is dropped.
    Address(Secret),
}

/// `[move]`.
#[derive(Debug, Clone, PartialEq)]
pub struct MoveConfig {
    /// The folder of the export, as in the file.
    pub export_dir: PathBuf,
    /// The folder of the reports, as in the file.
    pub report_dir: PathBuf,
    /// Records per page, and the smallest step of a checkpoint.
    pub batch_size: usize,
    /// Connections that load at once.
    pub connections: usize,
    /// Records in one commit at most; not less than `batch_size`.
    pub load_rows_max: usize,
    /// Records of each entity that are moved at most.
    pub max_records: Option<u64>,
    /// How many rejects stop a run.
    pub max_rejects: Option<MaxRejects>,
    /// Whether passwords that are loaded already are loaded again.
    pub update_passwords: bool,
    /// Differences that verify names per entity.
    pub differences_max: usize,
    /// Whether reports show values.
    pub report_values: ReportValues,
}

/// How many rejects of an entity stop a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MaxRejects {
    /// More than so many records.
    Count(u64),
    /// More than this share of the records read so far, 0 to 1.
    Share(f64),
}

/// Whether reports show values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportValues {
    /// As they are.
    Plain,
    /// Masked.
    Masked,
}

/// `[entity.NAME]`.
#[derive(Debug, Clone, PartialEq)]
pub struct EntityConfig {
    /// Its name: lower-case letters, digits and `_`; names its files.
    pub name: String,
    /// The step that moves it, when the file says so; see [`EntityConfig::step`].
    pub step: Option<Spanned<String>>,
    /// Where its records come from.
    pub from: Spanned<StreamRef>,
    /// Where its rows go.
    pub into: Spanned<TableRef>,
    /// The field that identifies a record, normalised.
    pub key: Spanned<String>,
    /// What happens to a row that is there already.
    pub mode: Mode,
    /// Adopts the row that the destination has for this value.
    pub match_: Option<Expr>,
    /// Which records are moved.
    pub where_: Option<Expr>,
    /// Records that are moved at most; see also [`MoveConfig::max_records`].
    pub max_records: Option<u64>,
    /// The field that says which of two records is newer, normalised.
    pub version: Option<Spanned<String>>,
    /// Fields that nobody needs, normalised.
    pub ignore: Vec<Spanned<String>>,
    /// Whether a field that is neither mapped nor ignored is an error.
    pub strict_fields: bool,
    /// The file in the export folder that gets the ids: a plain name that ends in `.json`.
    pub id_map: Option<Spanned<String>>,
    /// A file of ids of records that were moved by other means, a path as in the file.
    pub id_map_from: Option<Spanned<PathBuf>>,
    /// Columns and their expressions, in the file's order; at least one, except of records moved by other
    /// means.
    pub fields: Vec<(Spanned<String>, Expr)>,
    /// The section's head.
    pub span: Span,
}

impl EntityConfig {
    /// The step that moves it; without one in the file it is called like the entity.
    pub fn step(&self) -> &str {
        self.step.as_ref().map_or(&self.name, |step| &step.value)
    }
}

/// A stream of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamRef {
    /// The source's name; `""`: the only one, which has none.
    pub source: String,
    /// The stream.
    pub stream: String,
}

/// A table of a destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableRef {
    /// The destination's name; `""`: the only one, which has none.
    pub destination: String,
    /// PostgreSQL's schema.
    pub schema: Option<String>,
    /// The table.
    pub table: String,
}

/// What happens to a record whose row is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Other content is a reject.
    Insert,
    /// Other content is written.
    Update,
    /// It is skipped.
    Skip,
}

/// `[[check]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckConfig {
    /// What must be true, unique in the file.
    pub name: Spanned<String>,
    /// Whether a failure changes the exit status.
    pub level: Level,
    /// The query that must return no rows.
    pub sql: Expr,
    /// The section's head.
    pub span: Span,
}

/// Whether a failed check changes the exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// It is a finding.
    Warn,
    /// It does.
    Error,
}

/// `[option.NAME]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionConfig {
    /// The option without its dashes.
    pub name: String,
    /// The setting that it sets: `source.api_key`.
    pub sets: Spanned<String>,
    /// The environment variable that sets it when the option is not given.
    pub env: Option<String>,
    /// What the help says.
    pub help: String,
    /// Whether the setting is a secret: others on the machine can see an option's value.
    pub secret: bool,
    /// Where its value came from this time; `None`: nobody gave one.
    pub given: Option<Origin>,
    /// The section's head.
    pub span: Span,
}

/// A value of a connector's own key.
#[derive(Debug, Clone, PartialEq)]
pub enum Setting {
    /// Text, a path, a word, an address.
    Text(String),
    /// A secret.
    Secret(Secret),
    /// A whole number.
    Integer(i64),
    /// True or false.
    Boolean(bool),
    /// Names of fields.
    Fields(Vec<Spanned<String>>),
    /// SQL.
    Sql(Expr),
    /// Columns with their SQL.
    Columns(Vec<(Spanned<String>, Expr)>),
    /// Columns with a word each.
    Choices(Vec<(Spanned<String>, String)>),
    /// A UUID.
    Uuid(Uuid),
    /// How many rejects are too many.
    Rejects(MaxRejects),
    /// A destination's address.
    Url(DestinationUrl),
    /// A length of time.
    Duration(SignedDuration),
    /// A text with holes.
    Template(Template),
    /// Columns with their texts with holes.
    Templates(Vec<(Spanned<String>, Spanned<Template>)>),
    /// What an event must tell.
    Conditions(Vec<(Spanned<Hole>, Spanned<String>)>),
    /// Several values of one kind.
    List(Vec<Spanned<Setting>>),
}
