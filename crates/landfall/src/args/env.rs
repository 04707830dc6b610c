//! What people type after `landfall env`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `landfall env`.
#[derive(Debug, Args)]
pub struct Env {
    /// What to do
    #[command(subcommand)]
    pub command: EnvCommand,
}

/// What to do with a `.env`.
#[derive(Debug, Subcommand)]
pub enum EnvCommand {
    /// Say what is missing, obsolete or unsafe
    Check {
        /// The file
        #[arg(default_value = ".env")]
        file: PathBuf,
    },
    /// From a community on Circle to one on BetterMode; a copy of what is replaced is kept
    Migrate {
        /// The file
        #[arg(default_value = ".env")]
        file: PathBuf,
        /// Write the new one here [default: the same file]
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
        /// Show what would change, and change nothing
        #[arg(long)]
        dry_run: bool,
    },
}
