//! The program end to end: a stand-in Bubble, a real PostgreSQL, and the commands as people type them.

mod asking;
mod commands;
mod demo;
mod embedded;
mod fates;
mod faults;
mod full_disk;
mod kinds;
mod moves;
mod options;
mod place;
mod planted;
mod report_again;
mod rollback;
mod signals;
mod small;
mod wrong_use;
