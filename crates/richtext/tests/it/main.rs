//! Rich text, case by case, and whatever else may come.

mod bodies;
mod fuzz;
