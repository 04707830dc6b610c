//! `landfall rollback`: undo exactly what a run did.

use crate::args::{Global, Rollback as Args};
use crate::face::Face;
use crate::words::Failure;
use base::{Exit, Fault};

/// Runs the command.
pub async fn run(_: &Face, _: &Global, _: &Args) -> Result<Exit, Failure> {
    Err(Fault::bug("rollback").into())
}
