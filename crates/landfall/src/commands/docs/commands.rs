//! `commands.md`: from what clap knows, the options of every command once.

use crate::args::Cli;
use base::Exit;
use clap::{Command, CommandFactory};

/// Columns of a help text.
const WIDTH: usize = 100;

/// All exit statuses, in the order of their numbers.
const EXITS: [Exit; 8] = [
    Exit::Done,
    Exit::Failed,
    Exit::Usage,
    Exit::Findings,
    Exit::Resumable,
    Exit::Bug,
    Exit::Interrupted,
    Exit::Terminated,
];

/// The page.
pub fn page() -> String {
    let mut cli = Cli::command().term_width(WIDTH);
    cli.build();
    let mut page = format!("# Commands\n\n```text\n{}```\n\n{}", cli.render_long_help(), exits());
    page.push_str("\nThe options above work with every command and are not repeated below.\n");
    for command in cli.get_subcommands().filter(|command| shown(command)) {
        section(&mut page, command, "##");
    }
    let lines: Vec<&str> = page.lines().map(str::trim_end).collect();
    lines.join("\n") + "\n"
}

fn shown(command: &Command) -> bool {
    !command.is_hide_set() && command.get_name() != "help"
}

fn section(page: &mut String, command: &Command, level: &str) {
    let name = command.get_bin_name().unwrap_or(command.get_name()).to_owned();
    let globals: Vec<_> =
        command.get_arguments().filter(|a| a.is_global_set()).map(|a| a.get_id().clone()).collect();
    let mut plain = command.clone().term_width(WIDTH);
    for everywhere in globals.into_iter().chain(["help".into()]) {
        plain = plain.mut_arg(everywhere, |argument| argument.hide(true));
    }
    page.push_str(&format!("\n{level} {name}\n\n```text\n{}```\n", plain.render_long_help()));
    for nested in command.get_subcommands().filter(|nested| shown(nested)) {
        section(page, nested, &format!("{level}#"));
    }
}

fn exits() -> String {
    let mut table = String::from("## Exit statuses\n\n| status | meaning |\n|---|---|\n");
    for exit in EXITS {
        table.push_str(&format!("| {} | {} |\n", exit.code(), meaning(exit)));
    }
    table.push_str(
        "\nFindings and checks of level `warn` never change the exit status. Every failure ends with three \
         lines: what is saved,\nwhat is pending, how to continue.\n",
    );
    table
}

fn meaning(exit: Exit) -> &'static str {
    match exit {
        Exit::Done => {
            "done, everything accounted for, every check passed; for `demo`: the outcome is the expected \
                one, \
             its rejects included"
        }
        Exit::Failed => "it failed, and nothing more specific below applies",
        Exit::Usage => {
            "wrong use: flags, a project file with problems, a variable that is not set, a step whose inputs \
             are not there yet, what `check` refuses"
        }
        Exit::Findings => {
            "it finished, and there is something to look at: rejects, differences, failed checks of level \
             `error`, rows that a rollback kept, warnings of `check`"
        }
        Exit::Resumable => {
            "stopped part-way, and the same command continues: service down, credentials refused, disk full, \
             another writer at work, `max_rejects` crossed"
        }
        Exit::Bug => "a bug in landfall",
        Exit::Interrupted => "interrupted by Ctrl-C; the same command continues",
        Exit::Terminated => "interrupted by SIGTERM; the same command continues",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_its_section_and_options_of_all_stand_there_once() {
        let page = page();
        let mut cli = Cli::command();
        cli.build();
        for command in cli.get_subcommands().filter(|command| shown(command)) {
            assert!(
                page.contains(&format!("\n## landfall {}\n", command.get_name())),
                "{}",
                command.get_name()
            );
        }
        assert_eq!(page.matches("When to use colour").count(), 1);
        assert!(page.contains("\n### landfall db url\n") && !page.contains("internal-docs"));
    }

    #[test]
    fn every_exit_status_is_explained() {
        let codes: Vec<u8> = EXITS.iter().map(|exit| exit.code()).collect();
        assert_eq!(codes, [0, 1, 2, 3, 4, 70, 130, 143]);
    }
}
