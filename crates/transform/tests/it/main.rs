//! What mappings make of values: every function and every rule of conversion, as cases in `tests/slt`.

mod case;
mod examples;
mod outcome;
mod slt;
mod types;
