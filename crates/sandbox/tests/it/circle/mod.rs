//! The stand-in of Circle from outside.

mod data;
mod drift;
mod errors;
mod faults;
mod files;
mod headless;
mod limits;
mod lists;
mod records;
mod scenario;
mod support;

pub use support::circle;
