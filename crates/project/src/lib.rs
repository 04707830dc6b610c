//! `landfall.toml`: from its text to a checked form, with all problems and their places.
//!
//! The core is pure: the text, the variables and what the command line gave come in as parameters, and
//! [`read`] says what they mean together. Only `load.rs` touches the disk. One table of keys ([`keys`])
//! serves the checker, the JSON Schema and the reference.
//!
//! What the checker decides where the file is silent: an entity's `from`, `into` and `step` are its name; the
//! prefix of a source or destination may be left out while there is only one; a variable that is set to
//! nothing counts as not set; a value that variables make empty counts as not given; the namespace is derived
//! from the project's name; the ledger is in the only PostgreSQL destination, else in the one inside the
//! program; the community and the pages of `landfall serve` are the only system of their connector.

mod address;
mod check;
mod dotenv;
pub mod envfile;
mod environment;
mod expr;
pub mod keys;
mod load;
mod mask;
mod model;
mod overrides;
mod reference;
mod schema;
mod setting;
mod spanned;
mod template;
mod unset;
mod wire;

pub use check::{Reading, options_of, parse, read};
pub use dotenv::DotenvProblem;
pub use environment::{Environment, Origin};
pub use expr::Expr;
pub use load::{DOTENV_NAME, FILE_NAME, LoadError, Loaded, find, load};
pub use model::{
    CheckConfig, CsvEmpty, Deed, DestinationConfig, DestinationUrl, EntityConfig, Level, MaxRejects, Mode,
    MoveConfig, OptionConfig, Project, ReportValues, RowConfig, RuleConfig, ServeConfig, Setting,
    SourceConfig, StreamRef, SystemRef, TableRef, WebhookConfig,
};
pub use overrides::Overrides;
pub use reference::reference_markdown;
pub use schema::schema;
pub use spanned::{Span, Spanned};
pub use unset::{Needs, UnsetVariable};
