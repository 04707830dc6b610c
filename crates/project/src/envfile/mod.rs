//! A `.env` file as a thing to look at and to change: from a community on Circle to one on BetterMode, and
//! what is missing, obsolete or unsafe in it. Pure: texts and facts in, texts and findings out.
//!
//! No value goes into a change or a finding; only [`Migrated::text`] holds values.

mod check;
mod migrate;
mod names;

pub use crate::mask::looks_secret;
pub use check::{EnvFinding, FileFacts, check};
pub use migrate::{Change, Migrated, backup_name, migrate};
