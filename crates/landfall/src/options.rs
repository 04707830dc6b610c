//! The options that a project declares (`[option.NAME]`): part of the command line like our own.

use crate::args::Cli;
use base::Secret;
use clap::{Arg, ArgMatches, Command, CommandFactory, FromArgMatches};
use project::OptionConfig;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Commands that read a project, and so take its options. The others work without one.
pub const COMMANDS: [&str; 10] =
    ["check", "discover", "plan", "move", "verify", "report", "runs", "rejects", "rollback", "sql"];

/// What was typed for the options of the project, by name without dashes; any value may be a secret.
pub type Given = BTreeMap<String, Secret>;

/// Reads the command line, with the options of the project that it works in.
pub fn parse(line: &[OsString]) -> Result<(Cli, Given), clap::Error> {
    let declared = declared(line);
    let matches = with(Cli::command(), &declared).try_get_matches_from(line)?;
    let cli = Cli::from_arg_matches(&matches)?;
    Ok((cli, given(&matches, &declared)))
}

/// Adds options to the commands that read a project. One that a command has already is left out here;
/// [`project::read`] makes a problem of it, with its place.
fn with(mut cli: Command, declared: &[OptionConfig]) -> Command {
    for name in COMMANDS {
        for option in declared {
            cli = cli.mut_subcommand(name, |command| add(command, option));
        }
    }
    cli
}

fn add(command: Command, option: &OptionConfig) -> Command {
    if project::keys::OWN_OPTIONS.contains(&option.name.as_str()) || !can_be_typed(&option.name) {
        return command;
    }
    let mut help = option.help.trim_end_matches('.').to_owned();
    if help.is_empty() {
        help = format!("Sets {}", option.sets.value);
    }
    if let Some(variable) = &option.env {
        help.push_str(&format!(" [env: {variable}]"));
    }
    command.arg(
        Arg::new(option.name.clone())
            .long(option.name.clone())
            .value_name("VALUE")
            .help(help)
            .help_heading("Options of this project"),
    )
}

fn can_be_typed(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn given(matches: &ArgMatches, declared: &[OptionConfig]) -> Given {
    let Some((_, command)) = matches.subcommand().filter(|(name, _)| COMMANDS.contains(name)) else {
        return Given::new();
    };
    let value = |o: &OptionConfig| command.try_get_one::<String>(&o.name).ok().flatten().cloned();
    declared.iter().filter_map(|o| Some((o.name.clone(), Secret::new(value(o)?)))).collect()
}

/// The options of the project that the command works in. The file is read again, and its problems are told,
/// when the command begins.
fn declared(line: &[OsString]) -> Vec<OptionConfig> {
    let start = folder(line).map_or_else(|| std::env::current_dir().unwrap_or_default(), PathBuf::from);
    let start = std::path::absolute(&start).unwrap_or(start);
    let file = project::find(&start).map(|dir| dir.join(project::FILE_NAME));
    let text = file.and_then(|file: PathBuf| std::fs::read_to_string(file).ok());
    text.map(|text| project::options_of(&text)).unwrap_or_default()
}

/// The value of `-C`, before anything else of the line can be understood.
fn folder(line: &[OsString]) -> Option<&Path> {
    let mut words = line.iter().skip(1).take_while(|word| *word != "--");
    while let Some(word) = words.next() {
        if let Some(rest) = word.as_bytes().strip_prefix(b"-C") {
            let joined = rest.strip_prefix(b"=").unwrap_or(rest);
            return match joined {
                [] => words.next().map(Path::new),
                _ => Some(Path::new(OsStr::from_bytes(joined))),
            };
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_project_crate_knows_every_option_that_a_project_cannot_declare_again() {
        let mut cli = Cli::command();
        cli.build();
        let mut ours: BTreeSet<String> = BTreeSet::new();
        for name in COMMANDS {
            let command = cli.find_subcommand(name).unwrap_or_else(|| panic!("no command {name}"));
            ours.extend(command.get_arguments().filter_map(Arg::get_long).map(String::from));
        }
        let known: BTreeSet<String> = project::keys::OWN_OPTIONS.iter().map(|o| (*o).to_owned()).collect();
        let missing: Vec<_> = ours.difference(&known).collect();
        assert!(missing.is_empty(), "OWN_OPTIONS lacks {missing:?}");
    }

    #[test]
    fn the_folder_is_found_wherever_it_stands_on_the_line() {
        for (line, expected) in [
            ("landfall move", None),
            ("landfall -C x move", Some("x")),
            ("landfall move --token t -C x", Some("x")),
            ("landfall move -Cx/y", Some("x/y")),
            ("landfall move -C=x", Some("x")),
            ("landfall db psql -- -C x", None),
            ("landfall move -C", None),
        ] {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            assert_eq!(folder(&words), expected.map(Path::new), "{line}");
        }
    }
}
