//! Other tools loading the rows that a move makes, from a CSV that is mapped already, into the same empty
//! table, each with its default settings. `bench/tools` has a script for each, and one that gets them.

use super::Bench;
use super::cost;
use super::lines::{Bar, Line, Unit};
use super::moves::Setting;
use super::program::Place;
use super::table::Found;
use crate::doors::{say, variable};
use crate::failure::Failure;
use std::path::Path;
use std::process::Command;

/// The tools, and how many times as fast a move must be.
const TOOLS: &[(&str, f64)] = &[("sling", 2.0), ("dlt", 4.0), ("pgloader", 8.0)];

/// The slowest takes minutes a round, and the differences are not subtle.
const ROUNDS_MAX: usize = 3;

const DATABASE: &str = "tools";

/// What the ratios do not say.
const NOTE: &str = "Tools load the finished rows; the move reads the raw export, maps it and keeps its \
                    ledger. sling makes empty texts of NULLs and adds a column.";

/// All tools that can be had, in rounds.
pub fn run(bench: &Bench<'_>) -> Result<Found, Failure> {
    let folder = bench.work.join("tools");
    let scripts = bench.repository.root().join("bench/tools");
    let there = prepare(bench, &scripts.join("prepare.sh"), &folder)?;
    let setting = Setting::new(bench, bench.options.records)?.with_yardstick()?;
    let csv = bench.work.join("mapped-with-header.csv");
    setting.fresh(DATABASE, "plain")?;
    setting.copy(DATABASE, &setting.csv, "csv")?;
    // All three want the names of the columns.
    setting.write(DATABASE, &csv, "format csv, header")?;
    let mut found = Found { postgres: Some(setting.server.version()?), ..Found::default() };
    let rounds = bench.options.rounds.min(ROUNDS_MAX);
    let mut ratios = vec![Vec::new(); TOOLS.len()];
    let mut broken = vec![false; TOOLS.len()];
    for number in 1..=rounds {
        say(format_args!("round {number} of {rounds}: tools"));
        setting.fresh(DATABASE, "plain")?;
        // Over loopback, like the tools.
        let place =
            Place { database: setting.server.tcp_url(DATABASE), ..setting.place(DATABASE, &setting.clean) };
        let moved = setting.project.run(&["move", "--skip-export", "--step", "bookings"], &place)?;
        moved.expect("/entities/bookings/loaded", setting.clean.movable())?;
        found.spent("tools: move", moved.cost);
        for (at, (tool, _)) in TOOLS.iter().enumerate() {
            if broken[at] || version(&there, tool).is_none() {
                continue;
            }
            match load(bench, &setting, &scripts.join(format!("{tool}.sh")), &csv, &folder) {
                Ok(cost) => {
                    ratios[at].push(cost.wall.as_secs_f64() / moved.cost.wall.as_secs_f64());
                    found.spent(&format!("tools: {tool}"), cost);
                }
                Err(failure) => {
                    broken[at] = true;
                    found.broken.extend(failure.words().map(|words| format!("{tool}: {words}")));
                }
            }
        }
    }
    for ((tool, bar), ratios) in TOOLS.iter().zip(ratios) {
        let what = match version(&there, tool) {
            Some(version) => format!("{tool} {version} ÷ move"),
            None => format!("{tool} ÷ move"),
        };
        found.lines.push(Line::new(what, Unit::Ratio, Bar::AtLeast(*bar), ratios));
    }
    let missing =
        there.iter().filter(|line| TOOLS.iter().any(|(tool, _)| line.starts_with(&format!("{tool}:"))));
    found.notes.extend(missing.map(|line| format!("Not measured: {line}.")));
    found.notes.push(NOTE.into());
    Ok(found)
}

/// What the script says of each tool.
fn prepare(bench: &Bench<'_>, script: &Path, folder: &Path) -> Result<Vec<String>, Failure> {
    say("getting the other tools");
    let mut command = Command::new("sh");
    command.arg(script).arg(folder);
    let said = cost::run(&mut command, &bench.work, &[0], &Default::default)?.stdout;
    Ok(said.lines().map(String::from).collect())
}

/// The version of a tool, when it is there: the line `NAME VERSION`.
fn version<'a>(there: &'a [String], tool: &str) -> Option<&'a str> {
    there.iter().find_map(|line| line.strip_prefix(tool)?.strip_prefix(' '))
}

fn load(
    bench: &Bench<'_>,
    setting: &Setting<'_>,
    script: &Path,
    csv: &Path,
    folder: &Path,
) -> Result<cost::Cost, Failure> {
    setting.fresh(DATABASE, "plain")?;
    let mut command = Command::new(script);
    command.env_clear().env("LC_ALL", "C.UTF-8").env("PATH", variable("PATH").unwrap_or_default());
    command.env("HOME", bench.work.join("home")).env("CSV", csv).env("TOOLS", folder);
    command.env("DATABASE_URL", setting.server.tcp_url(DATABASE)).current_dir(folder);
    let ended = cost::run(&mut command, &bench.work, &[0], &|| setting.server.cpu())?;
    setting.holds(DATABASE, setting.clean.movable())?;
    Ok(ended.cost)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_is_there_when_the_script_gives_its_version() {
        let there = ["sling 1.4.11".to_owned(), "dlt: PyPI did not give it".to_owned()];
        assert_eq!(version(&there, "sling"), Some("1.4.11"));
        assert_eq!(version(&there, "dlt"), None);
        assert_eq!(version(&there, "pgloader"), None);
    }
}
