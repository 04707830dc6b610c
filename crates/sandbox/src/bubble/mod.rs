//! Bubble's Data API.
//!
//! What the vendor's manual, its Swagger sample and tests of clients agree on is done as they say. Where
//! they are silent or disagree, a scenario switches between the readings, and the stricter one is the
//! default: ids cannot be compared, a constraint takes only the spelling of a key that records show, a value
//! that does not fit its field is 400, a second value for a parameter is 400, a page that reaches the wall
//! ends there, and empty values are sorted last.

mod answer;
mod app;
mod constraint;
mod drift;
mod faults;
mod files;
mod list;
mod meta;
mod page;
mod query;
pub(crate) mod running;
mod search;
mod value;
mod visitor;
