//! What is done in a round: each scene in databases of its own, the yardstick beside what it is for.

use super::setting::Setting;
use crate::bench::cost::Cost;
use crate::bench::program::Place;
use crate::failure::Failure;
use std::collections::BTreeMap;

/// The runs that are timed.
pub mod runs {
    pub const COPY: &str = "`\\copy`, CSV";
    pub const COPY_BINARY: &str = "`\\copy`, binary";
    pub const MOVE: &str = "move";
    pub const MOVE_TWO: &str = "move, 2 connections";
    pub const VERIFY: &str = "verify";
    pub const AGAIN: &str = "move again, all unchanged";
    pub const VERIFY_TENTH: &str = "verify, 10 % differ";
    pub const VERIFY_ALL: &str = "verify, 100 % differ";
    pub const ROLLBACK: &str = "rollback";
    pub const ROLLBACK_REFERRED: &str = "rollback, 2 tables refer to it";
    pub const COPY_INDEXED: &str = "`\\copy`, CSV, 2 indexes, 2 foreign keys";
    pub const MOVE_INDEXED: &str = "move, 2 indexes, 2 foreign keys";
    pub const MOVE_STRICT: &str = "move, CHECK and unique key";
    pub const MOVE_VIOLATIONS: &str = "move, CHECK and unique key, 0.1 % break them";
    pub const MOVE_EMBEDDED: &str = "move, embedded PostgreSQL";
}

/// The database that scenes use.
pub const DATABASE: &str = "scene";

/// What the runs of a round cost.
#[derive(Debug)]
pub struct Round {
    /// Its number, from 1.
    pub number: usize,
    /// By the run's name.
    pub costs: BTreeMap<&'static str, Cost>,
}

impl Round {
    /// An empty one.
    pub fn new(number: usize) -> Self {
        Self { number, costs: BTreeMap::new() }
    }

    fn spent(&mut self, run: &'static str, cost: Cost) {
        self.costs.insert(run, cost);
    }
}

