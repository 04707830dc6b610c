//! What a run will do, as data: mappings, keys, the order of entities. No I/O.

pub mod mapping;
pub mod order;

pub use mapping::{ColumnMapping, Key, KeyKind, Mapping, Origin};
pub use order::{Step, order};
