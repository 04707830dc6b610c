//! Runs undone: by the command, by the file, and what is left afterwards.

mod bed;
mod cases;
mod refused;
mod resumed;
mod rules;

pub use bed::{Bed, Load, command, file, shown};
