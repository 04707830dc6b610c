//! GraphQL: texts are read and checked against the schema, priced, and executed.
//!
//! Parsing, validation and the algorithm of execution are `apollo-compiler`'s. A small experiment with the
//! same schema decided against `async-graphql`: there the SDL cannot be given as it is but follows from
//! types or builder calls, complexity rules belong to its own attributes, its words for a wrong query are
//! its own, and it took 88 CPU seconds to compile against 52. `apollo-compiler` takes our SDL files as they
//! are, has the words of graphql-js, and leaves resolving to us.

mod args;
mod cost;
mod document;
mod engine;
mod page;
mod schema;
mod variables;

pub(crate) use args::Args;
pub(crate) use document::Request;
pub(crate) use engine::{Context, Done, Node, Reply, Trick};
pub(crate) use page::{PageRequest, SortKey, limit};
pub(crate) use schema::{Schemas, root_fields};
