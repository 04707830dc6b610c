//! The program end to end: a stand-in Bubble, a real PostgreSQL, and the commands as people type them.

mod asking;
mod bridge;
mod circles;
mod commands;
mod community;
mod demo;
mod embedded;
mod fates;
mod faults;
mod full_disk;
mod kinds;
mod moved_before;
mod moves;
mod options;
mod place;
mod plans;
mod planted;
mod replay;
mod report_again;
mod rollback;
mod signals;
mod small;
mod writers;
mod wrong_use;
