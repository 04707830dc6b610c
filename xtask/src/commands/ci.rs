//! `ci`: everything that a change must pass; all of it runs, also after a failure.

use super::{COMMANDS, Command, flags};
use crate::doors::say;
use crate::failure::Failure;
use crate::repository::{Repository, run};

pub const COMMAND: Command =
    Command { name: "ci", arguments: "", about: "format, tidy, lints, generated files, tests", run: ci };

type Step = (&'static str, fn(&Repository) -> Result<(), Failure>);

/// Quick ones first.
const STEPS: &[Step] = &[
    ("fmt", |repository| run(repository.cargo().args(["fmt", "--all", "--check"]))),
    ("tidy", |repository| command(repository, "tidy", &[])),
    ("clippy", |repository| {
        run(repository.cargo().args([
            "clippy",
            "--workspace",
            "--all-targets",
            "--quiet",
            "--",
            "-D",
            "warnings",
        ]))
    }),
    ("codegen --check", |repository| command(repository, "codegen", &["--check"])),
    ("test", |repository| command(repository, "test", &[])),
];

fn ci(repository: &Repository, arguments: &[String]) -> Result<(), Failure> {
    flags(arguments, [])?;
    let mut failed = Vec::new();
    for (name, step) in STEPS {
        say(format_args!("── {name}"));
        if let Err(failure) = step(repository) {
            failure.words().into_iter().for_each(say);
            failed.push(*name);
        }
    }
    if failed.is_empty() {
        Ok(())
    } else {
        Err(Failure::failed(format_args!("failed: {}", failed.join(", "))))
    }
}

fn command(repository: &Repository, name: &str, arguments: &[&str]) -> Result<(), Failure> {
    let command = COMMANDS.iter().find(|command| command.name == name);
    let command = command.ok_or_else(|| Failure::failed(format_args!("no command {name}")))?;
    (command.run)(repository, &arguments.iter().map(ToString::to_string).collect::<Vec<_>>())
}
