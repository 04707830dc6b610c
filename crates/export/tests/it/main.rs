//! The export on disk, from outside.

mod faults;
mod finish;
mod full_disk;
mod fuzz;
mod kill;
mod manifest;
mod mutated;
mod reader;
mod round_trip;
mod support;
