//! What the service holds, as it shows it.

mod database;
mod page;
mod property;

pub use database::{DataSource, DataSourceName, Database, User};
pub use page::{Page, Property, same_id};
pub use property::{Config, PropertyKind, plain_id};
