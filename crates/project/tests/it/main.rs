//! What people write into a project file, and what they are told about it.

mod envfile;
mod environment;
mod examples;
mod fuzz;
mod model;
mod mutations;
mod problems;
mod schema;
mod serve;
mod support;
