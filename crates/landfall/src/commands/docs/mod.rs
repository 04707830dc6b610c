//! Reference pages and schemas, written from what the program itself knows.

use crate::args::Cli;
use crate::words::Failure;
use base::{Exit, Fault};
use clap::CommandFactory;
use std::path::Path;

/// Runs the command.
pub fn run(dir: &Path) -> Result<Exit, Failure> {
    let write = |name: &str, text: &str| {
        std::fs::write(dir.join(name), text).map_err(|e| Fault::fail(format!("cannot write {name}: {e}")))
    };
    std::fs::create_dir_all(dir).map_err(|e| Fault::fail(format!("cannot make {}: {e}", dir.display())))?;
    write("commands.md", &commands())?;
    write("functions.md", &transform::functions::reference_markdown())?;
    write("project-file.md", &project::reference_markdown())?;
    write("landfall.schema.json", &format!("{:#}\n", project::schema()))?;
    write("migration_report.schema.json", &format!("{:#}\n", report::schema()))?;
    write("ledger.sql", postgres::ledger::SCHEMA_SQL)?;
    Ok(Exit::Done)
}

fn commands() -> String {
    let mut page = String::from("# Commands\n");
    let mut cli = Cli::command().term_width(100);
    page.push_str(&format!("\n```text\n{}```\n", cli.render_long_help()));
    for sub in cli.get_subcommands_mut().filter(|c| !c.is_hide_set()) {
        let name = sub.get_name().to_owned();
        let mut sub = sub.clone().term_width(100).bin_name(format!("landfall {name}"));
        page.push_str(&format!("\n## landfall {name}\n\n```text\n{}```\n", sub.render_long_help()));
    }
    let lines: Vec<&str> = page.lines().map(str::trim_end).collect();
    lines.join("\n") + "\n"
}
