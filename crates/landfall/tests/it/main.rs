//! The program end to end: a stand-in Bubble, a real PostgreSQL, and the commands as people type them.

mod circles;
mod demo;
mod faults;
mod moved_before;
mod moves;
mod place;
mod plans;
mod planted;
mod replay;
mod rollback;
mod small;
mod writers;
mod wrong_use;
