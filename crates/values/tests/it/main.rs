//! Cells against a real PostgreSQL, and against noise.

mod cases;
mod cases_composed;
mod cases_times;
mod fuzz;
mod noise;
mod random;
mod refused;
mod server;
mod tables;
