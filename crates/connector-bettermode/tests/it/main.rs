//! The connector against small BetterModes that do what the real one is known, or supposed, to do.

mod budget;
mod calls;
mod chats;
mod commands;
mod community;
mod destination;
mod fuzz;
mod images;
mod queries;
mod replies;
mod rig;
mod sender;
mod service;
mod source;
mod standin;
mod stub;
mod tokens;
mod transport;
mod traps;
mod webhook;
mod world;
