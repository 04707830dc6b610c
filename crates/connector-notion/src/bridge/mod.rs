//! What the bridge needs of Notion: one page for each member ([`NotionPages`]).
//!
//! The trait is the crate `bridge`'s, which is written `::bridge` here.

mod columns;
mod pages;
mod settings;

pub use pages::NotionPages;
pub use settings::{Field, PagesSettings};
