//! Reports of every kind, read as their readers do.

mod browser;
mod counts;
mod csv;
mod files;
mod machine;
mod page;
mod sample;
mod style;
mod summary;
