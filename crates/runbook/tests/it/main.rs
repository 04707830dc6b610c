//! Tests of runbooks: documents in, forms and problems out; passes that are killed at every step; real
//! processes.

mod conduct;
mod examples;
mod file;
mod fuzz;
mod kill;
mod parse;
mod process;
mod support;
mod whole;
