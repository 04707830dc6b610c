//! What `cargo xtask bench` needs of the program: input, and yardsticks.

use crate::args::BenchCommand;
use crate::face::Face;
use crate::words::Failure;
use base::{Exit, Fault};
use sandbox::bench::{self, Options, Written};
use std::fs::File;
use std::io;
use std::path::Path;

/// The same data for everybody who measures.
const SEED: u64 = 1;

/// Runs the command.
pub async fn run(face: &Face, command: &BenchCommand) -> Result<Exit, Failure> {
    match command {
        BenchCommand::Export { dir, records, users, violations } => {
            let options = Options {
                users: *users,
                bad_cells: true,
                violations: *violations,
                ..Options::new(*records, SEED)
            };
            let written = export(dir, &options)
                .map_err(|e| Fault::fail(format!("cannot write an export to {}: {e}", dir.display())))?;
            let counts = serde_json::json!({
                "records": written.rows,
                "bytes": written.bytes,
                "bad_cells": written.bad_cells(),
                "unknown_status": written.unknown_status,
                "repeats": written.repeats,
            });
            face.data(counts.to_string());
        }
        BenchCommand::Bare => {
            let said = |address: &str| face.data(serde_json::json!({ "address": address }).to_string());
            sandbox::bare::serve(said).await.map_err(|e| Fault::fail(e.to_string()))?;
        }
        BenchCommand::Hash { count } => {
            for i in 0..*count {
                std::hint::black_box(engine::passwords::hash(&format!("correct horse {i}"))?);
            }
        }
    }
    Ok(Exit::Done)
}

/// Writes `users.csv` and `bookings.csv`, without a manifest.
fn export(dir: &Path, options: &Options) -> io::Result<Written> {
    std::fs::create_dir_all(dir)?;
    bench::users_csv(options.users, &mut File::create(dir.join("users.csv"))?)?;
    bench::bookings_csv_with(options, &mut File::create(dir.join("bookings.csv"))?)
}
