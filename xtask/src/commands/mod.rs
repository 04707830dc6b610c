//! The commands: one file and one line each.

mod bench;
mod ci;
mod codegen;
mod fuzz;
mod test;
mod test_mongo;
mod tidy;

use crate::failure::Failure;
use crate::repository::Repository;

/// A command of `cargo xtask`.
pub struct Command {
    /// Its name.
    pub name: &'static str,
    /// What may follow it.
    pub arguments: &'static str,
    /// What it does.
    pub about: &'static str,
    /// Does it.
    pub run: fn(&Repository, &[String]) -> Result<(), Failure>,
}

/// All of them, in the order in which they are listed.
pub const COMMANDS: &[Command] = &[
    test::COMMAND,
    test_mongo::COMMAND,
    ci::COMMAND,
    tidy::COMMAND,
    codegen::COMMAND,
    bench::COMMAND,
    fuzz::COMMAND,
];

/// Refuses arguments that are none of `known`; says which of `known` are there.
fn flags<const N: usize>(arguments: &[String], known: [&str; N]) -> Result<[bool; N], Failure> {
    match arguments.iter().find(|argument| !known.contains(&argument.as_str())) {
        Some(unknown) => Err(Failure::usage(format!("unexpected argument {unknown:?}"))),
        None => Ok(known.map(|flag| arguments.iter().any(|argument| argument == flag))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_argument_that_means_nothing_is_refused() {
        let known = ["--check", "--fast"];
        assert_eq!(flags(&["--fast".to_owned()], known).unwrap(), [false, true]);
        assert_eq!(flags(&[], known).unwrap(), [false, false]);
        assert_eq!(flags(&["--chekc".to_owned()], known).unwrap_err().code(), 2);
    }
}
