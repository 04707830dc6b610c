//! Export from the stand-in Bubble, against a bare HTTP client that asks for the same pages over as many
//! connections.

use super::Bench;
use super::cost::Cost;
use super::http;
use super::lines::{Bar, Line, Unit};
use super::program::{Place, Project};
use super::served::Served;
use super::server::Server;
use super::table::Found;
use crate::doors::say;
use crate::failure::Failure;
use serde_json::Value;
use std::path::Path;
use std::time::Instant;

/// How the service behaves: the words for it, bookings at most, its scenario in `bench/export`.
const SERVICES: &[(&str, u64, Option<&str>)] = &[
    ("a service that answers at once", 200_000, None),
    ("a service that takes 25 ms for an answer", 20_000, Some("latency.toml")),
];

/// Both services, all rounds.
pub fn run(bench: &Bench<'_>) -> Result<Found, Failure> {
    let server = Server::start()?;
    server.create("export")?;
    let project = Project::copy(bench.repository, &bench.program, "export", &bench.work)?;
    let mut found = Found::default();
    for (words, most, scenario) in SERVICES {
        let records = bench.options.records.min(*most);
        let scenario = scenario.map(|name| project.folder().join(name));
        let service = service(bench, records, scenario.as_deref())?;
        let key = service.said["BUBBLE_API_KEY"].as_str().unwrap_or_default();
        let export = bench.work.join("exported");
        let once = |address: &str| -> Result<Cost, Failure> {
            if export.exists() {
                std::fs::remove_dir_all(&export).map_err(Failure::failed)?;
            }
            let url = format!("http://{address}/api/1.1");
            let variables = vec![("BUBBLE_API_URL", url.as_str()), ("BUBBLE_API_KEY", key)];
            let place = Place { export: &export, database: server.url("export"), server: None, variables };
            let done = project.run(&["move", "--step", "export"], &place)?;
            complete(&export, records)?;
            Ok(done.cost)
        };
        let (first, targets) = http::record(&service.host, once).map_err(Failure::failed)?;
        first?;
        let (bare, exported) = (format!("{words}: bare client"), format!("{words}: export"));
        let mut ratios = Vec::new();
        for number in 1..=bench.options.rounds {
            say(format_args!("round {number} of {}: {words}", bench.options.rounds));
            let began = Instant::now();
            http::fetch(&service.host, key, &targets).map_err(Failure::failed)?;
            let yardstick = Cost { wall: began.elapsed(), ..Cost::default() };
            let cost = once(&service.host)?;
            ratios.push(yardstick.wall.as_secs_f64() / cost.wall.as_secs_f64());
            found.spent(&bare, yardstick);
            found.spent(&exported, cost);
        }
        let what = format!("rate of export ÷ bare HTTP client, {records} records, {words}");
        found.lines.push(Line::new(what, Unit::Ratio, Bar::AtLeast(0.80), ratios));
    }
    Ok(found)
}

/// Compares the export with what the service has.
fn complete(export: &Path, records: u64) -> Result<(), Failure> {
    let text = std::fs::read(export.join("manifest.json")).map_err(Failure::failed)?;
    let manifest: Value = serde_json::from_slice(&text).map_err(Failure::failed)?;
    let exported = manifest["entities"]["bookings"]["records"].as_u64().unwrap_or(0)
        + manifest["entities"]["bookings"]["unreadable"].as_u64().unwrap_or(0);
    if manifest["complete"] == true && exported == records {
        return Ok(());
    }
    Err(Failure::failed(format_args!("{exported} bookings were exported, and there are {records}")))
}

/// Starts the stand-in.
fn service(bench: &Bench<'_>, records: u64, scenario: Option<&Path>) -> Result<Served, Failure> {
    let mut command = bench.program.command(&["sandbox", "bubble", "--json"]);
    command.args(["--records", &records.to_string()]);
    if let Some(scenario) = scenario {
        command.arg("--scenario").arg(scenario);
    }
    Served::start(command, "BUBBLE_API_URL")
}
