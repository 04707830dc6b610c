//! The server over a store in memory, asked through real HTTP on loopback.

mod actions;
mod console;
mod fuzz;
mod health;
mod reception;
mod rig;
mod stopping;
mod stores;
mod town;
mod webhooks;
mod working;
