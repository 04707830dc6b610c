//! The program that is measured.

use super::cost::{Ended, run};
use super::server::Server;
use crate::failure::Failure;
use crate::repository::Repository;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Exit statuses of a run that did its work: all well, or with findings (records were rejected).
const FINISHED: &[i32] = &[0, 3];

/// A landfall program.
#[derive(Debug)]
pub struct Program {
    file: PathBuf,
    /// A home folder for it: where the embedded PostgreSQL unpacks its runtime.
    home: PathBuf,
}

impl Program {
    /// The one that was named, or a release build of this repository.
    pub fn find(repository: &Repository, named: Option<&Path>, home: PathBuf) -> Result<Self, Failure> {
        if let Some(named) = named {
            let file = std::path::absolute(named).map_err(Failure::failed)?;
            return match file.is_file() {
                true => Ok(Self { file, home }),
                false => Err(Failure::usage(format!("there is no program {}", named.display()))),
            };
        }
        crate::doors::say("building the program (release)");
        crate::repository::run(repository.cargo().args(["build", "--release", "--quiet"]))?;
        Ok(Self { file: repository.root().join("target/release/landfall"), home })
    }

    /// The program with these arguments, in a bare environment.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.file);
        command.args(arguments).env_clear().env("LC_ALL", "C.UTF-8").env("HOME", &self.home);
        command
    }
}

/// A project of `bench/`, copied to where it may leave its files.
#[derive(Debug)]
pub struct Project<'a> {
    program: &'a Program,
    folder: PathBuf,
}

impl<'a> Project<'a> {
    /// Copies `bench/NAME` to `work/NAME`.
    pub fn copy(
        repository: &Repository,
        program: &'a Program,
        name: &str,
        work: &Path,
    ) -> Result<Self, Failure> {
        let folder = work.join(name);
        copy_folder(&repository.root().join("bench").join(name), &folder)
            .map_err(|e| Failure::failed(format_args!("cannot copy bench/{name}: {e}")))?;
        Ok(Self { program, folder })
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Runs a command of the program in the project, over an export, into a database. `--json` is added; the
    /// cost counts `server`'s work, too.
    pub fn run(&self, arguments: &[&str], place: &Place<'_>) -> Result<Done, Failure> {
        let mut command = self.program.command(arguments);
        command.args(["--json", "--quiet"]).current_dir(&self.folder);
        command.env("BENCH_EXPORT", place.export).env("DATABASE_URL", &place.database);
        command.env("BENCH_REPORTS", self.folder.join("reports"));
        command.envs(place.variables.iter().copied());
        let cpu = || place.server.map_or(Duration::ZERO, Server::cpu);
        let Ended { cost, stdout } = run(&mut command, &self.folder, FINISHED, &cpu)?;
        let said = serde_json::from_str(&stdout).unwrap_or(Value::Null);
        Ok(Done { cost, said })
    }
}

/// Where a command of the program finds its data, and where it takes it.
#[derive(Debug, Clone)]
pub struct Place<'a> {
    /// The folder of the export.
    pub export: &'a Path,
    /// The destination's address.
    pub database: String,
    /// The server behind it, when there is one.
    pub server: Option<&'a Server>,
    /// More of the environment.
    pub variables: Vec<(&'a str, &'a str)>,
}

/// What a command of the program came to.
#[derive(Debug)]
pub struct Done {
    /// What it cost.
    pub cost: super::cost::Cost,
    /// What it said, as JSON.
    pub said: Value,
}

impl Done {
    /// The number at a JSON pointer; 0 when there is none.
    pub fn number(&self, pointer: &str) -> u64 {
        self.said.pointer(pointer).and_then(Value::as_u64).unwrap_or(0)
    }

    /// Compares a number with what it must be.
    pub fn expect(&self, pointer: &str, expected: u64) -> Result<(), Failure> {
        match self.number(pointer) {
            found if found == expected => Ok(()),
            found => Err(Failure::failed(format_args!("{pointer} is {found}, and must be {expected}"))),
        }
    }
}

/// Copies a folder with everything in it; what was there is gone.
fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    if to.exists() {
        std::fs::remove_dir_all(to)?;
    }
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copied_project_holds_nothing_of_an_earlier_one() {
        let folder = testkit::scratch();
        folder.write("a/landfall.toml", "x");
        folder.write("a/schema/plain.sql", "y");
        folder.write("b/.landfall/old", "z");
        copy_folder(&folder.join("a"), &folder.join("b")).unwrap();
        let names: Vec<String> = folder.list().into_iter().filter(|name| name.starts_with("b/")).collect();
        assert_eq!(names, ["b/", "b/landfall.toml", "b/schema/", "b/schema/plain.sql"]);
    }

    #[test]
    fn a_count_that_is_not_the_expected_one_is_a_failure() {
        let said = serde_json::json!({ "entities": { "bookings": { "loaded": 5 } } });
        let done = Done { cost: Default::default(), said };
        assert!(done.expect("/entities/bookings/loaded", 5).is_ok());
        assert!(done.expect("/entities/bookings/loaded", 6).is_err());
        assert!(done.expect("/entities/bookings/missing", 1).is_err());
    }
}
