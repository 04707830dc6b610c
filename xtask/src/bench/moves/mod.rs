//! Moves, verifies, rollbacks against `psql \copy` of the same rows, in interleaved rounds.

mod bars;
mod scenes;
mod setting;

use super::Bench;
use super::lines::{Bar, Line, Unit};
use super::table::Found;
use crate::doors::say;
use crate::failure::Failure;
use bars::BARS;
use scenes::{Round, SCENES};
pub use setting::Setting;

/// How many times the records of the first run the second one has, where memory must not grow.
const LARGER: u64 = 10;

/// All scenes, round by round.
pub fn run(bench: &Bench<'_>) -> Result<Found, Failure> {
    let options = bench.options;
    let unknown = options.scenes.iter().find(|name| !SCENES.iter().any(|(known, _)| known == *name));
    if let Some(unknown) = unknown {
        let names: Vec<&str> = SCENES.iter().map(|(name, _)| *name).collect();
        return Err(Failure::usage(format!("no scene {unknown:?}; scenes: {}", names.join(", "))));
    }
    let setting = Setting::new(bench, options.records)?.with_yardstick()?;
    let mut found = Found { postgres: Some(setting.server.version()?), ..Found::default() };
    let mut rounds = Vec::new();
    let mut broken: Vec<&str> = Vec::new();
    for number in 1..=options.rounds {
        let mut round = Round::new(number);
        for (name, scene) in SCENES {
            let wanted = options.scenes.is_empty() || options.scenes.iter().any(|scene| scene == name);
            if !wanted || broken.contains(name) {
                continue;
            }
            say(format_args!("round {number} of {}: {name}", options.rounds));
            if let Err(failure) = scene(&setting, &mut round) {
                // The same scene would break in the next round, too; what it measured before stands.
                broken.push(name);
                found.broken.extend(failure.words().map(|words| format!("{name}: {words}")));
            }
        }
        rounds.push(round);
    }
    for round in &rounds {
        round.costs.iter().for_each(|(run, cost)| found.spent(run, *cost));
    }
    found.lines = BARS.iter().map(|bar| bar.line(&rounds)).chain([bars::peak(&rounds)]).collect();
    if !options.scenes.is_empty() {
        // What nobody asked for is not missing.
        found.lines.retain(|line| !line.figures.is_empty());
    }
    found.notes.push(setting.describe());
    Ok(found)
}

/// Peak memory at N records and at ten times as many: one run each, because it hardly varies.
pub fn memory(bench: &Bench<'_>) -> Result<Found, Failure> {
    let mut found = Found::default();
    let mut peaks = Vec::new();
    for records in [bench.options.records, bench.options.records * LARGER] {
        say(format_args!("memory at {records} records"));
        let setting = Setting::new(bench, records)?;
        found.postgres = Some(setting.server.version()?);
        setting.fresh(scenes::DATABASE, "plain")?;
        let done = setting.load(scenes::DATABASE, &setting.clean, &[])?;
        found.spent(&format!("move of {records} records"), done.cost);
        peaks.push(done.cost.peak_kib as f64);
    }
    let growth = peaks[1] / peaks[0];
    let what = format!("peak memory at {LARGER} times the records ÷ at the records");
    found.lines.push(Line::new(what, Unit::Ratio, Bar::AtMost(1.10), vec![growth]));
    Ok(found)
}
