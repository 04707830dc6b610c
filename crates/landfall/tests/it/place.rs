//! A CultureBridge project with its stand-in and its database.

use sandbox::{Running, SandboxOptions, Scenario, Service};
use std::collections::BTreeMap;
use std::time::Duration;
use testkit::{Outcome, Program, TestDatabase, program};

/// Bookings in the stand-in.
pub const RECORDS: u64 = 200;

/// The tables of the move.
pub const TABLES: [&str; 5] = ["users", "client_profiles", "coach_profiles", "bookings", "payments"];

/// A project, ready to move.
pub struct Place {
    /// The program, in the project's folder.
    pub program: Program,
    /// The destination.
    pub database: TestDatabase,
    /// The stand-in.
    pub bubble: Running,
}

/// A stand-in that behaves as `scenario` says (TOML).
pub async fn bubble(scenario: &str) -> Running {
    let scenario = Scenario::parse(scenario).expect("a right scenario");
    let options = SandboxOptions { records: RECORDS, scenario, ..SandboxOptions::default() };
    sandbox::start(Service::Bubble, options).await.expect("a free port")
}

/// The program alone, its environment empty.
pub fn bare() -> Program {
    program(env!("CARGO_BIN_EXE_landfall"))
}

/// A project over a stand-in and an empty database.
pub async fn place(scenario: &str) -> Place {
    let bubble = bubble(scenario).await;
    let database = testkit::database().await;
    let mut program = bare();
    program.set("BUBBLE_API_URL", &bubble.address);
    program.set("BUBBLE_API_KEY", &bubble.key);
    program.set("DATABASE_URL", &database.url);
    program.run(["new", "culturebridge", "."]).expect(0);
    Place { program, database, bubble }
}

/// The same with the PostgreSQL inside the program as destination.
pub async fn embedded(scenario: &str) -> Place {
    let mut place = place(scenario).await;
    place.program.unset("DATABASE_URL");
    place
}

impl Place {
    /// Runs the program without blocking the thread that serves the stand-in.
    pub async fn run<const N: usize>(&self, args: [&str; N]) -> Outcome {
        tokio::task::block_in_place(|| self.program.run(args))
    }

    /// Every row of every table as text, sorted; password hashes by their kind only, because each is made
    /// anew.
    pub async fn rows(&self) -> BTreeMap<&'static str, Vec<String>> {
        let mut all = BTreeMap::new();
        for table in TABLES {
            let shown = match table {
                "users" => {
                    "(id, email, left(password_hash, 7), role, is_active, email_verified, created_at, \
                    updated_at)::text"
                }
                _ => "t::text",
            };
            let sql = format!("SELECT {shown} FROM {table} t ORDER BY id");
            let rows = self.database.client.query(&sql, &[]).await.expect("the table is there");
            all.insert(table, rows.iter().map(|r| r.get(0)).collect());
        }
        all
    }

    /// Waits until `probe` says so. Panics after a minute without.
    pub async fn until(&self, what: &str, probe: impl AsyncFn() -> bool) {
        let waiting = async {
            while !probe().await {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let ended = tokio::time::timeout(Duration::from_secs(60), waiting).await;
        ended.unwrap_or_else(|_| panic!("{what}: not within a minute"));
    }

    /// Waits until a run stands in the ledger.
    pub async fn until_a_run_begins(&self) {
        let ledger = "SELECT count(*) FROM pg_tables WHERE schemaname = 'landfall' AND tablename = 'runs'";
        self.until("a run begins", async || {
            self.one(ledger).await == 1 && self.one("SELECT count(*) FROM landfall.runs").await > 0
        })
        .await;
    }

    /// One value.
    pub async fn one(&self, sql: &str) -> i64 {
        self.database.client.query_one(sql, &[]).await.expect("a right query").get(0)
    }

    /// A statement.
    pub async fn execute(&self, sql: &str) {
        self.database.client.batch_execute(sql).await.expect("a right statement");
    }
}
