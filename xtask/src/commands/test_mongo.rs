//! `test-mongo`: the tests of the collections over servers that are not ours.

use super::Command;
use crate::doors::{say, variable};
use crate::failure::Failure;
use crate::needs;
use crate::repository::{Repository, run};
use std::ffi::OsString;
use std::path::PathBuf;

pub const COMMAND: Command = Command {
    name: "test-mongo",
    arguments: "",
    about: "the tests of the collections over the double, PoloDB, and the MongoDB of MONGODB_TEST_URL",
    run: test_mongo,
};

/// Where the tests find the server: `testkit::mongo::VARIABLE`, behind a feature that we do without.
const SERVER_VARIABLE: &str = "LANDFALL_TEST_MONGODB";
/// A real server, on which tests make databases of their own and drop them.
const REAL_VARIABLE: &str = "MONGODB_TEST_URL";
/// The one whose quirks the documents describe.
const POLODB_VERSION: &str = "5.3.0";
/// The tests that do not care whose server it is.
const TESTS: &str = "collections::";

fn test_mongo(repository: &Repository, arguments: &[String]) -> Result<(), Failure> {
    super::flags(arguments, [])?;
    let mut servers = vec![("the double", OsString::new())];
    let mut failed = Vec::new();
    match polodb(repository) {
        Ok(program) => {
            let mut server = OsString::from("polodb:");
            server.push(program);
            servers.push(("PoloDB", server));
        }
        Err(failure) => {
            failure.words().into_iter().for_each(say);
            failed.push("PoloDB could not be built");
        }
    }
    match variable(REAL_VARIABLE) {
        Some(url) => servers.push(("a real MongoDB", url)),
        None => say(format_args!("not run over a real MongoDB: {REAL_VARIABLE} is not set")),
    }
    let runner = needs::runner(repository);
    for (name, server) in servers {
        say(format_args!("── over {name}"));
        let mut command = repository.cargo();
        command.args(runner.words()).args(["-p", "landfall-stores", TESTS]);
        if run(command.env(SERVER_VARIABLE, server)).is_err() {
            failed.push(name);
        }
    }
    if failed.is_empty() {
        return Ok(());
    }
    Err(Failure::failed(format!("failed: {}", failed.join(", "))))
}

/// PoloDB's server, built once from its release, with the versions that it was released with. It is a program
/// beside the workspace and no part of its graph.
fn polodb(repository: &Repository) -> Result<PathBuf, Failure> {
    let root = repository.root().join("target").join(format!("polodb-{POLODB_VERSION}"));
    let program = root.join("bin").join("polodb");
    if program.is_file() {
        return Ok(program);
    }
    needs::polodb(repository)?;
    say("building PoloDB with `cargo install` (many minutes, once per checkout)");
    let mut cargo = repository.cargo();
    cargo
        .args(["install", "--locked", "--quiet", "polodb", "--version", POLODB_VERSION, "--root"])
        .arg(&root);
    // Its storage engine in C++ takes as long without.
    run(cargo.arg("--debug"))?;
    Ok(program)
}
