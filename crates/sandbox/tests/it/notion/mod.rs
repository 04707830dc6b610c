//! The stand-in of Notion from outside.

mod blocks;
mod databases;
mod faults;
mod hands;
mod limits;
mod pages;
mod protocol;
mod queries;
mod scenario;
mod seed;
mod support;
mod values;
