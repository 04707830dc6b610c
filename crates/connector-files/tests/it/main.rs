//! A folder of files as a source, from outside.

mod fuzz;
mod support;
mod walk;
mod wrong;
