//! What people type after `landfall runbook`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `landfall runbook`.
#[derive(Debug, Args)]
pub struct Runbook {
    /// What to do
    #[command(subcommand)]
    pub command: RunbookCommand,
}

/// What to do with a runbook.
#[derive(Debug, Subcommand)]
pub enum RunbookCommand {
    /// Go through it, from where it was left
    Run(RunbookRun),
}

/// `landfall runbook run`.
#[derive(Debug, Args)]
pub struct RunbookRun {
    /// The document
    pub file: PathBuf,
    /// Show the steps and how each stands, and do nothing
    #[arg(long, conflicts_with = "dry_run")]
    pub status: bool,
    /// Show what would run, and run nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Who sits at the keyboard [default: the name of the account]
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
    /// Only this section
    #[arg(long, value_name = "NAME")]
    pub section: Option<String>,
    /// Begin a new pass, whatever was done
    #[arg(long)]
    pub fresh: bool,
    /// Ask before each command
    #[arg(long)]
    pub ask: bool,
    /// This step was done (may be repeated)
    #[arg(long, value_name = "STEP")]
    pub done: Vec<String>,
    /// Run this step again (may be repeated)
    #[arg(long, value_name = "STEP")]
    pub again: Vec<String>,
    /// Leave this step out (may be repeated)
    #[arg(long, value_name = "STEP", requires = "reason")]
    pub skip: Vec<String>,
    /// Why it is left out
    #[arg(long, value_name = "WORDS")]
    pub reason: Option<String>,
    /// Agree to this step, as the one of --by (may be repeated)
    #[arg(long, value_name = "STEP", requires = "by")]
    pub approve: Vec<String>,
}
