//! The bridge's reading, seen from outside.

mod fuzz;
