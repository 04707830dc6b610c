//! A folder of files as a source, from outside.

mod support;
mod walk;
mod wrong;
