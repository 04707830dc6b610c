//! What stands still in all rounds: the server, the exports, the databases that every run begins with.

use crate::bench::Bench;
use crate::bench::cost::{Cost, run};
use crate::bench::program::{Done, Place, Project};
use crate::bench::server::Server;
use crate::doors::say;
use crate::failure::Failure;
use serde_json::Value;
use std::cell::OnceCell;
use std::path::{Path, PathBuf};

/// Users that bookings refer to.
const USERS: u64 = 5_000;

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

impl Export {
    /// Makes one in a folder of that name, as a person has one: files of a source, exported by landfall. What
    /// was there is gone.
    fn make(
        bench: &Bench<'_>,
        (project, server): (&Project<'_>, &Server),
        name: &str,
        records: u64,
        violations: bool,
    ) -> Result<Self, Failure> {
        let folder = bench.work.join(name);
        if folder.exists() {
            std::fs::remove_dir_all(&folder).map_err(Failure::failed)?;
        }
        let mut command = bench.program.command(&["internal-bench", "export"]);
        let source = folder.join("source");
        command.arg(&source);
        command.args(["--records", &records.to_string(), "--users", &USERS.to_string()]);
        if violations {
            command.arg("--violations");
        }
        let made = run(&mut command, &bench.work, &[0], &Default::default)?.stdout;
        let made: Value = serde_json::from_str(&made).map_err(Failure::failed)?;
        let place = Place {
            export: &folder,
            database: server.url("postgres"),
            server: None,
            variables: vec![("BENCH_SOURCE", source.to_str().unwrap_or_default())],
        };
        project.run(&["move", "--step", "export"], &place)?;
        std::fs::remove_dir_all(&source).map_err(Failure::failed)?;
        let count = |name: &str| made[name].as_u64().unwrap_or(0);
        Ok(Self {
            folder,
            records: count("records"),
            bad_cells: count("bad_cells"),
            unknown_status: count("unknown_status"),
            repeats: count("repeats"),
            bytes: count("bytes"),
        })
    }

    /// Bookings that a table without rules takes.
    pub fn movable(&self) -> u64 {
        self.records - self.bad_cells
    }
}

/// What stands still.
#[derive(Debug)]
pub struct Setting<'a> {
    bench: &'a Bench<'a>,
    /// The server.
    pub server: Server,
    /// The project.
    pub project: Project<'a>,
    /// Bookings, one in a thousand with a bad cell.
    pub clean: Export,
    violations: OnceCell<Export>,
    /// The rows that a move of `clean` makes, as CSV.
    pub csv: PathBuf,
    /// The same, in PostgreSQL's binary format.
    pub binary: PathBuf,
}

impl<'a> Setting<'a> {
    /// A server, a project and the export; not yet the yardstick's files.
    pub fn new(bench: &'a Bench<'a>, records: u64) -> Result<Self, Failure> {
        say(format_args!("making an export of {records} bookings, and a server"));
        let server = Server::start()?;
        let project = Project::copy(bench.repository, &bench.program, "move", &bench.work)?;
        let clean = Export::make(bench, (&project, &server), "clean", records, false)?;
        Ok(Self {
            bench,
            server,
            project,
            clean,
            violations: OnceCell::new(),
            csv: bench.work.join("mapped.csv"),
            binary: bench.work.join("mapped.bin"),
        })
    }

    /// Writes the yardstick's files, from a table that landfall filled and then compared.
    pub fn with_yardstick(self) -> Result<Self, Failure> {
        let database = "yardstick";
        self.fresh(database, "plain")?;
        self.load(database, &self.clean, &[])?;
        let verified = self.landfall(database, &self.clean, &["verify"])?;
        verified.expect("/verification/totals/differing", 0)?;
        verified.expect("/verification/entities/bookings/equal", self.clean.movable())?;
        self.write(database, &self.csv, "format csv")?;
        self.write(database, &self.binary, "format binary")?;
        self.server.drop(database)?;
        Ok(self)
    }

    /// Writes the bookings of a database to a file.
    pub fn write(&self, database: &str, file: &Path, options: &str) -> Result<(), Failure> {
        let command = format!("\\copy bookings to '{}' with ({options})", file.display());
        run(&mut self.server.psql(database, &command), &self.bench.work, &[0], &Default::default).map(drop)
    }

    /// The bookings of `clean`, of which another one in a thousand breaks a rule; made when first asked for.
    pub fn violations(&self) -> Result<&Export, Failure> {
        if let Some(made) = self.violations.get() {
            return Ok(made);
        }
        let beds = (&self.project, &self.server);
        let made = Export::make(self.bench, beds, "violations", self.clean.records, true)?;
        Ok(self.violations.get_or_init(|| made))
    }

    /// A database with empty bookings of a kind (`bench/move/schema/KIND.sql`), everything written to disk:
    /// the copy of a template that has the users in their table, and the run that loaded them, still open.
    pub fn fresh(&self, database: &str, kind: &str) -> Result<(), Failure> {
        let template = format!("template_{kind}");
        let there = format!("SELECT count(*) FROM pg_database WHERE datname = '{template}'");
        if self.server.number("postgres", &there)? == 0 {
            self.server.create(&template)?;
            let schema = format!("schema/{kind}.sql");
            let variables = vec![("BENCH_SCHEMA", schema.as_str())];
            let place = Place { variables, ..self.place(&template, &self.clean) };
            let users = self.project.run(&["move", "--skip-export", "--step", "users"], &place)?;
            users.expect("/entities/users/loaded", USERS)?;
            self.server.sql(&template, "VACUUM ANALYZE")?;
        }
        self.server.copy(database, &template)
    }

    /// What a yardstick's load of bookings costs.
    pub fn copy(&self, database: &str, file: &Path, format: &str) -> Result<Cost, Failure> {
        let command = format!("\\copy bookings from '{}' with (format {format})", file.display());
        let mut psql = self.server.psql(database, &command);
        let ended = run(&mut psql, &self.bench.work, &[0], &|| self.server.cpu())?;
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
        self.project.run(arguments, &self.place(database, export))
    }

    /// Where a command of the program finds an export and takes it.
    pub fn place<'s>(&'s self, database: &str, export: &'s Export) -> Place<'s> {
        Place {
            export: &export.folder,
            database: self.server.url(database),
            server: Some(&self.server),
            variables: Vec::new(),
        }
    }

    /// Compares the number of bookings in a database with what it must be.
    pub fn holds(&self, database: &str, rows: u64) -> Result<(), Failure> {
        let found = self.server.number(database, "SELECT count(*) FROM bookings")?;
        if found == rows {
            return Ok(());
        }
        Err(Failure::failed(format_args!("{found} bookings in {database}, and there must be {rows}")))
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
