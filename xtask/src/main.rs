//! The workspace's chores: `cargo xtask COMMAND`. Without a command, or with an unknown one, it lists them.

mod bench;
mod commands;
mod doors;
mod failure;
mod needs;
mod repository;
mod tidy;

use commands::{COMMANDS, Command};
use doors::say;
use failure::Failure;
use repository::Repository;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // A program that failed has said why; its own words stay the last ones.
            if let Some(words) = failure.words() {
                say(format_args!("xtask: {words}"));
            }
            ExitCode::from(failure.code())
        }
    }
}

fn run(arguments: &[String]) -> Result<(), Failure> {
    match arguments.split_first() {
        None => Err(Failure::usage(format!("which command?\n{}", list()))),
        Some((name, rest)) => match COMMANDS.iter().find(|command| command.name == name) {
            Some(command) if rest.iter().take_while(|a| *a != "--").any(|a| a == "--help" || a == "-h") => {
                say(usage(command));
                Ok(())
            }
            Some(command) => (command.run)(&Repository::here(), rest),
            None if ["help", "--help", "-h"].contains(&name.as_str()) => {
                say(list());
                Ok(())
            }
            None => Err(Failure::usage(format!("no command {name:?}\n{}", list()))),
        },
    }
}

fn list() -> String {
    let lines = COMMANDS.iter().map(usage).collect::<Vec<_>>();
    format!("the commands are:\n{}", lines.join("\n"))
}

fn usage(command: &Command) -> String {
    let line = format!("  cargo xtask {} {}", command.name, command.arguments);
    format!("{}\n      {}", line.trim_end(), command.about)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_command_is_a_usage_failure_that_lists_the_known_ones() {
        for arguments in [vec![], vec!["tset".to_owned()]] {
            let failure = run(&arguments).unwrap_err();
            assert_eq!(failure.code(), 2);
            let words = failure.words().unwrap_or_default().to_owned();
            assert!(COMMANDS.iter().all(|c| words.contains(&format!("cargo xtask {}", c.name))), "{words}");
        }
    }
}
