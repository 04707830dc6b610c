//! The connector against small Notions that do what the real one is known, or supposed, to do.

mod body;
mod client;
mod fuzz;
mod pages;
mod query;
mod rig;
mod service;
mod stub;
mod traps;
mod world;