type Scene = fn(&Setting<'_>, &mut Round) -> Result<(), Failure>;

/// All of them, in the order of a round.
pub const SCENES: &[(&str, Scene)] = &[
    ("plain", plain),
    ("two", two_connections),
    ("indexed", indexed),
    ("strict", strict),
    ("referred", referred),
    ("embedded", embedded),
];

/// The yardsticks and the move into the plain table, in another order in each round; then what follows a
/// move.
fn plain(setting: &Setting<'_>, round: &mut Round) -> Result<(), Failure> {
    let mut order = [runs::COPY, runs::COPY_BINARY, runs::MOVE];
    let first = round.number % order.len();
    order.rotate_left(first);
    for run in order {
        let database = if run == runs::MOVE { "moved" } else { DATABASE };
        setting.fresh(database, "plain")?;
        let cost = match run {
            runs::COPY => setting.copy(database, &setting.csv, "csv")?,
            runs::COPY_BINARY => setting.copy(database, &setting.binary, "binary")?,
            _ => {
                let done = setting.load(database, &setting.clean, &[])?;
                done.expect("/entities/bookings/loaded", setting.clean.movable())?;
                setting.holds(database, setting.clean.movable())?;
                done.cost
            }
        };
        round.spent(run, cost);
    }
    after_a_move(setting, round, "moved")
}

/// Verify, the same move again, and verify of a table in which rows were changed.
fn after_a_move(setting: &Setting<'_>, round: &mut Round, database: &str) -> Result<(), Failure> {
    let rows = setting.clean.movable();
    let verify = |differing: u64| {
        setting.server.settle()?;
        let done = setting.landfall(database, &setting.clean, &["verify"])?;
        done.expect("/verification/entities/bookings/compared", rows)?;
        done.expect("/verification/totals/differing", differing)?;
        Ok::<_, Failure>(done.cost)
    };
    round.spent(runs::VERIFY, verify(0)?);

    let begin = ["move", "--fresh", "--skip-export", "--step", "users"];
    setting.landfall(database, &setting.clean, &begin)?;
    setting.server.settle()?;
    let again = setting.load(database, &setting.clean, &[])?;
    again.expect("/entities/bookings/unchanged", rows)?;
    round.spent(runs::AGAIN, again.cost);

    // The last byte of an id decides: of 256 values 26 are multiples of ten.
    let tenth = "get_byte(uuid_send(id), 15) % 10 = 0";
    for (run, which) in [(runs::VERIFY_TENTH, tenth), (runs::VERIFY_ALL, "true")] {
        let change = format!("UPDATE bookings SET duration_minutes = duration_minutes + 1 WHERE {which}");
        setting.server.sql(database, &change)?;
        // What is measured is the comparison, not the room that dead rows take.
        setting.server.sql(database, "VACUUM FULL bookings")?;
        let count = format!("SELECT count(*) FROM bookings WHERE {which}");
        round.spent(run, verify(setting.server.number(database, &count)?)?);
    }
    setting.server.drop(database)
}

/// Two connections; and the way back.
fn two_connections(setting: &Setting<'_>, round: &mut Round) -> Result<(), Failure> {
    setting.fresh(DATABASE, "plain")?;
    let done = setting.load(DATABASE, &setting.clean, &["--connections", "2"])?;
    done.expect("/entities/bookings/loaded", setting.clean.movable())?;
    round.spent(runs::MOVE_TWO, done.cost);
    roll_back(setting, round, runs::ROLLBACK)
}

fn roll_back(setting: &Setting<'_>, round: &mut Round, run: &'static str) -> Result<(), Failure> {
    setting.server.settle()?;
    let done = setting.landfall(DATABASE, &setting.clean, &["rollback", "--yes"])?;
    done.expect("/kept", 0)?;
    setting.holds(DATABASE, 0)?;
    round.spent(run, done.cost);
    setting.server.drop(DATABASE)
}

/// Two indexes and two foreign keys make the server the bottleneck, for both.
fn indexed(setting: &Setting<'_>, round: &mut Round) -> Result<(), Failure> {
    let mut order = [runs::COPY_INDEXED, runs::MOVE_INDEXED];
    let first = round.number % order.len();
    order.rotate_left(first);
    for run in order {
        setting.fresh(DATABASE, "indexed")?;
        let cost = match run {
            runs::COPY_INDEXED => setting.copy(DATABASE, &setting.csv, "csv")?,
            _ => {
                let done = setting.load(DATABASE, &setting.clean, &[])?;
                done.expect("/entities/bookings/loaded", setting.clean.movable())?;
                done.cost
            }
        };
        round.spent(run, cost);
    }
    setting.server.drop(DATABASE)
}

/// A table with rules, loaded with rows that keep them and with rows of which some do not.
fn strict(setting: &Setting<'_>, round: &mut Round) -> Result<(), Failure> {
    setting.fresh(DATABASE, "strict")?;
    let clean = setting.load(DATABASE, &setting.clean, &[])?;
    clean.expect("/entities/bookings/loaded", setting.clean.movable())?;
    round.spent(runs::MOVE_STRICT, clean.cost);

    setting.fresh(DATABASE, "strict")?;
    let odd = setting.violations()?;
    let done = setting.load(DATABASE, odd, &[])?;
    done.expect("/entities/bookings/rejected_by_code/check", odd.unknown_status)?;
    done.expect("/entities/bookings/rejected_by_code/unique", odd.repeats)?;
    setting.holds(DATABASE, odd.movable() - odd.unknown_status - odd.repeats)?;
    round.spent(runs::MOVE_VIOLATIONS, done.cost);
    setting.server.drop(DATABASE)
}

/// The way back when other tables refer to the rows, so that each has to be looked for there.
fn referred(setting: &Setting<'_>, round: &mut Round) -> Result<(), Failure> {
    setting.fresh(DATABASE, "referred")?;
    setting.load(DATABASE, &setting.clean, &[])?;
    roll_back(setting, round, runs::ROLLBACK_REFERRED)
}

/// The PostgreSQL inside the program, its folder new in every round.
fn embedded(setting: &Setting<'_>, round: &mut Round) -> Result<(), Failure> {
    let state = setting.project.folder().join(".landfall");
    if state.exists() {
        std::fs::remove_dir_all(&state).map_err(Failure::failed)?;
    }
    let place = Place {
        export: &setting.clean.folder,
        database: "embedded".into(),
        server: None,
        variables: Vec::new(),
    };
    setting.project.run(&["move", "--skip-export", "--step", "users"], &place)?;
    let done = setting.project.run(&["move", "--skip-export", "--step", "bookings"], &place)?;
    done.expect("/entities/bookings/loaded", setting.clean.movable())?;
    round.spent(runs::MOVE_EMBEDDED, done.cost);
    std::fs::remove_dir_all(&state).map_err(Failure::failed)
}
