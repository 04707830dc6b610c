//! The stores: members and budgets over a real Redis, within the process, and over one that comes and goes;
//! collections over a strict double of MongoDB, or the server that `cargo xtask test-mongo` brings.

mod bed;
mod cache;
mod collections;
mod double;
mod limits;
mod mongo_faults;
mod outage;
