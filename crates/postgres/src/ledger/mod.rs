//! The ledger in PostgreSQL: schema `landfall` of the destination's own database.

mod effects;
mod lease;
mod rows;
mod store;

pub(crate) use lease::{LOCK_CLASS, check_sql as lease_check, lost as lease_lost};
pub use store::{PgLedger, SignOfLife};
pub(crate) use store::{counts_json, insert_rejects};

/// The ledger's tables, for the role that moves or for an owner to run.
pub const SCHEMA_SQL: &str = include_str!("schema.sql");

/// What the role needs when an owner has run [`SCHEMA_SQL`].
pub fn grants_sql(role: &str) -> String {
    let role = crate::catalogue::quote(role);
    format!(
        "GRANT USAGE ON SCHEMA landfall TO {role};\n\
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA landfall TO {role};\n\
         GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA landfall TO {role};\n"
    )
}
