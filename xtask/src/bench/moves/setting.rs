//! What stands still in all rounds: the server, the exports, the databases that every run begins with.

use crate::bench::Bench;
use crate::bench::cost::{Cost, run};
use crate::bench::program::{Done, Project, Scene};
use crate::bench::server::Server;
use crate::doors::say;
use crate::failure::Failure;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Users that bookings refer to.
const USERS: u64 = 5_000;

/// The kinds of tables, `bench/move/schema/KIND.sql` each. The template of a kind has its tables, the users in
/// theirs, and the run that loaded them, still open.
const KINDS: [&str; 4] = ["plain", "indexed", "strict", "referred"];

/// An export, and what is in it.
#[derive(Debug)]
pub struct Export {
    /// Its folder.
    pub folder: PathBuf,
    /// Bookings.
    pub records: u64,
    /// Bookings with a cell that cannot be moved, or a client that does not exist.
    pub bad_cells: u64,
    /// Bookings with a status that a CHECK refuses.
    pub unknown_status: u64,
    /// Bookings that a unique key refuses.
    pub repeats: u64,
    bytes: u64,
}

/// What stands still.
#[derive(Debug)]
pub struct Setting<'a> {
    /// The server.
    pub server: Server,
    /// The project.
    pub project: Project<'a>,
    /// Bookings, one in a thousand with a bad cell.
    pub clean: Export,
    /// The same, and another one in a thousand breaks a rule.
    pub violations: Export,
    /// The rows that a move of `clean` makes, as CSV.
    pub csv: PathBuf,
    /// The same, in PostgreSQL's binary format.
    pub binary: PathBuf,
}

impl<'a> Setting<'a> {
    /// Makes all of it. The yardstick's files come from a table that landfall filled and then compared.
    pub fn prepare(bench: &'a Bench<'_>, records: u64) -> Result<Self, Failure> {
        let setting = Self::prepare_without_yardstick(bench, records)?;
        let database = "yardstick";
        setting.fresh(database, "plain")?;
        setting.load(database, &setting.clean, &[])?;
        let verified = setting.landfall(database, &setting.clean, &["verify"])?;
        verified.expect("/verification/totals/differing", 0)?;
        verified.expect("/verification/entities/bookings/equal", setting.clean.movable())?;
        for (file, format) in [(&setting.csv, "csv"), (&setting.binary, "binary")] {
            let command = format!("\\copy bookings to '{}' with (format {format})", file.display());
            run(&mut setting.server.psql(database, &command), &bench.work, &[0], &|| setting.server.cpu())?;
        }
        setting.server.drop(database)?;
        Ok(setting)
    }

    /// The same without the yardstick's files.
    pub fn prepare_without_yardstick(bench: &'a Bench<'_>, records: u64) -> Result<Self, Failure> {
        say(format_args!("making exports of {records} bookings, and a server"));
        let export = |name: &str, violations: bool| -> Result<Export, Failure> {
            let folder = bench.work.join(name);
            if folder.exists() {
                std::fs::remove_dir_all(&folder).map_err(Failure::failed)?;
            }
            let words = folder.display().to_string();
            let (records, users) = (records.to_string(), USERS.to_string());
            let mut arguments =
                vec!["internal-bench", "export", &words, "--records", &records, "--users", &users];
            if violations {
                arguments.push("--violations");
            }
            let made = run(&mut bench.program.command(&arguments), &bench.work, &[0], &Default::default)?;
            let made: Value = serde_json::from_str(&made.stdout).map_err(Failure::failed)?;
            let count = |name: &str| made[name].as_u64().unwrap_or(0);
            Ok(Export {
                folder,
                records: count("records"),
                bad_cells: count("bad_cells"),
                unknown_status: count("unknown_status"),
                repeats: count("repeats"),
                bytes: count("bytes"),
            })
        };
        let setting = Self {
            server: Server::start()?,
            project: Project::copy(bench.repository, &bench.program, "move", &bench.work)?,
            clean: export("clean", false)?,
            violations: export("violations", true)?,
            csv: bench.work.join("mapped.csv"),
            binary: bench.work.join("mapped.bin"),
        };
        for kind in KINDS {
            let database = template(kind);
            setting.server.create(&database)?;
            let schema = format!("schema/{kind}.sql");
            let scene = Scene {
                variables: vec![("BENCH_SCHEMA", &schema)],
                ..setting.scene(&database, &setting.clean)
            };
            let users = setting.project.run(&["move", "--skip-export", "--step", "users"], &scene)?;
            users.expect("/entities/users/loaded", USERS)?;
            setting.server.sql(&database, "VACUUM ANALYZE")?;
        }
        Ok(setting)
    }

    /// A database with empty bookings of a kind, everything written to disk.
    pub fn fresh(&self, database: &str, kind: &str) -> Result<(), Failure> {
        self.server.copy(database, &template(kind))
    }

    /// What a yardstick's load of bookings costs.
    pub fn copy(&self, database: &str, file: &Path, format: &str) -> Result<Cost, Failure> {
        let command = format!("\\copy bookings from '{}' with (format {format})", file.display());
        let mut psql = self.server.psql(database, &command);
        let ended = run(&mut psql, self.project.folder(), &[0], &|| self.server.cpu())?;
        self.holds(database, self.clean.movable())?;
        Ok(ended.cost)
    }

    /// What the step of bookings costs, in the open run of the database, and what it came to.
    pub fn load(&self, database: &str, export: &Export, more: &[&str]) -> Result<Done, Failure> {
        let arguments = [&["move", "--skip-export", "--step", "bookings"], more].concat();
        let done = self.landfall(database, export, &arguments)?;
        done.expect("/entities/bookings/source", export.records)?;
        Ok(done)
    }

    /// A command of the program.
    pub fn landfall(&self, database: &str, export: &Export, arguments: &[&str]) -> Result<Done, Failure> {
        self.project.run(arguments, &self.scene(database, export))
    }

    /// Compares the number of bookings in a database with what it must be.
    pub fn holds(&self, database: &str, rows: u64) -> Result<(), Failure> {
        let found = self.server.number(database, "SELECT count(*) FROM bookings")?;
        if found == rows {
            return Ok(());
        }
        Err(Failure::failed(format_args!("{found} bookings in {database}, and there must be {rows}")))
    }

    /// Where a command of the program finds an export and takes it.
    pub fn scene<'s>(&'s self, database: &str, export: &'s Export) -> Scene<'s> {
        Scene {
            export: &export.folder,
            database: self.server.url(database),
            server: Some(&self.server),
            variables: Vec::new(),
        }
    }

    /// What was moved, in one sentence.
    pub fn describe(&self) -> String {
        format!(
            "{} bookings ({} MB of CSV, {} with a bad cell) of {USERS} users; PostgreSQL with its default \
             settings, over its Unix socket, on the same machine.",
            self.clean.records,
            self.clean.bytes / 1_000_000,
            self.clean.bad_cells
        )
    }
}

impl Export {
    /// Bookings that a table without rules takes.
    pub fn movable(&self) -> u64 {
        self.records - self.bad_cells
    }
}

fn template(kind: &str) -> String {
    format!("template_{kind}")
}
