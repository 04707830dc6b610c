//! The keys of the project file, as one table: the checker, the JSON Schema and the reference all read it.

mod connectors;
mod kind;
mod serve;
mod table;

pub use connectors::CONNECTORS;
pub(crate) use kind::listed;
pub use kind::{Key, Kind, Variant};
pub use serve::{DEEDS, SENDERS, Variants};
pub(crate) use serve::{RULE, SERVE, WEBHOOK};
pub(crate) use table::{CHECK, CONNECTOR, ENTITY, LEDGER, MOVE, OPTION, PROJECT};
pub use table::{ConnectorKind, OWN_OPTIONS, RESERVED_STEPS, Role, SECTIONS, Section, Shape};
