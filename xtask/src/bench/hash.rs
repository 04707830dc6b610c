//! Passwords: hashed during an export on all cores, against as many single-threaded processes as there are
//! cores.

use super::Bench;
use super::cost::Cost;
use super::lines::{Bar, Line, Unit};
use super::program::{Place, Program, Project};
use super::server::Server;
use super::table::Found;
use crate::doors::say;
use crate::failure::Failure;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Instant;

/// Passwords per core: some seconds of work.
const EACH: usize = 50;

/// All rounds.
pub fn run(bench: &Bench<'_>) -> Result<Found, Failure> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let (server, project) =
        (Server::start()?, Project::copy(bench.repository, &bench.program, "hash", &bench.work)?);
    server.create("hash")?;
    let source = bench.work.join("passwords");
    std::fs::create_dir_all(&source).map_err(Failure::failed)?;
    std::fs::write(source.join("users.csv"), users(cores * EACH)).map_err(Failure::failed)?;
    let (alone, together) = (format!("{cores} processes, {EACH} passwords each"), "export with passwords");
    let (mut found, mut ratios) = (Found::default(), Vec::new());
    for number in 1..=bench.options.rounds {
        say(format_args!("round {number} of {}: hash", bench.options.rounds));
        let yardstick = processes(&bench.program, cores)?;
        let export = bench.work.join("hashed");
        if export.exists() {
            // Hashes of an earlier export would be taken again.
            std::fs::remove_dir_all(&export).map_err(Failure::failed)?;
        }
        let path = source.display().to_string();
        let variables = vec![("BENCH_SOURCE", path.as_str())];
        let place = Place { export: &export, database: server.url("hash"), server: None, variables };
        let cost = project.run(&["move", "--step", "export"], &place)?.cost;
        hashed(&export, cores * EACH)?;
        ratios.push(yardstick.wall.as_secs_f64() / cost.wall.as_secs_f64());
        found.spent(&alone, yardstick);
        found.spent(together, cost);
    }
    let what = format!("rate of hashing ÷ {cores} single-threaded processes");
    found.lines.push(Line::new(what, Unit::Ratio, Bar::AtLeast(0.95), ratios));
    Ok(found)
}

/// From the start of the first process to the end of the last.
fn processes(program: &Program, cores: usize) -> Result<Cost, Failure> {
    let began = Instant::now();
    let start = |_| {
        let mut command = program.command(&["internal-bench", "hash", &EACH.to_string()]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().map_err(Failure::failed)
    };
    let children: Vec<Child> = (0..cores).map(start).collect::<Result<_, _>>()?;
    for mut child in children {
        let status = child.wait().map_err(Failure::failed)?;
        if let Some(failure) = Failure::of(status) {
            return Err(Failure::failed(format_args!("a process that hashes ended with {}", failure.code())));
        }
    }
    Ok(Cost { wall: began.elapsed(), ..Cost::default() })
}

/// Users with passwords in plain text.
fn users(count: usize) -> String {
    let mut text = String::from("_id,email,password\n");
    for i in 0..count {
        let _ = writeln!(text, "user{i:06},user{i}@example.org,correct horse {i}");
    }
    text
}

/// Whether every user of the export has a hash, and a different one.
fn hashed(export: &Path, users: usize) -> Result<(), Failure> {
    let text = std::fs::read_to_string(export.join("users.csv")).map_err(Failure::failed)?;
    let hashes: std::collections::BTreeSet<&str> = text
        .split([',', '\n'])
        .map(|cell| cell.trim_matches('"'))
        .filter(|c| c.starts_with("$2b$12$"))
        .collect();
    match hashes.len() {
        found if found == users => Ok(()),
        found => Err(Failure::failed(format_args!("{found} hashes for {users} users"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_with_a_password_too_few_is_found() {
        let folder = testkit::scratch();
        folder.write("users.csv", "_id,email,password\na,b,$2b$12$x\nc,d,$2b$12$y\n");
        assert!(hashed(folder.path(), 2).is_ok());
        assert!(hashed(folder.path(), 3).is_err());
        assert_eq!(users(2).lines().count(), 3);
    }
}
