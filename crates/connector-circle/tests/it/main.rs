//! The connector against a small Circle that does what the real one is known to do; bodies, case by case.

mod budget;
mod drift;
mod failures;
mod fuzz;
mod pages;
mod parents;
mod rig;
mod stub;
mod surface;
