//! The connector against a small Bubble that does what the real one is known to do.

mod drift;
mod failures;
mod fuzz;
mod paging;
mod rig;
mod stub;
mod surface;
