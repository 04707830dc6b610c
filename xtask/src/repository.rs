//! The checked-out repository, and programs run in it.

use crate::doors;
use crate::failure::Failure;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What `cargo run` says about the package that it runs, as far as build scripts watch it (`ring` does).
const ABOUT_US: [&str; 7] = [
    "CARGO_MANIFEST_DIR",
    "CARGO_MANIFEST_LINKS",
    "CARGO_PKG_NAME",
    "CARGO_PKG_VERSION_MAJOR",
    "CARGO_PKG_VERSION_MINOR",
    "CARGO_PKG_VERSION_PATCH",
    "CARGO_PKG_VERSION_PRE",
];

/// The repository that this program was built from.
#[derive(Debug)]
pub struct Repository {
    root: PathBuf,
}

impl Repository {
    /// The one that this source file stands in.
    pub fn here() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
        Self { root: root.to_path_buf() }
    }

    /// Its folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The cargo that runs us, without what it has told us about ourselves: build scripts that watch those
    /// variables would run again, and half of the dependencies would be built anew.
    pub fn cargo(&self) -> Command {
        let mut command = self.program(doors::variable("CARGO").unwrap_or_else(|| "cargo".into()));
        for name in ABOUT_US {
            command.env_remove(name);
        }
        command
    }

    /// Builds all tests, as `xtask test` does, and gives cargo's messages about what it built. Whatever else
    /// is built from other packages would have other features, and all dependencies anew.
    pub fn built(&self) -> Result<Vec<Value>, Failure> {
        let mut build = self.cargo();
        build.args(["test", "--workspace", "--no-run", "--quiet", "--message-format", "json"]);
        let said = output(&mut build)?;
        let lines = String::from_utf8_lossy(&said);
        Ok(lines.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
    }

    /// A program, to be run at the root.
    pub fn program(&self, name: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(name);
        command.current_dir(&self.root);
        command
    }
}

/// Runs a command that shows its own output; its failure is ours.
pub fn run(command: &mut Command) -> Result<(), Failure> {
    let status = command.status().map_err(|fault| cannot_run(command, &fault))?;
    Failure::of(status).map_or(Ok(()), Err)
}

/// Runs a command for its stdout; when it fails, what it said on stderr is the failure.
pub fn output(command: &mut Command) -> Result<Vec<u8>, Failure> {
    let output = command.output().map_err(|fault| cannot_run(command, &fault))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(Failure::failed(String::from_utf8_lossy(&output.stderr).trim_end()))
}

fn cannot_run(command: &Command, fault: &std::io::Error) -> Failure {
    Failure::failed(format_args!("{}: {fault}", command.get_program().to_string_lossy()))
}
