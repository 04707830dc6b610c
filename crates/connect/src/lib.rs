//! What every connector fulfils: the ports between the run loop and the outside.
//!
//! [`source`] is where records come from, [`destination`] where rows go to. The run loop knows these traits
//! and no driver; a connector knows its service and no run loop. [`json`] is how records that come as JSON
//! become text.

pub mod destination;
pub mod json;
pub mod service;
pub mod settle;
pub mod source;
pub mod undo;

pub use source::{
    Checkpoint, Completeness, FieldInfo, LeftBehind, Page, Record, Sink, Source, SourceInfo, Stream,
    Unreadable,
};
