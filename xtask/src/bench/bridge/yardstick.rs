//! One INSERT a commit, as a receiver without group commit would do it: `pgbench` into a table like the
//! inbox.

use super::super::server::Server;
use crate::failure::Failure;
use std::process::Command;

/// Seconds that it runs.
const SECONDS: u32 = 10;

/// The statement: an event of the size of those that are sent. The id is new each time.
const SCRIPT: &str = r"\set n random(1, 9000000000000000)
INSERT INTO bench_events (sender, id, kind, subject, occurred, told, body)
SELECT sender, 'one-' || :n, kind, subject, occurred, told, body FROM bench_template ON CONFLICT DO NOTHING;
";

/// Rows a second.
pub fn inserts_a_second(server: &Server, connections: usize) -> Result<f64, Failure> {
    server.sql(
        "bridge",
        "CREATE TABLE bench_template AS SELECT * FROM landfall.events LIMIT 1; \
         CREATE TABLE bench_events (LIKE landfall.events INCLUDING ALL)",
    )?;
    server.settle()?;
    let file = testkit::scratch();
    let script = file.write("one.sql", SCRIPT);
    let mut command: Command = server.pgbench("bridge");
    command.args(["-n", "-M", "prepared", "-T", &SECONDS.to_string(), "-f"]).arg(&script);
    command.args(["-c", &connections.to_string(), "-j", &connections.to_string()]);
    let output = command.output().map_err(Failure::failed)?;
    let said = String::from_utf8_lossy(&output.stdout);
    let rate = said.lines().find_map(|line| line.strip_prefix("tps = "));
    let rate = rate.and_then(|rest| rest.split(' ').next()).and_then(|number| number.parse().ok());
    rate.ok_or_else(|| {
        Failure::failed(format_args!("pgbench: {said}{}", String::from_utf8_lossy(&output.stderr)))
    })
}
