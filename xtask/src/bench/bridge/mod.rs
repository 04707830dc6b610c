//! `landfall serve` hearing webhooks: signature checked, kept in PostgreSQL with fsync on, then answered;
//! against one INSERT a commit over as many connections, and against a handler that keeps nothing.

mod load;
mod requests;
mod yardstick;

use super::Bench;
use super::lines::{Bar, Line, Unit};
use super::program::Project;
use super::served::Served;
use super::server::Server;
use super::table::Found;
use crate::doors::say;
use crate::failure::Failure;
use requests::Requests;
use std::time::{Duration, Instant};

/// Requests of the part that goes as fast as it can.
const REQUESTS: usize = 40_000;

/// Requests of a part at a steady rate.
const STEADY: usize = 20_000;

/// The receiver's connections to the database, and so `pgbench`'s.
const KEEPERS: usize = 2;

/// The name of the address in what a server says.
const ADDRESS: &str = "address";

/// The share of the sustained rate at which latency has a bar.
const AT_EASE: f64 = 0.70;

/// How long events may take until all are judged.
const JUDGED_WITHIN: Duration = Duration::from_secs(120);

/// All rounds.
pub fn run(bench: &Bench<'_>) -> Result<Found, Failure> {
    let server = Server::start()?;
    let project = Project::copy(bench.repository, &bench.program, "bridge", &bench.work)?;
    let bare = Served::start(bench.program.command(&["internal-bench", "bare"]), ADDRESS)?;
    let mut figures = Figures::default();
    for number in 1..=bench.options.rounds {
        say(format_args!("round {number} of {}: webhooks", bench.options.rounds));
        figures.bare.push(load::send(&bare.host, &Requests::make(REQUESTS)?.all, None)?.rate);
        server.create("bridge")?;
        let mut command = bench.program.command(&["serve", "--json", "--quiet"]);
        command.current_dir(project.folder()).env("DATABASE_URL", server.url("bridge"));
        command.env("BETTERMODE_WEBHOOK_SECRET", requests::SECRET);
        let bridge = Served::start(command, ADDRESS)?;
        let sustained = load::send(&bridge.host, &Requests::make(REQUESTS)?.all, None)?.rate;
        figures.sustained.push(sustained);
        let steady = load::send(&bridge.host, &Requests::make(STEADY)?.all, Some(sustained * AT_EASE))?;
        for (share, found) in [(0.5, &mut figures.p50), (0.99, &mut figures.p99), (0.999, &mut figures.p999)]
        {
            found.push(steady.percentile(share));
        }
        judged(&server, (REQUESTS + STEADY) as u64)?;
        figures.memory.push(bridge.peak_mib());
        drop(bridge);
        figures.one_each.push(yardstick::inserts_a_second(&server, KEEPERS)?);
    }
    Ok(figures.found())
}

#[derive(Debug, Default)]
struct Figures {
    bare: Vec<f64>,
    sustained: Vec<f64>,
    one_each: Vec<f64>,
    p50: Vec<f64>,
    p99: Vec<f64>,
    p999: Vec<f64>,
    memory: Vec<f64>,
}

impl Figures {
    fn found(self) -> Found {
        let over = |others: &[f64]| self.sustained.iter().zip(others).map(|(a, b)| a / b).collect();
        let ease = format!("at {:.0} % of the sustained rate", AT_EASE * 100.0);
        let mut found = Found::default();
        found.lines.extend([
            Line::new(
                format!("webhooks kept a second ÷ `pgbench -c {KEEPERS}`, one INSERT a commit"),
                Unit::Ratio,
                Bar::AtLeast(3.0),
                over(&self.one_each),
            ),
            Line::new(
                "webhooks kept a second ÷ an axum handler that keeps nothing",
                Unit::Ratio,
                Bar::AtLeast(0.25),
                over(&self.bare),
            ),
            Line::new(format!("answer {ease}, p50"), Unit::Milliseconds, Bar::None, self.p50),
            Line::new(format!("answer {ease}, p99"), Unit::Milliseconds, Bar::AtMost(50.0), self.p99),
            Line::new(format!("answer {ease}, p99.9"), Unit::Milliseconds, Bar::None, self.p999),
            Line::new("peak memory of `landfall serve`", Unit::Mib, Bar::AtMost(64.0), self.memory),
        ]);
        let middle = |figures: &[f64]| super::lines::spread(figures).map_or(0.0, |s| s.median);
        found.notes.push(format!(
            "webhooks: {:.0} a second sustained over {} connections; one INSERT a commit: {:.0} a second; a \
             handler that keeps nothing: {:.0} a second",
            middle(&self.sustained),
            load::CONNECTIONS,
            middle(&self.one_each),
            middle(&self.bare),
        ));
        found
    }
}

/// Waits until every event is there and judged: an answer that was not kept would be a lie.
fn judged(server: &Server, events: u64) -> Result<(), Failure> {
    let began = Instant::now();
    loop {
        let there = server.number("bridge", "SELECT count(*) FROM landfall.events")?;
        let waiting = server.number("bridge", "SELECT count(*) FROM landfall.events WHERE state = 'new'")?;
        if there == events && waiting == 0 {
            return Ok(());
        }
        if began.elapsed() > JUDGED_WITHIN {
            return Err(Failure::failed(format_args!(
                "{there} of {events} events were kept, {waiting} of them wait to be judged"
            )));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}
