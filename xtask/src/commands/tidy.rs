//! `tidy`: the rules of the house that a program can check.

use super::{Command, flags};
use crate::doors::say;
use crate::failure::Failure;
use crate::tidy;

pub const COMMAND: Command = Command {
    name: "tidy",
    arguments: "",
    about: "checks what STYLE.md and ARCHITECTURE.md promise: layers, sizes, leftovers",
    run: |repository, arguments| {
        flags(arguments, [])?;
        let problems = tidy::problems(repository)?;
        problems.iter().for_each(say);
        match problems.len() {
            0 => Ok(()),
            n => Err(Failure::failed(format_args!(
                "{n} {} not tidy",
                if n == 1 { "place is" } else { "places are" }
            ))),
        }
    },
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::Repository;

    /// So that every run of the tests is a run of `tidy`.
    #[test]
    fn the_repository_is_tidy() {
        let problems: Vec<_> =
            tidy::problems(&Repository::here()).unwrap().iter().map(ToString::to_string).collect();
        assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
    }
}
