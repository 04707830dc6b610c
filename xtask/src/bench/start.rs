//! How soon the program says something.

use super::Bench;
use super::cost;
use super::lines::{Bar, Line, Unit};
use super::table::Found;
use crate::failure::Failure;
use std::io::Read as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// Starts of `landfall --help`.
const HELPS: usize = 20;
/// Demos; each is run to its end, which takes a while.
const DEMOS: usize = 3;

/// Help, and the demo.
pub fn run(bench: &Bench<'_>) -> Result<Found, Failure> {
    let mut helps = Vec::new();
    for _ in 0..HELPS {
        let mut help = bench.program.command(&["--help"]);
        let ended = cost::run(&mut help, &bench.work, &[0], &Default::default)?;
        if !ended.stdout.contains("landfall demo") {
            return Err(Failure::failed("the help does not name the demo"));
        }
        helps.push(ended.cost.wall.as_secs_f64() * 1000.0);
    }
    let (mut first, mut whole) = (Vec::new(), Vec::new());
    for _ in 0..DEMOS {
        let (word, end) = demo(bench)?;
        first.push(word.as_secs_f64());
        whole.push(end.as_secs_f64());
    }
    Ok(Found {
        lines: vec![
            Line::new("`landfall --help`", Unit::Milliseconds, Bar::AtMost(20.0), helps),
            Line::new("`landfall demo` to its first words", Unit::Seconds, Bar::AtMost(2.0), first),
            Line::new("`landfall demo` to its end", Unit::Seconds, Bar::None, whole),
        ],
        ..Found::default()
    })
}

/// The times to its first byte, on stdout or stderr, and to its end.
fn demo(bench: &Bench<'_>) -> Result<(Duration, Duration), Failure> {
    let folder = bench.work.join("demo");
    let (mut reader, writer) = std::io::pipe().map_err(Failure::failed)?;
    let mut command = bench.program.command(&["demo", "culturebridge"]);
    command.arg(&folder).stdin(Stdio::null());
    command.stdout(writer.try_clone().map_err(Failure::failed)?).stderr(writer);
    let began = Instant::now();
    let mut child = command.spawn().map_err(Failure::failed)?;
    // Our own ends of the pipe would keep it open.
    drop(command);
    let mut byte = [0];
    let read = reader.read(&mut byte).map_err(Failure::failed)?;
    let first = began.elapsed();
    let mut rest = Vec::new();
    reader.read_to_end(&mut rest).map_err(Failure::failed)?;
    let status = child.wait().map_err(Failure::failed)?;
    match (read, status.success()) {
        (1, true) => Ok((first, began.elapsed())),
        _ => Err(Failure::failed(format_args!(
            "the demo ended with {status}:\n{}",
            String::from_utf8_lossy(&rest).trim_end()
        ))),
    }
}
