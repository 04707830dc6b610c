//! `test`: everything that tests need, then the tests.

use super::Command;
use crate::doors::say;
use crate::failure::Failure;
use crate::needs::{self, Runner};
use crate::repository::{Repository, run};
use testkit::{Options, Postgres, files};

pub const COMMAND: Command = Command {
    name: "test",
    arguments: "[-- ARGUMENTS OF THE TEST RUNNER]",
    about: "installs what the tests need and is missing, starts a private PostgreSQL, runs all tests",
    run: test,
};

/// Where tests find the session's server; `testkit` reads it.
const SERVER_VARIABLE: &str = "LANDFALL_TEST_POSTGRES";

fn test(repository: &Repository, arguments: &[String]) -> Result<(), Failure> {
    let arguments = match arguments.split_first() {
        None => &[],
        Some((dashes, rest)) if dashes == "--" => rest,
        Some((other, _)) => {
            return Err(Failure::usage(format!("unexpected argument {other:?}; a filter follows `--`")));
        }
    };
    needs::packages(repository)?;
    let runner = needs::runner(repository);
    let swept = files::sweep().map_err(Failure::failed)?;
    if swept > 0 {
        say(format_args!("removed what {swept} killed test sessions left behind"));
    }
    let server = Postgres::start(&Options::default()).map_err(Failure::failed)?;
    let folder = files::session().map_err(Failure::failed)?;
    let mut command = repository.cargo();
    command.args(runner.words());
    if !names_packages(arguments) {
        command.arg("--workspace");
    }
    command.args(arguments).env(SERVER_VARIABLE, server.url()).env("TMPDIR", folder.path());
    // Nothing is said after this: the runner's closing lines stay the last on the terminal.
    let outcome = run(&mut command);
    files::unmount_below(folder.path());
    outcome
}

impl Runner {
    /// What follows `cargo` on the command line.
    pub(super) fn words(self) -> &'static [&'static str] {
        match self {
            Runner::Nextest => &["nextest", "run"],
            Runner::Cargo => &["test", "--no-fail-fast"],
        }
    }
}

/// Whether the arguments pick packages themselves.
fn names_packages(arguments: &[String]) -> bool {
    arguments.iter().take_while(|argument| *argument != "--").any(|argument| {
        argument.starts_with("-p") || argument == "--package" || argument.starts_with("--package=")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_workspace_is_tested_unless_packages_are_named() {
        for (arguments, expected) in [
            (&[][..], false),
            (&["some_test"][..], false),
            (&["--profile", "x"][..], false),
            (&["-p", "landfall-base"][..], true),
            (&["-plandfall-base"][..], true),
            (&["--package=landfall-base"][..], true),
            (&["--", "-p"][..], false),
        ] {
            let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
            assert_eq!(names_packages(&arguments), expected, "{arguments:?}");
        }
    }
}
